"""What happened: jobs, stages and tasks with their times, rows and failures, kept for a bounded while."""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Record = TypeVar("Record")


class JobStatus(StrEnum):
    """Where a job stands; the values are those of PySpark's `SparkJobInfo.status`."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class StageStatus(StrEnum):
    """Where a stage stands; `SKIPPED` when its shuffle output still stood from an earlier job."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class TaskStatus(StrEnum):
    """How one attempt at a task ended, if it did."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    KILLED = "KILLED"


@dataclass(slots=True)
class TaskMetrics:
    """What one attempt at a task did. Bytes are bytes, seconds are seconds, rows are records."""

    run_seconds: float = 0.0
    rows_read: int = 0
    rows_written: int = 0
    result_bytes: int = 0
    shuffle_read_bytes: int = 0
    shuffle_write_bytes: int = 0
    spilled_bytes: int = 0

    def add(self, other: TaskMetrics) -> None:
        """Add the figures of `other` to these."""
        self.run_seconds += other.run_seconds
        self.rows_read += other.rows_read
        self.rows_written += other.rows_written
        self.result_bytes += other.result_bytes
        self.shuffle_read_bytes += other.shuffle_read_bytes
        self.shuffle_write_bytes += other.shuffle_write_bytes
        self.spilled_bytes += other.spilled_bytes


@dataclass(slots=True)
class TaskRecord:
    """One attempt at one task."""

    task_id: int
    stage_id: int
    partition: int
    attempt: int
    worker: int
    launched: float
    finished: float | None = None
    status: TaskStatus = TaskStatus.RUNNING
    metrics: TaskMetrics = field(default_factory=TaskMetrics)
    error: str | None = None


@dataclass(slots=True)
class StageRecord:
    """One attempt at a stage, or a stage that was skipped. Times are seconds since the epoch."""

    stage_id: int
    attempt: int
    name: str
    num_tasks: int
    status: StageStatus = StageStatus.PENDING
    submitted: float | None = None
    finished: float | None = None
    active_tasks: int = 0
    completed_tasks: int = 0
    failed_tasks: int = 0
    metrics: TaskMetrics = field(default_factory=TaskMetrics)
    tasks: list[TaskRecord] = field(default_factory=list)


@dataclass(slots=True)
class JobRecord:
    """One job. Times are seconds since the epoch."""

    job_id: int
    name: str
    stage_ids: tuple[int, ...]
    submitted: float
    group: str | None = None
    tags: frozenset[str] = frozenset()
    finished: float | None = None
    status: JobStatus = JobStatus.RUNNING
    error: str | None = None

    @property
    def seconds(self) -> float:
        """How long the job took, or has taken so far."""
        return (self.finished if self.finished is not None else time.time()) - self.submitted


class StatusStore:
    """The records of the newest jobs and stages of one context; safe to use from several threads.

    Parameters
    ----------
    retained_jobs, retained_stages
        How many of each are kept; the oldest go first (`spark.ui.retainedJobs`, `.retainedStages`).
    clock
        Returns seconds since the epoch.
    """

    def __init__(
        self,
        retained_jobs: int = 1000,
        retained_stages: int = 1000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.now = clock
        self._retained_jobs = retained_jobs
        self._retained_stages = retained_stages
        self._jobs: OrderedDict[int, JobRecord] = OrderedDict()
        self._stages: OrderedDict[int, StageRecord] = OrderedDict()
        self._lock = threading.Lock()
        self._job_ids = itertools.count()
        self._stage_ids = itertools.count()

    def next_job_id(self) -> int:
        """Return an id that no other job of this context has."""
        return next(self._job_ids)

    def next_stage_id(self) -> int:
        """Return an id that no other stage of this context has."""
        return next(self._stage_ids)

    def add_job(self, job: JobRecord) -> None:
        """Keep the record of a job that has just been submitted."""
        with self._lock:
            self._jobs[job.job_id] = job
            _trim(self._jobs, self._retained_jobs)

    def add_stage(self, stage: StageRecord) -> None:
        """Keep the record of a stage; a later attempt takes the place of the earlier one."""
        with self._lock:
            self._stages[stage.stage_id] = stage
            _trim(self._stages, self._retained_stages)

    def begin_thread_job(
        self, name: str, num_tasks: int, group: str | None = None, tags: frozenset[str] = frozenset()
    ) -> tuple[JobRecord, StageRecord]:
        """Record the start of a job of one stage whose tasks run on thread slots."""
        now = self.now()
        stage = StageRecord(next(self._stage_ids), 0, name, num_tasks, StageStatus.ACTIVE, now)
        stage.active_tasks = num_tasks
        job = JobRecord(next(self._job_ids), name, (stage.stage_id,), now, group, tags)
        with self._lock:
            self._jobs[job.job_id] = job
            self._stages[stage.stage_id] = stage
            _trim(self._jobs, self._retained_jobs)
            _trim(self._stages, self._retained_stages)
        return job, stage

    def end_thread_job(self, job: JobRecord, stage: StageRecord, error: BaseException | None) -> None:
        """Record the end of a job that `begin_thread_job` began."""
        now = self.now()
        job.finished = stage.finished = now
        stage.active_tasks = 0
        if error is None:
            stage.completed_tasks = stage.num_tasks
            stage.status, job.status = StageStatus.COMPLETE, JobStatus.SUCCEEDED
        else:
            stage.failed_tasks = 1
            stage.status, job.status = StageStatus.FAILED, JobStatus.FAILED
            job.error = f"{type(error).__name__}: {error}"

    def job(self, job_id: int) -> JobRecord | None:
        """Return the record of a job, or None when there is none (any more)."""
        return self._jobs.get(job_id)

    def stage(self, stage_id: int) -> StageRecord | None:
        """Return the record of a stage, or None when there is none (any more)."""
        return self._stages.get(stage_id)

    def jobs(self) -> Sequence[JobRecord]:
        """Return the kept jobs, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def stages(self) -> Sequence[StageRecord]:
        """Return the kept stages, oldest first."""
        with self._lock:
            return list(self._stages.values())


def _trim(records: OrderedDict[int, Record], keep: int) -> None:
    while len(records) > keep:
        records.popitem(last=False)
