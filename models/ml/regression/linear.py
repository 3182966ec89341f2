"""Linear regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsAggregationDepth,
    SetsElasticNetParam,
    SetsFitIntercept,
    SetsLoss,
    SetsMaxBlockSizeInMB,
    SetsMaxIter,
    SetsRegParam,
    SetsSolver,
    SetsStandardization,
    SetsTol,
    SetsWeightCol,
)
from streamcore.models.ml.predicting import (
    LinearScore,
    require_columns,
    row_of,
    trained,
    training_rows,
    with_prediction,
)
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.linear_fit import LinearSettings
from streamcore.models.ml.regression.linear_params import _LinearRegressionParams
from streamcore.models.ml.regression.linear_summary import (
    LinearRegressionSummary,
    LinearRegressionTrainingSummary,
)
from streamcore.models.ml.regression.pmml import LinearRegressionModelWriter
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import compact, vector_at, vector_cell
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class LinearRegression(
    _LinearRegressionParams,
    SetsRegParam,
    SetsElasticNetParam,
    SetsMaxIter,
    SetsTol,
    SetsFitIntercept,
    SetsStandardization,
    SetsWeightCol,
    SetsSolver,
    SetsAggregationDepth,
    SetsLoss,
    SetsMaxBlockSizeInMB,
    Regressor["LinearRegressionModel"],
    Saved,
):
    """Linear regression by least squares, or by Huber's loss, with an elastic net.

    The objectives and the ways to their minimum are Spark's: `normal` solves the normal equations in one
    pass over the rows, `l-bfgs` iterates as Spark does (the coefficients agree to about 1e-12, and so does
    the objective after each iteration); huber iterates by scipy's L-BFGS-B to the same minimum.
    `aggregationDepth` and `maxBlockSizeInMB`, which shape Spark's jobs, change no result: rows are summed in
    blocks that fit a cache.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(1.0, Vectors.dense(0.0)), (3.0, Vectors.dense(1.0)), (5.0, Vectors.dense(2.0))]
    >>> model = LinearRegression().fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> round(model.intercept, 6), round(model.predict(Vectors.dense(4.0)), 6)
    (1.0, 9.0)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxIter: int = 100,
        regParam: float = 0.0,
        elasticNetParam: float = 0.0,
        tol: float = 1e-6,
        fitIntercept: bool = True,
        standardization: bool = True,
        solver: str = "auto",
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        loss: str = "squaredError",
        epsilon: float = 1.35,
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
        maxIter: int = 100,
        regParam: float = 0.0,
        elasticNetParam: float = 0.0,
        tol: float = 1e-6,
        fitIntercept: bool = True,
        standardization: bool = True,
        solver: str = "auto",
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        loss: str = "squaredError",
        epsilon: float = 1.35,
        maxBlockSizeInMB: float = 0.0,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def setEpsilon(self, value: float) -> Self:
        """Set `epsilon`."""
        return self._set(epsilon=value)

    def _fit(self, dataset: DataFrame) -> LinearRegressionModel:
        require_columns(self, dataset)
        self._require_huber()
        X, y, w = training_rows(self, dataset)
        fit = self._settings().fit(X, y, w)
        model = trained(self, LinearRegressionModel(compact(fit.coefficients), fit.intercept, fit.scale))
        model._summary = LinearRegressionTrainingSummary(model, dataset, fit)
        return model

    def _settings(self) -> LinearSettings:
        return LinearSettings(
            loss=self.getLoss(),
            solver=self.getSolver(),
            intercept=self.getFitIntercept(),
            penalty=self.getRegParam(),
            l1_ratio=self.getElasticNetParam(),
            standardize=self.getStandardization(),
            iterations=self.getMaxIter(),
            tolerance=self.getTol(),
            epsilon=self.getEpsilon(),
        )

    def _require_huber(self) -> None:
        if self.getLoss() != "huber":
            return
        if self.getSolver() == "normal":
            raise IllegalArgumentException(
                "requirement failed: LinearRegression with huber loss doesn't support normal solver, "
                "please change solver to auto or l-bfgs."
            )
        if self.getElasticNetParam() != 0.0:
            raise IllegalArgumentException(
                "requirement failed: LinearRegression with huber loss only supports L2 regularization, "
                f"but got elasticNetParam = {self.getElasticNetParam()}."
            )


class LinearRegressionModel(
    _LinearRegressionParams,
    RegressionModel[Vector],
    Saved,
    HasTrainingSummary[LinearRegressionTrainingSummary],
):
    """A linear regression that was fitted."""

    def __init__(self, coefficients: Vector, intercept: float, scale: float = 1.0) -> None:
        super().__init__()
        self._coefficients, self._intercept, self._scale = coefficients, intercept, scale

    @property
    def coefficients(self) -> Vector:
        """The coefficients of the features."""
        return self._coefficients

    @property
    def intercept(self) -> float:
        """The prediction where all features are zero."""
        return self._intercept

    @property
    def scale(self) -> float:
        """The scale of the errors, which huber estimates; 1.0 for squaredError."""
        return self._scale

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return len(self._coefficients)

    def predict(self, value: Vector) -> float:
        """The prediction for the features of one row."""
        return float(self._score()(row_of(value, self.numFeatures))[0])

    def evaluate(self, dataset: DataFrame) -> LinearRegressionSummary:
        """The measures of the model over another dataset."""
        return LinearRegressionSummary(self, dataset)

    def write(self) -> LinearRegressionModelWriter:
        """The writer, which also knows the format `pmml`."""
        return LinearRegressionModelWriter(self)

    def _score(self) -> LinearScore:
        return LinearScore(self._coefficients.toArray(), self._intercept)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return with_prediction(self, dataset, self._score())

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "intercept": [self._intercept],
                "coefficients": vector_cell(self._coefficients),
                "scale": [self._scale],
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        scale = data.column("scale")[0].as_py() if "scale" in data.column_names else 1.0
        return cls(vector_at(data, "coefficients"), data.column("intercept")[0].as_py(), scale)

    def __repr__(self) -> str:
        return f"LinearRegressionModel: uid={self.uid}, numFeatures={self.numFeatures}"
