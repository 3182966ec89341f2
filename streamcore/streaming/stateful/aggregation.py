"""Aggregation over a stream: partial aggregates per partition, merged with the state per key.

A state row holds the key columns, the partial aggregates, and (under a watermark) the time at which the
group closes.  The partials of a batch and the kept rows of the keys it touches are merged by one more
aggregation; the final values are computed from merged partials by the output fragment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.execution.stores.arrays import at_most, flags, int64_column, integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import split_by_hash
from streamcore.execution.stores.layout import ShownRow, StoreLayout, shown_columns
from streamcore.execution.stores.ordering import distinct, is_among
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
from streamcore.plan.event_time import carry_column, event_time_key
from streamcore.plan.expressions import call
from streamcore.plan.logical import Aggregate, LogicalPlan, Project, Relation
from streamcore.plan.partial_aggregates import DecomposedMeasures, decompose, event_time_measures
from streamcore.plan.rules import names_in_relation
from streamcore.plan.translate import TranslationContext
from streamcore.spi.types import LongType, to_arrow_type
from streamcore.streaming.stateful.event_time import expiry_us, stats_of_partials
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

_EXPIRY = pa.field("expiry_us", pa.int64())


class StreamingAggregation(OnePortOperator):
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
        self._marks = (attribute("touched", LongType()), attribute("hash", LongType()))
        self.layout = self._layout()
        # A name of its own: where two operators shared one, each would undo the other's view and its plan.
        self._merge_input = f"merge_input_{next_id()}"
        self._merge_sql: str | None = None

    def _layout(self) -> StoreLayout:
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
        return StoreLayout(pa.schema(fields), self._told_apart_by(), expiry, shown=self._shown())

    def _shown(self) -> ShownRow:
        """As Spark shows it: the keys, and what the aggregates keep."""
        keys = [key.attribute.name for key in self._node.keys]
        kept = [column.name.rpartition("~")[2] for column in self._measures.partial_columns]
        return ShownRow(shown_columns(keys), shown_columns(kept, len(keys)))

    def _told_apart_by(self) -> tuple[int, ...]:
        """The positions of the keys under whose hash a group is kept."""
        return tuple(range(len(self._node.keys)))

    # ---- fragments -------------------------------------------------------------------------------

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """Partial aggregates by key, and the event times seen."""
        child: LogicalPlan = fragment.plan
        stats: tuple[NamedExpression, ...] = ()
        if fragment.watermark is not None:
            child = carry_column(child, fragment.watermark.event_time)
            stats = event_time_measures(fragment.watermark.event_time)
        return Aggregate(child, self._node.keys, (*self._measures.partials, *stats))

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The node's columns from merged rows."""
        keys = tuple(passed_through(key.attribute) for key in self._node.keys)
        return Project(rows, (*keys, *self._measures.finals))

    def merge_plan(self) -> LogicalPlan:
        """One row per key from several, and whether one of them is the batch's, and the key's hash."""
        keys = tuple(passed_through(key.attribute) for key in self._node.keys)
        marks = tuple(NamedExpression(call("max", reference(mark)), mark) for mark in self._marks)
        relation = Relation(self._merge_input, self._merge_columns(), source=None)
        return Aggregate(relation, keys, (*self._measures.merges, *marks))

    def _merge_columns(self) -> tuple[Attribute, ...]:
        return (*self._columns, *self._marks)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """From the columns that the input fragment added behind the partials."""
        return None if fragment.watermark is None else stats_of_partials(rows, len(self._columns))

    # ---- one batch -------------------------------------------------------------------------------

    def no_rows(self) -> pa.Table:
        """An empty table of state rows."""
        return no_rows(self.layout.schema)

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Partial rows by state partition, in the layout of the state."""
        together = pa.concat_tables([self._as_state_rows(table) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_hash(together, self.layout.hashes_of(together), partitions)

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Merges a batch's partials into the state and decides what comes out."""
        (rows,), state = ports, stores[DEFAULT_STORE]
        on_time = self._without_late(rows, times)
        merged = self._merged(state, on_time, engine)
        metrics = OperatorMetrics(
            updated=int(merged.is_touched.sum()), dropped_late=rows.num_rows - on_time.num_rows
        )
        if self._mode == "complete":
            change = StoreChange(merged.content, replaced=len(merged.kept))
            output = pa.concat_tables([state.rows(without=merged.wanted), merged.content.rows])
            return OperatorResult({DEFAULT_STORE: change}, output, metrics)
        change, closed = self._closing(state, merged, times)
        metrics.removed = closed.num_rows
        output = closed if self._mode == "append" else merged.touched_rows()
        return OperatorResult({DEFAULT_STORE: change}, output, metrics)

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

    def _merged(self, state: StoreView, rows: pa.Table, engine: SlotEngine) -> _Merged:
        hashes = self.layout.hashes_of(rows)
        wanted = distinct(hashes)
        kept = state.lookup(wanted)
        if len(kept) == 0 and len(wanted) == len(hashes):
            return _Merged(wanted, kept, HashedRows(hashes, rows), np.ones(len(hashes), dtype=np.bool_))
        together = pa.concat_tables([kept.rows, rows]).select(range(len(self._columns)))
        is_new = np.arange(len(kept) + len(hashes)) >= len(kept)
        all_hashes = np.concatenate([kept.hashes, hashes])
        columns = [*together.columns, integers(is_new), integers(all_hashes.view(np.int64))]
        found = engine.run(
            self._merge_text(),
            {self._merge_input: pa.Table.from_arrays(columns, names_in_relation(self._merge_columns()))},
        )
        touched, merged_hashes = int64_column(found.column(-2)), int64_column(found.column(-1))
        content = HashedRows(merged_hashes.view(np.uint64), self._as_state_rows(found))
        return _Merged(wanted, kept, content, touched > 0)

    def _merge_text(self) -> str:
        if self._merge_sql is None:
            relations = {self._merge_input: f'"{self._merge_input}"'}
            self._merge_sql = fragment_sql(self.merge_plan(), relations, TranslationContext())
        return self._merge_sql

    def _closing(self, state: StoreView, merged: _Merged, times: BatchTimes) -> tuple[StoreChange, pa.Table]:
        """Splits merged and kept rows into those that stay and those that the watermark closes."""
        if self.layout.expiry_column is None or times.eviction_us <= 0:
            return StoreChange(merged.content, replaced=len(merged.kept)), no_rows(self.layout.schema)
        due = state.due(times.eviction_us)
        others = due.found.rows.filter(flags(~is_among(due.found.hashes, merged.wanted)))
        rows = merged.content.rows
        is_due = at_most(rows.column(self.layout.expiry_column), times.eviction_us, null_is=False)
        closed_before = at_most(
            merged.kept.rows.column(self.layout.expiry_column), times.eviction_us, null_is=False
        )
        put = HashedRows(merged.content.hashes[~is_due], rows.filter(flags(~is_due)))
        change = StoreChange(put, replaced=int((~closed_before).sum()), due=due)
        return change, pa.concat_tables([others, rows.filter(flags(is_due))])


@dataclass(frozen=True)
class _Merged:
    """A batch's rows merged with the kept ones that have their hashes.

    `is_touched` says which of the merged rows have a key of the batch: the others only share a hash.
    """

    wanted: Hashes
    kept: HashedRows
    content: HashedRows
    is_touched: npt.NDArray[np.bool_]

    def touched_rows(self) -> pa.Table:
        rows = self.content.rows
        return rows if self.is_touched.all() else rows.filter(flags(self.is_touched))


def _as(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    return column if column.type == field.type else column.cast(field.type)
