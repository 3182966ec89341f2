"""A shuffle as the lineage sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamcore.rdd.nodes import Node
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus


class ShuffleDependency:
    """Records of `parent` move to `num_partitions` partitions.

    Parameters
    ----------
    shuffle_id
        Unique within the context.
    writer
        Takes (records, env, shuffle, map partition) and writes them; runs in map tasks.
    reader
        Takes (env, shuffle, reduce partition) and returns records; runs in reduce tasks.
    """

    def __init__(
        self,
        shuffle_id: int,
        parent: Node,
        num_partitions: int,
        writer: Callable[[Iterator[Any], TaskEnv, int, int], MapStatus],
        reader: Callable[[TaskEnv, int, int], Iterator[Any]],
    ) -> None:
        self.shuffle_id = shuffle_id
        self.parent = parent
        self.num_partitions = num_partitions
        self.writer = writer
        self.reader = reader
