"""Generalized linear regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.labels import require_rows
from streamcore.models.ml.linalg import DenseVector, Vector
from streamcore.models.ml.matrices import fit_rows
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsAggregationDepth,
    SetsFitIntercept,
    SetsMaxIter,
    SetsRegParam,
    SetsSolver,
    SetsTol,
    SetsWeightCol,
)
from streamcore.models.ml.predicting import (
    NUMERIC,
    LinearScore,
    matrix_of,
    require_columns,
    row_of,
    trained,
    weight_of,
)
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.glm_fit import GlmSettings, Response
from streamcore.models.ml.regression.glm_params import _GeneralizedLinearRegressionParams
from streamcore.models.ml.regression.glm_summary import (
    GeneralizedLinearRegressionSummary,
    GeneralizedLinearRegressionTrainingSummary,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_new, require_numeric, require_vector
from streamcore.models.ml.stored import vector_at, vector_cell
from streamcore.models.ml.util import HasTrainingSummary
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class GeneralizedLinearRegression(
    _GeneralizedLinearRegressionParams,
    SetsFitIntercept,
    SetsMaxIter,
    SetsTol,
    SetsRegParam,
    SetsWeightCol,
    SetsSolver,
    SetsAggregationDepth,
    Regressor["GeneralizedLinearRegressionModel"],
    Saved,
):
    """A generalized linear model, by iteratively reweighted least squares as in Spark (and in R).

    Each iteration is one pass over the rows; coefficients and the number of iterations agree with Spark's. A
    link of tweedie, and powers of another family, which Spark leaves unread, are refused.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(1.0, Vectors.dense(0.0)), (2.0, Vectors.dense(1.0)), (4.0, Vectors.dense(2.0))]
    >>> counts = spark.createDataFrame(rows, ["label", "features"])
    >>> model = GeneralizedLinearRegression(family="poisson").fit(counts)
    >>> round(model.predict(Vectors.dense(3.0)), 3)
    8.0
    """

    @keyword_only
    def __init__(
        self,
        *,
        labelCol: str = "label",
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        family: str = "gaussian",
        link: str | None = None,
        fitIntercept: bool = True,
        maxIter: int = 25,
        tol: float = 1e-6,
        regParam: float = 0.0,
        weightCol: str | None = None,
        solver: str = "irls",
        linkPredictionCol: str | None = None,
        variancePower: float = 0.0,
        linkPower: float | None = None,
        offsetCol: str | None = None,
        aggregationDepth: int = 2,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        labelCol: str = "label",
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        family: str = "gaussian",
        link: str | None = None,
        fitIntercept: bool = True,
        maxIter: int = 25,
        tol: float = 1e-6,
        regParam: float = 0.0,
        weightCol: str | None = None,
        solver: str = "irls",
        linkPredictionCol: str | None = None,
        variancePower: float = 0.0,
        linkPower: float | None = None,
        offsetCol: str | None = None,
        aggregationDepth: int = 2,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def setFamily(self, value: str) -> Self:
        """Set `family`."""
        return self._set(family=value)

    def setLinkPredictionCol(self, value: str) -> Self:
        """Set `linkPredictionCol`."""
        return self._set(linkPredictionCol=value)

    def setLink(self, value: str) -> Self:
        """Set `link`."""
        return self._set(link=value)

    def setVariancePower(self, value: float) -> Self:
        """Set `variancePower`."""
        return self._set(variancePower=value)

    def setLinkPower(self, value: float) -> Self:
        """Set `linkPower`."""
        return self._set(linkPower=value)

    def setOffsetCol(self, value: str) -> Self:
        """Set `offsetCol`."""
        return self._set(offsetCol=value)

    def _fit(self, dataset: DataFrame) -> GeneralizedLinearRegressionModel:
        response = self._response()
        require_columns(self, dataset)
        settings = GlmSettings(
            response=response,
            intercept=self.getFitIntercept(),
            penalty=self.getRegParam(),
            iterations=self.getMaxIter(),
            tolerance=self.getTol(),
        )
        rows = fit_rows(dataset, self.getFeaturesCol(), self.getLabelCol(), weight_of(self), self._offset)
        assert rows.y is not None
        require_rows(rows.y)
        fit = settings.fit(rows.X, rows.y, rows.w, rows.extra)
        made = GeneralizedLinearRegressionModel(DenseVector(fit.coefficients), fit.intercept)
        model = trained(self, made)
        model._summary = GeneralizedLinearRegressionTrainingSummary(model, dataset, fit)
        return model


class GeneralizedLinearRegressionModel(
    _GeneralizedLinearRegressionParams,
    RegressionModel[Vector],
    Saved,
    HasTrainingSummary[GeneralizedLinearRegressionTrainingSummary],
):
    """A generalized linear model that was fitted."""

    def __init__(self, coefficients: Vector, intercept: float) -> None:
        super().__init__()
        self._coefficients, self._intercept = coefficients, intercept

    def setLinkPredictionCol(self, value: str) -> Self:
        """Set `linkPredictionCol`."""
        return self._set(linkPredictionCol=value)

    @property
    def coefficients(self) -> Vector:
        """The coefficients of the features."""
        return self._coefficients

    @property
    def intercept(self) -> float:
        """The linear predictor where all features are zero."""
        return self._intercept

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return len(self._coefficients)

    def predict(self, value: Vector) -> float:
        """The mean for the features of one row, whose offset is zero."""
        eta = LinearScore(self._coefficients.toArray(), self._intercept)(row_of(value, self.numFeatures))
        return float(self._response().fitted(eta)[0])

    def evaluate(self, dataset: DataFrame) -> GeneralizedLinearRegressionSummary:
        """The measures of the model over another dataset."""
        return GeneralizedLinearRegressionSummary(self, dataset)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getFeaturesCol())
        linked = self.getLinkPredictionCol() if self.isDefined(self.linkPredictionCol) else ""
        names = {"eta": linked, "mu": self.getPredictionCol()}
        wanted = tuple(kind for kind, name in names.items() if name)
        require_new(dataset.schema, [names[kind] for kind in wanted])
        if not wanted:
            return dataset
        inputs = [self.getFeaturesCol()]
        if self._offset is not None:
            require_numeric(dataset.schema, self._offset)
            inputs.append(self._offset)
        fields = [StructField(names[kind], DoubleType(), nullable=False, metadata=NUMERIC) for kind in wanted]
        linear = LinearScore(self._coefficients.toArray(), self._intercept)
        return computed(dataset, inputs, fields, _Means(linear, self._response(), wanted, self.numFeatures))

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table({"intercept": [self._intercept], "coefficients": vector_cell(self._coefficients)})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(vector_at(data, "coefficients"), data.column("intercept")[0].as_py())

    def __repr__(self) -> str:
        response = self._response()
        return (
            f"GeneralizedLinearRegressionModel: uid={self.uid}, family={response.family.name}, "
            f"link={response.link.name}, numFeatures={self.numFeatures}"
        )


@dataclass(frozen=True, eq=False)
class _Means:
    """The linear predictor and the mean of each row, the offset in its second column if it has one."""

    linear: LinearScore
    response: Response
    wanted: tuple[str, ...]
    size: int

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa
        import pyarrow.compute as pc

        eta = self.linear(matrix_of(rows, self.size))
        if rows.num_columns > 1:
            eta = eta + pc.cast(rows.column(1), pa.float64()).to_numpy()
        made = {"eta": lambda: eta, "mu": lambda: self.response.fitted(eta)}
        return Computed([pa.array(np.asarray(made[kind]())) for kind in self.wanted])
