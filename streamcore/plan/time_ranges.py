"""Range conditions between two times, solved: how far one is ahead of the other at the most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.interval_nodes import interval_value
from streamcore.spi.types import DayTimeIntervalType

_SECOND: Final = 1_000_000
_MILLISECOND: Final = 1_000
_AT_MOST = (exp.LT, exp.LTE)
_AT_LEAST = (exp.GT, exp.GTE)
_INCLUSIVE = (exp.LTE, exp.GTE)


@dataclass(frozen=True)
class Bound:
    """Partners of a row come, in event time, at the latest `delay_us` after the time in `column`.

    Under a watermark of that time none is on time any more; as in Spark it is a whole number of
    milliseconds, and one more where the condition allows for equal times.
    """

    column: int
    delay_us: int


@dataclass
class _Sum:
    """A sum of columns, each so many times, and microseconds."""

    columns: Counter[int]
    constant_us: int = 0


def latest_partner(condition: exp.Expression, own: Collection[int], other: Collection[int]) -> Bound | None:
    """The bound that `condition` puts on the `other` time of a partner, by an `own` time of a row.

    None when it is not a comparison between one time of each side and a constant.
    """
    bare = condition.unnest()
    if isinstance(bare, _AT_MOST):
        less, more = bare.this, bare.expression
    elif isinstance(bare, _AT_LEAST):
        less, more = bare.expression, bare.this
    else:
        return None
    found = _Sum(Counter())
    if not (_add(less, 1, found) and _add(more, -1, found)):
        return None
    counts = {id_: count for id_, count in found.columns.items() if count}
    ours = [id_ for id_ in counts if id_ in own]
    theirs = [id_ for id_ in counts if id_ in other]
    # other + constant < own is what bounds the other time; the reverse bounds the own time only.
    if len(counts) != 2 or len(ours) != 1 or len(theirs) != 1:
        return None
    return _bound(bare, ours[0], theirs[0], counts, found.constant_us)


def _bound(
    condition: exp.Expression, own: int, other: int, counts: dict[int, int], constant_us: int
) -> Bound | None:
    if counts[other] != 1 or counts[own] != -1:
        return None
    milliseconds = constant_us // _MILLISECOND - (1 if isinstance(condition, _INCLUSIVE) else 0)
    return Bound(own, -milliseconds * _MILLISECOND)


def _add(node: exp.Expression, sign: int, found: _Sum) -> bool:
    """Adds the terms of an expression; False when it has others than columns and constants."""
    id_ = referenced_id(node)
    if id_ is not None:
        found.columns[id_] += sign
        return True
    match node:
        case exp.Paren():
            return _add(node.this, sign, found)
        case exp.Neg():
            return _add(node.this, -sign, found)
        case exp.Add():
            return _add(node.this, sign, found) and _add(node.expression, sign, found)
        case exp.Sub():
            return _add(node.this, sign, found) and _add(node.expression, -sign, found)
        case exp.Cast() if node.to.this in _LOSSLESS:
            return _add(node.this, sign, found)
        case exp.Interval() | exp.Literal():
            constant = _interval_us(node) if isinstance(node, exp.Interval) else _seconds_us(node)
            found.constant_us += sign * (constant or 0)
            return constant is not None
        case _:
            return False


_LOSSLESS = (exp.DataType.Type.DOUBLE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ)
"""Types that a time is cast to without becoming an earlier one: a number counts seconds."""


def _interval_us(node: exp.Interval) -> int | None:
    found = interval_value(node)
    return found.count if isinstance(found.type, DayTimeIntervalType) else None


def _seconds_us(node: exp.Literal) -> int | None:
    if node.is_string:
        return None
    try:
        return round(float(node.this) * _SECOND)
    except (ValueError, OverflowError):
        return None
