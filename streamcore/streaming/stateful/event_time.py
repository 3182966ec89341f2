"""Event time in Arrow columns: when a key closes, and what a batch saw."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.streaming.watermark import EventTimeStats


def expiry_us(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """When a key closes, in microseconds: the end of a window, or the event time itself; null never."""
    if pa.types.is_struct(column.type):
        column = pc.struct_field(column, "end")
    return as_microseconds(column)


def as_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A timestamp column as int64 microseconds since the epoch."""
    zone = column.type.tz if pa.types.is_timestamp(column.type) else None
    return column.cast(pa.timestamp("us", tz=zone)).cast(pa.int64())


def stats_of_partials(rows: pa.Table, first: int) -> EventTimeStats | None:
    """Joins the columns min, max, sum and count (milliseconds) that stand from `first` on."""
    count = pc.sum(rows.column(first + 3)).as_py() or 0
    if count == 0:
        return None
    return EventTimeStats(
        min_ms=int(pc.min(rows.column(first)).as_py()),
        max_ms=int(pc.max(rows.column(first + 1)).as_py()),
        sum_ms=int(pc.sum(rows.column(first + 2)).as_py()),
        count=int(count),
    )


def stats_of_column(column: pa.ChunkedArray) -> EventTimeStats | None:
    """What an event-time column holds."""
    if len(column) == column.null_count:
        return None
    us = as_microseconds(column)
    return EventTimeStats(
        min_ms=pc.min(us).as_py() // 1000,
        max_ms=pc.max(us).as_py() // 1000,
        sum_ms=pc.sum(us).as_py() // 1000,
        count=len(us) - us.null_count,
    )
