"""What a running task can reach: its inputs, its worker's stores, its figures, its identity."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.serial import loads
from streamcore.scheduler.status import TaskMetrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamcore.scheduler.blocks import BlockStore
    from streamcore.scheduler.messages import FileSlice, SegmentsOfMap, TaskInputs

_current = threading.local()


class FetchLost(Exception):
    """Shuffle output is missing or damaged; raised while a task reads it."""

    def __init__(self, shuffle: int, paths: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.shuffle = shuffle
        self.paths = paths


@dataclass(slots=True)
class TaskEnv:
    """The surroundings of one attempt at one task. Memory and sizes are in bytes."""

    task_id: int
    stage_id: int
    partition: int
    attempt: int
    inputs: TaskInputs
    folder: Path
    task_memory: int
    blocks: BlockStore
    values: dict[int, Any]
    properties: Mapping[str, str]
    metrics: TaskMetrics = field(default_factory=TaskMetrics)
    updates: dict[int, Any] = field(default_factory=dict)
    at_end: list[Any] = field(default_factory=list)
    together: int = 0
    meetings: int = 0

    def data(self, node: int, partition: int) -> Any:
        """Return the value that the driver sent along for a partition of a node."""
        found = self.inputs.data[node, partition]
        return loads(found if isinstance(found, bytes) else read_slice(found))

    def segments(self, shuffle: int, partition: int) -> list[SegmentsOfMap]:
        """Return where the shuffle input of a reduce partition lies; FetchLost when it is incomplete."""
        found = self.inputs.shuffles.get((shuffle, partition))
        if found is None:
            raise FetchLost(shuffle, (), f"the output of shuffle {shuffle} is not there")
        return found


def current_task() -> TaskEnv | None:
    """Return the surroundings of the task that this thread runs, or None outside of a task."""
    return getattr(_current, "env", None)


def set_current_task(env: TaskEnv | None) -> None:
    """Say which task this thread runs now; None when it runs none."""
    _current.env = env


def read_slice(where: FileSlice) -> bytes:
    """Return the bytes of a slice of a file."""
    with open(where.path, "rb") as file:  # noqa: PTH123 - the path comes as text, and this is often called
        file.seek(where.offset)
        return file.read(where.length)
