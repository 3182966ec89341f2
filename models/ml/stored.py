"""Vectors and matrices as cells of the table that a model is saved as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from streamcore.models.ml.linalg import (
    DenseMatrix,
    DenseVector,
    Matrix,
    MatrixUDT,
    SparseMatrix,
    SparseVector,
    Vector,
    VectorUDT,
)
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    import pyarrow as pa


def vector_cell(vector: Vector) -> pa.Array:
    """A column of one vector."""
    return _cell(vector, VectorUDT())


def matrix_cell(matrix: Matrix) -> pa.Array:
    """A column of one matrix."""
    return _cell(matrix, MatrixUDT())


def _cell(value: Any, udt: Any) -> pa.Array:
    import pyarrow as pa

    names = udt.sqlType().fieldNames()
    row = dict(zip(names, udt.serialize(value), strict=True))
    return pa.array([row], to_arrow_type(udt.sqlType()))


def vector_at(table: pa.Table, name: str) -> Vector:
    """The vector in the first row of a column."""
    vector: Vector = _at(table, name, VectorUDT())
    return vector


def matrix_at(table: pa.Table, name: str) -> Matrix:
    """The matrix in the first row of a column."""
    matrix: Matrix = _at(table, name, MatrixUDT())
    return matrix


def _at(table: pa.Table, name: str, udt: Any) -> Any:
    cell = table.column(name)[0].as_py()
    return udt.deserialize(tuple(cell[field] for field in udt.sqlType().fieldNames()))


def compact(values: np.ndarray) -> Vector:
    """The vector in the form that takes less memory, by Spark's rule.

    >>> compact(np.array([0.0, 0.0, 0.0, 1.0])), compact(np.array([0.0, 1.0]))
    (SparseVector(4, {3: 1.0}), DenseVector([0.0, 1.0]))
    """
    places = np.flatnonzero(values)
    if 1.5 * (len(places) + 1.0) < len(values):
        return SparseVector(len(values), places.tolist(), values[places].tolist())
    return DenseVector(values)


# What PySpark gets from the JVM shows 1 and not True.
_BY_ROWS = cast("bool", 1)


def rows_matrix(values: np.ndarray) -> DenseMatrix:
    """A matrix kept row by row, as Spark keeps those of models.

    >>> rows_matrix(np.array([[1.0, 2.0]]))
    DenseMatrix(1, 2, [1.0, 2.0], 1)
    """
    rows, columns = values.shape
    return DenseMatrix(rows, columns, np.ascontiguousarray(values).ravel(), _BY_ROWS)


def compact_rows(values: np.ndarray) -> Matrix:
    """A matrix in the form that takes the least memory, by Spark's rule: dense or sparse, by rows or columns.

    >>> compact_rows(np.array([[0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 0.0]]))
    SparseMatrix(2, 4, [0, 1, 1], [3], [5.0], 1)
    """
    rows, columns = values.shape
    kept = int(np.count_nonzero(values))
    by_column, by_row = _sparse_bytes(kept, columns), _sparse_bytes(kept, rows)
    if 8 * rows * columns + 12 <= min(by_column, by_row):
        return rows_matrix(values)
    if by_column <= by_row:
        return rows_matrix(values).toSparse()
    lines, places = np.nonzero(values)
    starts = np.concatenate([[0], np.cumsum(np.bincount(lines, minlength=rows))])
    return SparseMatrix(rows, columns, starts, places, values[lines, places], _BY_ROWS)


def _sparse_bytes(kept: int, lines: int) -> int:
    return 12 * kept + 4 * (lines + 1) + 36
