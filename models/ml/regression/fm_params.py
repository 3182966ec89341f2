"""What factorization machines for numbers and for classes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.base import _PredictorParams
from streamcore.models.ml.linalg import Matrix, Vector
from streamcore.models.ml.optimize.factorization import (
    FactorizationSettings,
    Machine,
    MachineFit,
    Slopes,
)
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.setters import (
    SetsFitIntercept,
    SetsMaxIter,
    SetsRegParam,
    SetsSeed,
    SetsSolver,
    SetsStepSize,
    SetsTol,
)
from streamcore.models.ml.param.shared import (
    HasFitIntercept,
    HasMaxIter,
    HasRegParam,
    HasSeed,
    HasSolver,
    HasStepSize,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import greater, one_of
from streamcore.models.ml.stored import matrix_at, matrix_cell, vector_at, vector_cell

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pyarrow as pa


class _FactorizationMachinesParams(
    _PredictorParams, HasMaxIter, HasStepSize, HasTol, HasSolver, HasSeed, HasFitIntercept, HasRegParam,
    HasWeightCol,
):  # fmt: skip
    """The parameters of FMRegressor and FMClassifier, and of their models."""

    factorSize: Param[int] = Param(
        Params._dummy(),
        "factorSize",
        "how many numbers stand for a feature in its products with others (> 0).",
        TypeConverters.toInt,
        greater(0),
    )
    fitLinear: Param[bool] = Param(
        Params._dummy(),
        "fitLinear",
        "whether features count on their own too.",
        TypeConverters.toBoolean,
    )
    miniBatchFraction: Param[float] = Param(
        Params._dummy(),
        "miniBatchFraction",
        "which share of the rows each step looks at, in (0, 1].",
        TypeConverters.toFloat,
        lambda value: 0 < value <= 1,
    )
    initStd: Param[float] = Param(
        Params._dummy(),
        "initStd",
        "the standard deviation of the factors at the start (> 0).",
        TypeConverters.toFloat,
        greater(0),
    )
    solver: Param[str] = Param(
        Params._dummy(),
        "solver",
        "how steps are made: gd (gradient descent) or adamW.",
        TypeConverters.toString,
        one_of("gd", "adamW"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            factorSize=8,
            fitIntercept=True,
            fitLinear=True,
            regParam=0.0,
            miniBatchFraction=1.0,
            initStd=0.01,
            maxIter=100,
            stepSize=1.0,
            tol=1e-6,
            solver="adamW",
        )

    def getFactorSize(self) -> int:
        """The value of `factorSize`, or its default."""
        return self.getOrDefault(self.factorSize)

    def getFitLinear(self) -> bool:
        """The value of `fitLinear`, or its default."""
        return self.getOrDefault(self.fitLinear)

    def getMiniBatchFraction(self) -> float:
        """The value of `miniBatchFraction`, or its default."""
        return self.getOrDefault(self.miniBatchFraction)

    def getInitStd(self) -> float:
        """The value of `initStd`, or its default."""
        return self.getOrDefault(self.initStd)


class _SetsFactorization(
    _FactorizationMachinesParams, SetsMaxIter, SetsStepSize, SetsTol, SetsSolver, SetsSeed, SetsFitIntercept,
    SetsRegParam,
):  # fmt: skip
    """The setters of FMRegressor and FMClassifier."""

    def setFactorSize(self, value: int) -> Self:
        """Set `factorSize`."""
        return self._set(factorSize=value)

    def setFitLinear(self, value: bool) -> Self:
        """Set `fitLinear`."""
        return self._set(fitLinear=value)

    def setMiniBatchFraction(self, value: float) -> Self:
        """Set `miniBatchFraction`."""
        return self._set(miniBatchFraction=value)

    def setInitStd(self, value: float) -> Self:
        """Set `initStd`."""
        return self._set(initStd=value)

    def _machine(self, slopes: Slopes, X: Any, y: np.ndarray) -> MachineFit:
        if self.isSet(self.weightCol):
            raise UnsupportedOperationException(
                f"{type(self).__name__} learns from rows of one weight: clear weightCol"
            )
        return FactorizationSettings(
            slopes=slopes,
            size=self.getFactorSize(),
            intercept=self.getFitIntercept(),
            linear=self.getFitLinear(),
            penalty=self.getRegParam(),
            fraction=self.getMiniBatchFraction(),
            first_std=self.getInitStd(),
            iterations=self.getMaxIter(),
            step=self.getStepSize(),
            tolerance=self.getTol(),
            solver=self.getSolver(),
            seed=self.getSeed(),
        ).fit(X, y)


class _FactorizationModel(Params):
    """What a fitted machine tells."""

    def __init__(self, intercept: float, linear: Vector, factors: Matrix) -> None:
        super().__init__()
        self._intercept, self._linear, self._factors = intercept, linear, factors

    @property
    def intercept(self) -> float:
        """The score where all features are zero."""
        return self._intercept

    @property
    def linear(self) -> Vector:
        """What each feature counts on its own."""
        return self._linear

    @property
    def factors(self) -> Matrix:
        """For each feature the numbers whose products count with those of the others."""
        return self._factors

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._factors.numRows

    def _scores(self) -> MachineScore:
        return MachineScore(Machine(self._intercept, self._linear.toArray(), self._factors.toArray()))

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "intercept": [self._intercept],
                "linear": vector_cell(self._linear),
                "factors": matrix_cell(self._factors),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("intercept")[0].as_py(), vector_at(data, "linear"), matrix_at(data, "factors"))


@dataclass(frozen=True, eq=False)
class MachineScore:
    """The score of a factorization machine."""

    machine: Machine

    def __call__(self, X: Any) -> np.ndarray:
        return self.machine.scores(X)
