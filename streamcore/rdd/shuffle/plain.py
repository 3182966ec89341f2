"""A shuffle that only moves pairs to the partition of their key."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from streamcore.rdd.shuffle.files import MapOutput, chunks, read_lists
from streamcore.scheduler.sizes import total_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.rdd.partitioner import Partitioner
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus

_CHUNK = 16384
_key = itemgetter(0)


class PlainWriter:
    """Writes (key, value) pairs, each to the partition that the partitioner says."""

    def __init__(self, partitioner: Partitioner) -> None:
        self._partitioner = partitioner

    def __call__(self, records: Iterator[Any], env: TaskEnv, shuffle: int, map_partition: int) -> MapStatus:
        output = MapOutput(env, shuffle, map_partition)
        buckets: list[list[Any]] = [[] for _ in range(self._partitioner.numPartitions)]
        held = 0
        for chunk in chunks(records, _CHUNK):
            scatter(chunk, self._partitioner.of_all(list(map(_key, chunk))), buckets)
            held += total_size(chunk)
            if held > env.task_memory:
                output.add_run(buckets)
                buckets = [[] for _ in buckets]
                held = 0
        output.add_run(buckets)
        return output.finish()


def scatter(records: list[Any], partitions: list[int], buckets: list[list[Any]]) -> None:
    """Append each record to the bucket of its partition."""
    if len(buckets) == 1:
        buckets[0].extend(records)
        return
    appends = [bucket.append for bucket in buckets]
    for partition, record in zip(partitions, records, strict=True):
        appends[partition](record)


def read_plain(env: TaskEnv, shuffle: int, partition: int) -> Iterator[Any]:
    """Return the pairs of a reduce partition, in the order of the map partitions."""
    return chain.from_iterable(read_lists(env, shuffle, partition))
