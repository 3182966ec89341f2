"""Isotonic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.labels import require_rows
from streamcore.models.ml.linalg import DenseVector, Vector, VectorUDT
from streamcore.models.ml.matrices import features_of, numbers_of
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsWeightCol,
)
from streamcore.models.ml.param.shared import (
    HasFeaturesCol,
    HasLabelCol,
    HasPredictionCol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.predicting import (
    NUMERIC,
    require_columns,
    trained,
    training_rows,
    weight_of,
)
from streamcore.models.ml.regression.isotonic_fit import IsotonicFit, fit_isotonic, predict_isotonic
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class _IsotonicRegressionParams(HasFeaturesCol, HasLabelCol, HasPredictionCol, HasWeightCol):
    """The parameters of IsotonicRegression and of its models."""

    isotonic: Param[bool] = Param(
        Params._dummy(),
        "isotonic",
        "whether the predictions rise with the feature; they fall otherwise.",
        TypeConverters.toBoolean,
    )
    featureIndex: Param[int] = Param(
        Params._dummy(),
        "featureIndex",
        "which entry is the feature where the column holds vectors (>= 0).",
        TypeConverters.toInt,
        at_least(0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(isotonic=True, featureIndex=0)

    def getIsotonic(self) -> bool:
        """The value of `isotonic`, or its default."""
        return self.getOrDefault(self.isotonic)

    def getFeatureIndex(self) -> int:
        """The value of `featureIndex`, or its default."""
        return self.getOrDefault(self.featureIndex)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setFeatureIndex(self, value: int) -> Self:
        """Set `featureIndex`."""
        return self._set(featureIndex=value)

    def _is_vector(self, dataset: DataFrame) -> bool:
        return isinstance(field_of(dataset.schema, self.getFeaturesCol()).dataType, VectorUDT)


class IsotonicRegression(
    _IsotonicRegressionParams, SetsWeightCol, Estimator["IsotonicRegressionModel"], Saved
):
    """The monotone function of one feature with the least squares, by pooling neighbours (scipy's).

    Labels of equal features are averaged first, as in Spark.

    >>> from streamcore import Session
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(1.0, 1.0), (3.0, 2.0), (2.0, 3.0)]
    >>> model = IsotonicRegression().fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> model.predict(2.5), model.boundaries
    (2.5, DenseVector([1.0, 2.0, 3.0]))
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        weightCol: str | None = None,
        isotonic: bool = True,
        featureIndex: int = 0,
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
        weightCol: str | None = None,
        isotonic: bool = True,
        featureIndex: int = 0,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setIsotonic(self, value: bool) -> Self:
        """Set `isotonic`."""
        return self._set(isotonic=value)

    def _fit(self, dataset: DataFrame) -> IsotonicRegressionModel:
        require_columns(self, dataset)
        x, y, w = self._columns(dataset)
        require_rows(y)
        fit = fit_isotonic(x, y, w, rising=self.getIsotonic())
        return trained(
            self, IsotonicRegressionModel(DenseVector(fit.boundaries), DenseVector(fit.predictions))
        )

    def _columns(self, dataset: DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Feature, label and weight."""
        if self._is_vector(dataset):
            X, y, w = training_rows(self, dataset)
            return column_of(X, self.getFeatureIndex()), y, w
        weight = weight_of(self)
        names = [self.getFeaturesCol(), self.getLabelCol(), *([weight] if weight else [])]
        columns = numbers_of(dataset, names)
        return columns[0], columns[1], columns[2] if weight else None


def column_of(X: Any, place: int) -> np.ndarray:
    """One column of a matrix."""
    if place >= X.shape[1]:
        raise IllegalArgumentException(
            f"featureIndex={place} is beyond the {X.shape[1]} features: give one below"
        )
    return np.ascontiguousarray(X[:, place]) if isinstance(X, np.ndarray) else X[:, [place]].toarray()[:, 0]


class IsotonicRegressionModel(_IsotonicRegressionParams, Model, Saved):
    """A monotone function that was fitted."""

    def __init__(self, boundaries: Vector, predictions: Vector) -> None:
        super().__init__()
        self._boundaries, self._predictions = boundaries, predictions

    @property
    def boundaries(self) -> Vector:
        """Rising values of the feature; between two of them the prediction is interpolated."""
        return self._boundaries

    @property
    def predictions(self) -> Vector:
        """The predictions at the boundaries."""
        return self._predictions

    @property
    def numFeatures(self) -> int:
        """One."""
        return 1

    def predict(self, value: float) -> float:
        """The prediction for a value of the feature."""
        return float(predict_isotonic(self._function(), np.array([value]))[0])

    def _function(self) -> IsotonicFit:
        return IsotonicFit(self._boundaries.toArray(), self._predictions.toArray())

    def _transform(self, dataset: DataFrame) -> DataFrame:
        place = self.getFeatureIndex() if self._is_vector(dataset) else None
        require_new(dataset.schema, [self.getPredictionCol()])
        field = StructField(self.getPredictionCol(), DoubleType(), nullable=False, metadata=NUMERIC)
        return computed(dataset, [self.getFeaturesCol()], [field], _Monotone(self._function(), place))

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "boundaries": [self._boundaries.toArray().tolist()],
                "predictions": [self._predictions.toArray().tolist()],
                "isotonic": [self.getIsotonic()],
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        boundaries, predictions = (data.column(name)[0].as_py() for name in ("boundaries", "predictions"))
        return cls(DenseVector(boundaries), DenseVector(predictions))

    def __repr__(self) -> str:
        return f"IsotonicRegressionModel: uid={self.uid}, numFeatures={self.numFeatures}"


@dataclass(frozen=True, eq=False)
class _Monotone:
    """The predictions for a column of numbers, or for one entry of vectors."""

    function: IsotonicFit
    place: int | None

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa
        import pyarrow.compute as pc

        if rows.num_rows == 0:
            return Computed([pa.array([], pa.float64())])
        if self.place is None:
            values = pc.cast(rows.column(0), pa.float64()).to_numpy()
        else:
            values = column_of(features_of(rows, rows.column_names[0]), self.place)
        return Computed([pa.array(predict_isotonic(self.function, values))])
