"""Joins of two streams: what a batch brings to either side meets what the other side has kept, and brings.

A side's rows are kept, as they came, under the hash of their keys until the watermark says that no partner
will come.  One statement then decides over the rows whose hashes meet.  Rows that must come out without a
partner, and those that may come out once, bear numbers; the numbers of those that have had a partner are a
store beside them, so that a match never writes a row again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform
from streamcore.errors import AnalysisException
from streamcore.execution.stores.arrays import flags, int64_column, integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.ordering import are_among, distinct
from streamcore.execution.stores.store import StoreChange
from streamcore.plan.attributes import Attribute, attribute
from streamcore.plan.logical import Join, LogicalPlan, Relation, Union
from streamcore.plan.rules import names_in_relation
from streamcore.plan.stream_joins import StreamJoin
from streamcore.spi.types import LongType, to_arrow_type
from streamcore.streaming.fragments import FragmentText
from streamcore.streaming.stateful.join_sides import Arrived, JoinSide
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.view import StoreView
    from streamcore.streaming.fragments import ContextFactory, FragmentSql

Marks = npt.NDArray[np.bool_]
SIDES: Final = ("left", "right")
_NEW, _KEPT, _ALL = "new", "kept", "all"
_BITS_WITHIN_BATCH: Final = 32
"""A row's number is its batch, and in so many bits its place there."""


def _matched_store(side: int) -> str:
    return f"{SIDES[side]}-matched"


@dataclass(frozen=True)
class _Meeting:
    """One side in one batch: what came, which kept rows may be partners of what came to the other side."""

    arrived: Arrived
    kept: HashedRows

    def __len__(self) -> int:
        return len(self.arrived.hashes) + len(self.kept)


@dataclass(frozen=True)
class _Matches:
    """Which rows of a meeting have found a partner."""

    arrived: Marks
    kept: Marks

    @classmethod
    def at(cls, places: npt.NDArray[np.int64], meeting: _Meeting) -> _Matches:
        """From the places of the rows: those that came, then those that were kept."""
        found = np.zeros(len(meeting), dtype=np.bool_)
        found[places] = True
        count = len(meeting.arrived.hashes)
        return cls(found[:count], found[count:])


