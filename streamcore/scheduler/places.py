"""Where data are: cached partitions and shuffle output, as the driver and its workers name them."""

from __future__ import annotations

from typing import NamedTuple


class BlockId(NamedTuple):
    """One cached partition of one RDD."""

    rdd: int
    partition: int


class MapStatus(NamedTuple):
    """Where one map task left its shuffle output.

    `runs` holds, for each run that was written one after another, the offsets in the file at which the
    segment of each reduce partition begins, and the end of the last one.
    """

    path: str
    runs: tuple[tuple[int, ...], ...]

    def segments(self, partition: int) -> list[tuple[int, int]]:
        """Return (offset, length) of what belongs to a reduce partition, empty segments left out."""
        return [
            (run[partition], run[partition + 1] - run[partition])
            for run in self.runs
            if run[partition + 1] > run[partition]
        ]
