"""How many records a micro-batch takes from each partition."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.kafka.offsets import Offsets
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, ReadMinRows


@dataclass
class ReadRowsBetween(ReadLimit):
    """Nothing until `min_rows` rows are there, and then at most about `max_rows`."""

    min_rows: int
    max_rows: int


def limit_of(min_rows: int | None, max_rows: int | None) -> ReadLimit:
    """The read limit that minOffsetsPerTrigger and maxOffsetsPerTrigger ask for."""
    if min_rows is not None and max_rows is not None:
        return ReadRowsBetween(min_rows, max_rows)
    if max_rows is not None:
        return ReadMaxRows(max_rows)
    return ReadMinRows(min_rows) if min_rows is not None else ReadAllAvailable()


def at_least(limit: ReadLimit) -> int:
    """The number of rows below which a micro-batch waits for more."""
    return limit.min_rows if isinstance(limit, ReadMinRows | ReadRowsBetween) else 0


def at_most(limit: ReadLimit) -> int | None:
    """The number of rows that a micro-batch may take; None for all."""
    return limit.max_rows if isinstance(limit, ReadMaxRows | ReadRowsBetween) else None


def share(start: Offsets, latest: Offsets, max_rows: int) -> Offsets:
    """End offsets that take at most `max_rows` records, from each partition in proportion to what waits.

    Whole records are dealt by largest remainder, so that a small partition beside a large one still moves.

    >>> share({("a", 0): 0, ("a", 1): 10}, {("a", 0): 90, ("a", 1): 20}, 10)
    {('a', 0): 9, ('a', 1): 11}
    """
    waiting = {tp: max(0, end - start[tp]) for tp, end in latest.items()}
    total = sum(waiting.values())
    if total <= max_rows:
        return dict(latest)
    taken = {tp: size * max_rows // total for tp, size in waiting.items()}
    by_remainder = sorted(waiting, key=lambda tp: (-(waiting[tp] * max_rows % total), tp))
    for tp in by_remainder[: max_rows - sum(taken.values())]:
        taken[tp] += 1
    return {tp: start[tp] + taken[tp] if waiting[tp] else end for tp, end in latest.items()}
