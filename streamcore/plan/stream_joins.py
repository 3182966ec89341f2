"""Joins of two streams: their equality keys, and when a kept row can have no more partners.

A side's row may be forgotten when the watermark says that no row of the other side that could join it will
come: by the event time in a key that both sides share, or by a range condition between the two times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from sqlglot import exp

from streamcore.plan.attributes import Attribute, reference, referenced_id, referenced_ids, scope_of
from streamcore.plan.conditions import conjuncts, refuses_null
from streamcore.plan.logical import Join, LogicalPlan
from streamcore.plan.modes import modes_of
from streamcore.plan.time_ranges import latest_partner
from streamcore.plan.typing import compared_type, infer
from streamcore.spi.types import TimestampNTZType, TimestampType

if TYPE_CHECKING:
    from streamcore.spi.types import DataType

_PRESERVED = {"left": (True, False), "right": (False, True), "full": (True, True)}


@dataclass(frozen=True)
class KeyPair:
    """An equality between the sides: an expression over each, and the type in which they are compared."""

    left: exp.Expression
    right: exp.Expression
    data_type: DataType
    matches_null: bool = False

    def of(self, side: int) -> exp.Expression:
        """The expression over the left side (0) or the right (1)."""
        return self.right if side else self.left


@dataclass(frozen=True)
class Closing:
    """A row is forgotten when the watermark has come to its `time` plus `delay_us`."""

    time: exp.Expression
    delay_us: int
    matches_null: bool = False


@dataclass(frozen=True)
class StreamJoin:
    """What the condition of a join of two streams says; sides are numbered: left is 0, right is 1."""

    node: Join

    @property
    def sides(self) -> tuple[LogicalPlan, LogicalPlan]:
        """The inputs, left and right."""
        return self.node.left, self.node.right

    @property
    def preserves(self) -> tuple[bool, bool]:
        """Whose rows come out without a partner, too."""
        return _PRESERVED.get(self.node.how, (False, False))

    @property
    def conditions(self) -> list[exp.Expression]:
        """What is joined by AND."""
        return [] if self.node.condition is None else conjuncts(self.node.condition)

    @cached_property
    def keys(self) -> tuple[KeyPair, ...]:
        """The equalities by whose hash partners are found."""
        return tuple(pair for condition in self.conditions if (pair := self._pair(condition)) is not None)

    def _pair(self, condition: exp.Expression) -> KeyPair | None:
        bare = condition.unnest()
        if not isinstance(bare, exp.EQ | exp.NullSafeEQ):
            return None
        one, other = bare.this, bare.expression
        if self._reads_only(other, 0) and self._reads_only(one, 1):
            one, other = other, one
        if not (self._reads_only(one, 0) and self._reads_only(other, 1)):
            return None
        types = [infer(e, scope_of(s.output))[0] for e, s in zip((one, other), self.sides, strict=True)]
        shared = compared_type(*types, ansi=modes_of(bare).ansi)
        if shared is None:
            return None
        return KeyPair(one, other, shared, matches_null=isinstance(bare, exp.NullSafeEQ))

    def _reads_only(self, expression: exp.Expression, side: int) -> bool:
        read = referenced_ids(expression)
        return bool(read) and read <= {a.id for a in self.sides[side].output}

    def of_one_side(self, side: int) -> list[exp.Expression]:
        """The conditions that a row of this side meets, or not, whatever its partner."""
        return [condition for condition in self.conditions if self._reads_only(condition, side)]

    def needs(self, side: int) -> list[Attribute]:
        """The columns of a side that must not be null where a row has a partner."""
        of_both = (c for c in self.conditions if not self._reads_only(c, 0) and not self._reads_only(c, 1))
        needed = {id_ for condition in of_both for id_ in refuses_null(condition)}
        return [a for a in self.sides[side].output if a.id in needed]

    def event_times(self, side: int) -> list[Attribute]:
        """The columns of a side under a watermark."""
        return [a for a in self.sides[side].output if a.watermark_delay_ms is not None]

    @cached_property
    def time_key(self) -> KeyPair | None:
        """The key that holds an event time, or a window over one."""
        for side in (0, 1):
            marked = {a.id for a in self.event_times(side)}
            for pair in self.keys:
                if referenced_id(pair.of(side)) in marked:
                    return pair
        return None

    def closing(self, side: int) -> Closing | None:
        """When a row of this side is forgotten; None when it never is."""
        if self.time_key is not None:
            return Closing(self.time_key.of(side), 0, self.time_key.matches_null)
        must_come_out = self.preserves[side] or (self.node.how == "leftsemi" and side == 0)
        own = self.event_times(side)
        bounds = list(self._bounds(side, self.sides[side].output if must_come_out and not own else own))
        return max(bounds, key=lambda bound: bound.delay_us, default=None)

    def _bounds(self, side: int, times: Sequence[Attribute]) -> Iterator[Closing]:
        for other in self.event_times(1 - side):
            # Times of two kinds are compared in the session's time zone, not by a fixed distance.
            own = {a.id: a for a in times if a.data_type == other.data_type and _is_time(a.data_type)}
            for condition in self.conditions:
                found = latest_partner(condition, own.keys(), {other.id})
                if found is not None:
                    yield Closing(reference(own[found.column]), found.delay_us)

    @property
    def delay_out_ms(self) -> int:
        """How far the event times of the joined rows may be behind the watermark by which state is closed."""
        closings = [self.closing(side) for side in (0, 1)]
        return max([0, *(-(-c.delay_us // 1000) for c in closings if c is not None)])


def _is_time(data_type: DataType) -> bool:
    return isinstance(data_type, TimestampType | TimestampNTZType)


def joins_streams(node: LogicalPlan) -> TypeGuard[Join]:
    """Whether the node joins two streams, and so has to remember the rows of both."""
    return isinstance(node, Join) and node.left.is_streaming and node.right.is_streaming
