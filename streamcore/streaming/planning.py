"""Whether there is a next micro-batch, and what it is: decided from offsets and watermarks, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamcore.checkpoint.records import OffsetRange, OffsetRecord
from streamcore.spi.datasource import Offset
from streamcore.streaming.definition import QueryDefinition
from streamcore.streaming.watermark import WatermarkState


@dataclass(frozen=True)
class Position:
    """Where a query stands between two batches.

    batch_id
        The next batch.
    ends
        Source -> the offset up to which everything is committed.
    watermark
        After the last batch.
    evicted_ms
        The watermark by which the last batch closed state; rows older than it are late now.
    """

    batch_id: int
    ends: Mapping[str, Offset]
    watermark: WatermarkState
    evicted_ms: int = 0


def next_batch(
    query: QueryDefinition, position: Position, ends: Mapping[str, Offset], now_ms: int
) -> OffsetRecord | None:
    """The intent of the next batch when sources have come to `ends`; None when there is nothing to do.

    A batch without new data is run when the watermark has moved since the last one and the operator has
    state that it may close.
    """
    has_data = any(ends[name] != start for name, start in position.ends.items())
    if not has_data and not closes_state(query, position):
        return None
    operators = {} if query.operator is None else {query.operator.name: query.state_partitions}
    return OffsetRecord(
        batch_id=position.batch_id,
        sources={name: OffsetRange(start, ends[name]) for name, start in position.ends.items()},
        batch_time_ms=now_ms,
        late_watermark_ms=position.evicted_ms,
        eviction_watermark_ms=position.watermark.global_ms,
        pinned=query.pinned,
        state_partitions=operators,
    )


def closes_state(query: QueryDefinition, position: Position) -> bool:
    """Whether a batch without data would close groups or forget keys."""
    if query.operator is None or not query.no_data_batches or position.batch_id == 0:
        return False
    expires = query.operator.layout.expiry_column is not None
    return expires and position.watermark.global_ms > position.evicted_ms
