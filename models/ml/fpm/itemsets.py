"""Sets of items that many rows contain.

The rows that contain an item are one long number with a bit for each row: those which contain a set are
the bits that its items share; sets grow item by item, from rare items to frequent ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Itemset:
    """Items by their codes, the rarest first, and how many rows contain them all."""

    items: tuple[int, ...]
    freq: int


def frequent_itemsets(rows: Codes, items: Codes, count: int, minSupport: float) -> list[Itemset]:
    """The itemsets in at least `minSupport` of `count` rows; `rows[i]` contains `items[i]`, once.

    >>> found = frequent_itemsets(np.array([0, 0, 1, 1, 2]), np.array([7, 8, 7, 8, 8]), 3, 0.6)
    >>> [(itemset.items, itemset.freq) for itemset in found]
    [((8,), 3), ((7,), 2), ((7, 8), 2)]
    """
    least = math.ceil(minSupport * count)
    codes, counts = np.unique(items, return_counts=True)
    kept = np.flatnonzero(counts >= least)
    order = kept[np.lexsort((-codes[kept], -counts[kept]))]  # the most frequent first
    bits = [_bits(rows[items == code], count) for code in codes[order]]
    ranked = [(int(code), found) for code, found in zip(codes[order], bits, strict=True)]
    return [
        itemset
        for rank, (code, found) in enumerate(ranked)
        for itemset in _grown((code,), found, ranked[:rank], max(least, 1))
    ]


def _bits(rows: Codes, count: int) -> int:
    flags = np.zeros(count, np.bool_)
    flags[rows] = True
    return int.from_bytes(np.packbits(flags).tobytes(), "big")


def _grown(
    items: tuple[int, ...], rows: int, more: Sequence[tuple[int, int]], least: int
) -> Iterator[Itemset]:
    """The set itself, and all that are it and some of the items that are more frequent."""
    yield Itemset(items, rows.bit_count())
    shared = [(code, both) for code, found in more if (both := rows & found).bit_count() >= least]
    for rank, (code, both) in enumerate(shared):
        yield from _grown((*items, code), both, shared[:rank], least)
