"""Rows of a batch as matrices: from one column of vectors, or from columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.models.online.matrix import Floats, Integers, Matrix, SparseRows, rows_of, rows_where

_DENSE = 1
"""What Spark's vectors say in their field `type` when they are dense."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Features, labels and weights of the same rows."""

    X: Matrix
    y: Floats | None = None
    w: Floats | None = None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def between(self, begin: int, end: int) -> Rows:
        """The rows from `begin` to before `end`, over the same memory."""
        y, w = (None if part is None else part[begin:end] for part in (self.y, self.w))
        return Rows(rows_of(self.X, begin, end), y, w)

    def labelled(self) -> Rows:
        """Without the rows whose label is not known."""
        if self.y is None or not np.isnan(self.y).any():
            return self
        known = ~np.isnan(self.y)
        return Rows(rows_where(self.X, known), self.y[known], None if self.w is None else self.w[known])


# ---- what fits -----------------------------------------------------------------------------------


def check_features(schema: pa.Schema, names: Sequence[str]) -> None:
    """Raises AnalysisException unless the columns are numbers, or one column of vectors or arrays."""
    for name in names:
        kind = column_type(schema, name)
        if not (is_number(kind) or (len(names) == 1 and (_is_vector(kind) or _is_list(kind)))):
            raise AnalysisException(
                f"the feature column {name!r} is of the type {kind}; features are columns of numbers, or one "
                "column of vectors or of arrays of numbers"
            )


def check_number(schema: pa.Schema, name: str, role: str) -> None:
    """Raises AnalysisException unless there is such a column, and it is of numbers."""
    kind = column_type(schema, name)
    if not is_number(kind):
        raise AnalysisException(f"the {role} column {name!r} is of the type {kind}; it must be numeric")


