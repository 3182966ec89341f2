"""A shuffle with map-side combine, and the merge after it; both spill past the task's memory."""

from __future__ import annotations

from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from streamcore.rdd.partitioner import portable_hash
from streamcore.rdd.shuffle.files import FRAME_RECORDS, MapOutput, chunks, read_file, read_lists
from streamcore.rdd.shuffle.plain import scatter
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import write_frame
from streamcore.scheduler.sizes import deep_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from streamcore.rdd.partitioner import Partitioner
    from streamcore.rdd.shuffle.aggregate import Aggregator
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus

_CHUNK = 16384
_SAMPLE = 16
_FAN_OUT = 16
_MAX_DEPTH = 4
_key = itemgetter(0)


def combined_size(combined: dict[Any, Any]) -> int:
    """Return the bytes that the dict takes with its keys and combiners, judged by its oldest and newest."""
    sample = [*islice(combined.items(), _SAMPLE), *islice(reversed(combined.items()), _SAMPLE)]
    if not sample:
        return 0
    return sum(map(deep_size, sample)) * len(combined) // len(sample) + 100 * len(combined)


class CombineWriter:
    """Combines the values of each key, then writes the combiners to the partition of their key.

    What is held past the task's memory is written as a run of its own; the reduce tasks merge the runs.
    """

    def __init__(self, partitioner: Partitioner, aggregator: Aggregator) -> None:
        self._partitioner = partitioner
        self._aggregator = aggregator

    def __call__(self, records: Iterator[Any], env: TaskEnv, shuffle: int, map_partition: int) -> MapStatus:
        output = MapOutput(env, shuffle, map_partition)
        combined: dict[Any, Any] = {}
        for chunk in chunks(records, _CHUNK):
            self._aggregator.add_values(combined, chunk)
            if combined_size(combined) > env.task_memory:
                output.add_run(self._segments(combined))
                combined = {}
        output.add_run(self._segments(combined))
        return output.finish()

    def _segments(self, combined: dict[Any, Any]) -> list[list[Any]]:
        buckets: list[list[Any]] = [[] for _ in range(self._partitioner.numPartitions)]
        scatter(list(combined.items()), self._partitioner.of_all(list(combined)), buckets)
        return buckets


class CombineReader:
    """Merges the combiners that the map tasks left for a partition; yields (key, combiner)."""

    def __init__(self, aggregator: Aggregator) -> None:
        self._aggregator = aggregator

    def __call__(self, env: TaskEnv, shuffle: int, partition: int) -> Iterator[Any]:
        lists = read_lists(env, shuffle, partition)
        return merged(lists, self._aggregator.add_combiners, self._aggregator.add_combiners, env)


class LocalCombine:
    """Combines the values of each key where no record has to move; yields (key, combiner)."""

    def __init__(self, aggregator: Aggregator) -> None:
        self._aggregator = aggregator

    def __call__(self, _: int, records: Iterator[Any]) -> Iterator[Any]:
        env = current_task()
        assert env is not None, "runs in tasks only"
        lists = chunks(records, _CHUNK)
        return merged(lists, self._aggregator.add_values, self._aggregator.add_combiners, env)


def merged(
    lists: Iterable[list[Any]],
    add: Callable[[dict[Any, Any], Iterable[Any]], None],
    add_again: Callable[[dict[Any, Any], Iterable[Any]], None],
    env: TaskEnv,
    depth: int = 0,
) -> Iterator[Any]:
    """Fold lists of pairs into one dict and return its items.

    Past the task's memory the dict is spread over files by another hash of the key; in the end each file
    is folded by itself with `add_again`, so that no more than one of them is in memory.
    """
    combined: dict[Any, Any] = {}
    spill: _Spill | None = None
    for pairs in lists:
        add(combined, pairs)
        if depth < _MAX_DEPTH and combined_size(combined) > env.task_memory:
            spill = spill or _Spill(env, depth)
            spill.add(combined)
            combined = {}
    if spill is None:
        return iter(combined.items())
    spill.add(combined)
    return chain.from_iterable(merged(part, add_again, add_again, env, depth + 1) for part in spill.parts())


class _Spill:
    """Files over which the items of dicts are spread by key; deleted when the task ends."""

    _count = 0

    def __init__(self, env: TaskEnv, depth: int) -> None:
        self._env = env
        self._depth = depth
        _Spill._count += 1
        folder = env.folder / f"spill-{env.task_id}-{_Spill._count}"
        folder.mkdir()
        self._paths: list[Path] = [folder / str(i) for i in range(_FAN_OUT)]
        env.at_end.append(self._delete)

    def add(self, combined: dict[Any, Any]) -> None:
        buckets: list[list[Any]] = [[] for _ in range(_FAN_OUT)]
        where = [hash((portable_hash(key), self._depth)) % _FAN_OUT for key in combined]
        scatter(list(combined.items()), where, buckets)
        for path, bucket in zip(self._paths, buckets, strict=True):
            with path.open("ab") as file:
                for at in range(0, len(bucket), FRAME_RECORDS):
                    written = write_frame(file, bucket[at : at + FRAME_RECORDS])
                    self._env.metrics.spilled_bytes += written

    def parts(self) -> Iterator[Iterator[list[Any]]]:
        return map(read_file, self._paths)

    def _delete(self) -> None:
        for path in self._paths:
            path.unlink(missing_ok=True)
        self._paths[0].parent.rmdir()
