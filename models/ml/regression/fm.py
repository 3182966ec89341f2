"""Factorization machines for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.linalg import DenseVector, Vector
from streamcore.models.ml.optimize.factorization import (
    squared_error,
)
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.predicting import (
    require_columns,
    row_of,
    trained,
    training_rows,
    with_prediction,
)
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.fm_params import (
    _FactorizationMachinesParams,
    _FactorizationModel,
    _SetsFactorization,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import rows_matrix

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class FMRegressor(_SetsFactorization, Regressor["FMRegressionModel"], Saved):
    """A factorization machine for numbers: features and the products of all pairs of them, by least squares.

    The first factors are drawn with Java's generator and the steps are Spark's: with all rows in each step
    (`miniBatchFraction=1.0`) the same seed gives Spark's model. Samples are drawn otherwise than in Spark.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(2.0, Vectors.dense(2.0)), (1.0, Vectors.dense(1.0)), (0.0, Vectors.dense(0.0))]
    >>> machine = FMRegressor(factorSize=2, stepSize=0.1, seed=1)
    >>> model = machine.fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> round(model.predict(Vectors.dense(1.0)))
    1
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        factorSize: int = 8,
        fitIntercept: bool = True,
        fitLinear: bool = True,
        regParam: float = 0.0,
        miniBatchFraction: float = 1.0,
        initStd: float = 0.01,
        maxIter: int = 100,
        stepSize: float = 1.0,
        tol: float = 1e-6,
        solver: str = "adamW",
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        factorSize: int = 8,
        fitIntercept: bool = True,
        fitLinear: bool = True,
        regParam: float = 0.0,
        miniBatchFraction: float = 1.0,
        initStd: float = 0.01,
        maxIter: int = 100,
        stepSize: float = 1.0,
        tol: float = 1e-6,
        solver: str = "adamW",
        seed: int | None = None,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> FMRegressionModel:
        require_columns(self, dataset)
        X, y, _ = training_rows(self, dataset)
        machine = self._machine(squared_error, X, y).machine
        made = FMRegressionModel(machine.intercept, DenseVector(machine.linear), rows_matrix(machine.factors))
        return trained(self, made)


class FMRegressionModel(_FactorizationModel, _FactorizationMachinesParams, RegressionModel[Vector], Saved):
    """A factorization machine for numbers that was fitted."""

    def predict(self, value: Vector) -> float:
        """The prediction for the features of one row."""
        return float(self._scores()(row_of(value, self.numFeatures))[0])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return with_prediction(self, dataset, self._scores())

    def __repr__(self) -> str:
        return (
            f"FMRegressionModel: uid={self.uid}, numFeatures={self.numFeatures}, "
            f"factorSize={self.getFactorSize()}, fitLinear={str(self.getFitLinear()).lower()}, "
            f"fitIntercept={str(self.getFitIntercept()).lower()}"
        )
