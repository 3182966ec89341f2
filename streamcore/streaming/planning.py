"""Whether there is a next micro-batch, and what it is: decided from offsets and watermarks, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamcore.checkpoint.records import OffsetRange, OffsetRecord, OperatorIntent
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
    evicted
        Stateful operator -> the watermark by which it closed state in the last batch; rows older than it
        are late now.
    """

    batch_id: int
    ends: Mapping[str, Offset]
    watermark: WatermarkState
    evicted: Mapping[str, int] = field(default_factory=dict)


def next_batch(
    query: QueryDefinition, position: Position, ends: Mapping[str, Offset], now_ms: int
) -> OffsetRecord | None:
    """The intent of the next batch when sources have come to `ends`; None when there is nothing to do.

    A batch without new data is run when the watermark has moved since the last one and an operator has
    state that it may close.
    """
    has_data = any(ends[name] != start for name, start in position.ends.items())
    if not has_data and not closes_state(query, position):
        return None
    return OffsetRecord(
        batch_id=position.batch_id,
        sources={name: OffsetRange(start, ends[name]) for name, start in position.ends.items()},
        batch_time_ms=now_ms,
        watermark_ms=position.watermark.global_ms,
        operators=_intents(query, position),
        pinned=query.pinned,
    )


def _intents(query: QueryDefinition, position: Position) -> dict[str, OperatorIntent]:
    """Every operator closes state by the query's watermark: none puts out rows that are older.

    What an operator closed in the batch before has reached those behind it then, so that a row is late for
    each of them by the same watermark.
    """
    return {
        id_: OperatorIntent(
            partitions=query.state_partitions,
            late_ms=position.evicted.get(id_, 0),
            evict_ms=position.watermark.global_ms,
        )
        for id_ in query.operators
    }


def closes_state(query: QueryDefinition, position: Position) -> bool:
    """Whether a batch without data would close groups or forget keys."""
    if not query.no_data_batches or position.batch_id == 0:
        return False
    return any(
        operator.layout.expiry_column is not None
        and position.watermark.global_ms > position.evicted.get(id_, 0)
        for id_, operator in query.operators.items()
    )
