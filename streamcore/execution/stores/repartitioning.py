"""The state of an operator in another number of partitions.

A partition is a range of hashes and its runs are sorted by hash, so the new partitions are slices of the old
ones, put together in order.  The new files count once a commit names them; those of the old stay as long as
a retained commit does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from streamcore.execution.stores.blocks import Block, make_block
from streamcore.execution.stores.merging import merged
from streamcore.execution.stores.run_file import RunContent, RunData
from streamcore.execution.stores.runs import Run
from streamcore.execution.stores.view import StoreView
from streamcore.execution.stores.warm import StoreRef, StoreState
from streamcore.spi.interruption import raise_if_interrupted
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.run_file import RunFiles

REPARTITION = declare("repartition-state", owner="streamcore.execution.stores")
_BITS = 32


def repartitioned(
    refs: Sequence[StoreRef], layout: StoreLayout, partitions: int, files: Callable[[int], RunFiles]
) -> list[StoreRef]:
    """The same rows as those of `refs`, all partitions of one store, in `partitions` partitions.

    `files` gives the folder of a partition.  Raises CheckpointCorrupted for a missing or damaged file.
    """
    store = _Store(refs, layout)
    reached(f"{REPARTITION}:before")
    found = [
        StoreRef(refs[0].operator, refs[0].store, number, store.written(number, partitions, folder), folder)
        for number, folder in ((number, files(number)) for number in range(partitions))
    ]
    reached(f"{REPARTITION}:after")
    return found


def hash_range(number: int, partitions: int) -> tuple[int, int]:
    """The first and the last hash of a partition.

    >>> [f"{bound:016x}" for bound in hash_range(1, 3)]
    ['5555555600000000', 'aaaaaaaaffffffff']
    """
    first, behind = (-(-(bound << _BITS) // partitions) << _BITS for bound in (number, number + 1))
    return first, behind - 1


@dataclass(frozen=True)
class _Store:
    """All partitions of a store, as they are."""

    refs: Sequence[StoreRef]
    layout: StoreLayout

    def written(self, number: int, partitions: int, files: RunFiles) -> StoreState:
        """One partition of another number of them, as one run."""
        # Partitions may have come to different times: by a later one, rows of the others would be gone.
        floor_us = min(ref.state.floor_us for ref in self.refs)
        blocks = self._blocks(hash_range(number, partitions))
        first = next(blocks, None)
        if first is None:
            return StoreState(floor_us=floor_us)
        inputs = [file for ref in self.refs for file in ref.state.chain]
        since, version = min(file.since for file in inputs), max(file.version for file in inputs)
        content = RunContent(self.layout, chain([first], blocks), floor_us)
        file = files.write(since, version, content)
        return StoreState((file,), floor_us)

    def _blocks(self, within: tuple[int, int]) -> Iterator[Block]:
        for ref in self.refs:
            runs = [Run(RunData(f, ref.files.map(f), self.layout, is_known=False)) for f in ref.state.chain]
            view = StoreView.of(self.layout, runs, ref.state.floor_us)
            for piece in merged(view.runs, self.layout, view.floor_us, is_oldest=True, within=within):
                raise_if_interrupted()
                yield make_block(piece, self.layout)
