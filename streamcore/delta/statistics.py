"""What a commit tells of a data file, so that readers can leave it out: counts, least and greatest values."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_COLUMNS: Final = 32
"""Of how many columns there are least and greatest values, as by Delta's own default."""
_TEXT: Final = 32
_GREATEST_LETTER: Final = "\U0010ffff"
Path = tuple[str, ...]


def file_statistics(
    written: pq.FileMetaData, schema: pa.Schema, unordered: Collection[str] = ()
) -> dict[str, Any]:
    """The statistics of a written file; `unordered` are the columns that hold NaN, which has no place."""
    nulls: dict[str, Any] = {}
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    for number, (path, kind) in enumerate(_leaves(schema)):
        if path is None or number >= _COLUMNS:
            continue
        groups = [written.row_group(at).column(number).statistics for at in range(written.num_row_groups)]
        if any(group is None or not group.has_null_count for group in groups):
            continue
        _put(nulls, path, sum(group.null_count for group in groups))
        bounds = None if path[0] in unordered else _bounds(groups, kind)
        if bounds is not None:
            _put(least, path, bounds[0])
            _put(greatest, path, bounds[1])
    return {
        "numRecords": written.num_rows, "minValues": least, "maxValues": greatest, "nullCount": nulls
    }  # fmt: skip


def _leaves(fields: pa.Schema | pa.StructType) -> Iterator[tuple[Path | None, pa.DataType]]:
    """The file's columns in its order; those inside lists and maps have no path."""
    for field in fields:
        yield from _leaves_of(field.type, (field.name,))


def _leaves_of(kind: pa.DataType, path: Path | None) -> Iterator[tuple[Path | None, pa.DataType]]:
    if pa.types.is_struct(kind):
        for inner in kind:
            yield from _leaves_of(inner.type, None if path is None else (*path, inner.name))
    elif pa.types.is_map(kind):
        yield from _leaves_of(kind.key_type, None)
        yield from _leaves_of(kind.item_type, None)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves_of(kind.value_type, None)
    else:
        yield path, kind


def _bounds(groups: list[Any], kind: pa.DataType) -> tuple[Any, Any] | None:
    known = [group for group in groups if group.has_min_max]
    if not known or any(not group.has_min_max and group.num_values for group in groups):
        return None
    if pa.types.is_binary(kind) or pa.types.is_boolean(kind):
        return None
    low = _least(min(group.min for group in known))
    high = _greatest(max(group.max for group in known))
    return None if low is None or high is None else (low, high)


def _least(value: Any) -> Any:
    return value[:_TEXT] if isinstance(value, str) else _plain(value)


def _greatest(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _TEXT else value[:_TEXT] + _GREATEST_LETTER
    return _plain(value)


def _plain(value: Any) -> Any:
    """The value as JSON has it; None for one that JSON cannot tell exactly."""
    if isinstance(value, dt.datetime):
        text = value.replace(tzinfo=None).isoformat("T", "microseconds")
        return text if value.tzinfo is None else f"{text}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else None


def _put(into: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value
