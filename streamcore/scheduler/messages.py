"""What the driver and a worker say to each other. Everything here can be pickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamcore.scheduler.places import BlockId, MapStatus
    from streamcore.scheduler.status import TaskMetrics


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker knows from the start.

    Parameters
    ----------
    worker_id
        Unique within the context.
    folder
        The application's private folder; the worker writes below it only.
    task_memory
        Bytes that a shuffle or a sort may hold in memory before it spills.
    storage_memory
        Bytes that cached partitions may take in memory.
    files
        The folder of `addFile` and `addPyFile`.
    paths
        What goes to the front of `sys.path`.
    start_calls
        What to call before the first task, as `module:function`.
    """

    worker_id: int
    folder: str
    task_memory: int
    storage_memory: int
    files: str = ""
    paths: tuple[str, ...] = ()
    start_calls: tuple[str, ...] = ()


class SegmentsOfMap(NamedTuple):
    """What one map task left for one reduce partition: its file, and (offset, length) of each piece."""

    path: str
    segments: list[tuple[int, int]]


class FileSlice(NamedTuple):
    """A pickled value that lies in a file of the application's folder."""

    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class TaskInputs:
    """What a task needs beyond its stage's code.

    Parameters
    ----------
    data
        Pickled values by (node, partition): in place, or in a file.
    shuffles
        By (shuffle, reduce partition) where to read; None when the output is not complete.
    """

    data: Mapping[tuple[int, int], bytes | FileSlice] = field(default_factory=dict)
    shuffles: Mapping[tuple[int, int], list[SegmentsOfMap] | None] = field(default_factory=dict)


class RunTask(NamedTuple):
    """Run one task.

    `code` is the pickled stage, or None when the worker has it from an earlier task. `together` is how many
    tasks of a barrier stage run at once, 0 in other stages.
    """

    task_id: int
    stage_id: int
    partition: int
    attempt: int
    code: bytes | None
    inputs: TaskInputs
    properties: Mapping[str, str]
    together: int = 0


class ForgetStages(NamedTuple):
    """These stages are over: drop their code."""

    stage_ids: tuple[int, ...]


class DropBlocks(NamedTuple):
    """An RDD was unpersisted: drop its blocks."""

    rdd: int


class DropValue(NamedTuple):
    """A broadcast variable was unpersisted or destroyed: drop this worker's copy."""

    key: int


class AddPaths(NamedTuple):
    """Put these at the front of `sys.path`."""

    paths: tuple[str, ...]


class Succeeded(NamedTuple):
    """A task's value: where its shuffle output is, or its result: pickled, or in a file for its reader."""

    task_id: int
    value: bytes | FileSlice | MapStatus
    updates: bytes | None
    metrics: TaskMetrics
    stored: tuple[BlockId, ...]
    dropped: tuple[BlockId, ...]


class Raised(NamedTuple):
    """A task raised: what, as text, and the pickled exception if it can be pickled."""

    task_id: int
    message: str
    traceback: str
    exception: bytes | None
    metrics: TaskMetrics
    dropped: tuple[BlockId, ...]


class CouldNotFetch(NamedTuple):
    """A task found shuffle output lost or damaged."""

    task_id: int
    shuffle: int
    paths: tuple[str, ...]
    message: str


Report = Succeeded | Raised | CouldNotFetch
Command = RunTask | ForgetStages | DropBlocks | DropValue | AddPaths


class Joined(NamedTuple):
    """A worker is ready."""

    worker: int


class Gone(NamedTuple):
    """A worker died."""

    worker: int
    reason: str


class Reported(NamedTuple):
    """A worker said how a task ended."""

    worker: int
    report: Report


Happening = Joined | Gone | Reported
