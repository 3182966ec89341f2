"""A shuffle that sorts: map tasks write sorted runs, reduce tasks merge them.

A run is cut at the partition bounds after it is sorted, so no record is looked at one by one for its
partition, and a partition is merged from runs in streams: memory holds one frame of each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from streamcore.rdd.shuffle.files import MapOutput, chunks, read_runs, spill_list
from streamcore.rdd.shuffle.plain import scatter
from streamcore.scheduler.env import current_task
from streamcore.scheduler.sizes import total_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamcore.rdd.partitioner import Partitioner
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus

_CHUNK = 16384
# A merge holds one frame of each run, and there may be many.
_FRAME = 2048


def sorted_runs(
    records: Iterator[Any], key: Callable[[Any], Any] | None, env: TaskEnv, *, descending: bool
) -> Iterator[list[Any]]:
    """Yield the records as sorted lists, as few as the task's memory allows."""
    run: list[Any] = []
    held = 0
    for chunk in chunks(records, _CHUNK):
        run += chunk
        held += total_size(chunk) + _size_of_keys(chunk, key)
        if held > env.task_memory:
            run.sort(key=key, reverse=descending)
            yield run
            run, held = [], 0
    if run:
        run.sort(key=key, reverse=descending)
        yield run


def _size_of_keys(records: list[Any], key: Callable[[Any], Any] | None) -> int:
    """Return what sorting holds beside the records: their keys, and pointers to both."""
    pointers = 24 * len(records)
    if key is None:
        return pointers
    sample = records[:: max(1, len(records) // 8)]
    return pointers + total_size([key(record) for record in sample]) * len(records) // len(sample)


class RangeWriter:
    """Sorts records and cuts them at bounds; partition i gets what lies up to bound i (from the end down
    when descending).
    """

    def __init__(self, key: Callable[[Any], Any] | None, bounds: Sequence[Any], *, descending: bool) -> None:
        self._key = key
        self._bounds = bounds
        self._descending = descending

    def __call__(self, records: Iterator[Any], env: TaskEnv, shuffle: int, map_partition: int) -> MapStatus:
        output = MapOutput(env, shuffle, map_partition, _FRAME)
        for run in sorted_runs(records, self._key, env, descending=self._descending):
            output.add_run(self._cut(run))
        return output.finish()

    def _cut(self, run: list[Any]) -> Iterator[list[Any]]:
        if self._descending:
            ascending = _Reversed(run)
            ends = [bisect_right(ascending, bound, key=self._key) for bound in reversed(self._bounds)]
            cuts = [0, *(len(run) - end for end in ends), len(run)]
        else:
            cuts = [0, *(bisect_right(run, bound, key=self._key) for bound in self._bounds), len(run)]
        return (run[start:end] for start, end in pairwise(cuts))


class _Reversed:
    """A list seen from its end."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Any:
        return self._items[-1 - index]


class SortWriter:
    """Moves each pair to the partition of its key, every run of a partition sorted."""

    def __init__(
        self, partitioner: Partitioner, key: Callable[[Any], Any] | None, *, descending: bool
    ) -> None:
        self._partitioner = partitioner
        self._key = key
        self._descending = descending

    def __call__(self, records: Iterator[Any], env: TaskEnv, shuffle: int, map_partition: int) -> MapStatus:
        output = MapOutput(env, shuffle, map_partition, _FRAME)
        for run in sorted_runs(records, self._key, env, descending=self._descending):
            buckets: list[list[Any]] = [[] for _ in range(self._partitioner.numPartitions)]
            scatter(run, self._partitioner.of_all([pair[0] for pair in run]), buckets)
            output.add_run(buckets)
        return output.finish()


class LocalSort:
    """Sorts a partition where no record has to move; runs past the task's memory go to a file."""

    def __init__(self, key: Callable[[Any], Any] | None, *, descending: bool) -> None:
        self._key = key
        self._descending = descending

    def __call__(self, _: int, records: Iterator[Any]) -> Iterator[Any]:
        env = current_task()
        assert env is not None, "runs in tasks only"
        runs = sorted_runs(records, self._key, env, descending=self._descending)
        last = next(runs, [])
        spilled: list[Iterator[list[Any]]] = []
        for run in runs:
            spilled.append(spill_list(last, env, _FRAME))
            last = run
        return merge([*spilled, iter([last])], self._key, descending=self._descending)


class MergeReader:
    """Merges the sorted runs of a partition."""

    def __init__(self, key: Callable[[Any], Any] | None, *, descending: bool) -> None:
        self._key = key
        self._descending = descending

    def __call__(self, env: TaskEnv, shuffle: int, partition: int) -> Iterator[Any]:
        runs = read_runs(env, shuffle, partition)
        return merge(runs, self._key, descending=self._descending)


def merge(
    runs: Sequence[Iterator[list[Any]]], key: Callable[[Any], Any] | None, *, descending: bool
) -> Iterator[Any]:
    """Merge sorted runs, each an iterator of lists, into one sorted iterator; equal keys keep the order
    of the runs.

    Block by block: what lies up to the smallest last key of all blocks in memory is final, and is put in
    order by one sort, which finds the sorted pieces in it (a heap would pay for each record).
    """
    return chain.from_iterable(_merged_blocks(runs, key, descending=descending))


class _Run:
    """A run and the block of it that is in memory."""

    def __init__(self, blocks: Iterator[list[Any]]) -> None:
        self._blocks = blocks
        self.block: list[Any] = []

    def fill(self) -> bool:
        """Read the next block if the last one is used up; say whether there is one."""
        while not self.block:
            block = next(self._blocks, None)
            if block is None:
                return False
            self.block = block
        return True

    def take(self, count: int) -> list[Any]:
        taken, self.block = self.block[:count], self.block[count:]
        return taken


def _merged_blocks(
    runs: Sequence[Iterator[list[Any]]], key: Callable[[Any], Any] | None, *, descending: bool
) -> Iterator[list[Any]]:
    alive = [_Run(run) for run in runs]
    while alive := [run for run in alive if run.fill()]:
        if len(alive) == 1:
            yield alive[0].take(len(alive[0].block))
            continue
        block: list[Any] = []
        for piece in _final_pieces(alive, key, descending=descending):
            block += piece
        block.sort(key=key, reverse=descending)
        yield block


def _final_pieces(
    runs: Sequence[_Run], key: Callable[[Any], Any] | None, *, descending: bool
) -> Iterable[list[Any]]:
    lasts = [run.block[-1] if key is None else key(run.block[-1]) for run in runs]
    bound = max(lasts) if descending else min(lasts)
    # Runs after the one that sets the bound must hold back their equals: it may have more of them.
    setter = lasts.index(bound)
    for index, run in enumerate(runs):
        yield run.take(_count_final(run.block, bound, key, descending=descending, equals=index <= setter))


def _count_final(
    block: list[Any], bound: Any, key: Callable[[Any], Any] | None, *, descending: bool, equals: bool
) -> int:
    if descending:
        find = bisect_left if equals else bisect_right
        return len(block) - find(_Reversed(block), bound, key=key)
    return (bisect_right if equals else bisect_left)(block, bound, key=key)
