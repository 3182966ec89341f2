"""Columns of vectors: their storage as flat arrays, and whole columns of vectors at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.linalg.dense import DenseVector
from streamcore.models.ml.linalg.sparse import SparseVector
from streamcore.models.ml.linalg.udt import DENSE, SPARSE, VectorUDT
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.models.ml.linalg.vector import Vector


@dataclass(frozen=True)
class VectorParts:
    """A column of vectors as flat arrays: vector i has the entries from offsets[i] to offsets[i + 1]."""

    dense: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]
    """The indices of the sparse vectors alone, one after the other."""
    values: NDArray[np.float64]

    @property
    def size(self) -> int:
        """The size that all vectors have; 0 without a vector, IllegalArgumentException when they differ."""
        if not len(self.sizes):
            return 0
        lowest, highest = int(self.sizes.min()), int(self.sizes.max())
        if lowest != highest:
            raise IllegalArgumentException(
                f"Vectors of one column must have one size, but there are {lowest} and {highest}"
            )
        return lowest


def vector_type() -> pa.DataType:
    """The Arrow type in which a column of vectors is kept."""
    return to_arrow_type(VectorUDT())


def parts_of(column: pa.ChunkedArray | pa.Array, name: str = "features") -> VectorParts:
    """The flat arrays of a column of vectors; QueryExecutionException for a null among them."""
    import pyarrow as pa

    if column.null_count:
        raise QueryExecutionException(
            f"Vectors MUST NOT be Null: column {name} has {column.null_count} null(s)"
        )
    if not isinstance(column, pa.ChunkedArray):
        return _parts_of_chunk(column)
    # Joined here and not by Arrow, whose offsets end at two thousand million entries.
    parts = [_parts_of_chunk(chunk) for chunk in column.chunks if len(chunk)]
    if not parts:
        return _parts_of_chunk(pa.array([], column.type))
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: list[VectorParts]) -> VectorParts:
    starts = np.cumsum([0, *(len(part.values) for part in parts)], dtype=np.int64)
    ends = [part.offsets[1:] + start for part, start in zip(parts, starts[:-1], strict=True)]
    return VectorParts(
        np.concatenate([part.dense for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([starts[:1], *ends]),
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def _parts_of_chunk(column: pa.Array) -> VectorParts:
    dense = column.field("type").to_numpy(zero_copy_only=False) == DENSE
    values, offsets = _flat(column.field("values"))
    lengths = np.diff(offsets)
    if dense.all():
        return VectorParts(dense, lengths, offsets, np.empty(0, np.int32), values)
    given = column.field("size").fill_null(0).to_numpy(zero_copy_only=False)
    indices, _ = _flat(column.field("indices"))
    return VectorParts(dense, np.where(dense, lengths, given), offsets, indices, values)


def _flat(lists: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The values of all lists, one after the other, and where each list starts."""
    if lists.null_count:
        offsets = np.concatenate([[0], np.cumsum(_lengths(lists))])
        return lists.flatten().to_numpy(zero_copy_only=False), offsets
    places = lists.offsets.to_numpy().astype(np.int64)
    values = lists.values.slice(places[0], places[-1] - places[0])
    return values.to_numpy(zero_copy_only=False), places - places[0]


def _lengths(lists: Any) -> NDArray[np.int64]:
    import pyarrow.compute as pc

    lengths: NDArray[np.int64] = pc.list_value_length(lists).fill_null(0).to_numpy().astype(np.int64)
    return lengths


def sparse_vectors(
    size: int, offsets: NDArray[Any], indices: NDArray[Any], values: NDArray[Any]
) -> pa.StructArray:
    """A column of sparse vectors of one size: vector i has the entries from offsets[i] to offsets[i + 1]."""
    import pyarrow as pa

    kind = vector_type()
    rows = len(offsets) - 1
    return struct_of(
        np.full(rows, SPARSE, np.int8),
        pa.array(np.full(rows, size, np.int32)),
        lists_of(offsets, indices.astype(np.int32, copy=False), kind.field("indices").type),
        lists_of(offsets, values.astype(np.float64, copy=False), kind.field("values").type),
    )


def struct_of(
    kinds: NDArray[np.int8],
    sizes: pa.Array,
    indices: pa.Array,
    values: pa.Array,
    missing: pa.BooleanArray | None = None,
) -> pa.StructArray:
    """A column of vectors of the fields of its storage; `missing` tells which are null."""
    import pyarrow as pa

    fields = [pa.array(kinds), sizes, indices, values]
    return pa.StructArray.from_arrays(fields, fields=list(vector_type()), mask=missing)


def lists_of(offsets: NDArray[Any], values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Lists of one type: list i has the values from offsets[i] to offsets[i + 1]."""
    import pyarrow as pa

    if offsets[-1] > np.iinfo(np.int32).max:
        raise QueryExecutionException(f"{offsets[-1]} entries of vectors do not fit into one part: use more")
    places = pa.array(offsets.astype(np.int32, copy=False))
    return pa.ListArray.from_arrays(places, pa.array(values), type=kind)


def vectors_in(column: pa.ChunkedArray | pa.Array) -> list[Vector | None]:
    """The vectors of a column, null as None; each has arrays of its own."""
    present = column.drop_null()
    parts = parts_of(present)
    ends, at, kept = parts.offsets.tolist(), 0, len(present)
    vectors: list[Vector] = []
    for row, (dense, size) in enumerate(zip(parts.dense.tolist(), parts.sizes.tolist(), strict=True)):
        values = parts.values[ends[row] : ends[row + 1]].copy()
        if dense:
            vectors.append(DenseVector(values))
        else:
            vectors.append(SparseVector.of_arrays(size, parts.indices[at : at + len(values)].copy(), values))
            at += len(values)
    if kept == len(column):
        return list(vectors)
    found = iter(vectors)
    return [next(found) if valid else None for valid in column.is_valid().to_pylist()]


def column_of_vectors(vectors: list[Any]) -> pa.StructArray | None:
    """A column of vectors and Nones; None when something else is among them."""
    import pyarrow as pa

    if not all(type(vector) in (DenseVector, SparseVector, type(None)) for vector in vectors):
        return None
    kind = vector_type()
    dense = np.array([type(vector) is DenseVector for vector in vectors], dtype=np.bool_)
    empty = np.empty(0)
    values = [empty if vector is None else vector.values for vector in vectors]
    indices = [vector.indices if type(vector) is SparseVector else None for vector in vectors]
    sizes = [vector.size if type(vector) is SparseVector else None for vector in vectors]
    missing = np.array([vector is None for vector in vectors], dtype=np.bool_)
    return struct_of(
        np.where(dense, DENSE, SPARSE).astype(np.int8),
        pa.array(sizes, pa.int32()),
        _optional_lists(indices, kind.field("indices").type),
        lists_of(_offsets(values), np.concatenate([empty, *values]), kind.field("values").type),
        pa.array(missing) if missing.any() else None,
    )


def _optional_lists(arrays: list[NDArray[np.int32] | None], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    empty = np.empty(0, np.int32)
    if all(array is None for array in arrays):
        return pa.nulls(len(arrays), kind)
    given = [empty if array is None else array for array in arrays]
    absent = pa.array(np.array([array is None for array in arrays], dtype=np.bool_))
    places = pa.array(_offsets(given).astype(np.int32))
    return pa.ListArray.from_arrays(places, pa.array(np.concatenate([empty, *given])), type=kind, mask=absent)


def _offsets(arrays: list[Any]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(array) for array in arrays], dtype=np.int64)])
