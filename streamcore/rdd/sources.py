"""Nodes at the start of a lineage that read files: input, and what checkpoints wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.rdd.nodes import Node, Reads
from streamcore.scheduler.serial import FrameDamaged, dumps_code, read_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamcore.rdd.files import FileSplit
    from streamcore.scheduler.env import TaskEnv


class FilesNode(Node):
    """Splits of files; which there are is found out when somebody first asks.

    Parameters
    ----------
    plan
        Returns the splits of each partition; runs on the driver.
    read
        Takes the splits of a partition and yields records; runs in tasks.
    """

    def __init__(
        self,
        node_id: int,
        plan: Callable[[], Sequence[Sequence[FileSplit]]],
        read: Callable[[Iterator[FileSplit]], Iterable[Any]],
    ) -> None:
        super().__init__(node_id, None, "HadoopRDD")
        self._plan: Callable[[], Sequence[Sequence[FileSplit]]] | None = plan
        self._read = read
        self._splits: Sequence[Sequence[FileSplit]] | None = None

    def count_partitions(self) -> int:
        """List the files."""
        return len(self._planned())

    def parents(self) -> Sequence[Node]:
        """Return nothing."""
        return ()

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of the partition's splits."""
        return iter(self._read(iter(env.data(self.id, split))))

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note the partition's splits."""
        reads.data[self.id, split] = dumps_code(self._planned()[split])

    def _planned(self) -> Sequence[Sequence[FileSplit]]:
        if self._splits is None:
            assert self._plan is not None
            self._splits = self._plan()
        return self._splits

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return state if self.checkpoint is not None else {**state, "_plan": None, "_splits": None}


class CheckpointNode(Node):
    """What a checkpoint wrote, one file per partition."""

    def __init__(self, node_id: int, paths: Sequence[str]) -> None:
        super().__init__(node_id, len(paths), "ReliableCheckpointRDD")
        self._paths = paths

    def parents(self) -> Sequence[Node]:
        """Return nothing: the lineage ends here."""
        return ()

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of a partition's file."""
        return _read_checkpoint(self._paths[split])

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note nothing: the code says which files."""


def _read_checkpoint(path: str) -> Iterator[Any]:
    from streamcore.errors import CheckpointCorrupted

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the path comes as text
            size = file.seek(0, 2)
            for records in read_frames(file, 0, size):
                yield from records
    except (OSError, FrameDamaged) as error:
        raise CheckpointCorrupted(
            f"{path}: {error}; the RDD that was saved there cannot be computed again, because a checkpoint "
            "ends its lineage: make it anew"
        ) from error
