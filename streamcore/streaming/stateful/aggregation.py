"""Aggregation over a stream: partial aggregates per partition, merged with the state per key.

A state row holds the key columns, the partial aggregates, and (under a watermark) the time at which the
group closes.  The partials of a batch and the kept rows of the keys it touches are merged by one more
aggregation; the final values are computed from merged partials by the output fragment.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.plan.attributes import NamedExpression, passed_through
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.incremental import LeafFragment, carry_column, event_time_key, names_in_relation
from streamcore.plan.logical import Aggregate, LogicalPlan, Project, Relation
from streamcore.plan.partial_aggregates import DecomposedMeasures, decompose, event_time_measures
from streamcore.plan.translate import TranslationContext
from streamcore.spi.types import to_arrow_type
from streamcore.streaming.state.arrays import at_most, flags, no_rows
from streamcore.streaming.state.keyed_state import KeyedState, StagedChange, StateLayout
from streamcore.streaming.state.partitioning import split_by_key
from streamcore.streaming.stateful.event_time import expiry_us, stats_of_partials
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.streaming.watermark import EventTimeStats

_MERGE_INPUT = "merge_input"
_EXPIRY = pa.field("expiry_us", pa.int64())


class StreamingAggregation:
    """groupBy().agg() over a stream, in one output mode."""

    kind = "stateStoreSave"

    def __init__(self, name: str, node: Aggregate, output_mode: str) -> None:
        self.name = name
        self._node = node
        self._mode = output_mode
        self._measures: DecomposedMeasures = decompose(node)
        closing = event_time_key(node.keys, node.child)
        self._closing_key = None if output_mode == "complete" else closing
        self.output_columns = self._columns = (
            *(key.attribute for key in node.keys),
            *self._measures.partial_columns,
        )
        self.layout = self._layout()
        self._merge_sql: str | None = None

    def _layout(self) -> StateLayout:
        # The names say what each column is a part of: state that means something else is not taken over.
        keys = len(self._node.keys)
        names = [f"c{i}" if i < keys else f"c{i} {a.name}" for i, a in enumerate(self._columns)]
        fields = [
            pa.field(name, to_arrow_type(a.data_type)) for name, a in zip(names, self._columns, strict=True)
        ]
        expiry = None
        if self._closing_key is not None:
            expiry = len(fields)
            fields.append(_EXPIRY)
        return StateLayout(pa.schema(fields), tuple(range(len(self._node.keys))), expiry)

    # ---- fragments -------------------------------------------------------------------------------

    def input_plan(self, leaf: LeafFragment) -> LogicalPlan:
        """Partial aggregates by key, and the event times seen."""
        child: LogicalPlan = leaf.plan
        stats: tuple[NamedExpression, ...] = ()
        if leaf.watermark is not None:
            child = carry_column(child, leaf.watermark.event_time)
            stats = event_time_measures(leaf.watermark.event_time)
        return Aggregate(child, self._node.keys, (*self._measures.partials, *stats))

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The node's columns from merged rows."""
        keys = tuple(passed_through(key.attribute) for key in self._node.keys)
        return Project(rows, (*keys, *self._measures.finals))

    def merge_plan(self) -> LogicalPlan:
        """One row per key from several."""
        keys = tuple(passed_through(key.attribute) for key in self._node.keys)
        return Aggregate(Relation(_MERGE_INPUT, self._columns, source=None), keys, self._measures.merges)

    def event_times(self, rows: pa.Table, leaf: LeafFragment) -> EventTimeStats | None:
        """From the columns that the input fragment added behind the partials."""
        return None if leaf.watermark is None else stats_of_partials(rows, len(self._columns))

    # ---- one batch -------------------------------------------------------------------------------

    def no_rows(self) -> pa.Table:
        """An empty table of state rows."""
        return no_rows(self.layout.schema)

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Partial rows by state partition, in the layout of the state."""
        together = pa.concat_tables([self._as_state_rows(table) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_key(together, self.layout.keys_of(together), partitions)

    def run(self, state: KeyedState, rows: pa.Table, times: BatchTimes, engine: SlotEngine) -> OperatorResult:
        """Merges a batch's partials into the state and decides what comes out."""
        on_time = self._without_late(rows, times)
        merged, keys = self._merged(state, on_time, engine)
        metrics = OperatorMetrics(updated=merged.num_rows, dropped_late=rows.num_rows - on_time.num_rows)
        if self._mode == "complete":
            output = pa.concat_tables([state.rows_without(set(keys)), merged])
            return OperatorResult(StagedChange(merged, keys), output, metrics)
        change, closed = self._closing(state, merged, keys, times)
        metrics.removed = closed.num_rows
        return OperatorResult(change, closed if self._mode == "append" else merged, metrics)

    def _as_state_rows(self, rows: pa.Table) -> pa.Table:
        columns = [_as(rows.column(i), self.layout.schema.field(i)) for i in range(len(self._columns))]
        if self._closing_key is not None:
            columns.append(expiry_us(columns[self._closing_key]))
        return pa.Table.from_arrays(columns, schema=self.layout.schema)

    def _without_late(self, rows: pa.Table, times: BatchTimes) -> pa.Table:
        if self.layout.expiry_column is None or times.late_us <= 0:
            return rows
        expiry = rows.column(self.layout.expiry_column)
        return rows.filter(flags(~at_most(expiry, times.late_us, null_is=False)))

    def _merged(
        self, state: KeyedState, rows: pa.Table, engine: SlotEngine
    ) -> tuple[pa.Table, list[Hashable]]:
        keys = self.layout.keys_of(rows)
        distinct = dict.fromkeys(keys)
        kept = state.lookup(distinct)
        if kept.num_rows == 0 and len(distinct) == len(keys):
            return rows, keys
        together = pa.concat_tables([kept, rows]).select(range(len(self._columns)))
        together = together.rename_columns(names_in_relation(self._columns))
        merged = self._as_state_rows(engine.run(self._merge_text(), {_MERGE_INPUT: together}))
        return merged, self.layout.keys_of(merged)

    def _merge_text(self) -> str:
        if self._merge_sql is None:
            relations = {_MERGE_INPUT: f'"{_MERGE_INPUT}"'}
            self._merge_sql = fragment_sql(self.merge_plan(), relations, TranslationContext())
        return self._merge_sql

    def _closing(
        self, state: KeyedState, merged: pa.Table, keys: list[Hashable], times: BatchTimes
    ) -> tuple[StagedChange, pa.Table]:
        """Splits merged and kept rows into those that stay and those that the watermark closes."""
        if self.layout.expiry_column is None or times.eviction_us <= 0:
            return StagedChange(merged, keys), no_rows(self.layout.schema)
        due_keys, due_rows = state.expired(times.eviction_us)
        due_rows = _rows_of_other_keys(due_keys, due_rows, set(keys))
        expiry = merged.column(self.layout.expiry_column)
        is_due = at_most(expiry, times.eviction_us, null_is=False)
        kept_keys = [key for key, due in zip(keys, is_due.tolist(), strict=True) if not due]
        closed_now = merged.filter(flags(is_due))
        removed_keys = list(dict.fromkeys([*due_keys, *self._closed_keys(state, closed_now)]))
        change = StagedChange(
            merged.filter(flags(~is_due)), kept_keys, removed_keys, state.lookup(removed_keys)
        )
        return change, pa.concat_tables([due_rows, closed_now])

    def _closed_keys(self, state: KeyedState, closed: pa.Table) -> list[Hashable]:
        keys = self.layout.keys_of(closed)
        return [key for key, kept in zip(keys, state.contains(keys), strict=True) if kept]


def _as(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    return column if column.type == field.type else column.cast(field.type)


def _rows_of_other_keys(keys: list[Hashable], rows: pa.Table, touched: set[Hashable]) -> pa.Table:
    if not touched.intersection(keys):
        return rows
    return rows.filter(flags([key not in touched for key in keys]))
