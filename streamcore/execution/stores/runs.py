"""A run: what a batch, or several, changed in one partition, sorted by hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.checkpoint.state_files import StateFile
    from streamcore.execution.stores.blocks import Block
    from streamcore.execution.stores.hashing import Hashes
    from streamcore.execution.stores.ordering import Places
    from streamcore.execution.stores.run_file import RunData


class Run:
    """One run file, its blocks read when they are first needed; safe for use from several threads."""

    def __init__(self, data: RunData) -> None:
        self._data = data
        self.index = data.index
        self._blocks: dict[int, Block] = {}
        self._firsts = np.array([block.first for block in self.index.blocks], dtype=np.uint64)
        self._lasts = np.array([block.last for block in self.index.blocks], dtype=np.uint64)

    @property
    def file(self) -> StateFile:
        """What a commit says of it."""
        return self._data.file

    @property
    def memory_bytes(self) -> int:
        """What it takes of the memory: a mapped file takes none that the system could not have back."""
        held = self._firsts.nbytes + self._lasts.nbytes + 8 * len(self)
        return self._data.memory_bytes + held + sum(b.memory_bytes for b in list(self._blocks.values()))

    def __len__(self) -> int:
        return len(self.index.blocks)

    def block(self, number: int) -> Block:
        """Raises CheckpointCorrupted when the block is damaged."""
        found = self._blocks.get(number)
        if found is None:
            found = self._blocks[number] = self._data.block(number)
        return found

    def find(self, wanted: Hashes) -> tuple[npt.NDArray[np.bool_], list[tuple[Block, Places]]]:
        """Which of the sorted, distinct hashes it holds, and where their rows are, removals included."""
        is_here = np.zeros(len(wanted), dtype=np.bool_)
        begins, ends = wanted.searchsorted(self._firsts), wanted.searchsorted(self._lasts, "right")
        places = []
        for number in np.flatnonzero(begins < ends).tolist():
            block, asked = self.block(number), slice(int(begins[number]), int(ends[number]))
            in_block, at = block.find(wanted[asked])
            is_here[asked] |= in_block
            if len(at):
                places.append((block, at))
        return is_here, places

    def slices(self, first: int, last: int) -> Iterator[tuple[Block, int, int]]:
        """Each block with hashes from `first` to `last`, both included, and where theirs begin and end."""
        low, high = np.uint64(first), np.uint64(last)
        for number in np.flatnonzero((self._firsts <= high) & (self._lasts >= low)).tolist():
            block = self.block(number)
            start, end = block.hashes.searchsorted(low), block.hashes.searchsorted(high, "right")
            if start < end:
                yield block, int(start), int(end)

    # ---- what falls due --------------------------------------------------------------------------

    def earliest(self) -> npt.NDArray[np.int64]:
        """A time before which nothing in the block falls due, for each block."""
        return np.array([block.earliest for block in self.index.blocks], dtype=np.int64)

    def later_than(self, times: npt.NDArray[np.int64], floor_us: int) -> npt.NDArray[np.int64]:
        """`times` of each block, brought forward to what falls due after `floor_us`."""
        passed = np.flatnonzero(times <= floor_us).tolist()
        if not passed:
            return times
        found = times.copy()
        found[passed] = [self.block(number).next_due(floor_us) for number in passed]
        return found
