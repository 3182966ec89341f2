"""Several runs as one: which to merge, and how, in memory that does not grow with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.execution.stores.arrays import integers
from streamcore.execution.stores.blocks import HashedRows, expiry_of
from streamcore.execution.stores.ordering import order_of

if TYPE_CHECKING:
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.runs import Run

BLOCK_ROWS = 1 << 18
BLOCK_BYTES = 1 << 26
"""A block has about as many rows and bytes at most."""

_OF_LIKE_SIZE = 4
_SMALLEST = 1_024


def runs_to_merge(sizes: Sequence[int]) -> slice | None:
    """Which runs, given the rows of each, oldest first; None when it is not worth while yet.

    Runs are of like size when the larger has less than four times the rows of the smaller, roughly.  Four
    such are merged, together with all younger ones, so a row is written again a few times at most, and the
    number of runs grows with the logarithm of the rows.

    >>> runs_to_merge([500_000, 2_000, 3_000, 1_500])
    >>> runs_to_merge([500_000, 2_000, 3_000, 1_500, 1_900, 10])
    slice(1, 6, None)
    """
    tiers = [_tier(size) for size in sizes]
    found: slice | None = None
    for tier in sorted(set(tiers)):
        first = len(tiers)
        while first and tiers[first - 1] <= tier:
            first -= 1
        if tiers[first:].count(tier) >= _OF_LIKE_SIZE:
            found = slice(first, len(tiers))
    return found


def _tier(rows: int) -> int:
    return max(0, int(math.log(max(rows, 1) / _SMALLEST, 4)))


ALL_HASHES = (0, (1 << 64) - 1)


def merged(
    runs: Sequence[Run],
    layout: StoreLayout,
    floor_us: int,
    *,
    is_oldest: bool,
    within: tuple[int, int] = ALL_HASHES,
) -> Iterator[HashedRows]:
    """What the runs hold, oldest run first, in pieces of ascending hashes.

    Of each hash only the rows of the newest run are kept, or all where rows are only added.  What is removed
    or expired goes for good where it hides nothing older: when these runs are the oldest (`is_oldest`), or
    rows are only added.  `within` are the first and the last hash that are wanted.
    """
    bounds = [(block.first, block.last) for run in runs for block in run.index.blocks]
    if not bounds:
        return
    first, last = min(low for low, _ in bounds), max(high for _, high in bounds)
    rows, size = sum(run.index.rows for run in runs), sum(run.file.size for run in runs)
    width = -(-(last - first + 1) // max(1, -(-rows // BLOCK_ROWS), -(-size // BLOCK_BYTES)))
    first, last = max(first, within[0]), min(last, within[1])
    for low in range(first, last + 1, width):
        content = _counting(runs, layout, low, min(low + width - 1, last))
        if is_oldest or layout.only_adds:
            content = _living(content, layout, floor_us)
        if len(content):
            yield content


def _counting(runs: Sequence[Run], layout: StoreLayout, first: int, last: int) -> HashedRows:
    """The rows with hashes from `first` to `last`, sorted by hash; of each hash those that count."""
    parts = [(age, *found) for age, run in enumerate(reversed(runs)) for found in run.slices(first, last)]
    hashes = _joined([block.hashes[start:end] for _, block, start, end in parts], np.uint64)
    removed = _joined([block.removed[start:end] for _, block, start, end in parts], np.bool_)
    ages = _joined([np.full(end - start, age, dtype=np.int32) for age, _, start, end in parts], np.int32)
    rows = pa.Table.from_batches([b.rows.slice(s, e - s) for _, b, s, e in parts], layout.schema)
    order = order_of(hashes)
    if layout.only_adds:
        return HashedRows(hashes[order], rows.combine_chunks().take(integers(order)), removed[order])
    hashes, ages = hashes[order], ages[order]
    is_first = np.ones(len(hashes), dtype=np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_first[1:])
    group = np.cumsum(is_first) - 1
    is_newest = ages == ages[is_first][group]
    order = order[is_newest]
    return HashedRows(hashes[is_newest], rows.combine_chunks().take(integers(order)), removed[order])


def _joined(parts: Sequence[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def _living(content: HashedRows, layout: StoreLayout, floor_us: int) -> HashedRows:
    assert content.removed is not None
    stays = ~content.removed
    if layout.expiry_column is not None and floor_us != AT_ONCE and len(content):
        stays &= expiry_of(content.rows, layout) > floor_us
    if stays.all():
        return content
    kept = np.flatnonzero(stays)
    return HashedRows(content.hashes[kept], content.rows.take(integers(kept)), content.removed[kept])
