"""Vectors of unit norm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.attributes import AttributeGroup, size_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, is_sparse, mapped, sparse_rows
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Normalize:
    """Vectors by their p-norm; a vector of zeros stays as it is."""

    column: str
    p: float

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        if not is_sparse(matrix):
            return matrix / _divisors(np.linalg.norm(matrix, self.p, axis=1).astype(np.float64))[:, None]
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        values = matrix.data / _divisors(self._sparse_norms(matrix, of_row))[of_row]
        return sparse_rows(values, matrix.indices, matrix.indptr, matrix.shape[1])

    def _sparse_norms(self, matrix: Matrix, of_row: NDArray[np.intp]) -> NDArray[np.float64]:
        entries, count = np.abs(matrix.data), matrix.shape[0]
        if math.isinf(self.p):
            norms = np.zeros(count)
            np.maximum.at(norms, of_row, entries)
            return norms
        powers = np.bincount(of_row, entries**self.p, count).astype(np.float64)
        return np.power(powers, 1 / self.p)


def _divisors(norms: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(norms == 0, 1.0, norms)


class Normalizer(Transformer, OneColumn, Saved):
    """Scales each vector to unit p-norm; one of zeros stays as it is.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense([3.0, -4.0]),)], ["v"])
    >>> Normalizer(inputCol="v", outputCol="unit").transform(df).head().unit
    DenseVector([0.6, -0.8])
    """

    p: Param[float] = Param(Params._dummy(), "p", "which norm.", TypeConverters.toFloat, at_least(1))

    @keyword_only
    def __init__(self, *, p: float = 2.0, inputCol: str | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self._setDefault(p=2.0)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, p: float = 2.0, inputCol: str | None = None, outputCol: str | None = None) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setP(self, value: float) -> Self:
        """Set `p`."""
        return self._set(p=value)

    def getP(self) -> float:
        """The value of `p`, or its default."""
        return self.getOrDefault(self.p)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        output = vector_field(self.getOutputCol(), same_size(dataset, column))
        return computed(dataset, [column], [output], Normalize(column, self.getP()))


def same_size(dataset: DataFrame, column: str) -> AttributeGroup | None:
    """What is known of vectors that are made of those of a column, one entry of each: how many there are."""
    size = size_of(field_of(dataset.schema, column))
    return None if size is None else AttributeGroup(size)
