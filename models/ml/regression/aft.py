"""Regression of times until an event, some of which were not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.labels import require_rows
from streamcore.models.ml.linalg import DenseVector, Vector, VectorUDT
from streamcore.models.ml.matrices import fit_rows, vectors_of
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsAggregationDepth,
    SetsFitIntercept,
    SetsMaxBlockSizeInMB,
    SetsMaxIter,
    SetsTol,
)
from streamcore.models.ml.predicting import (
    NUMERIC,
    LinearScore,
    matrix_of,
    require_columns,
    row_of,
    sized,
    trained,
)
from streamcore.models.ml.regression.aft_fit import AftSettings
from streamcore.models.ml.regression.aft_params import _AFTSurvivalRegressionParams
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_new, require_vector
from streamcore.models.ml.stored import vector_at, vector_cell
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class AFTSurvivalRegression(
    _AFTSurvivalRegressionParams,
    SetsMaxIter,
    SetsTol,
    SetsFitIntercept,
    SetsAggregationDepth,
    SetsMaxBlockSizeInMB,
    Regressor["AFTSurvivalRegressionModel"],
    Saved,
):
    """Accelerated failure times with a Weibull distribution, by maximum likelihood with L-BFGS as in Spark.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> none, one = Vectors.dense(0.0), Vectors.dense(1.0)
    >>> rows = [(1.0, one, 1.0), (4.0, none, 0.0), (3.0, none, 1.0)]
    >>> model = AFTSurvivalRegression().fit(spark.createDataFrame(rows, ["label", "features", "censor"]))
    >>> model.predict(Vectors.dense(0.0)) > model.predict(Vectors.dense(1.0))
    True
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        fitIntercept: bool = True,
        maxIter: int = 100,
        tol: float = 1e-6,
        censorCol: str = "censor",
        quantileProbabilities: Sequence[float] = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99),
        quantilesCol: str | None = None,
        aggregationDepth: int = 2,
        maxBlockSizeInMB: float = 0.0,
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
        fitIntercept: bool = True,
        maxIter: int = 100,
        tol: float = 1e-6,
        censorCol: str = "censor",
        quantileProbabilities: Sequence[float] = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99),
        quantilesCol: str | None = None,
        aggregationDepth: int = 2,
        maxBlockSizeInMB: float = 0.0,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def setCensorCol(self, value: str) -> Self:
        """Set `censorCol`."""
        return self._set(censorCol=value)

    def setQuantileProbabilities(self, value: list[float]) -> Self:
        """Set `quantileProbabilities`."""
        return self._set(quantileProbabilities=value)

    def setQuantilesCol(self, value: str) -> Self:
        """Set `quantilesCol`."""
        return self._set(quantilesCol=value)

    def _fit(self, dataset: DataFrame) -> AFTSurvivalRegressionModel:
        require_columns(self, dataset, self._quantiles)
        rows = fit_rows(dataset, self.getFeaturesCol(), self.getLabelCol(), None, self.getCensorCol())
        times, seen = rows.y, rows.extra
        assert times is not None
        assert seen is not None
        require_rows(times)
        _require(times > 0, times, "The label of AFTSurvivalRegression must be greater than zero")
        _require((seen == 0) | (seen == 1), seen, "Censors MUST be in {0, 1}")
        settings = AftSettings(
            intercept=self.getFitIntercept(), iterations=self.getMaxIter(), tolerance=self.getTol()
        )
        fit = settings.fit(rows.X, times, seen)
        made = AFTSurvivalRegressionModel(DenseVector(fit.coefficients), fit.intercept, fit.scale)
        return trained(self, made)


def _require(fine: np.ndarray, values: np.ndarray, rule: str) -> None:
    if not fine.all():
        raise QueryExecutionException(f"{rule}, but got {float(values[~fine][0])}")


class AFTSurvivalRegressionModel(_AFTSurvivalRegressionParams, RegressionModel[Vector], Saved):
    """Accelerated failure times that were fitted."""

    def __init__(self, coefficients: Vector, intercept: float, scale: float) -> None:
        super().__init__()
        self._coefficients, self._intercept, self._scale = coefficients, intercept, scale

    def setQuantileProbabilities(self, value: list[float]) -> Self:
        """Set `quantileProbabilities`."""
        return self._set(quantileProbabilities=value)

    def setQuantilesCol(self, value: str) -> Self:
        """Set `quantilesCol`."""
        return self._set(quantilesCol=value)

    @property
    def coefficients(self) -> Vector:
        """The coefficients of the features, for the logarithm of the time."""
        return self._coefficients

    @property
    def intercept(self) -> float:
        """The logarithm of the time where all features are zero."""
        return self._intercept

    @property
    def scale(self) -> float:
        """The scale of the noise."""
        return self._scale

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return len(self._coefficients)

    def predict(self, value: Vector) -> float:
        """The time for the features of one row."""
        return float(self._times().times(row_of(value, self.numFeatures))[0])

    def predictQuantiles(self, features: Vector) -> Vector:
        """The quantiles of the time for the features of one row."""
        return DenseVector(self._times().quantiles(row_of(features, self.numFeatures))[0])

    def _times(self, wanted: tuple[str, ...] = ()) -> _Times:
        linear = LinearScore(self._coefficients.toArray(), self._intercept)
        probabilities = tuple(self.getQuantileProbabilities())
        return _Times(linear, self._scale, probabilities, wanted, self.numFeatures)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getFeaturesCol())
        fields = {}
        if self.getPredictionCol():
            name = self.getPredictionCol()
            fields["times"] = StructField(name, DoubleType(), nullable=False, metadata=NUMERIC)
        if self._quantiles:
            size = sized(len(self.getQuantileProbabilities()))
            fields["quantiles"] = StructField(self._quantiles, VectorUDT(), metadata=size)
        require_new(dataset.schema, [field.name for field in fields.values()])
        if not fields:
            return dataset
        return computed(dataset, [self.getFeaturesCol()], list(fields.values()), self._times(tuple(fields)))

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "coefficients": vector_cell(self._coefficients),
                "intercept": [self._intercept],
                "scale": [self._scale],
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        coefficients = vector_at(data, "coefficients")
        return cls(coefficients, data.column("intercept")[0].as_py(), data.column("scale")[0].as_py())

    def __repr__(self) -> str:
        return f"AFTSurvivalRegressionModel: uid={self.uid}, numFeatures={self.numFeatures}"


@dataclass(frozen=True, eq=False)
class _Times:
    """Times and their quantiles, for the rows of a matrix."""

    linear: LinearScore
    scale: float
    probabilities: tuple[float, ...]
    wanted: tuple[str, ...]
    size: int

    def times(self, X: Any) -> np.ndarray:
        return np.asarray(np.exp(self.linear(X)))

    def quantiles(self, X: Any) -> np.ndarray:
        factors = np.exp(np.log(-np.log1p(-np.asarray(self.probabilities))) * self.scale)
        return np.outer(self.times(X), factors)

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa

        X = matrix_of(rows, self.size)
        made = {"times": lambda: pa.array(self.times(X)), "quantiles": lambda: vectors_of(self.quantiles(X))}
        return Computed([made[kind]() for kind in self.wanted])
