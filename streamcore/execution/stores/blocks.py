"""A block: up to a quarter of a million rows of a run, sorted by hash, in one Arrow record batch.

Beside the rows a block holds their places in order of expiry, so that what falls due is found without
looking at the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.checkpoint.run_index import AT_ONCE, NEVER, BlockEntry
from streamcore.execution.stores.arrays import flags, int64_values
from streamcore.execution.stores.hashing import Hashes
from streamcore.execution.stores.layout import DUE, StoreLayout
from streamcore.execution.stores.ordering import Places, order_of

_STEP = 16
_SPARSE = 64


@dataclass(frozen=True)
class HashedRows:
    """Rows with the hash of each one's key; `removed` says which stand for a removal (None: none does)."""

    hashes: Hashes
    rows: pa.Table
    removed: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.hashes)


class Block:
    """One block, as it lies in its file."""

    def __init__(self, batch: pa.RecordBatch, layout: StoreLayout) -> None:
        self.batch = batch
        width = len(layout.schema)
        self.rows = pa.RecordBatch.from_arrays(batch.columns[1 : width + 1], schema=layout.schema)
        self.hashes: Hashes = batch.column(0).to_numpy()
        self._layout = layout
        self._removed = None if layout.only_adds else batch.column(width + 1)

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def memory_bytes(self) -> int:
        """What is held beside the file's bytes."""
        arrays = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        return sum(array.nbytes for array in arrays if array.flags.owndata)

    @cached_property
    def removed(self) -> npt.NDArray[np.bool_]:
        """Which rows stand for a removal."""
        if self._removed is None:
            return np.zeros(len(self), dtype=np.bool_)
        found: npt.NDArray[np.bool_] = self._removed.to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def removals(self) -> int:
        """How many rows stand for a removal."""
        return 0 if self._removed is None else int(self._removed.true_count)

    @cached_property
    def distinct(self) -> int:
        """How many hashes there are."""
        return int(np.count_nonzero(self.hashes[1:] != self.hashes[:-1])) + 1 if len(self) else 0

    @cached_property
    def expiry(self) -> npt.NDArray[np.int64] | None:
        """When each row expires; None when none of the store's rows does."""
        if self._layout.expiry_column is None:
            return None
        return int64_values(self.rows.column(self._layout.expiry_column), NEVER)

    @cached_property
    def due(self) -> npt.NDArray[np.uint32]:
        """The places in order of expiry."""
        found: npt.NDArray[np.uint32] = self.batch.column(DUE).to_numpy()
        return found

    def entry(self, start: int, size: int, crc32: int) -> BlockEntry:
        """What a run's index says of it, as `size` bytes from `start` on; it has at least one row."""
        first, last = int(self.hashes[0]), int(self.hashes[-1])
        return BlockEntry(start, size, len(self), first, last, *self._expiries(), crc32)

    def _expiries(self) -> tuple[int, int]:
        if self.removals == len(self):
            return NEVER, AT_ONCE
        if self.expiry is None:
            return NEVER, NEVER
        kept = self.expiry[~self.removed] if self.removals else self.expiry
        return int(kept.min()), int(kept.max())

    def find(self, wanted: Hashes) -> tuple[npt.NDArray[np.bool_], Places]:
        """Which of the sorted hashes are here, and the places of all their rows.

        None of `wanted` may be above the last hash of the block.
        """
        first = self._firsts(wanted)
        is_here = self.hashes[first] == wanted
        places = first[is_here]
        if self.distinct == len(self):
            return is_here, places
        return is_here, _ranges(places, self.hashes.searchsorted(wanted[is_here], "right"))

    def _firsts(self, wanted: Hashes) -> Places:
        """As `hashes.searchsorted(wanted)`.

        A binary search in a large block misses the caches at almost every step: where few hashes are wanted,
        one among every sixteenth hash leads to sixteen that lie side by side.
        """
        if len(wanted) * _SPARSE > len(self):
            return self.hashes.searchsorted(wanted)
        rows = self.hashes[: len(self) // _STEP * _STEP].reshape(-1, _STEP)
        at = np.maximum(self._every_sixteenth.searchsorted(wanted) - 1, 0)
        is_behind = at == len(rows)
        near = rows.take(np.minimum(at, len(rows) - 1), axis=0)
        firsts: Places = at * _STEP + np.count_nonzero(near < wanted[:, None], axis=1)
        firsts[is_behind] = self.hashes.searchsorted(wanted[is_behind])
        return firsts

    @cached_property
    def _every_sixteenth(self) -> Hashes:
        return self.hashes[::_STEP].copy()

    def living(self, places: Places, floor_us: int) -> Places:
        """Those of `places` that hold a row which has not expired at `floor_us`."""
        if self.removals:
            places = places[~self.removed[places]]
        if self.expiry is None or floor_us == AT_ONCE:
            return places
        return places[self.expiry[places] > floor_us]

    def due_between(self, after_us: int, until_us: int) -> Places:
        """The places of the rows that expire later than `after_us`, at the latest at `until_us`."""
        return self.due[self._due_until(after_us) : self._due_until(until_us)].astype(np.int64)

    def next_due(self, after_us: int) -> int:
        """When the first row expires that is alive at `after_us`."""
        place = self._due_until(after_us)
        assert self.expiry is not None
        return int(self.expiry[self.due[place]]) if place < len(self) else NEVER

    def _due_until(self, time_us: int) -> int:
        expiry = self.expiry
        assert expiry is not None
        return bisect_right(self.due, time_us, key=expiry.__getitem__)


def _ranges(firsts: Places, ends: Places) -> Places:
    """The numbers of all ranges, one after another."""
    lengths = ends - firsts
    if not len(lengths):
        return firsts
    steps = np.ones(int(lengths.sum()), dtype=np.int64)
    steps[0] = firsts[0]
    steps[np.cumsum(lengths)[:-1]] = firsts[1:] - ends[:-1] + 1
    return np.cumsum(steps)


def expiry_of(rows: pa.Table, layout: StoreLayout) -> npt.NDArray[np.int64]:
    """When each row expires, for a layout with an expiry column."""
    assert layout.expiry_column is not None
    chunks = [int64_values(chunk, NEVER) for chunk in rows.column(layout.expiry_column).chunks]
    return np.concatenate([np.zeros(0, dtype=np.int64), *chunks])


def make_block(content: HashedRows, layout: StoreLayout) -> Block:
    """A block of rows that are sorted by their hashes."""
    batch = content.rows.combine_chunks().to_batches()[0]
    arrays = [plain(content.hashes, pa.uint64()), *batch.columns]
    if not layout.only_adds:
        removed = np.zeros(len(content), dtype=np.bool_) if content.removed is None else content.removed
        arrays.append(flags(removed))
    if layout.expiry_column is not None:
        expiry = int64_values(batch.column(layout.expiry_column), NEVER)
        arrays.append(plain(_by_time(expiry).astype(np.uint32), pa.uint32()))
    return Block(pa.RecordBatch.from_arrays(arrays, schema=layout.file_schema), layout)


def _by_time(times: npt.NDArray[np.int64]) -> Places:
    """The places of the times in ascending order."""
    finite = times[times != NEVER]
    if not len(finite):
        return np.arange(len(times))
    earliest = finite.min()
    after = (times - earliest).view(np.uint64)
    # A place behind all others that costs no leading bits.
    after[times == NEVER] = int(finite.max()) - int(earliest) + 1
    return order_of(after)


def plain(values: npt.NDArray[np.uint64] | npt.NDArray[np.uint32], kind: pa.DataType) -> pa.Array:
    """A fixed-width array over numpy's memory."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])
