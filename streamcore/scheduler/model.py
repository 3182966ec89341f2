"""The words that the scheduler speaks: what a job consists of, what happens, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamcore.scheduler.places import BlockId


@dataclass(frozen=True, slots=True)
class StageSpec:
    """What the scheduler must know about a stage to decide; how to run it is looked up at the edge.

    Parameters
    ----------
    stage_id
        Unique within the context.
    partitions
        The partitions to compute.
    shuffle
        The shuffle that the stage writes, or None when its results go to the driver.
    parents
        The shuffles that its tasks may read.
    needs
        Those of `parents` that this job surely reads, given what is cached now.
    blocks
        For a partition, the cached blocks that would speed it up, the most useful first.
    together
        Whether all tasks must run at the same time (a barrier stage).
    """

    stage_id: int
    partitions: tuple[int, ...]
    shuffle: int | None = None
    parents: tuple[int, ...] = ()
    needs: tuple[int, ...] = ()
    blocks: Mapping[int, Sequence[BlockId]] = field(default_factory=dict)
    together: bool = False


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A job: its result stage, and a map stage for every shuffle it may come to read."""

    job_id: int
    result: StageSpec
    maps: Mapping[int, StageSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """Why an attempt failed: the exception (None if it could not be sent) and its traceback as text."""

    message: str
    traceback: str = ""
    exception: BaseException | None = None
    worker_lost: bool = False


# ---- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JobSubmitted:
    """A driver thread wants a job run."""

    job: JobSpec


@dataclass(frozen=True, slots=True)
class JobWithdrawn:
    """A job is to be given up; `error` is what its caller sees."""

    job_id: int
    error: BaseException


@dataclass(frozen=True, slots=True)
class WorkerJoined:
    """A worker is ready for a task."""

    worker: int


@dataclass(frozen=True, slots=True)
class WorkerGone:
    """A worker died; what it ran and what it cached is lost."""

    worker: int
    reason: str


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    """An attempt ended well. `value` is a MapStatus for a map stage, anything for a result stage."""

    task_id: int
    value: Any
    stored: tuple[BlockId, ...] = ()
    dropped: tuple[BlockId, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """An attempt raised."""

    task_id: int
    failure: TaskFailure
    dropped: tuple[BlockId, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """An attempt could not read the output of a shuffle: the files at `paths` are lost or damaged.

    No path means that the output was not there to be read.
    """

    task_id: int
    shuffle: int
    paths: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class BlocksForgotten:
    """An RDD was unpersisted."""

    rdd: int


@dataclass(frozen=True, slots=True)
class ShuffleForgotten:
    """A shuffle's files were deleted."""

    shuffle: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time went by."""


Event = (
    JobSubmitted
    | JobWithdrawn
    | WorkerJoined
    | WorkerGone
    | TaskSucceeded
    | TaskFailed
    | FetchFailed
    | BlocksForgotten
    | ShuffleForgotten
    | Ticked
)

# ---- instructions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Launch:
    """Send a task to a worker that is idle."""

    worker: int
    task_id: int
    stage_id: int
    partition: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Kill:
    """Stop the task that a worker runs: nobody wants its result any more."""

    worker: int
    task_id: int


@dataclass(frozen=True, slots=True)
class StageStarted:
    """The first task of an attempt at a stage may run now."""

    stage_id: int
    attempt: int
    num_tasks: int


@dataclass(frozen=True, slots=True)
class StageSkipped:
    """The output of the stage still stands from an earlier job."""

    stage_id: int


@dataclass(frozen=True, slots=True)
class StageEnded:
    """No task of the stage is left to run; `failed` when it must be tried again or was given up."""

    stage_id: int
    failed: bool


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt at a task ended; for the record."""

    task_id: int
    stage_id: int
    status: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ResultReady:
    """The first successful attempt at a partition of the result stage has ended."""

    job_id: int
    partition: int
    value: Any


@dataclass(frozen=True, slots=True)
class CountUpdates:
    """The accumulator updates of this attempt count: it is the one whose output is used."""

    task_id: int


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job is over; `error` is None when every partition was delivered."""

    job_id: int
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send `Ticked` at this time: a task waits for the worker that holds its data."""

    at: float


Instruction = (
    Launch
    | Kill
    | StageStarted
    | StageSkipped
    | StageEnded
    | AttemptEnded
    | ResultReady
    | CountUpdates
    | JobEnded
    | WakeAt
)
