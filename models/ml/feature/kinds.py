"""Vectors of a column by their kind: what is done to the dense and to the sparse ones keeps each as it was.

A transformer says what it does to a matrix of rows, and gets the dense rows (an array) and the sparse ones
(a matrix of scipy) apart. A column of dense vectors of one size, which is nearly every column, is one view of
Arrow's buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.matrices import features_of, parts_of, vector_type, vectors_of
from streamcore.models.ml.needs import needed
from streamcore.models.ml.schemas import require_vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from streamcore.models.ml.matrices import VectorParts
    from streamcore.sql.dataframe import DataFrame

Matrix: TypeAlias = Any
"""numpy's array of two dimensions for dense rows, scipy's `csr_matrix` for sparse ones."""


@dataclass(frozen=True)
class Kind:
    """The vectors of one kind and size, and the rows of the column that have them."""

    matrix: Matrix
    rows: NDArray[np.intp] | slice


def is_sparse(matrix: Matrix) -> bool:
    """Whether these are sparse rows."""
    return not isinstance(matrix, np.ndarray)


def dense(matrix: Matrix) -> NDArray[np.float64]:
    """The rows as an array."""
    rows: NDArray[np.float64] = matrix.toarray() if is_sparse(matrix) else matrix
    return rows


def kinds_of(column: pa.Array | pa.ChunkedArray, name: str) -> list[Kind]:
    """The vectors of a column by kind and size; QueryExecutionException for a null."""
    parts = parts_of(column, name)
    if not len(parts.sizes):
        return []
    if parts.dense.all() and parts.sizes.min() == parts.sizes.max():
        return (
            [Kind(parts.values.reshape(len(parts.sizes), -1), slice(None))]
            if parts.sizes[0]
            else [_empty(parts)]
        )
    found = sorted({(bool(kind), int(size)) for kind, size in zip(parts.dense, parts.sizes, strict=True)})
    starts = np.concatenate([[0], np.cumsum(np.where(parts.dense, 0, np.diff(parts.offsets)))])
    return [_kind(parts, starts, is_dense, size) for is_dense, size in found]


def _empty(parts: VectorParts) -> Kind:
    return Kind(np.empty((len(parts.sizes), 0)), slice(None))


def _kind(parts: VectorParts, starts: NDArray[np.int64], is_dense: bool, size: int) -> Kind:
    """`starts` says where each vector's indices begin."""
    rows = np.flatnonzero((parts.dense == is_dense) & (parts.sizes == size))
    lengths = np.diff(parts.offsets)[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    values = parts.values[within + np.repeat(parts.offsets[rows], lengths)]
    if is_dense:
        return Kind(values.reshape(len(rows), size), rows)
    return Kind(
        sparse_rows(values, parts.indices[within + np.repeat(starts[rows], lengths)], ends, size), rows
    )


def sparse_rows(values: NDArray[Any], indices: NDArray[Any], ends: NDArray[Any], size: int) -> Matrix:
    """Sparse rows of their entries; entries that are zero stay."""
    sparse = needed("scipy.sparse", "A sparse vector")
    return sparse.csr_matrix((values, indices, ends), shape=(len(ends) - 1, size))


def joined(parts: Sequence[tuple[NDArray[np.intp] | slice, pa.Array]], count: int) -> pa.Array:
    """Vectors of several parts as one column of `count` rows; null in rows that no part has."""
    if len(parts) == 1 and len(parts[0][1]) == count:
        return parts[0][1]
    places = np.full(count, -1, dtype=np.int64)
    begin = 0
    for rows, vectors in parts:
        places[rows] = np.arange(begin, begin + len(vectors))
        begin += len(vectors)
    pieces = [vectors for _, vectors in parts] or [pa.array([], vector_type())]
    return pa.concat_arrays(pieces).take(pa.array(places, mask=places < 0))


def mapped(column: pa.ChunkedArray, name: str, change: Callable[[Matrix], Matrix]) -> pa.Array:
    """The vectors of a column, each changed as a row of a matrix of its kind."""
    return joined(
        [(kind.rows, vectors_of(change(kind.matrix))) for kind in kinds_of(column, name)], len(column)
    )


def require_size(matrix: Matrix, size: int, message: str) -> None:
    """QueryExecutionException for vectors of another size: a `message` with `expected` and `found`."""
    if matrix.shape[1] != size:
        raise QueryExecutionException(message.format(expected=size, found=matrix.shape[1]))


def scaled(matrix: Matrix, factors: NDArray[np.float64]) -> Matrix:
    """Every entry times the factor of its feature; sparse rows keep their entries, zero or not."""
    require_size(
        matrix,
        len(factors),
        "requirement failed: vector sizes do not match: Expected {expected} but found {found}",
    )
    if not is_sparse(matrix):
        return matrix * factors
    return sparse_rows(matrix.data * factors[matrix.indices], matrix.indices, matrix.indptr, matrix.shape[1])


def vectors_in(dataset: DataFrame, name: str) -> Matrix:
    """The vectors of a dataset's column as a matrix: what an estimator of one column learns from.

    QueryExecutionException where there is none.
    """
    require_vector(dataset.schema, name)
    rows = dataset.select(dataset[quoted(name)]).toArrow()
    if not len(rows):
        raise QueryExecutionException(f"There are no rows to learn from: the column {name} is empty")
    return features_of(rows, name)


def quoted(name: str) -> str:
    """A column's name as it is looked up, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def first_size(dataset: DataFrame, name: str) -> int:
    """The size of the first vector of a column, 0 where there is none; the dataset is read as far as that."""
    column = dataset[quoted(name)]
    return parts_of(dataset.select(column).where(column.isNotNull()).limit(1).toArrow().column(0), name).size
