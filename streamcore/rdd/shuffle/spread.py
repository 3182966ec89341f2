"""A shuffle that spreads records evenly, without regard to what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.rdd.shuffle.files import MapOutput, chunks, read_lists
from streamcore.rdd.shuffle.start import start_position
from streamcore.scheduler.sizes import total_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus

_BATCH = 10


class SpreadWriter:
    """Deals batches of records to the partitions in turn, from a start that differs between map tasks."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def __call__(self, records: Iterator[Any], env: TaskEnv, shuffle: int, map_partition: int) -> MapStatus:
        output = MapOutput(env, shuffle, map_partition)
        buckets: list[list[Any]] = [[] for _ in range(self._partitions)]
        at = start_position(map_partition, self._partitions)
        held = 0
        for batch in chunks(records, _BATCH):
            at = (at + 1) % self._partitions
            buckets[at] += batch
            held += total_size(batch)
            if held > env.task_memory:
                output.add_run(buckets)
                buckets = [[] for _ in buckets]
                held = 0
        output.add_run(buckets)
        return output.finish()


def read_spread(env: TaskEnv, shuffle: int, partition: int) -> Iterator[Any]:
    """Return the records that were dealt to a partition."""
    return (record for records in read_lists(env, shuffle, partition) for record in records)
