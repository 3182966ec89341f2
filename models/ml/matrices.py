"""Columns of vectors as numpy's or scipy's matrices, and back, without an object per row.

A column of vectors is kept as struct<type:int8, size:int32, indices:list<int32>, values:list<double>>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.linalg import DenseVector, SparseVector, Vector
from streamcore.models.ml.linalg.columns import (
    VectorParts,
    lists_of,
    parts_of,
    sparse_vectors,
    struct_of,
    vector_type,
)
from streamcore.models.ml.linalg.udt import DENSE
from streamcore.models.ml.needs import needed
from streamcore.models.ml.schemas import require_numeric, require_vector

__all__ = [
    "FitRows",
    "VectorParts",
    "compressed",
    "dense_of",
    "features_of",
    "fit_rows",
    "parts_of",
    "sparse_of",
    "sparse_vectors",
    "vector_type",
    "vectors_of",
]

from streamcore.spi.cast_text import double_text

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame

    Matrix2D: TypeAlias = NDArray[np.float64] | csr_matrix

_DENSE_FROM = 0.5
"""From which share of kept entries on sparse vectors become a dense matrix."""


@dataclass(frozen=True)
class FitRows:
    """What an estimator learns from: a row of features, a label and a weight for each row."""

    X: Matrix2D
    y: NDArray[np.float64] | None
    w: NDArray[np.float64] | None
    extra: NDArray[np.float64] | None = None


def features_of(table: pa.Table, column: str) -> Matrix2D:
    """A column of vectors as a matrix, a row for each.

    Dense vectors are not copied: the matrix cannot be written to. Sparse ones become a matrix of scipy,
    unless half of all entries or more are kept.
    """
    parts = parts_of(table.column(column), column)
    rows, size = len(parts.sizes), parts.size
    if not parts.dense.all() and len(parts.values) < _DENSE_FROM * rows * size:
        return _csr(parts)
    return _dense(parts)


def dense_of(table: pa.Table, column: str) -> NDArray[np.float64]:
    """A column of vectors as a dense matrix, a row for each."""
    return _dense(parts_of(table.column(column), column))


def sparse_of(table: pa.Table, column: str) -> csr_matrix:
    """A column of vectors as a sparse matrix of scipy, a row for each; entries that are zero are dropped."""
    matrix = _csr(parts_of(table.column(column), column)).copy()
    matrix.eliminate_zeros()
    return matrix


def _dense(parts: VectorParts) -> NDArray[np.float64]:
    rows, size = len(parts.sizes), parts.size
    if parts.dense.all():
        return parts.values.reshape(rows, size)
    matrix = np.zeros((rows, size))
    matrix[np.repeat(np.arange(rows), np.diff(parts.offsets)), _all_indices(parts)] = parts.values
    return matrix


def _csr(parts: VectorParts) -> csr_matrix:
    sparse = needed("scipy.sparse", "A column of sparse vectors")
    shape = len(parts.sizes), parts.size
    return sparse.csr_matrix((parts.values, _all_indices(parts), parts.offsets), shape=shape, copy=False)


def _all_indices(parts: VectorParts) -> NDArray[np.int32]:
    """For each entry its index in its vector, those of dense vectors too."""
    lengths = np.diff(parts.offsets)
    if not parts.dense.any():
        return parts.indices
    counted = np.arange(len(parts.values)) - np.repeat(parts.offsets[:-1], lengths)
    kept = np.repeat(~parts.dense, lengths)
    counted[kept] = parts.indices
    return counted.astype(np.int32)


def vectors_of(matrix: Matrix2D) -> pa.StructArray:
    """The rows of a matrix as a column of vectors: dense ones, or sparse ones of a sparse matrix.

    >>> vectors_of(np.array([[1.0, 2.0]])).to_pylist()
    [{'type': 1, 'size': None, 'indices': None, 'values': [1.0, 2.0]}]
    """
    if isinstance(matrix, np.ndarray):
        return _dense_vectors(np.ascontiguousarray(matrix, dtype=np.float64))
    rows = matrix.tocsr()
    rows.sum_duplicates()
    return sparse_vectors(rows.shape[1], rows.indptr, rows.indices, rows.data)


def _dense_vectors(matrix: NDArray[np.float64]) -> pa.StructArray:
    import pyarrow as pa

    rows, size = matrix.shape
    kind = vector_type()
    offsets = np.arange(rows + 1, dtype=np.int64) * size
    return struct_of(
        np.full(rows, DENSE, np.int8),
        pa.nulls(rows, kind.field("size").type),
        pa.nulls(rows, kind.field("indices").type),
        lists_of(offsets, matrix.reshape(-1), kind.field("values").type),
    )


def compressed(matrix: Matrix2D) -> pa.StructArray:
    """The rows of a matrix as a column of vectors, each dense or sparse: whatever takes less memory.

    Spark's rule: sparse when 1.5 * (entries that are not zero) + 2 is below the size.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole: NDArray[np.float64] | None
    if isinstance(matrix, np.ndarray):
        is_thin = _are_thin(np.count_nonzero(matrix, axis=1), matrix.shape[1])
        if not is_thin.any():
            return vectors_of(matrix)
        rows, columns = np.nonzero(matrix)
        counts, values, whole = np.bincount(rows, minlength=len(matrix)), matrix[rows, columns], matrix
    else:
        kept = matrix.tocsr().copy()
        kept.eliminate_zeros()
        kept.sum_duplicates()
        counts, columns, values = np.diff(kept.indptr), kept.indices, kept.data
        is_thin = _are_thin(counts, matrix.shape[1])
        whole = None if is_thin.all() else kept.toarray()
    thin = sparse_vectors(matrix.shape[1], np.concatenate([[0], np.cumsum(counts)]), columns, values)
    return thin if whole is None else pc.if_else(pa.array(is_thin), thin, vectors_of(whole))


