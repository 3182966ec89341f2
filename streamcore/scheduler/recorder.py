"""Writes what the engine does into the status store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.scheduler.messages import CouldNotFetch
from streamcore.scheduler.status import (
    JobRecord,
    JobStatus,
    StageRecord,
    StageStatus,
    TaskRecord,
    TaskStatus,
)

if TYPE_CHECKING:
    from streamcore.scheduler.engine import JobRequest
    from streamcore.scheduler.messages import Report
    from streamcore.scheduler.model import AttemptEnded, Launch, StageEnded, StageSkipped, StageStarted
    from streamcore.scheduler.status import StatusStore

_TASKS_KEPT_PER_STAGE = 10_000


class Recorder:
    """Turns submissions, launches and ends into records. Used by the engine's thread only."""

    def __init__(self, status: StatusStore) -> None:
        self._status = status
        self._running: dict[int, TaskRecord] = {}

    def job_submitted(self, request: JobRequest) -> None:
        """Record a job and its stages."""
        spec = request.spec
        for stage in (*spec.maps.values(), spec.result):
            name = request.stages[stage.stage_id].name
            self._status.add_stage(StageRecord(stage.stage_id, 0, name, len(stage.partitions)))
        stage_ids = tuple(sorted(request.stages))
        now = self._status.now()
        self._status.add_job(
            JobRecord(spec.job_id, request.name, stage_ids, now, request.group, request.tags)
        )

    def job_ended(self, job_id: int, error: BaseException | None) -> None:
        """Record how a job ended."""
        job = self._status.job(job_id)
        if job is not None:
            job.finished = self._status.now()
            job.status = JobStatus.SUCCEEDED if error is None else JobStatus.FAILED
            job.error = None if error is None else f"{type(error).__name__}: {error}"

    def stage_started(self, started: StageStarted) -> None:
        """Record that the tasks of a stage may run."""
        stage = self._status.stage(started.stage_id)
        if stage is not None:
            stage.attempt = started.attempt
            stage.status = StageStatus.ACTIVE
            stage.submitted = stage.submitted or self._status.now()

    def stage_skipped(self, skipped: StageSkipped) -> None:
        """Record that a stage need not run."""
        stage = self._status.stage(skipped.stage_id)
        if stage is not None and stage.status is StageStatus.PENDING:
            stage.status = StageStatus.SKIPPED

    def stage_ended(self, ended: StageEnded) -> None:
        """Record that a stage is over."""
        stage = self._status.stage(ended.stage_id)
        if stage is not None:
            stage.status = StageStatus.FAILED if ended.failed else StageStatus.COMPLETE
            stage.finished = self._status.now()

    def launched(self, launch: Launch) -> None:
        """Record the start of an attempt."""
        task = TaskRecord(
            launch.task_id,
            launch.stage_id,
            launch.partition,
            launch.attempt,
            launch.worker,
            self._status.now(),
        )
        self._running[launch.task_id] = task
        stage = self._status.stage(launch.stage_id)
        if stage is not None:
            stage.active_tasks += 1
            if len(stage.tasks) < _TASKS_KEPT_PER_STAGE:
                stage.tasks.append(task)

    def attempt_ended(self, ended: AttemptEnded, report: Report | None) -> None:
        """Record how an attempt ended, with the figures it reported."""
        task = self._running.pop(ended.task_id)
        task.finished = self._status.now()
        task.status = TaskStatus(ended.status)
        task.error = ended.error
        if report is not None and not isinstance(report, CouldNotFetch):
            task.metrics = report.metrics
        stage = self._status.stage(ended.stage_id)
        if stage is None:
            return
        stage.active_tasks -= 1
        if task.status is TaskStatus.SUCCEEDED:
            stage.completed_tasks += 1
            stage.metrics.add(task.metrics)
        elif task.status is TaskStatus.FAILED:
            stage.failed_tasks += 1
