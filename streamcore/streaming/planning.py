"""Whether there is a next micro-batch, and what it is: decided from offsets and watermarks, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamcore.checkpoint.records import OffsetRange, OffsetRecord, OperatorIntent
from streamcore.spi.datasource import Offset
from streamcore.streaming.definition import QueryDefinition
from streamcore.streaming.stateful.operator import ActsByClock, StatefulOperator
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
        Stateful operator -> the time by which it closed state in the last batch; rows older than it are
        late now.
    wakes_at_ms
        The processing time from which on a batch without data has something to do; None for never.
    """

    batch_id: int
    ends: Mapping[str, Offset]
    watermark: WatermarkState
    evicted: Mapping[str, int] = field(default_factory=dict)
    wakes_at_ms: int | None = None


def next_batch(
    query: QueryDefinition, position: Position, ends: Mapping[str, Offset], now_ms: int
) -> OffsetRecord | None:
    """The intent of the next batch when sources have come to `ends`; None when there is nothing to do.

    A batch without new data is run when the watermark has moved since the last one and an operator has
    state that it may close, or when the time has come for one that goes by the clock.
    """
    has_data = any(ends[name] != start for name, start in position.ends.items())
    if not has_data and not closes_state(query, position, now_ms):
        return None
    return OffsetRecord(
        batch_id=position.batch_id,
        sources={name: OffsetRange(start, ends[name]) for name, start in position.ends.items()},
        batch_time_ms=now_ms,
        watermark_ms=position.watermark.global_ms,
        operators=_intents(query, position, now_ms),
        pinned=query.pinned,
    )


def _intents(query: QueryDefinition, position: Position, now_ms: int) -> dict[str, OperatorIntent]:
    """What each operator drops as late and closes: by the watermark, or by the time of the batch.

    What an operator closed in the batch before has reached those behind it then: a row is late by the
    watermark by which its operator has closed state last.
    """
    watermarks = watermarks_in(query, position.watermark.global_ms)
    return {
        id_: OperatorIntent(
            partitions=query.state_partitions,
            late_ms=position.evicted.get(id_, 0),
            evict_ms=(
                max(now_ms, position.evicted.get(id_, 0))
                if _goes_by_clock(query.operators[id_])
                else watermark_ms
            ),
        )
        for id_, watermark_ms in watermarks.items()
    }


def watermarks_in(query: QueryDefinition, global_ms: int) -> dict[str, int]:
    """Stateful operator -> the watermark of its input, when the query's is `global_ms`.

    Rows of a source keep the query's watermark; rows of another operator the one that it puts out; of
    several inputs the smallest counts.
    """
    found: dict[str, int] = {}
    for stage in query.plan.stages:
        before = [f.stage for f in stage.inputs if f.stage is not None]
        found[stage.id] = min(
            [global_ms, *(query.operators[id_].watermark_out(found[id_]) for id_ in before)]
        )
    return found


def _goes_by_clock(operator: StatefulOperator) -> bool:
    return isinstance(operator, ActsByClock) and operator.expires_by_clock


def closes_state(query: QueryDefinition, position: Position, now_ms: int) -> bool:
    """Whether a batch without data would close groups, forget keys, or do what the time has come for."""
    if not query.no_data_batches or position.batch_id == 0:
        return False
    if position.wakes_at_ms is not None and now_ms >= position.wakes_at_ms:
        return True
    watermarks = watermarks_in(query, position.watermark.global_ms)
    return any(
        query.operators[id_].acts_without_rows(position.evicted.get(id_, 0), watermark_ms)
        for id_, watermark_ms in watermarks.items()
    )
