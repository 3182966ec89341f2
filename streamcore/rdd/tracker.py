"""PySpark's status tracker over the status store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamcore.scheduler.status import JobStatus, StageStatus

if TYPE_CHECKING:
    from streamcore.scheduler.status import StatusStore


class SparkJobInfo(NamedTuple):
    """What is known of a job; `status` is RUNNING, SUCCEEDED or FAILED."""

    jobId: int
    stageIds: list[int]
    status: str


class SparkStageInfo(NamedTuple):
    """What is known of a stage."""

    stageId: int
    currentAttemptId: int
    name: str
    numTasks: int
    numActiveTasks: int
    numCompletedTasks: int
    numFailedTasks: int


class StatusTracker:
    """Answers about running and recent jobs and stages; made by `Context.statusTracker`.

    >>> sc.setJobGroup("counting", "counts")
    >>> sc.parallelize([1, 2]).count()
    2
    >>> tracker = sc.statusTracker()
    >>> [tracker.getJobInfo(job).status for job in tracker.getJobIdsForGroup("counting")]
    ['SUCCEEDED']
    >>> sc.setLocalProperty("spark.jobGroup.id", None)
    """

    def __init__(self, status: StatusStore) -> None:
        self._status = status

    def getJobIdsForGroup(self, jobGroup: str | None = None) -> list[int]:
        """Return the ids of the kept jobs of a group; None: of no group."""
        return [job.job_id for job in self._status.jobs() if job.group == jobGroup]

    def getActiveStageIds(self) -> list[int]:
        """Return the ids of the stages that run now."""
        stages = self._status.stages()
        return sorted(stage.stage_id for stage in stages if stage.status is StageStatus.ACTIVE)

    def getActiveJobsIds(self) -> list[int]:
        """Return the ids of the jobs that run now."""
        return sorted(job.job_id for job in self._status.jobs() if job.status is JobStatus.RUNNING)

    def getJobInfo(self, jobId: int) -> SparkJobInfo | None:
        """Return what is known of a job, or None."""
        job = self._status.job(jobId)
        return None if job is None else SparkJobInfo(jobId, list(job.stage_ids), str(job.status))

    def getStageInfo(self, stageId: int) -> SparkStageInfo | None:
        """Return what is known of a stage, or None."""
        stage = self._status.stage(stageId)
        if stage is None:
            return None
        return SparkStageInfo(
            stageId,
            stage.attempt,
            stage.name,
            stage.num_tasks,
            stage.active_tasks,
            stage.completed_tasks,
            stage.failed_tasks,
        )