def column_type(schema: pa.Schema, name: str) -> pa.DataType:
    """The type of a column as it lies in memory; AnalysisException when it is not there."""
    places = schema.get_all_field_indices(name)
    if not places:
        raise AnalysisException(
            f"the model reads the column {name!r}, which is not there; there are {', '.join(schema.names)}"
        )
    return _storage(schema.field(places[0]).type)


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of this type has one number per row; booleans are 0 and 1."""
    return any(
        is_kind(kind) for is_kind in (kinds.is_integer, kinds.is_floating, kinds.is_boolean, kinds.is_decimal)
    )


def _is_list(kind: pa.DataType) -> bool:
    listed = kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind)
    return listed and is_number(kind.value_type)


def _is_vector(kind: pa.DataType) -> bool:
    return kinds.is_struct(kind) and {field.name for field in kind} == {"type", "size", "indices", "values"}


# ---- numbers -------------------------------------------------------------------------------------


def numbers_of(batch: pa.Table, name: str, role: str) -> Floats:
    """A column as float64; QueryExecutionException when a value is missing."""
    column = batch.column(name)
    if column.null_count:
        raise QueryExecutionException(
            f"the {role} column {name!r} has {column.null_count} nulls in a batch of {len(batch)} rows: drop "
            "these rows or fill them before the model"
        )
    return _as_floats(column)


def labels_of(batch: pa.Table, name: str) -> Floats:
    """The labels as float64; NaN where the label is null (or NaN): such a row is predicted, not learnt."""
    column = batch.column(name)
    if not column.null_count:
        return _as_floats(column)
    return _as_floats(pc.fill_null(pc.cast(column, pa.float64()), float("nan")))


def _as_floats(column: pa.ChunkedArray) -> Floats:
    cast = column if kinds.is_float64(column.type) else pc.cast(column, pa.float64(), safe=False)
    parts = [chunk.to_numpy() for chunk in cast.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0), *parts])


def features_of(batch: pa.Table, names: Sequence[str]) -> Matrix:
    """The features as a matrix, of float64 in the order of the rows; vectors of one size are not copied.

    Raises QueryExecutionException for missing values, and for vectors of different sizes.
    """
    kind = _storage(batch.schema.field(names[0]).type)
    if len(names) == 1 and not is_number(kind):
        column = batch.column(names[0])
        if column.null_count:
            raise _nulls(names[0], column.null_count, len(batch))
        return _stacked([_vectors(_plain(chunk), names[0]) for chunk in column.chunks], names[0])
    return _beside([numbers_of(batch, name, "feature") for name in names])


def _beside(columns: Sequence[Floats]) -> Floats:
    """One column after the other in memory, as they came: a copy by rows would cost more than a gradient."""
    matrix = np.empty((len(columns[0]), len(columns)), order="F")
    for place, column in enumerate(columns):
        matrix[:, place] = column
    return matrix


# ---- vectors -------------------------------------------------------------------------------------


def _plain(chunk: pa.Array) -> pa.Array:
    return chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk


def _stacked(parts: list[Matrix], name: str) -> Matrix:
    filled = [part for part in parts if part.shape[0]]
    if not filled:
        return np.empty((0, 0))
    if len(filled) == 1:
        return filled[0]
    sizes = {part.shape[1] for part in filled}
    if len(sizes) > 1:
        raise _different_sizes(name, sizes)
    dense = [part for part in filled if isinstance(part, np.ndarray)]
    if len(dense) == len(filled):
        return np.concatenate(dense)
    sparse = [_sparse(part) for part in filled]
    starts = np.cumsum([0, *(len(part.data) for part in sparse[:-1])])
    ends = [part.indptr[1:] + start for part, start in zip(sparse, starts, strict=True)]
    return SparseRows(
        np.concatenate([part.data for part in sparse]),
        np.concatenate([part.indices for part in sparse]),
        np.concatenate([np.zeros(1, dtype=np.int64), *ends]),
        sizes.pop(),
    )


def _sparse(X: Matrix) -> SparseRows:
    if isinstance(X, SparseRows):
        return X
    rows, columns = X.shape
    places = np.tile(np.arange(columns), rows)
    return SparseRows(X.reshape(-1), places, np.arange(rows + 1) * columns, columns)


def _vectors(chunk: pa.Array, name: str) -> Matrix:
    if not len(chunk):
        return np.empty((0, 0))
    if not kinds.is_struct(chunk.type):
        return _reshaped(*_values(chunk, name), name)
    is_dense = chunk.field("type").to_numpy() == _DENSE
    if is_dense.all():
        return _reshaped(*_values(chunk.field("values"), name), name)
    return _mixed(chunk, is_dense, name)


def _values(lists: pa.Array, name: str) -> tuple[Floats, Integers]:
    """The values of all lists one after the other, and where each list ends (before the first: 0)."""
    if lists.null_count:
        raise _nulls(name, lists.null_count, len(lists))
    flat = lists.flatten()
    if flat.null_count:
        raise _nulls(name, flat.null_count, len(lists))
    lengths = pc.list_value_length(lists).to_numpy()
    ends = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    return _as_floats(pa.chunked_array([flat])), ends


def _reshaped(values: Floats, ends: Integers, name: str) -> Floats:
    sizes = np.diff(ends)
    if (sizes != sizes[0]).any():
        raise _different_sizes(name, set(sizes.tolist()))
    return values.reshape(len(sizes), int(sizes[0]))


def _mixed(chunk: pa.Array, is_dense: npt.NDArray[np.bool_], name: str) -> SparseRows:
    values, ends = _values(pc.fill_null(chunk.field("values"), []), name)
    lengths = np.diff(ends)
    sizes = np.where(is_dense, lengths, pc.fill_null(chunk.field("size"), 0).to_numpy())
    if (sizes != sizes[0]).any():
        raise _different_sizes(name, set(sizes.tolist()))
    places = np.arange(len(values)) - np.repeat(ends[:-1], lengths)
    of_sparse, size = np.repeat(~is_dense, lengths), int(sizes[0])
    places[of_sparse] = _indices(chunk.filter(pa.array(~is_dense)), lengths[~is_dense], size, name)
    return SparseRows(values, places, ends, size)


def _indices(sparse: pa.Array, lengths: Integers, size: int, name: str) -> Integers:
    """The places of the values of sparse vectors; QueryExecutionException where they do not fit."""
    indices = sparse.field("indices")
    found: Integers = indices.flatten().to_numpy(zero_copy_only=False)
    fits = np.array_equal(pc.fill_null(pc.list_value_length(indices), 0).to_numpy(), lengths)
    if not fits or (len(found) and not (found.min() >= 0 and found.max() < size)):
        raise QueryExecutionException(
            f"a sparse vector in {name!r} is damaged: it must have an index from 0 to {size - 1} for each "
            "value"
        )
    return found


def _nulls(name: str, nulls: int, rows: int) -> QueryExecutionException:
    return QueryExecutionException(
        f"the feature column {name!r} has {nulls} nulls in a batch of {rows} rows: drop these rows or fill "
        "them before the model"
    )


def _different_sizes(name: str, sizes: set[int]) -> QueryExecutionException:
    shown = ", ".join(str(size) for size in sorted(sizes)[:5])
    return QueryExecutionException(f"the vectors in {name!r} are of different sizes: {shown}")
