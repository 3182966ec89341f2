"""The parameters of generalized linear regression and of its models."""

from __future__ import annotations

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import _PredictorParams
from streamcore.models.ml.optimize.links import NAMED
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasFitIntercept,
    HasMaxIter,
    HasRegParam,
    HasSolver,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.regression.glm_fit import LINKS, Response, response_of


class _GeneralizedLinearRegressionParams(
    _PredictorParams,
    HasFitIntercept,
    HasMaxIter,
    HasTol,
    HasRegParam,
    HasWeightCol,
    HasSolver,
    HasAggregationDepth,
):
    """The parameters of GeneralizedLinearRegression and of its models."""

    family: Param[str] = Param(
        Params._dummy(),
        "family",
        "how labels spread around their mean: gaussian, binomial, poisson, gamma or tweedie.",
        TypeConverters.toString,
        lambda value: value.lower() in (*LINKS, "tweedie"),
    )
    link: Param[str] = Param(
        Params._dummy(),
        "link",
        "what of the mean is linear in the features: identity, log, inverse, logit, probit, cloglog or sqrt.",
        TypeConverters.toString,
        lambda value: value.lower() in NAMED,
    )
    linkPredictionCol: Param[str] = Param(
        Params._dummy(),
        "linkPredictionCol",
        "the column of the linear predictor; without a name there is none.",
        TypeConverters.toString,
    )
    variancePower: Param[float] = Param(
        Params._dummy(),
        "variancePower",
        "of tweedie: the variance is the mean to this power, 0 or at least 1.",
        TypeConverters.toFloat,
        lambda value: value == 0.0 or value >= 1.0,
    )
    linkPower: Param[float] = Param(
        Params._dummy(),
        "linkPower",
        "of tweedie: the mean to this power is linear in the features; 0 is the logarithm.",
        TypeConverters.toFloat,
    )
    solver: Param[str] = Param(
        Params._dummy(),
        "solver",
        "how the coefficients are found: irls.",
        TypeConverters.toString,
        one_of("irls"),
    )
    offsetCol: Param[str] = Param(
        Params._dummy(),
        "offsetCol",
        "the column of what is added to the linear predictor; without a name nothing is.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            family="gaussian",
            maxIter=25,
            tol=1e-6,
            regParam=0.0,
            solver="irls",
            variancePower=0.0,
            aggregationDepth=2,
            fitIntercept=True,
        )

    def getFamily(self) -> str:
        """The value of `family`, or its default."""
        return self.getOrDefault(self.family)

    def getLinkPredictionCol(self) -> str:
        """The value of `linkPredictionCol`."""
        return self.getOrDefault(self.linkPredictionCol)

    def getLink(self) -> str:
        """The value of `link`."""
        return self.getOrDefault(self.link)

    def getVariancePower(self) -> float:
        """The value of `variancePower`, or its default."""
        return self.getOrDefault(self.variancePower)

    def getLinkPower(self) -> float:
        """The value of `linkPower`."""
        return self.getOrDefault(self.linkPower)

    def getOffsetCol(self) -> str:
        """The value of `offsetCol`."""
        return self.getOrDefault(self.offsetCol)

    @property
    def _offset(self) -> str | None:
        return self.getOffsetCol() or None if self.isDefined(self.offsetCol) else None

    def _response(self) -> Response:
        """Family and link; IllegalArgumentException for a pair that does not belong together."""
        family = self.getFamily().lower()
        link = self.getLink().lower() if self.isSet(self.link) and self.getLink() else None
        if family != "tweedie" and link is not None and link not in LINKS[family]:
            raise IllegalArgumentException(
                f"requirement failed: Generalized Linear Regression with {self.getFamily()} family does not "
                f"support {link} link function."
            )
        power = self.getOrDefault(self.linkPower) if self.isSet(self.linkPower) else None
        self._require_heeded(family, link, power)
        return response_of(family, link, self.getVariancePower(), power)

    def _require_heeded(self, family: str, link: str | None, power: float | None) -> None:
        """Refuse what Spark leaves unread: a link of tweedie, powers of the others."""
        if family == "tweedie" and link is not None:
            raise IllegalArgumentException(
                "the tweedie family takes its link from linkPower: clear link, or set linkPower"
            )
        if family != "tweedie" and (power is not None or self.isSet(self.variancePower)):
            raise IllegalArgumentException(
                f"variancePower and linkPower belong to the tweedie family, not to {family}: clear them"
            )
