"""When segments of the manifest are merged: a decision about numbers, without any file.

Segments are merged as in a log-structured tree: `interval` small ones become one larger, `interval` of
those become one still larger, so that the work per batch grows with the logarithm of their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]


def spans_to_merge(spans: Sequence[Span], interval: int) -> list[Span]:
    """The newest spans that should become one now; [] when none should.

    `spans` follow each other without a gap, oldest first.

    >>> spans_to_merge([(0, 9), (10, 10), (11, 11)], 2)
    [(10, 10), (11, 11)]
    >>> spans_to_merge([(0, 9), (10, 10)], 2)
    []
    """
    chosen: list[Span] = []
    for level in range(_level(spans[-1][1] + 1, interval) + 1 if spans else 0):
        tail = _tail_up_to(spans, level, interval)
        if sum(_level(last - first + 1, interval) == level for first, last in tail) >= interval:
            chosen = tail
    return chosen


def _tail_up_to(spans: Sequence[Span], level: int, interval: int) -> list[Span]:
    start = len(spans)
    while start and _level(spans[start - 1][1] - spans[start - 1][0] + 1, interval) <= level:
        start -= 1
    return list(spans[start:])


def _level(size: int, interval: int) -> int:
    level = 0
    while size >= interval:
        size //= interval
        level += 1
    return level
