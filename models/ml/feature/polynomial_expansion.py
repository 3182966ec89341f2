"""Vectors expanded to all products of their entries up to a degree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, is_sparse, mapped, sparse_rows
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


def count_of(size: int, degree: int) -> int:
    """How many products of `size` features there are up to `degree`, the constant among them."""
    return comb(size + degree, degree)


def products_of(entries: Sequence[tuple[int, float]], degree: int) -> Iterator[tuple[int, float]]:
    """The products of a vector's entries (index, value; ascending) up to `degree`, each with its place.

    The places are Spark's: by the power of the last feature, then of the one before; the constant is 0.

    >>> list(products_of([(0, 2.0), (1, 3.0)], 2))
    [(0, 1.0), (1, 2.0), (2, 4.0), (3, 3.0), (4, 6.0), (5, 9.0)]
    """
    if not entries:
        yield 0, 1.0
        return
    *others, (index, value) = entries
    begin = 0
    for power in range(degree + 1):
        for place, product in products_of(others, degree - power):
            yield begin + place, product * value**power
        begin += count_of(index, degree - power)


def expanded(matrix: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    """The same products for every row of a matrix."""
    by_degree = [np.ones((matrix.shape[0], 1))] * (degree + 1)
    for feature in matrix.T:
        powers = [feature[:, None] ** power for power in range(degree + 1)]
        by_degree = [
            np.hstack([by_degree[whole - power] * powers[power] for power in range(whole + 1)])
            for whole in range(degree + 1)
        ]
    return by_degree[degree]


@dataclass(frozen=True)
class Expand:
    """The products of the entries of vectors; those of sparse ones are sparse."""

    column: str
    degree: int

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        size = count_of(matrix.shape[1], self.degree) - 1
        if not is_sparse(matrix):
            return expanded(matrix, self.degree)[:, 1:]
        rows = [self._products(matrix, begin, end) for begin, end in pairwise(matrix.indptr)]
        ends = np.cumsum([0, *map(len, rows)])
        places = np.array([place - 1 for row in rows for place, _ in row], dtype=np.int32)
        values = np.array([value for row in rows for _, value in row], dtype=np.float64)
        return sparse_rows(values, places, ends, size)

    def _products(self, matrix: Matrix, begin: int, end: int) -> list[tuple[int, float]]:
        indices, values = matrix.indices[begin:end].tolist(), matrix.data[begin:end].tolist()
        return list(products_of(list(zip(indices, values, strict=True)), self.degree))[1:]


class PolynomialExpansion(Transformer, OneColumn, Saved):
    """Expands vectors to all products of their entries up to a degree: (x, y) to (x, x*x, y, x*y, y*y).

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> df = Session.builder.getOrCreate().createDataFrame([(Vectors.dense([0.5, 2.0]),)], ["v"])
    >>> PolynomialExpansion(degree=2, inputCol="v", outputCol="expanded").transform(df).head().expanded
    DenseVector([0.5, 0.25, 2.0, 1.0, 4.0])
    """

    degree: Param[int] = Param(
        Params._dummy(), "degree", "up to how many factors a product has.", TypeConverters.toInt, at_least(1)
    )

    @keyword_only
    def __init__(self, *, degree: int = 2, inputCol: str | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self._setDefault(degree=2)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, degree: int = 2, inputCol: str | None = None, outputCol: str | None = None
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setDegree(self, value: int) -> Self:
        """Set `degree`."""
        return self._set(degree=value)

    def getDegree(self) -> int:
        """The value of `degree`, or its default."""
        return self.getOrDefault(self.degree)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        output = vector_field(self.getOutputCol())
        return computed(dataset, [column], [output], Expand(column, self.getDegree()))