class StreamingJoin:
    """join() of two streams."""

    kind = "symmetricHashJoin"

    def __init__(self, name: str, node: Join) -> None:
        join = StreamJoin(node)
        self.name = name
        self.output_columns = node.output
        self._how = "leftsemi" if node.how == "leftsemi" else "inner"
        self._condition = node.condition
        self._delay_out_ms = join.delay_out_ms
        self._sides = (JoinSide(join, 0), JoinSide(join, 1))
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in node.output])
        self._places = tuple(attribute(f"{side} place", LongType()) for side in SIDES)
        self._sql: FragmentSql | None = None

    # ---- the contract ----------------------------------------------------------------------------

    @property
    def ports(self) -> Sequence[JoinSide]:
        """The left side and the right."""
        return self._sides

    @cached_property
    def stores(self) -> Mapping[str, StoreLayout]:
        """The rows of either side, and the numbers of those that have had a partner, where these count."""
        found = {name: side.layout for name, side in zip(SIDES, self._sides, strict=True)}
        for number, side in enumerate(self._sides):
            if side.tells_matched:
                found[_matched_store(number)] = side.matched_layout
        return found

    @property
    def stores_of_marks(self) -> Collection[str]:
        """The stores whose rows are not those of the streams."""
        return [name for name in self.stores if name not in SIDES]

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The joined rows as they are."""
        return rows

    def watermark_out(self, watermark_ms: int) -> int:
        """Rows come out as long as they may find partners, which is after the watermark has passed them."""
        return max(0, watermark_ms - self._delay_out_ms)

    def acts_without_rows(self, before_ms: int, watermark_ms: int) -> bool:
        """A newer watermark closes rows of a side."""
        expires = any(side.layout.expiry_column is not None for side in self._sides)
        return expires and watermark_ms > before_ms

    def prepare(self, contexts: ContextFactory) -> None:
        """Translates the condition under the settings of the query."""
        self._sql = FragmentText(self._pairs(), contexts, self._tables).lasting
        if self._sql is None:
            raise AnalysisException(
                "the condition of a join of streams must mean the same in every batch, but reads the time of "
                "the batch (current_timestamp() and the like); compute it before the join, with withColumn"
            )

    # ---- the statement ---------------------------------------------------------------------------

    @property
    def _tables(self) -> Sequence[str]:
        return [f"{_NEW} left", f"{_ALL} right", f"{_KEPT} left", f"{_NEW} right"]

    def _pairs(self) -> LogicalPlan:
        """New rows of the left with all of the right; kept rows of the left with new ones of the right."""
        new_left, all_right, kept_left, new_right = (
            Relation(key, self._columns(n % 2), source=None) for n, key in enumerate(self._tables)
        )
        first = Join(new_left, all_right, self._how, self._condition)
        return Union((first, Join(kept_left, new_right, self._how, self._condition)), first.output)

    def _columns(self, side: int) -> tuple[Attribute, ...]:
        return (*self._sides[side].columns, *self._place_of(side))

    def _place_of(self, side: int) -> tuple[Attribute, ...]:
        """The column that says where a row stands among those of its meeting."""
        return (self._places[side],) if self._sides[side].tells_matched else ()

    def _table(self, side: int, parts: Sequence[pa.Table], first: int = 0) -> pa.Table:
        columns = self._columns(side)
        width = len(self._sides[side].columns)
        rows = pa.concat_tables([_positional(part, width) for part in parts])
        arrays = list(rows.columns)
        if self._place_of(side):
            arrays.append(integers(np.arange(first, first + rows.num_rows)))
        return pa.Table.from_arrays(arrays, names_in_relation(columns))

    def _joined(self, meetings: Sequence[_Meeting], engine: SlotEngine) -> tuple[pa.Table, list[_Matches]]:
        """The pairs, and who has found a partner; of a semi join the left rows that have."""
        left, right = meetings
        if not (len(left.arrived.hashes) and len(right)) and not (len(left) and len(right.arrived.hashes)):
            nothing = np.zeros(0, dtype=np.int64)
            return no_rows(self._schema), [_Matches.at(nothing, meeting) for meeting in meetings]
        assert self._sql is not None, "prepare was not called"
        new, count = [m.arrived.rows for m in meetings], len(left.arrived.hashes)
        tables = (
            self._table(0, [new[0]]),
            self._table(1, [new[1], right.kept.rows]),
            self._table(0, [left.kept.rows], count),
            self._table(1, [new[1]]),
        )
        inputs = dict(zip(self._tables, tables, strict=True))
        text = self._sql.over({key: identifier(key) for key in inputs}, careful=True)
        return self._taken_apart(engine.run(text, inputs), meetings)

    def _taken_apart(self, found: pa.Table, meetings: Sequence[_Meeting]) -> tuple[pa.Table, list[_Matches]]:
        names = [a.physical for side in (0, 1) for a in self._columns(side)]
        if self._how == "leftsemi":
            names = [a.physical for a in self._columns(0)]
        at = {name: place for place, name in enumerate(names)}
        rows = conform(found.select([at[a.physical] for a in self.output_columns]), self._schema)
        matches = []
        for side, meeting in enumerate(meetings):
            place = self._place_of(side)
            places = int64_column(found.column(at[place[0].physical])) if place else np.zeros(0, np.int64)
            matches.append(_Matches.at(places, meeting))
        return rows, matches

    # ---- one batch -------------------------------------------------------------------------------

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Joins what came with what was kept, keeps it, and brings out what can have no partner any more."""
        meetings = self._meetings(ports, stores, times)
        pairs, matches = self._joined(meetings, engine)
        changes: dict[str, StoreChange] = {}
        outputs, metrics = [pairs], OperatorMetrics()
        for number, (meeting, matched) in enumerate(zip(meetings, matches, strict=True)):
            found, alone = self._settled(number, meeting, matched, stores, times)
            changes |= found
            outputs += [self._without_partner(number, rows) for rows in alone]
            change = found[SIDES[number]]
            removed = 0 if change.due is None else len(change.due.found)
            metrics += OperatorMetrics(len(change.put), removed, meeting.arrived.late)
        return OperatorResult(changes, pa.concat_tables(outputs), metrics)

    def _meetings(
        self, ports: Sequence[pa.Table], stores: Mapping[str, StoreView], times: BatchTimes
    ) -> list[_Meeting]:
        arrived = [side.arrived(rows, times) for side, rows in zip(self._sides, ports, strict=True)]
        found = []
        for number in (0, 1):
            kept = stores[SIDES[number]].lookup(distinct(arrived[1 - number].hashes))
            if self._how == "leftsemi" and number == 0:
                kept = self._not_matched(0, kept, stores)
            found.append(_Meeting(arrived[number], kept))
        return found

    def _not_matched(self, side: int, kept: HashedRows, stores: Mapping[str, StoreView]) -> HashedRows:
        """The kept rows that have not had a partner yet."""
        matched = stores[_matched_store(side)].lookup(distinct(kept.hashes))
        return _those(kept, ~self._are_among(side, kept, matched))

    def _are_among(self, side: int, kept: HashedRows, matched: HashedRows) -> Marks:
        """Which kept rows are told of by `matched`: a number counts within the hash of a key."""
        numbers = self._sides[side].numbers
        return are_among((kept.hashes, numbers(kept)), (matched.hashes, numbers(matched)))

    def _settled(
        self,
        number: int,
        meeting: _Meeting,
        matched: _Matches,
        stores: Mapping[str, StoreView],
        times: BatchTimes,
    ) -> tuple[dict[str, StoreChange], list[pa.Table]]:
        """How the stores of a side change, and which of its rows come out without a partner."""
        side, view, arrived = self._sides[number], stores[SIDES[number]], meeting.arrived
        # Before there is a watermark nothing is due, whatever its time: a row of the very epoch waits, too.
        closes = side.layout.expiry_column is not None and times.eviction_us > 0
        due = view.due(times.eviction_us) if closes else None
        lasting = arrived.lasting(times.eviction_us)
        kept = lasting & ~matched.arrived if self._how == "leftsemi" else lasting
        first = (view.version + 1) << _BITS_WITHIN_BATCH
        fresh = side.kept_rows(arrived, kept, first)
        changes = {SIDES[number]: StoreChange(fresh, due=due)}
        if not side.tells_matched:
            return changes, []
        told, known = stores[_matched_store(number)], _those(meeting.kept, matched.kept)
        told_due = told.due(times.eviction_us) if closes else None
        new = self._newly_matched(number, known, told, times)
        of_fresh = matched.arrived[kept]
        put = [
            side.matched_rows(
                fresh.hashes[of_fresh], side.numbers(fresh)[of_fresh], side.expiries(fresh)[of_fresh]
            ),
            side.matched_rows(new.hashes, side.numbers(new), side.expiries(new)),
        ]
        changes[_matched_store(number)] = StoreChange(_together(put), due=told_due)
        if not side.is_preserved:
            return changes, []
        if due is None or told_due is None:
            return changes, [arrived.alone]
        unmatched = ~self._are_among(number, due.found, told_due.found)
        unmatched &= ~self._are_among(number, due.found, known)
        gone = arrived.rows.filter(flags(~lasting & ~matched.arrived))
        return changes, [arrived.alone, gone, due.found.rows.filter(flags(unmatched))]

    def _newly_matched(self, side: int, known: HashedRows, told: StoreView, times: BatchTimes) -> HashedRows:
        """The kept rows that have found their first partner and stay."""
        before = told.lookup(distinct(known.hashes))
        new = ~self._are_among(side, known, before)
        if times.eviction_us > 0:
            new &= self._sides[side].expiries(known) > times.eviction_us
        return _those(known, new)

    def _without_partner(self, side: int, rows: pa.Table) -> pa.Table:
        """Rows of a side as the join gives them: the columns of the other side are null."""
        width = [len(one.columns) for one in self._sides]
        first = 0 if side == 0 else width[0]
        columns = [
            rows.column(place - first)
            if first <= place < first + width[side]
            else pa.nulls(rows.num_rows, field.type)
            for place, field in enumerate(self._schema)
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)


def _positional(rows: pa.Table, width: int) -> pa.Table:
    """The first columns under names that do not matter."""
    return rows.select(range(width)).rename_columns([str(place) for place in range(width)])


def _those(content: HashedRows, chosen: Marks) -> HashedRows:
    if chosen.all():
        return content
    return HashedRows(content.hashes[chosen], content.rows.filter(flags(chosen)))


def _together(parts: Sequence[HashedRows]) -> HashedRows:
    hashes = np.concatenate([part.hashes for part in parts])
    return HashedRows(hashes, pa.concat_tables([part.rows for part in parts]))
