"""One side of a join of two streams: how its rows reach the operator, and how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from streamcore.checkpoint.run_index import NEVER
from streamcore.duck.results import conform
from streamcore.execution.stores.arrays import at_most, flags, int64_values, integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import hash_rows, split_by_hash
from streamcore.execution.stores.layout import ShownRow, StoreLayout, shown_columns
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    passed_through,
    referenced_id,
)
from streamcore.plan.expressions import type_node
from streamcore.plan.logical import LogicalPlan, Project
from streamcore.spi.types import BooleanType, to_arrow_type
from streamcore.streaming.stateful.event_time import expiry_us, stats_of_column

if TYPE_CHECKING:
    from streamcore.execution.stores.hashing import Hashes
    from streamcore.plan.stages import Fragment
    from streamcore.plan.stream_joins import StreamJoin
    from streamcore.spi.types import DataType
    from streamcore.streaming.stateful.operator import BatchTimes
    from streamcore.streaming.watermark import EventTimeStats

_ROW: Final = pa.field("row", pa.int64())
_EXPIRY: Final = pa.field("expiry_us", pa.int64())


@dataclass(frozen=True)
class Arrived:
    """The rows of a side that a batch brings, on time, with the hashes of their keys.

    rows
        Those that may have partners, as they are kept but for their numbers and expiries.
    expiries
        The time up to whose watermark each of them may still have partners.
    alone
        Those that no partner is possible for: they come out without one, where the side's rows do.
    late
        How many rows were late.
    """

    rows: pa.Table
    hashes: Hashes
    expiries: npt.NDArray[np.int64]
    alone: pa.Table
    late: int

    def lasting(self, eviction_us: int) -> npt.NDArray[np.bool_]:
        """Which rows are still open when state is closed by this watermark."""
        if eviction_us <= 0:
            return np.ones(len(self.hashes), dtype=np.bool_)
        return self.expiries > eviction_us


class JoinSide:
    """A port of a join, 0 for the left and 1 for the right, and the layout of its store.

    Its rows have the columns of the plan's side; then the keys that are not columns themselves; and, on the
    way to the operator only, whether the row alone meets the condition.
    """

    def __init__(self, join: StreamJoin, side: int) -> None:
        self.columns = join.sides[side].output
        self.is_preserved = join.preserves[side]
        self._closing = join.closing(side)
        keys = [_widened(pair.of(side), pair.data_type, self.columns) for pair in join.keys]
        self._keys = [key for key in keys if not key.is_reference]
        self._kept = (*self.columns, *(key.attribute for key in self._keys))
        self._key_places = tuple(self._place(key.attribute) for key in keys)
        self._closing_at = self._time_place(join)
        self._possible = self._possible_for(join, side)
        self._event_time = next(map(self._place, join.event_times(side)), None)
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in self._reaching])
        self.tells_matched = join.node.how == "leftsemi" if side == 0 else False
        self.tells_matched |= self.is_preserved and self._closing is not None

    def _place(self, column: Attribute) -> int:
        return next(place for place, kept in enumerate(self._kept) if kept.id == column.id)

    def _time_place(self, join: StreamJoin) -> int:
        """Where the time is by which rows expire; of no meaning when none do."""
        if join.time_key is not None:
            return self._key_places[join.keys.index(join.time_key)]
        id_ = None if self._closing is None else referenced_id(self._closing.time)
        return next((place for place, column in enumerate(self._kept) if column.id == id_), 0)

    def _possible_for(self, join: StreamJoin, side: int) -> NamedExpression | None:
        """Whether a row may have a partner, for rows that come out without one."""
        if not self.is_preserved:
            return None
        conditions = join.of_one_side(side)
        if self._closing is not None and not self._closing.matches_null:
            # It would be kept for ever: no watermark comes to a time that is missing.
            conditions.append(exp.Not(this=exp.Is(this=self._closing.time.copy(), expression=exp.Null())))
        if not conditions:
            return None
        together = reduce(lambda left, right: exp.And(this=left, expression=right), conditions)
        return NamedExpression(together, attribute("possible", BooleanType()))

    @property
    def _reaching(self) -> tuple[Attribute, ...]:
        return self._kept if self._possible is None else (*self._kept, self._possible.attribute)

    # ---- as it is kept ---------------------------------------------------------------------------

    @cached_property
    def layout(self) -> StoreLayout:
        """The rows of this side; with numbers where something is told of single ones later."""
        fields = [
            pa.field(f"c{place} {a.name}", to_arrow_type(a.data_type)) for place, a in enumerate(self._kept)
        ]
        if self.tells_matched:
            fields.append(_ROW)
        schema, expiry = self._expiring(fields)
        return StoreLayout(schema, self._key_places, expiry, only_adds=True, shown=self._shown())

    def _shown(self) -> ShownRow:
        """As Spark shows it: the keys, and the whole row."""
        names = [column.name for column in self._kept]
        columns = shown_columns(names)
        keys = tuple(columns[place] for place in self._key_places)
        return ShownRow(keys, shown_columns(names[: len(self.columns)]))

    @cached_property
    def matched_layout(self) -> StoreLayout:
        """The numbers of rows that have had a partner, under the hashes of the rows' keys."""
        schema, expiry = self._expiring([_ROW])
        return StoreLayout(schema, (), expiry, only_adds=True)

    def _expiring(self, fields: list[pa.Field]) -> tuple[pa.Schema, int | None]:
        if self._closing is None:
            return pa.schema(fields), None
        return pa.schema([*fields, _EXPIRY]), len(fields)

    def numbers(self, kept: HashedRows) -> npt.NDArray[np.int64]:
        """The numbers of kept rows, of this side or of its matched ones."""
        place = kept.rows.schema.get_field_index(_ROW.name)
        return np.concatenate([np.zeros(0, np.int64), *(int64_values(c, 0) for c in kept.rows[place].chunks)])

    def kept_rows(self, arrived: Arrived, chosen: npt.NDArray[np.bool_], first: int) -> HashedRows:
        """The chosen rows as the store has them, numbered from `first` on."""
        found = arrived if chosen.all() else _chosen(arrived, chosen)
        columns = list(found.rows.columns)
        if self.tells_matched:
            columns.append(integers(np.arange(first, first + len(found.hashes))))
        if self._closing is not None:
            columns.append(integers(found.expiries))
        return HashedRows(found.hashes, pa.Table.from_arrays(columns, schema=self.layout.schema))

    def matched_rows(
        self, hashes: Hashes, numbers: npt.NDArray[np.int64], expiries: npt.NDArray[np.int64]
    ) -> HashedRows:
        """The numbers of rows that have had a partner, as they are kept."""
        columns = [integers(numbers)]
        if self._closing is not None:
            columns.append(integers(expiries))
        return HashedRows(hashes, pa.Table.from_arrays(columns, schema=self.matched_layout.schema))

    def expiries(self, kept: HashedRows) -> npt.NDArray[np.int64]:
        """When kept rows expire."""
        place = self.layout.expiry_column
        if place is None:
            return np.full(len(kept), NEVER)
        chunks = [int64_values(chunk, NEVER) for chunk in kept.rows[place].chunks]
        return np.concatenate([np.zeros(0, np.int64), *chunks])

    # ---- the port --------------------------------------------------------------------------------

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """The rows, their keys, and whether they may have partners."""
        more = (*self._keys, *([] if self._possible is None else [self._possible]))
        return Project(fragment.plan, (*map(passed_through, fragment.plan.output), *more))

    def no_rows(self) -> pa.Table:
        """An empty table of what `input_plan` gives."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """From the event-time column itself."""
        if fragment.watermark is None:
            return None
        return stats_of_column(rows.column(self._place(fragment.watermark.event_time)))

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Rows by the partition of their key."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_hash(together, hash_rows(together, self._key_places), partitions)

    def arrived(self, rows: pa.Table, times: BatchTimes) -> Arrived:
        """The rows of a batch that are on time, with what the operator wants to know of them."""
        on_time = self._without_late(rows, times)
        late, alone = rows.num_rows - on_time.num_rows, on_time.slice(0, 0)
        if self._possible is not None:
            is_possible = pc.fill_null(on_time.column(len(self._kept)), fill_value=False)
            alone = on_time.filter(pc.invert(is_possible))
            on_time = on_time.filter(is_possible)
        kept = on_time.select(range(len(self._kept)))
        hashes = hash_rows(kept, self._key_places)
        return Arrived(kept, hashes, self._expiries(kept), alone.select(range(len(self.columns))), late)

    def _without_late(self, rows: pa.Table, times: BatchTimes) -> pa.Table:
        if self._event_time is None or times.late_us <= 0:
            return rows
        event_us = expiry_us(rows.column(self._event_time))
        return rows.filter(flags(~at_most(event_us, times.late_us, null_is=False)))

    def _expiries(self, rows: pa.Table) -> npt.NDArray[np.int64]:
        if self._closing is None:
            return np.full(rows.num_rows, NEVER)
        closed = expiry_us(rows.column(self._closing_at))
        due = [int64_values(chunk, NEVER) for chunk in closed.chunks]
        together = np.concatenate([np.zeros(0, np.int64), *due])
        return np.where(together == NEVER, NEVER, together + self._closing.delay_us)


def _chosen(arrived: Arrived, chosen: npt.NDArray[np.bool_]) -> Arrived:
    return replace(
        arrived,
        rows=arrived.rows.filter(flags(chosen)),
        hashes=arrived.hashes[chosen],
        expiries=arrived.expiries[chosen],
    )


def _widened(key: exp.Expression, data_type: DataType, columns: Sequence[Attribute]) -> NamedExpression:
    """A key in the type in which it is compared: a column of the side as it is, or one more."""
    column = next((a for a in columns if a.id == referenced_id(key)), None)
    if column is not None and column.data_type == data_type:
        return passed_through(column)
    widened = exp.Cast(this=key.copy(), to=type_node(data_type))
    return NamedExpression(widened, attribute("key", data_type))
