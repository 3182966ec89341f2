"""Sequences of itemsets that many rows contain in their order (PrefixSpan).

A pattern grows by one item: into its last itemset, or as an itemset of its own behind it. Each row remembers
at which of its itemsets the pattern found so far may end, which is all that growing it further needs.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[frozenset[int], ...]
Ends = dict[int, list[int]]
Prefix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Pattern:
    """A sequence of itemsets and how many rows contain it."""

    sequence: list[list[Any]]
    freq: int


def frequent_sequences(
    rows: Sequence[Sequence[Sequence[Hashable]]], minSupport: float, maxPatternLength: int
) -> list[Pattern]:
    """The patterns of up to `maxPatternLength` items in at least `minSupport` of the rows.

    >>> found = frequent_sequences([[["a"], ["b"]], [["a", "b"], ["b"]]], 1.0, 5)
    >>> [(pattern.sequence, pattern.freq) for pattern in found]
    [([['b']], 2), ([['a']], 2), ([['a'], ['b']], 2)]
    """
    least = max(1, math.ceil(minSupport * len(rows)))
    items = _frequent_items(rows, least)
    code = {item: number for number, item in enumerate(items)}
    coded = [tuple(frozenset(code[i] for i in itemset if i in code) for itemset in row) for row in rows]
    everywhere = {number: [-1] for number in range(len(coded))}
    return [
        Pattern([[items[item] for item in itemset] for itemset in prefix], len(ends))
        for prefix, ends in _grown((), everywhere, coded, least, maxPatternLength)
    ]


def _frequent_items(rows: Sequence[Sequence[Sequence[Hashable]]], least: int) -> list[Any]:
    counts: dict[Any, int] = {}
    for row in rows:
        for item in {item for itemset in row for item in itemset}:
            counts[item] = counts.get(item, 0) + 1
    kept = sorted((item for item, count in counts.items() if count >= least), reverse=True)
    return sorted(kept, key=lambda item: -counts[item])


def _grown(
    prefix: Prefix, ends: Ends, rows: Sequence[Row], least: int, more: int
) -> Iterator[tuple[Prefix, Ends]]:
    if not more:
        return
    inside, behind = _next_items(prefix, ends, rows)
    grown = [((*prefix[:-1], (*prefix[-1], item)), found) for item, found in sorted(inside.items())]
    grown += [((*prefix, (item,)), found) for item, found in sorted(behind.items())]
    for longer, found in grown:
        if len(found) >= least:
            yield longer, found
            yield from _grown(longer, found, rows, least, more - 1)


def _next_items(prefix: Prefix, ends: Ends, rows: Sequence[Row]) -> tuple[dict[int, Ends], dict[int, Ends]]:
    """The items that the last itemset may take, and those of an itemset behind it, with where they are."""
    inside: dict[int, Ends] = {}
    behind: dict[int, Ends] = {}
    last = prefix[-1][-1] if prefix else -1
    for number, places in ends.items():
        row = rows[number]
        for place in places if prefix else ():
            for item in row[place]:
                if item > last:
                    inside.setdefault(item, {}).setdefault(number, []).append(place)
        for place in range(places[0] + 1, len(row)):
            for item in row[place]:
                behind.setdefault(item, {}).setdefault(number, []).append(place)
    return inside, behind
