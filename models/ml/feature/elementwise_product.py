"""Vectors times a vector, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import computed
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.range_scalers import ScaleBy
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class ElementwiseProduct(Transformer, OneColumn, Saved):
    """Multiplies vectors with one vector, entry by entry; sparse ones stay sparse.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> df = Session.builder.getOrCreate().createDataFrame([(Vectors.dense([2.0, 1.0, 3.0]),)], ["v"])
    >>> weights = Vectors.dense([1.0, 2.0, 3.0])
    >>> ElementwiseProduct(scalingVec=weights, inputCol="v", outputCol="product").transform(df).head().product
    DenseVector([2.0, 2.0, 9.0])
    """

    scalingVec: Param[Vector] = Param(
        Params._dummy(), "scalingVec", "the vector that all are multiplied with.", TypeConverters.toVector
    )

    @keyword_only
    def __init__(
        self, *, scalingVec: Vector | None = None, inputCol: str | None = None, outputCol: str | None = None
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, scalingVec: Vector | None = None, inputCol: str | None = None, outputCol: str | None = None
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setScalingVec(self, value: Vector) -> Self:
        """Set `scalingVec`."""
        return self._set(scalingVec=value)

    def getScalingVec(self) -> Vector:
        """The value of `scalingVec`."""
        return self.getOrDefault(self.scalingVec)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        factors = self.getScalingVec().toArray()
        output = vector_field(self.getOutputCol(), AttributeGroup(len(factors)))
        return computed(dataset, [self.getInputCol()], [output], ScaleBy(self.getInputCol(), factors))
