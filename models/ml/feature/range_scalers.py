"""Scaling by the range of features: to given bounds, or by the greatest absolute value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted, vector_data, vectors_of_data
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import (
    Matrix,
    dense,
    joined,
    kinds_of,
    mapped,
    require_size,
    scaled,
    vectors_in,
)
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.summaries import extremes_of
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import compressed, compressed_vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Stretch:
    """Vectors moved from the range of each feature, `low` to `high`, to that from `lower` to `upper`."""

    column: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lower: float
    upper: float

    def __call__(self, rows: pa.Table) -> Computed:
        kinds = [(k.rows, compressed(self._of(k.matrix))) for k in kinds_of(rows.column(0), self.column)]
        return Computed([joined(kinds, len(rows))])

    def _of(self, matrix: Matrix) -> NDArray[np.float64]:
        require_size(matrix, len(self.low), "the model knows vectors of size {expected} but got {found}")
        extent = self.high - self.low
        is_constant = extent == 0
        whole = self.upper - self.lower
        moved = (dense(matrix) - self.low) * (whole / np.where(is_constant, 1.0, extent)) + self.lower
        middle = 0.5 * (self.upper + self.lower)
        found: NDArray[np.float64] = np.where(is_constant & ~np.isnan(moved), middle, moved)
        return found


@dataclass(frozen=True)
class ScaleBy:
    """Vectors times a factor for each feature; sparse ones stay sparse."""

    column: str
    factors: NDArray[np.float64]

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, lambda matrix: scaled(matrix, self.factors))])


class _MinMaxScalerParams(OneColumn):
    min: Param[float] = Param(
        Params._dummy(),
        "min",
        "the least value of the result, the same for all features.",
        TypeConverters.toFloat,
    )
    max: Param[float] = Param(
        Params._dummy(), "max", "the greatest value of the result, the same for all features.",
        TypeConverters.toFloat,
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(min=0.0, max=1.0)

    def setMin(self, value: float) -> Self:
        """Set `min`."""
        return self._set(min=value)

    def setMax(self, value: float) -> Self:
        """Set `max`."""
        return self._set(max=value)

    def getMin(self) -> float:
        """The value of `min`, or its default."""
        return self.getOrDefault(self.min)

    def getMax(self) -> float:
        """The value of `max`, or its default."""
        return self.getOrDefault(self.max)

    def _require_range(self) -> None:
        if self.getMin() >= self.getMax():
            raise IllegalArgumentException(
                f"requirement failed: The specified min({self.getMin()}) is larger or equal to "
                f"max({self.getMax()})"
            )


class MinMaxScaler(Estimator["MinMaxScalerModel"], _MinMaxScalerParams, Saved):
    """Moves every feature linearly to the range from `min` to `max`; one that never changes to its middle.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense([0.0]),), (Vectors.dense([2.0]),)], ["a"])
    >>> model = MinMaxScaler(inputCol="a", outputCol="scaled").fit(df)
    >>> model.originalMin, model.originalMax, model.transform(df).collect()[1].scaled
    (DenseVector([0.0]), DenseVector([2.0]), DenseVector([1.0]))
    """

    @keyword_only
    def __init__(
        self,
        *,
        min: float = 0.0,
        max: float = 1.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        min: float = 0.0,
        max: float = 1.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> MinMaxScalerModel:
        self._require_range()
        require_vectors(self, dataset.schema)
        low, high = extremes_of(vectors_in(dataset, self.getInputCol()))
        return fitted(self, MinMaxScalerModel(compressed_vector(low), compressed_vector(high)))


class MinMaxScalerModel(Model, _MinMaxScalerParams, Saved):
    """What MinMaxScaler has learned: the least and the greatest value of every feature."""

    def __init__(self, originalMin: Vector, originalMax: Vector) -> None:
        super().__init__()
        self._low = originalMin
        self._high = originalMax

    @property
    def originalMin(self) -> Vector:
        """The least value of every feature."""
        return self._low

    @property
    def originalMax(self) -> Vector:
        """The greatest value of every feature."""
        return self._high

    def _told(self) -> dict[str, Any]:
        return {"numFeatures": len(self._low), "min": self.getMin(), "max": self.getMax()}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self._require_range()
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        stretch = Stretch(column, self._low.toArray(), self._high.toArray(), self.getMin(), self.getMax())
        output = vector_field(self.getOutputCol(), AttributeGroup(len(self._low)))
        return computed(dataset, [column], [output], stretch)

    def _data(self) -> pa.Table:
        return vector_data(originalMin=self._low, originalMax=self._high)

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(**vectors_of_data(data))


class MaxAbsScaler(Estimator["MaxAbsScalerModel"], OneColumn, Saved):
    """Scales every feature by its greatest absolute value, to between -1 and 1; sparse vectors stay sparse.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense([1.0]),), (Vectors.dense([-2.0]),)], ["a"])
    >>> model = MaxAbsScaler(inputCol="a", outputCol="scaled").fit(df)
    >>> model.maxAbs, model.transform(df).collect()[1].scaled
    (DenseVector([2.0]), DenseVector([-1.0]))
    """

    @keyword_only
    def __init__(self, *, inputCol: str | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, inputCol: str | None = None, outputCol: str | None = None) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> MaxAbsScalerModel:
        require_vectors(self, dataset.schema)
        low, high = extremes_of(vectors_in(dataset, self.getInputCol()))
        return fitted(self, MaxAbsScalerModel(compressed_vector(np.fmax(np.abs(low), np.abs(high)))))


class MaxAbsScalerModel(Model, OneColumn, Saved):
    """What MaxAbsScaler has learned: the greatest absolute value of every feature."""

    def __init__(self, maxAbs: Vector) -> None:
        super().__init__()
        self._greatest = maxAbs

    @property
    def maxAbs(self) -> Vector:
        """The greatest absolute value of every feature."""
        return self._greatest

    def _told(self) -> dict[str, Any]:
        return {"numFeatures": len(self._greatest)}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        greatest = self._greatest.toArray()
        scale = ScaleBy(self.getInputCol(), 1.0 / np.where(greatest == 0, 1.0, greatest))
        output = vector_field(self.getOutputCol(), AttributeGroup(len(greatest)))
        return computed(dataset, [self.getInputCol()], [output], scale)

    def _data(self) -> pa.Table:
        return vector_data(maxAbs=self._greatest)

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(**vectors_of_data(data))
