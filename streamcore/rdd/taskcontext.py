"""TaskContext: what a running task may know about itself."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from streamcore.errors import StreamcoreError
from streamcore.scheduler.env import current_task

if TYPE_CHECKING:
    from pathlib import Path

    from streamcore.scheduler.env import TaskEnv

_POLL_SECONDS = 0.002


class TaskContext:
    """The identity of the task that this thread runs.

    >>> TaskContext.get() is None
    True
    >>> sc.parallelize([0, 0], 2).map(lambda _: TaskContext.get().partitionId()).collect()
    [0, 1]
    """

    def __init__(self, env: TaskEnv) -> None:
        self._env = env

    @classmethod
    def get(cls) -> Self | None:
        """Return the context of the running task, or None on the driver."""
        env = current_task()
        return None if env is None else cls(env)

    def stageId(self) -> int:
        """Return the id of the stage that the task belongs to."""
        return self._env.stage_id

    def partitionId(self) -> int:
        """Return the partition that the task computes."""
        return self._env.partition

    def attemptNumber(self) -> int:
        """Return how often the task was tried before."""
        return self._env.attempt

    def taskAttemptId(self) -> int:
        """Return the id of this attempt, unique within the context."""
        return self._env.task_id

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property that the driver's thread had set when it started the job."""
        return self._env.properties.get(key)

    def cpus(self) -> int:
        """Return how many CPUs the task has."""
        return 1

    def cpuAmount(self) -> Decimal:
        """Return how many CPUs the task has."""
        return Decimal(1)

    def resources(self) -> dict[str, Any]:
        """Return the special resources of the task: none."""
        return {}


class BarrierTaskInfo:
    """Where a task of a barrier stage runs: `host:port`; nothing listens at port 0."""

    def __init__(self, address: str) -> None:
        self.address = address


class BarrierTaskContext(TaskContext):
    """The context of a task in a barrier stage, whose tasks all run at once and can wait for each other.

    >>> def meet(records):
    ...     yield BarrierTaskContext.get().allGather(str(sum(records)))
    >>> sc.parallelize([1, 2], 2).barrier().mapPartitions(meet).collect()
    [['1', '2'], ['1', '2']]
    """

    @classmethod
    def get(cls) -> Self:
        """Return the context; an error outside of a barrier stage."""
        env = current_task()
        if env is None or env.together == 0:
            raise StreamcoreError("not in a barrier stage: use RDD.barrier()")
        return cls(env)

    def barrier(self) -> None:
        """Wait until every task of the stage has called this as often as this task."""
        self.allGather()

    def allGather(self, message: str = "") -> list[str]:
        """Wait like `barrier`; return the messages of all tasks by partition."""
        if not isinstance(message, str):
            raise TypeError("the message of allGather must be text")
        env = self._env
        env.meetings += 1
        folder = env.folder / f"barrier-{env.stage_id}-{env.attempt}-{env.meetings}"
        folder.mkdir(exist_ok=True)
        note = folder / f"{env.partition}.tmp"
        note.write_text(message, encoding="utf-8")
        note.rename(folder / str(env.partition))
        return _await_notes(folder, env.together)

    def getTaskInfos(self) -> list[BarrierTaskInfo]:
        """Return where each task of the stage runs, by partition."""
        return [BarrierTaskInfo("localhost:0") for _ in range(self._env.together)]


def _await_notes(folder: Path, count: int) -> list[str]:
    notes = [folder / str(partition) for partition in range(count)]
    while not all(note.exists() for note in notes):
        time.sleep(_POLL_SECONDS)
    return [note.read_text(encoding="utf-8") for note in notes]