def compressed_vector(values: NDArray[np.float64]) -> Vector:
    """The values as a vector, dense or sparse by the same rule."""
    places = np.flatnonzero(values)
    if not _are_thin(np.array([len(places)]), len(values))[0]:
        return DenseVector(values)
    return SparseVector(len(values), places.astype(np.int32), values[places])


def _are_thin(counts: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    thin: NDArray[np.bool_] = 1.5 * counts + 2.0 < size
    return thin


def fit_rows(
    dataset: DataFrame,
    featuresCol: str,
    labelCol: str | None = None,
    weightCol: str | None = None,
    extraCol: str | None = None,
) -> FitRows:
    """Read what an estimator learns from, and nothing else, in one go.

    `extraCol` is one more column of numbers: an offset, or whether a time is censored. Raises
    IllegalArgumentException for a column of a wrong type, and QueryExecutionException, as Spark does, for a
    null or NaN among features, labels and extras, and for a weight that is negative, null or not finite.
    """
    schema = dataset.schema
    require_vector(schema, featuresCol)
    scalars = [name for name in (labelCol, weightCol, extraCol) if name]
    for name in scalars:
        require_numeric(schema, name)
    table = dataset.select(
        named(dataset, featuresCol), *(_number(dataset, name) for name in scalars)
    ).toArrow()
    features = features_of(table, table.column_names[0])
    _require_finite(features)
    numbers = iter([_floats(table.column(at + 1)) for at in range(len(scalars))])
    label = _checked_labels(next(numbers)) if labelCol else None
    weight = _checked_weights(next(numbers)) if weightCol else None
    extra = _checked_extras(next(numbers), extraCol) if extraCol else None
    return FitRows(features, label, weight, extra)


def _require_finite(features: Matrix2D) -> None:
    entries = features if isinstance(features, np.ndarray) else features.data
    wrong = entries[~np.isfinite(entries)]
    if len(wrong):
        raise QueryExecutionException(
            f"Vector values MUST NOT be NaN or Infinity, but got {double_text(float(wrong[0]))}"
        )


def numbers_of(dataset: DataFrame, names: Sequence[str]) -> list[NDArray[np.float64]]:
    """Columns of numbers as arrays, read in one go; a null becomes NaN."""
    table = dataset.select(*(_number(dataset, name) for name in names)).toArrow()
    return [_floats(column) for column in table.columns]


def named(dataset: DataFrame, name: str) -> Column:
    """A column by its name, whatever characters are in it."""
    return dataset[f"`{name.replace('`', '``')}`"]


def _number(dataset: DataFrame, name: str) -> Column:
    return named(dataset, name).cast("double").alias(name)


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.to_numpy()  # a null becomes NaN
    return values


def _checked_labels(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isnan(labels).any():
        raise QueryExecutionException("Labels MUST NOT be Null or NaN")
    return labels


def _checked_extras(values: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if np.isnan(values).any():
        raise QueryExecutionException(f"Values of {name} MUST NOT be Null or NaN")
    return values


def _checked_weights(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isnan(weights).any():
        raise QueryExecutionException("Weights MUST NOT be Null or NaN")
    wrong = weights[(weights < 0) | np.isinf(weights)]
    if len(wrong):
        raise QueryExecutionException(
            f"Weights MUST NOT be Negative or Infinity, but got {double_text(float(wrong[0]))}"
        )
    return weights
