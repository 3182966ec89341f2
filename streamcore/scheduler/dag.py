"""The DAG scheduler: events in, instructions out. No thread, no clock, no I/O.

A job is a result stage and the map stages that may have to run before it.  A stage runs when the shuffles
that it needs are complete; a map stage whose output stands from an earlier job is skipped.  A lost worker
costs its tasks a retry and its cached blocks; lost shuffle output sends only the lost map partitions back.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.errors import JobFailed
from streamcore.scheduler.model import (
    AttemptEnded,
    BlocksForgotten,
    CountUpdates,
    Event,
    FetchFailed,
    Instruction,
    JobEnded,
    JobSpec,
    JobSubmitted,
    JobWithdrawn,
    Kill,
    Launch,
    ResultReady,
    ShuffleForgotten,
    StageEnded,
    StageSkipped,
    StageSpec,
    StageStarted,
    TaskFailed,
    TaskFailure,
    TaskSucceeded,
    WakeAt,
    WorkerGone,
    WorkerJoined,
)
from streamcore.scheduler.places import BlockId, MapStatus
from streamcore.scheduler.queue import TaskQueue

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class _Stage:
    spec: StageSpec
    jobs: set[int]
    needs: set[int]
    queue: TaskQueue
    attempt: int = -1
    started: bool = False
    running: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    failures: dict[int, int] = field(default_factory=dict)
    launches: dict[int, int] = field(default_factory=dict)
    fetch_failures: int = 0

    @property
    def left(self) -> list[int]:
        return [p for p in self.spec.partitions if p not in self.done and p not in self.running]


@dataclass(slots=True)
class _Job:
    spec: JobSpec
    remaining: set[int]


@dataclass(slots=True)
class _Task:
    stage: _Stage | None
    partition: int
    worker: int


class DagScheduler:
    """Decides which task runs next, and what a success, a failure or a loss means.

    Parameters
    ----------
    max_failures
        How often one task may raise before its job fails.
    max_losses
        How often one task may lose its worker before its job fails.
    max_fetch_failures
        How often a stage may find its shuffle input lost before its job fails.
    locality_wait
        Seconds that a task waits for the worker which holds its cached data.
    workers
        How many workers there are going to be.
    """

    def __init__(
        self,
        *,
        max_failures: int = 1,
        max_losses: int = 4,
        max_fetch_failures: int = 4,
        locality_wait: float = 3.0,
        workers: int = 1,
    ) -> None:
        self._max_failures = max_failures
        self._max_losses = max_losses
        self._max_fetch_failures = max_fetch_failures
        self._locality_wait = locality_wait
        self._jobs: dict[int, _Job] = {}
        self._stages: dict[int, _Stage] = {}
        self._map_stages: dict[int, _Stage] = {}
        self._outputs: dict[int, dict[int, MapStatus]] = {}
        self._expected_workers = workers
        self._seats: dict[int, int] = {}
        self._blocks: dict[BlockId, int] = {}
        self._workers: dict[int, int | None] = {}
        self._tasks: dict[int, _Task] = {}
        self._task_ids = itertools.count()
        self._out: list[Instruction] = []
        self._now = 0.0
        self._handlers: dict[type, Callable[[Any], None]] = {
            JobSubmitted: self._job_submitted,
            JobWithdrawn: self._job_withdrawn,
            WorkerJoined: self._worker_joined,
            WorkerGone: self._worker_gone,
            TaskSucceeded: self._task_succeeded,
            TaskFailed: self._task_failed,
            FetchFailed: self._fetch_failed,
            BlocksForgotten: self._blocks_forgotten,
            ShuffleForgotten: self._shuffle_forgotten,
        }

    def handle(self, event: Event, now: float) -> list[Instruction]:
        """Take note of what happened at time `now` (seconds, monotonic); return what is to be done."""
        self._now = now
        self._out = []
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        self._assign()
        return self._out

    # ---- what others may ask ----

    def outputs(self, shuffle: int) -> dict[int, MapStatus]:
        """Return the map outputs of a shuffle that stand now, by map partition."""
        return self._outputs.get(shuffle, {})

    def held_blocks(self) -> dict[BlockId, int]:
        """Return the cached blocks that stand now, with the worker that holds each."""
        return self._blocks

    def check(self) -> None:
        """Raise AssertionError if the state contradicts itself; tests call it after every event."""
        for worker, task_id in self._workers.items():
            assert task_id is None or self._tasks[task_id].worker == worker
        for task_id, task in self._tasks.items():
            assert self._workers[task.worker] == task_id
            if task.stage is not None:
                assert task.stage.running[task.partition] == task_id
                assert task.stage.spec.stage_id in self._stages
        for stage in self._stages.values():
            assert stage.jobs, "a stage that no job wants was kept"
            assert stage.jobs <= self._jobs.keys()
            assert not stage.done & stage.running.keys()

    # ---- jobs ----

    def _job_submitted(self, event: JobSubmitted) -> None:
        spec = event.job
        self._jobs[spec.job_id] = _Job(spec, set(spec.result.partitions))
        result = self._new_stage(spec.result, spec.job_id)
        self._submit(result)
        for shuffle, map_spec in spec.maps.items():
            stage = self._map_stages.get(shuffle)
            if stage is None or spec.job_id not in stage.jobs:
                self._out.append(StageSkipped(map_spec.stage_id))
        if not spec.result.partitions:
            self._end_job(spec.job_id, None)

    def _job_withdrawn(self, event: JobWithdrawn) -> None:
        if event.job_id in self._jobs:
            self._end_job(event.job_id, event.error)

    def _end_job(self, job_id: int, error: BaseException | None) -> None:
        del self._jobs[job_id]
        for stage in list(self._stages.values()):
            if job_id in stage.jobs:
                stage.jobs.discard(job_id)
                if not stage.jobs:
                    self._drop_stage(stage, failed=error is not None)
        self._out.append(JobEnded(job_id, error))

    # ---- stages ----

    def _new_stage(self, spec: StageSpec, job_id: int) -> _Stage:
        stage = _Stage(spec, {job_id}, set(spec.needs), TaskQueue(self._locality_wait))
        self._stages[spec.stage_id] = stage
        if spec.shuffle is not None:
            self._map_stages[spec.shuffle] = stage
            stage.done |= self._outputs.get(spec.shuffle, {}).keys()
        return stage

    def _submit(self, stage: _Stage) -> None:
        """Queue what is left of a stage, or first submit the map stages whose output it lacks."""
        lacking = [shuffle for shuffle in sorted(stage.needs) if not self._complete(shuffle, stage)]
        for shuffle in lacking:
            self._want_map_stage(shuffle, stage)
        if not lacking:
            self._start(stage)

    def _want_map_stage(self, shuffle: int, child: _Stage) -> None:
        stage = self._map_stages.get(shuffle)
        if stage is not None:
            stage.jobs |= child.jobs
            for parent in stage.needs:
                if not self._complete(parent, stage):
                    self._want_map_stage(parent, stage)
            return
        spec = next(self._jobs[job].spec.maps[shuffle] for job in sorted(child.jobs))
        stage = self._new_stage(spec, min(child.jobs))
        stage.jobs |= child.jobs
        self._submit(stage)

    def _complete(self, shuffle: int, child: _Stage) -> bool:
        outputs = self._outputs.get(shuffle, {})
        spec = next(self._jobs[job].spec.maps[shuffle] for job in sorted(child.jobs))
        return len(outputs) == len(spec.partitions)

    def _start(self, stage: _Stage) -> None:
        left = stage.left
        stage.attempt += 1
        stage.started = True
        self._out.append(StageStarted(stage.spec.stage_id, stage.attempt, len(left)))
        for partition in left:
            stage.queue.add(partition, prefers=self._preferred(stage.spec, partition), now=self._now)

    def _preferred(self, spec: StageSpec, partition: int) -> int | None:
        blocks = spec.blocks.get(partition, ())
        for block in blocks:
            holder = self._blocks.get(block)
            if holder is not None:
                return holder
        return self._seat(partition) if blocks else None

    def _seat(self, partition: int) -> int:
        """Spread what is going to be cached evenly, so that later passes over it are balanced.

        Returns the worker in the seat that is the partition's, or a stand-in for the one still to come.
        """
        seat = partition % max(self._expected_workers, len(self._seats))
        return next((worker for worker, taken in self._seats.items() if taken == seat), _vacant(seat))

    def _stage_done(self, stage: _Stage) -> None:
        self._drop_stage(stage, failed=False)
        for child in list(self._stages.values()):
            waited = not child.started and stage.spec.shuffle in child.needs
            if waited and all(self._complete(shuffle, child) for shuffle in child.needs):
                self._start(child)

    def _drop_stage(self, stage: _Stage, *, failed: bool) -> None:
        if self._stages.pop(stage.spec.stage_id, None) is None:
            return
        if stage.spec.shuffle is not None:
            self._map_stages.pop(stage.spec.shuffle, None)
        for task_id in list(stage.running.values()):
            self._abandon(task_id)
        if stage.attempt >= 0:
            self._out.append(StageEnded(stage.spec.stage_id, failed))

    def _abandon(self, task_id: int) -> None:
        """Let a running task go: its worker stays busy until it ends, but nothing waits for it."""
        task = self._tasks[task_id]
        if task.stage is not None:
            del task.stage.running[task.partition]
            self._out.append(AttemptEnded(task_id, task.stage.spec.stage_id, "KILLED"))
            task.stage = None
        self._out.append(Kill(task.worker, task_id))

    # ---- workers ----

    def _worker_joined(self, event: WorkerJoined) -> None:
        self._workers[event.worker] = None
        seat = min(set(range(len(self._seats) + 1)) - set(self._seats.values()))
        self._seats[event.worker] = seat
        for stage in self._stages.values():
            stage.queue.rename(_vacant(seat), event.worker)

    def _worker_gone(self, event: WorkerGone) -> None:
        task_id = self._workers.pop(event.worker, None)
        self._seats.pop(event.worker, None)
        self._blocks = {block: w for block, w in self._blocks.items() if w != event.worker}
        for stage in self._stages.values():
            stage.queue.forget_worker(event.worker)
        if task_id is not None:
            task = self._tasks.pop(task_id)
            if task.stage is not None:
                failure = TaskFailure(event.reason, worker_lost=True)
                self._attempt_failed(task_id, task, task.stage, failure)

    # ---- tasks ----

    def _release(self, task_id: int) -> _Task | None:
        task = self._tasks.pop(task_id, None)
        if task is not None:
            self._workers[task.worker] = None
        return task

    def _note_blocks(self, worker: int, stored: tuple[BlockId, ...], dropped: tuple[BlockId, ...]) -> None:
        for block in dropped:
            if self._blocks.get(block) == worker:
                del self._blocks[block]
        for block in stored:
            self._blocks[block] = worker

    def _task_succeeded(self, event: TaskSucceeded) -> None:
        task = self._release(event.task_id)
        if task is None:
            return
        self._note_blocks(task.worker, event.stored, event.dropped)
        stage = task.stage
        if stage is None:
            return
        del stage.running[task.partition]
        stage.done.add(task.partition)
        self._out.append(AttemptEnded(event.task_id, stage.spec.stage_id, "SUCCEEDED"))
        self._out.append(CountUpdates(event.task_id))
        if stage.spec.shuffle is None:
            self._deliver(stage, task.partition, event.value)
        else:
            self._outputs.setdefault(stage.spec.shuffle, {})[task.partition] = event.value
            if not stage.left and not stage.running:
                self._stage_done(stage)

    def _deliver(self, stage: _Stage, partition: int, value: object) -> None:
        (job_id,) = stage.jobs
        job = self._jobs[job_id]
        job.remaining.discard(partition)
        self._out.append(ResultReady(job_id, partition, value))
        if not job.remaining:
            self._end_job(job_id, None)

    def _task_failed(self, event: TaskFailed) -> None:
        task = self._release(event.task_id)
        if task is None:
            return
        self._note_blocks(task.worker, (), event.dropped)
        if task.stage is not None:
            self._attempt_failed(event.task_id, task, task.stage, event.failure)

    def _attempt_failed(self, task_id: int, task: _Task, stage: _Stage, failure: TaskFailure) -> None:
        del stage.running[task.partition]
        self._out.append(AttemptEnded(task_id, stage.spec.stage_id, "FAILED", failure.message))
        count = stage.failures[task.partition] = stage.failures.get(task.partition, 0) + 1
        if count >= (self._max_losses if failure.worker_lost else self._max_failures):
            self._fail_stage(stage, _job_failed(stage.spec, task.partition, count, failure))
        elif stage.spec.together:
            for other in list(stage.running.values()):
                self._abandon(other)
            stage.queue.drain()
            stage.done.clear()
            self._start(stage)
        elif stage.started:
            stage.queue.add(task.partition, prefers=None, now=self._now)

    def _fail_stage(self, stage: _Stage, error: BaseException) -> None:
        for job_id in sorted(stage.jobs):
            self._end_job(job_id, error)

    def _fetch_failed(self, event: FetchFailed) -> None:
        self._lose_outputs(event.shuffle, event.paths)
        task = self._release(event.task_id)
        if task is None or task.stage is None:
            return
        stage = task.stage
        del stage.running[task.partition]
        self._out.append(AttemptEnded(event.task_id, stage.spec.stage_id, "FAILED", event.message))
        stage.fetch_failures += 1
        if stage.fetch_failures >= self._max_fetch_failures * max(1, len(stage.spec.partitions)):
            self._fail_stage(stage, JobFailed(f"shuffle input was lost too often: {event.message}"))
            return
        stage.needs.add(event.shuffle)
        stage.queue.drain()
        stage.started = False
        self._submit(stage)

    def _lose_outputs(self, shuffle: int, paths: tuple[str, ...]) -> None:
        outputs = self._outputs.get(shuffle, {})
        lost = [partition for partition, status in outputs.items() if status.path in paths]
        for partition in lost:
            del outputs[partition]
        stage = self._map_stages.get(shuffle)
        if stage is not None and lost:
            stage.done.difference_update(lost)
            if stage.started:
                for partition in lost:
                    stage.queue.add(partition, prefers=None, now=self._now)

    def _blocks_forgotten(self, event: BlocksForgotten) -> None:
        self._blocks = {block: w for block, w in self._blocks.items() if block.rdd != event.rdd}

    def _shuffle_forgotten(self, event: ShuffleForgotten) -> None:
        self._outputs.pop(event.shuffle, None)

    # ---- assignment ----

    def _assign(self) -> None:
        idle = [worker for worker, task_id in self._workers.items() if task_id is None]
        for stage in sorted(self._stages.values(), key=_precedence):
            if not idle:
                return
            if stage.started and len(stage.queue):
                self._fill(stage, idle)
        if idle:
            self._wake_for_waiting()

    def _fill(self, stage: _Stage, idle: list[int]) -> None:
        if stage.spec.together and len(stage.queue) > len(idle):
            workers = max(self._expected_workers, len(self._workers))
            if len(stage.queue) > workers:
                self._fail_stage(stage, _too_few_workers(stage.spec, workers))
            return
        for worker in list(idle):
            partition = stage.queue.take(worker, self._now)
            if partition is not None:
                idle.remove(worker)
                self._launch(stage, partition, worker)

    def _launch(self, stage: _Stage, partition: int, worker: int) -> None:
        task_id = next(self._task_ids)
        self._workers[worker] = task_id
        self._tasks[task_id] = _Task(stage, partition, worker)
        stage.running[partition] = task_id
        attempt = stage.launches.get(partition, 0)
        stage.launches[partition] = attempt + 1
        self._out.append(Launch(worker, task_id, stage.spec.stage_id, partition, attempt))

    def _wake_for_waiting(self) -> None:
        times = [stage.queue.wakes_at() for stage in self._stages.values() if stage.started]
        due = [at for at in times if at is not None]
        if due:
            self._out.append(WakeAt(min(due)))


def _vacant(seat: int) -> int:
    return -1 - seat


def _precedence(stage: _Stage) -> tuple[int, int]:
    """Earlier jobs first, and within a job earlier stages."""
    return min(stage.jobs), stage.spec.stage_id


def _job_failed(spec: StageSpec, partition: int, count: int, failure: TaskFailure) -> JobFailed:
    times = "once" if count == 1 else f"{count} times"
    text = f"task {partition} of stage {spec.stage_id} failed {times}; the last failure:\n"
    error = JobFailed(text + (failure.traceback or failure.message))
    error.__cause__ = failure.exception
    return error


def _too_few_workers(spec: StageSpec, workers: int) -> JobFailed:
    return JobFailed(
        f"a barrier stage of {len(spec.partitions)} tasks needs as many workers at once, and there are "
        f"{workers}: use fewer partitions or a larger local[n]"
    )
