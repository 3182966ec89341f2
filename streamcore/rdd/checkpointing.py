"""Saving marked RDDs after the action that computed them."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from streamcore.rdd.nodes import walk
from streamcore.rdd.sources import CheckpointNode
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamcore.rdd.nodes import Node

_FRAME = 8192


class Checkpoints:
    """Which RDDs of a context are to be saved, and which were.

    Parameters
    ----------
    own_folder
        Where local checkpoints go.
    run
        Runs a job: (node, function, partitions, name) -> values.
    next_id
        Returns a new RDD id.
    """

    def __init__(
        self,
        own_folder: Path,
        run: Callable[[Node, Callable[[int, Iterator[Any]], Any], range, str], list[Any]],
        next_id: Callable[[], int],
    ) -> None:
        self.folder: Path | None = None
        self._own_folder = own_folder
        self._run = run
        self._next_id = next_id
        self._wanted: WeakKeyDictionary[Node, bool] = WeakKeyDictionary()
        self._local: WeakKeyDictionary[Node, bool] = WeakKeyDictionary()
        self._saved_to: WeakKeyDictionary[Node, str] = WeakKeyDictionary()
        self._saving = False

    def set_folder(self, folder: str) -> None:
        """Set where reliable checkpoints go."""
        self.folder = Path(folder)

    def mark(self, node: Node, *, local: bool) -> None:
        """Note that a node is to be saved after the next action on it."""
        if node.checkpoint is None:
            self._wanted[node] = local
            self._local[node] = local

    def is_local(self, node: Node) -> bool:
        """Say whether the node was marked for, or saved to, the application's own folder."""
        return self._local.get(node, False)

    def folder_of(self, node: Node) -> str | None:
        """Return the folder that a node was saved to by a reliable checkpoint."""
        return self._saved_to.get(node)

    def after_job(self, node: Node) -> None:
        """Save what is marked in the lineage of the node that a job has just computed."""
        if not self._wanted or self._saving:
            return
        self._saving = True
        try:
            for at in _lineage(node):
                if at in self._wanted:
                    self._save(at, local=self._wanted.pop(at))
        finally:
            self._saving = False

    def _save(self, node: Node, *, local: bool) -> None:
        base = self._own_folder if local or self.folder is None else self.folder
        folder = base / f"rdd-{node.id}"
        folder.mkdir(parents=True, exist_ok=True)
        partitions = range(node.num_partitions)
        paths = self._run(node, partial(_write_partition, str(folder)), partitions, "checkpoint")
        node.checkpoint = CheckpointNode(self._next_id(), paths)
        if not local:
            self._saved_to[node] = str(folder)


def _lineage(node: Node) -> Iterator[Node]:
    """Yield a node and everything that it is computed from, across shuffles, each once."""
    seen: set[int] = set()
    todo = [node]
    while todo:
        for at in walk(todo.pop()):
            if at.id not in seen:
                seen.add(at.id)
                yield at
                todo.extend(dependency.parent for dependency in at.sources()[1])


def _write_partition(folder: str, split: int, records: Iterator[Any]) -> str:
    task = current_task()
    assert task is not None
    path = Path(folder) / f"part-{split:05d}"
    temporary = Path(folder) / f".{path.name}-{task.task_id}"
    with temporary.open("wb") as file:
        while chunk := list(islice(records, _FRAME)):
            write_frame(file, chunk)
    temporary.replace(path)
    return str(path)
