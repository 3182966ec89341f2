"""The parameters of linear regression and of its models."""

from __future__ import annotations

from streamcore.models.ml.base import _PredictorParams
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasElasticNetParam,
    HasFitIntercept,
    HasLoss,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasRegParam,
    HasSolver,
    HasStandardization,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import greater, one_of


class _LinearRegressionParams(
    _PredictorParams,
    HasRegParam,
    HasElasticNetParam,
    HasMaxIter,
    HasTol,
    HasFitIntercept,
    HasStandardization,
    HasWeightCol,
    HasSolver,
    HasAggregationDepth,
    HasLoss,
    HasMaxBlockSizeInMB,
):
    """The parameters of LinearRegression and of its models."""

    solver: Param[str] = Param(
        Params._dummy(),
        "solver",
        "how the coefficients are found: auto, normal (by the normal equations) or l-bfgs.",
        TypeConverters.toString,
        one_of("auto", "normal", "l-bfgs"),
    )
    loss: Param[str] = Param(
        Params._dummy(),
        "loss",
        "what is made small: squaredError or huber.",
        TypeConverters.toString,
        one_of("squaredError", "huber"),
    )
    epsilon: Param[float] = Param(
        Params._dummy(),
        "epsilon",
        "from how many scales on huber counts an error by its size and not its square (> 1.0).",
        TypeConverters.toFloat,
        greater(1.0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            maxIter=100,
            regParam=0.0,
            tol=1e-6,
            loss="squaredError",
            epsilon=1.35,
            elasticNetParam=0.0,
            fitIntercept=True,
            standardization=True,
            solver="auto",
            aggregationDepth=2,
            maxBlockSizeInMB=0.0,
        )

    def getEpsilon(self) -> float:
        """The value of `epsilon`, or its default."""
        return self.getOrDefault(self.epsilon)
