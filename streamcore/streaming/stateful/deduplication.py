"""dropDuplicates over a stream: the first row of each key passes, its key is remembered."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.duck.results import conform
from streamcore.plan.attributes import Attribute
from streamcore.plan.incremental import LeafFragment
from streamcore.plan.logical import Distinct, LogicalPlan, Relation
from streamcore.spi.types import to_arrow_type
from streamcore.streaming.state.arrays import at_most, flags, integers, no_rows
from streamcore.streaming.state.keyed_state import KeyedState, StagedChange, StateLayout
from streamcore.streaming.state.partitioning import split_by_key
from streamcore.streaming.stateful.event_time import as_microseconds, stats_of_column
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.streaming.watermark import EventTimeStats


class StreamingDeduplication:
    """dropDuplicates / distinct / dropDuplicatesWithinWatermark over a stream.

    Keys are kept for ever, until the watermark passes an event-time key column, or (within watermark)
    until it passes the event time of the first row plus the delay.
    """

    def __init__(self, name: str, node: Distinct) -> None:
        self.name = name
        self._is_within = node.within_watermark
        self.kind = "dedupeWithinWatermark" if self._is_within else "dedupe"
        self.output_columns = self._columns = node.child.output
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in self._columns])
        self._keys = [_position(self._columns, key) for key in node.keys]
        self._event_time = next(
            (i for i, a in enumerate(self._columns) if a.watermark_delay_ms is not None), None
        )
        self._delay_us = self._expiry_delay_us(node)
        fields = [
            pa.field(f"k{i}", to_arrow_type(self._columns[p].data_type)) for i, p in enumerate(self._keys)
        ]
        expiry = len(fields) if self._delay_us is not None else None
        if expiry is not None:
            fields.append(pa.field("expiry_us", pa.int64()))
        self.layout = StateLayout(pa.schema(fields), tuple(range(len(self._keys))), expiry)

    def _expiry_delay_us(self, node: Distinct) -> int | None:
        """How long after its event time a key may be forgotten; None when it never may."""
        if self._event_time is None:
            return None
        if node.within_watermark:
            return (self._columns[self._event_time].watermark_delay_ms or 0) * 1000
        return 0 if self._event_time in self._keys else None

    def input_plan(self, leaf: LeafFragment) -> LogicalPlan:
        """The rows as they are."""
        return leaf.plan

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The rows that passed."""
        return rows

    def no_rows(self) -> pa.Table:
        """An empty table of input rows."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, leaf: LeafFragment) -> EventTimeStats | None:
        """From the event-time column itself."""
        if leaf.watermark is None or self._event_time is None:
            return None
        return stats_of_column(rows.column(self._event_time))

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Rows by the partition of their key."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_key(together, self._keys_of(together), partitions)

    def _keys_of(self, rows: pa.Table) -> list[Hashable]:
        return self.layout.keys_of(rows.select(self._keys))

    def run(self, state: KeyedState, rows: pa.Table, times: BatchTimes, engine: SlotEngine) -> OperatorResult:
        """Passes the first row of every key that is not kept."""
        on_time = self._without_late(rows, times)
        keys = self._keys_of(on_time)
        first: dict[Hashable, int] = {}
        for place, key in enumerate(keys):
            first.setdefault(key, place)
        known = state.contains(first)
        fresh = [key for key, is_known in zip(first, known, strict=True) if not is_known]
        passed = on_time.take(integers([first[key] for key in fresh]))
        due_keys, due_rows = self._due(state, times)
        to_keep, kept_keys = self._without_due(self._state_rows(passed), fresh, times)
        change = StagedChange(to_keep, kept_keys, due_keys, due_rows)
        removed = len(due_keys) + len(fresh) - len(kept_keys)
        metrics = OperatorMetrics(len(fresh), removed, rows.num_rows - on_time.num_rows)
        return OperatorResult(change, passed, metrics)

    def _without_due(
        self, rows: pa.Table, keys: list[Hashable], times: BatchTimes
    ) -> tuple[pa.Table, list[Hashable]]:
        """What is worth keeping: a row may be on time, and its key be forgotten at once all the same."""
        if self.layout.expiry_column is None or times.eviction_us <= 0:
            return rows, keys
        expiry = rows.column(self.layout.expiry_column)
        stays = ~at_most(expiry, times.eviction_us, null_is=False)
        return rows.filter(flags(stays)), [k for k, stay in zip(keys, stays.tolist(), strict=True) if stay]

    def _due(self, state: KeyedState, times: BatchTimes) -> tuple[list[Hashable], pa.Table]:
        if self.layout.expiry_column is None or times.eviction_us <= 0:
            return [], no_rows(self.layout.schema)
        return state.expired(times.eviction_us)

    def _without_late(self, rows: pa.Table, times: BatchTimes) -> pa.Table:
        if self._event_time is None or times.late_us <= 0:
            return rows
        event_us = as_microseconds(rows.column(self._event_time))
        return rows.filter(flags(~at_most(event_us, times.late_us, null_is=False)))

    def _state_rows(self, passed: pa.Table) -> pa.Table:
        columns = [
            passed.column(p).cast(f.type) for p, f in zip(self._keys, self.layout.schema, strict=False)
        ]
        if self._delay_us is not None:
            assert self._event_time is not None
            event_us = as_microseconds(passed.column(self._event_time))
            if self._is_within:
                # A key that came without a time must not stay for ever.
                event_us = pc.fill_null(event_us, fill_value=0)
            columns.append(pc.add(event_us, self._delay_us))
        return pa.Table.from_arrays(columns, schema=self.layout.schema)


def _position(columns: Sequence[Attribute], key: Attribute) -> int:
    return next(i for i, a in enumerate(columns) if a.id == key.id)
