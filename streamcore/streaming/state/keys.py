"""State keys as hashable Python values.

Two rows have the same key exactly when Spark's GROUP BY would put them together: nulls equal each
other, NaN equals NaN, and 0.0 equals -0.0.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pyarrow as pa

_NAN = ("NaN",)


def hashable_keys(columns: Sequence[pa.Array | pa.ChunkedArray]) -> list[Hashable]:
    """One hashable value per row over the key columns (a tuple when there are several)."""
    parts = [_hashable_column(column) for column in columns]
    if not parts:
        return []
    return parts[0] if len(parts) == 1 else list(zip(*parts, strict=True))


def _hashable_column(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.nulls(0, column.type)
    kind = column.type
    if pa.types.is_struct(kind):
        return _struct_keys(column)
    if pa.types.is_temporal(kind):
        return _integers(column)
    if pa.types.is_floating(kind):
        return [_NAN if _is_nan(value) else value for value in column.to_pylist()]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _list_keys(column)
    if pa.types.is_nested(kind):
        return [_frozen(value) for value in column.to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


def _struct_keys(column: pa.StructArray) -> list[Any]:
    fields = [_hashable_column(field) for field in column.flatten()]
    rows: list[Any] = list(zip(*fields, strict=True))
    if column.null_count == 0:
        return rows
    return [row if valid else None for row, valid in zip(rows, column.is_valid().to_pylist(), strict=True)]


def _list_keys(column: pa.ListArray) -> list[Any]:
    items = iter(_hashable_column(column.flatten()))
    lengths: list[int | None] = column.value_lengths().to_pylist()
    return [None if length is None else tuple(islice(items, length)) for length in lengths]


def _integers(column: pa.Array) -> list[Any]:
    """Temporal values as their stored integers: five times faster than datetimes, and exact."""
    import pyarrow as pa

    width = pa.int32() if column.type.bit_width == 32 else pa.int64()
    values: list[Any] = column.view(width).to_pylist()
    return values


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if _is_nan(value):
        return _NAN
    return value


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
