"""The parameters of the regression of failure times, and of its models."""

from __future__ import annotations

from streamcore.models.ml.base import _PredictorParams
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasFitIntercept,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasTol,
)


class _AFTSurvivalRegressionParams(
    _PredictorParams, HasMaxIter, HasTol, HasFitIntercept, HasAggregationDepth, HasMaxBlockSizeInMB
):
    """The parameters of AFTSurvivalRegression and of its models."""

    censorCol: Param[str] = Param(
        Params._dummy(),
        "censorCol",
        "the column that is 1 where the event was seen, and 0 where the time is censored.",
        TypeConverters.toString,
    )
    quantileProbabilities: Param[list[float]] = Param(
        Params._dummy(),
        "quantileProbabilities",
        "the probabilities of the quantiles, each in (0, 1).",
        TypeConverters.toListFloat,
        lambda values: len(values) > 0 and all(0 < value < 1 for value in values),
    )
    quantilesCol: Param[str] = Param(
        Params._dummy(),
        "quantilesCol",
        "the column of the quantiles; without a name there is none.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            censorCol="censor",
            quantileProbabilities=[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99],
            maxIter=100,
            tol=1e-6,
            fitIntercept=True,
            aggregationDepth=2,
            maxBlockSizeInMB=0.0,
        )

    def getCensorCol(self) -> str:
        """The value of `censorCol`, or its default."""
        return self.getOrDefault(self.censorCol)

    def getQuantileProbabilities(self) -> list[float]:
        """The value of `quantileProbabilities`, or its default."""
        return self.getOrDefault(self.quantileProbabilities)

    def getQuantilesCol(self) -> str:
        """The value of `quantilesCol`."""
        return self.getOrDefault(self.quantilesCol)

    @property
    def _quantiles(self) -> str:
        return self.getQuantilesCol() or "" if self.isDefined(self.quantilesCol) else ""
