"""dropDuplicates over a stream: the first row of each key passes, its key is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.duck.results import conform
from streamcore.execution.stores.arrays import at_most, flags, int64_column, integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import split_by_hash
from streamcore.execution.stores.layout import ShownRow, StoreLayout, shown_columns
from streamcore.execution.stores.ordering import Groups, Places, distinct, groups_of, is_among
from streamcore.execution.stores.store import StoreChange
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    next_id,
    passed_through,
    reference,
)
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.expressions import call
from streamcore.plan.logical import Aggregate, Distinct, LogicalPlan, Relation
from streamcore.plan.rules import names_in_relation
from streamcore.plan.translate import TranslationContext
from streamcore.spi.types import LongType, to_arrow_type
from streamcore.streaming.stateful.event_time import expiry_us, stats_of_column
from streamcore.streaming.stateful.operator import (
    BatchTimes,
    OnePortOperator,
    OperatorMetrics,
    OperatorResult,
)

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.hashing import Hashes
    from streamcore.execution.stores.view import StoreView
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.watermark import EventTimeStats


class StreamingDeduplication(OnePortOperator):
    """dropDuplicates / distinct / dropDuplicatesWithinWatermark over a stream.

    Keys are kept for ever, until the watermark passes an event-time key column, or (within watermark)
    until it passes the event time of the first row plus the delay.
    """

    def __init__(self, name: str, node: Distinct) -> None:
        self.name = name
        self._is_within = node.within_watermark
        self.kind = "dedupeWithinWatermark" if self._is_within else "dedupe"
        self._seen = f"seen_{next_id()}"
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
        self.layout = StoreLayout(
            pa.schema(fields), tuple(range(len(self._keys))), expiry, shown=self._shown()
        )
        self._key_schema = pa.schema(fields[: len(self._keys)])
        self._relation_columns = (
            *(self._columns[place] for place in self._keys),
            attribute("place", LongType()),
        )
        self._first_sql: str | None = None

    def _shown(self) -> ShownRow:
        key = shown_columns([self._columns[place].name for place in self._keys])
        return ShownRow(key, shown_columns(["expiresAtMicros"], len(key)) if self._is_within else ())

    def _expiry_delay_us(self, node: Distinct) -> int | None:
        """How long after its event time a key may be forgotten; None when it never may."""
        if self._event_time is None:
            return None
        if node.within_watermark:
            return (self._columns[self._event_time].watermark_delay_ms or 0) * 1000
        return 0 if self._event_time in self._keys else None

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """The rows as they are."""
        return fragment.plan

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The rows that passed."""
        return rows

    def no_rows(self) -> pa.Table:
        """An empty table of input rows."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """From the event-time column itself."""
        if fragment.watermark is None or self._event_time is None:
            return None
        return stats_of_column(rows.column(self._event_time))

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Rows by the partition of their key."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_hash(together, self._hashes_of(together), partitions)

    def _hashes_of(self, rows: pa.Table) -> Hashes:
        return self.layout.hashes_of(rows.select(self._keys))

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Passes the first row of every key that is not kept."""
        (rows,), state = ports, stores[DEFAULT_STORE]
        on_time = self._without_late(rows, times)
        hashes = self._hashes_of(on_time)
        groups = groups_of(hashes)
        kept = state.lookup(groups.distinct)
        places = self._first_of_new_keys(on_time, groups, kept, engine)
        passed = on_time.take(integers(places))
        by_hash = groups.those_at(places)
        fresh = self._without_due(HashedRows(hashes[by_hash], self._state_rows(on_time, by_hash)), times)
        due = None if self._never_evicts(times) else state.due(times.eviction_us)
        again = self._without_due(_with_hashes(kept, fresh.hashes), times)
        put = HashedRows(
            np.concatenate([fresh.hashes, again.hashes]), pa.concat_tables([fresh.rows, again.rows])
        )
        removed = len(places) - len(fresh) + (0 if due is None else len(due.found))
        metrics = OperatorMetrics(
            len(places),
            removed,
            rows.num_rows - on_time.num_rows,
            custom={"numDroppedDuplicateRows": on_time.num_rows - len(places)},
        )
        change = StoreChange(put, replaced=len(again), due=due)
        return OperatorResult({DEFAULT_STORE: change}, passed, metrics)

    def _first_of_new_keys(
        self, rows: pa.Table, groups: Groups, kept: HashedRows, engine: SlotEngine
    ) -> Places:
        """The place of the first row of every key that is not kept, in order.

        A hash that occurs once and is not kept is that of a new key; SQL decides on the others.
        """
        is_new = groups.occur_once()
        if len(kept):
            is_new[groups.order[is_among(groups.ordered, distinct(kept.hashes))]] = False
        undecided = np.flatnonzero(~is_new)
        if not len(undecided):
            return np.arange(len(is_new))
        keys = rows.select(self._keys).take(integers(undecided))
        firsts = self._first_places(conform(keys, self._key_schema), undecided, kept, engine)
        return np.sort(np.concatenate([np.flatnonzero(is_new), firsts]))

    def _first_places(self, keys: pa.Table, places: Places, kept: HashedRows, engine: SlotEngine) -> Places:
        """The first place of every key that is not among the kept."""
        known = kept.rows.select(range(len(self._keys)))
        together = pa.concat_tables([known, keys])
        all_places = np.concatenate([np.full(len(kept), -1), places])
        columns = [*together.columns, integers(all_places)]
        named = pa.Table.from_arrays(columns, names_in_relation(self._relation_columns))
        first = int64_column(engine.run(self._first_text(), {self._seen: named}).column(-1))
        return first[first >= 0]

    def _first_text(self) -> str:
        if self._first_sql is None:
            *keys, place = self._relation_columns
            relation = Relation(self._seen, self._relation_columns, source=None)
            first = NamedExpression(call("min", reference(place)), place)
            plan = Aggregate(relation, tuple(passed_through(key) for key in keys), (first,))
            self._first_sql = fragment_sql(plan, {self._seen: f'"{self._seen}"'}, TranslationContext())
        return self._first_sql

    def _never_evicts(self, times: BatchTimes) -> bool:
        return self.layout.expiry_column is None or times.eviction_us <= 0

    def _without_due(self, content: HashedRows, times: BatchTimes) -> HashedRows:
        """What is worth keeping: a row may be on time, and its key be forgotten at once all the same."""
        if self._never_evicts(times):
            return content
        expiry = content.rows.column(self.layout.expiry_column)
        stays = ~at_most(expiry, times.eviction_us, null_is=False)
        return HashedRows(content.hashes[stays], content.rows.filter(flags(stays)))

    def _without_late(self, rows: pa.Table, times: BatchTimes) -> pa.Table:
        if self._event_time is None or times.late_us <= 0:
            return rows
        event_us = expiry_us(rows.column(self._event_time))
        return rows.filter(flags(~at_most(event_us, times.late_us, null_is=False)))

    def _state_rows(self, rows: pa.Table, places: Places) -> pa.Table:
        at = integers(places)
        fields = zip(self._keys, self.layout.schema, strict=False)
        columns = [rows.column(position).take(at).cast(field.type) for position, field in fields]
        if self._delay_us is not None:
            assert self._event_time is not None
            event_us = expiry_us(rows.column(self._event_time).take(at))
            if self._is_within:
                # A key that came without a time must not stay for ever.
                event_us = pc.fill_null(event_us, fill_value=0)
            columns.append(pc.add(event_us, self._delay_us))
        return pa.Table.from_arrays(columns, schema=self.layout.schema)


def _with_hashes(content: HashedRows, hashes: Hashes) -> HashedRows:
    """The rows that have one of these hashes."""
    if not len(content):
        return content
    chosen = is_among(content.hashes, distinct(hashes))
    return HashedRows(content.hashes[chosen], content.rows.filter(flags(chosen)))


def _position(columns: Sequence[Attribute], key: Attribute) -> int:
    return next(i for i, a in enumerate(columns) if a.id == key.id)
