"""The driver's loop: carries events to the DAG scheduler and its instructions to the executor."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.errors import EngineStopped, JobCancelled
from streamcore.scheduler.messages import (
    Command,
    CouldNotFetch,
    DropBlocks,
    FileSlice,
    ForgetStages,
    Gone,
    Happening,
    Joined,
    Raised,
    Report,
    RunTask,
    SegmentsOfMap,
    Succeeded,
    TaskInputs,
)
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
    StageStarted,
    TaskFailed,
    TaskFailure,
    TaskSucceeded,
    Ticked,
    WakeAt,
    WorkerGone,
    WorkerJoined,
)
from streamcore.scheduler.recorder import Recorder
from streamcore.scheduler.serial import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from streamcore.scheduler.dag import DagScheduler
    from streamcore.scheduler.executor import Executor
    from streamcore.scheduler.places import BlockId
    from streamcore.scheduler.status import StatusStore


@dataclass(frozen=True, slots=True)
class TaskReads:
    """What one task needs: pickled values by (node, partition), and (shuffle, reduce partition) pairs."""

    data: Mapping[tuple[int, int], bytes | FileSlice] = field(default_factory=dict)
    shuffles: Iterable[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class StageCode:
    """How to run a stage.

    Parameters
    ----------
    name
        What the status API shows.
    code
        Returns the pickled callable of the stage.
    reads
        Returns what the task of a partition needs.
    together
        How many tasks run at once in a barrier stage; 0 in other stages.
    """

    name: str
    code: Callable[[], bytes]
    reads: Callable[[int], TaskReads]
    together: int = 0


@dataclass(slots=True)
class JobRequest:
    """A job as a driver thread asks for it.

    Parameters
    ----------
    spec
        What the scheduler decides by.
    stages
        How to run each stage of `spec`, by stage id.
    name, group, tags
        What the status API shows.
    properties
        What tasks find as local properties.
    deliver
        Called in the engine's thread with (partition, pickled value) as results come; must be quick.
    """

    spec: JobSpec
    stages: Mapping[int, StageCode]
    name: str
    deliver: Callable[[int, bytes | FileSlice], None]
    group: str | None = None
    tags: frozenset[str] = frozenset()
    properties: Mapping[str, str] = field(default_factory=dict)
    done: Future[None] = field(default_factory=Future)


class Engine:
    """Runs jobs on an executor, from a thread of its own that starts with the first job.

    Parameters
    ----------
    dag
        Decides.
    make_executor
        Called when the first job comes.
    status
        Where everything is recorded.
    count_updates
        Called with the pickled accumulator updates of each task whose output is used.
    """

    def __init__(
        self,
        dag: DagScheduler,
        make_executor: Callable[[], Executor],
        status: StatusStore,
        count_updates: Callable[[bytes], None],
    ) -> None:
        self._dag = dag
        self._make_executor = make_executor
        self._executor: Executor | None = None
        self._recorder = Recorder(status)
        self._count_updates = count_updates
        self._inbox: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._requests: dict[int, JobRequest] = {}
        self._codes: dict[int, tuple[StageCode, JobRequest]] = {}
        self._known: dict[int, set[int]] = {}
        self._reports: dict[int, Report] = {}
        self._wake_at: float | None = None
        self._acts = self._make_acts()

    # ---- called from driver threads ----

    def run(self, request: JobRequest) -> None:
        """Run a job to its end; raises what made it fail. Ctrl-C cancels it."""
        self._post(lambda: self._submit(request))
        try:
            request.done.result()
        except KeyboardInterrupt:
            error = JobCancelled(f"job {request.spec.job_id} was interrupted")
            self.withdraw(request.spec.job_id, error)
            raise

    def withdraw(self, job_id: int, error: BaseException) -> None:
        """Give up a job; its caller sees `error`."""
        self._post(lambda: self._handle(JobWithdrawn(job_id, error)))

    def withdraw_where(self, wanted: Callable[[JobRequest], bool], error: BaseException) -> None:
        """Give up every job that is `wanted`."""

        def withdraw() -> None:
            for job_id in [i for i, request in self._requests.items() if wanted(request)]:
                self._handle(JobWithdrawn(job_id, error))

        self._post(withdraw)

    def forget_blocks(self, rdd: int) -> None:
        """Drop the cached partitions of an RDD everywhere."""
        self._post(lambda: self._forget_blocks(rdd))

    def forget_shuffle(self, shuffle: int) -> None:
        """Forget the output of a shuffle, whose files the caller deletes."""
        self._post(lambda: self._handle(ShuffleForgotten(shuffle)))

    def forget_later(self, *, rdd: int | None = None, shuffle: int | None = None) -> None:
        """Forget an RDD's blocks or a shuffle's output soon; safe to call from a finalizer."""
        if rdd is not None:
            self._inbox.append(lambda: self._forget_blocks(rdd))
        if shuffle is not None:
            self._inbox.append(lambda: self._handle(ShuffleForgotten(shuffle)))

    def tell_workers(self, command: Command) -> None:
        """Send a command to every worker there is now."""
        self._post(lambda: self._tell(command))

    def held_blocks(self) -> set[BlockId]:
        """Return the cached blocks that stand now."""
        return set(self._dag.held_blocks())

    def complete_shuffles(self, counts: Mapping[int, int]) -> set[int]:
        """Return those shuffles whose output stands, given how many map partitions each has."""
        return {s for s, count in counts.items() if len(self._dag.outputs(s)) == count}

    def stop(self) -> None:
        """Fail all jobs, end all workers."""
        with self._lock:
            self._stopping = True
            thread = self._thread
            if self._executor is not None:
                self._executor.wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    # ---- the loop ----

    def _post(self, action: Callable[[], None]) -> None:
        with self._lock:
            if self._stopping:
                raise EngineStopped("the context was stopped; make a new one to run more jobs")
            self._inbox.append(action)
            if self._executor is None:
                self._executor = self._make_executor()
                self._thread = threading.Thread(target=self._loop, name="engine", daemon=True)
                self._thread.start()
            else:
                self._executor.wake()

    @property
    def _workers(self) -> Executor:
        assert self._executor is not None
        return self._executor

    def _loop(self) -> None:
        error: BaseException = EngineStopped("the context was stopped while the job ran")
        try:
            self._workers.start()
            while not self._stopping:
                while self._inbox:
                    self._inbox.popleft()()
                for happening in self._workers.poll(self._timeout()):
                    self._note(happening)
                if self._wake_at is not None and time.monotonic() >= self._wake_at:
                    self._wake_at = None
                    self._handle(Ticked())
        except BaseException as failure:  # noqa: BLE001 - every waiting caller gets it
            error = failure
        finally:
            self._stopping = True
            self._fail_all(error)
            self._workers.stop()
            self._fail_all(error)

    def _fail_all(self, error: BaseException) -> None:
        while self._inbox:
            self._inbox.popleft()()
        for job_id in list(self._requests):
            self._end_job(job_id, error)

    def _timeout(self) -> float | None:
        if self._inbox:
            return 0.0
        return None if self._wake_at is None else max(0.0, self._wake_at - time.monotonic())

    def _note(self, happening: Happening) -> None:
        if isinstance(happening, Joined):
            self._known[happening.worker] = set()
            self._handle(WorkerJoined(happening.worker))
        elif isinstance(happening, Gone):
            self._known.pop(happening.worker, None)
            self._handle(WorkerGone(happening.worker, happening.reason))
        else:
            self._reports[happening.report.task_id] = happening.report
            self._handle(_event(happening.report))
            self._reports.pop(happening.report.task_id, None)

    def _handle(self, event: Event) -> None:
        for instruction in self._dag.handle(event, time.monotonic()):
            self._carry_out(instruction)

    def _carry_out(self, instruction: Instruction) -> None:
        self._acts[type(instruction)](instruction)

    def _make_acts(self) -> dict[type, Callable[[Any], None]]:
        return {
            Launch: self._launch,
            Kill: lambda kill: self._workers.kill(kill.worker),
            AttemptEnded: lambda end: self._recorder.attempt_ended(end, self._reports.get(end.task_id)),
            CountUpdates: self._count,
            ResultReady: lambda ready: self._requests[ready.job_id].deliver(ready.partition, ready.value),
            JobEnded: lambda end: self._end_job(end.job_id, end.error),
            StageStarted: self._recorder.stage_started,
            StageSkipped: self._recorder.stage_skipped,
            StageEnded: self._end_stage,
            WakeAt: self._note_wake,
        }

    def _note_wake(self, wake: WakeAt) -> None:
        self._wake_at = wake.at

    # ---- instructions ----

    def _submit(self, request: JobRequest) -> None:
        self._requests[request.spec.job_id] = request
        for stage_id, code in request.stages.items():
            self._codes[stage_id] = (code, request)
        self._recorder.job_submitted(request)
        self._handle(JobSubmitted(request.spec))

    def _launch(self, launch: Launch) -> None:
        code, request = self._codes[launch.stage_id]
        known = self._known[launch.worker]
        self._recorder.launched(launch)
        command = RunTask(
            launch.task_id,
            launch.stage_id,
            launch.partition,
            launch.attempt,
            None if launch.stage_id in known else code.code(),
            self._inputs(code.reads(launch.partition), request.spec),
            request.properties,
            code.together,
        )
        known.add(launch.stage_id)
        self._workers.send(launch.worker, command)

    def _inputs(self, reads: TaskReads, job: JobSpec) -> TaskInputs:
        shuffles = {read: self._segments(*read, job) for read in reads.shuffles}
        return TaskInputs(reads.data, shuffles)

    def _segments(self, shuffle: int, partition: int, job: JobSpec) -> list[SegmentsOfMap] | None:
        outputs = self._dag.outputs(shuffle)
        if len(outputs) < len(job.maps[shuffle].partitions):
            return None
        statuses = (outputs[i] for i in sorted(outputs))
        return [SegmentsOfMap(status.path, status.segments(partition)) for status in statuses]

    def _count(self, count: CountUpdates) -> None:
        report = self._reports.get(count.task_id)
        if isinstance(report, Succeeded) and report.updates is not None:
            self._count_updates(report.updates)

    def _end_job(self, job_id: int, error: BaseException | None) -> None:
        request = self._requests.pop(job_id, None)
        if request is None:
            return
        self._recorder.job_ended(job_id, error)
        for stage_id in request.stages:
            self._codes.pop(stage_id, None)
        if error is None:
            request.done.set_result(None)
        else:
            request.done.set_exception(error)

    def _end_stage(self, ended: StageEnded) -> None:
        self._recorder.stage_ended(ended)
        for worker, known in self._known.items():
            if ended.stage_id in known:
                known.discard(ended.stage_id)
                self._workers.send(worker, ForgetStages((ended.stage_id,)))

    def _forget_blocks(self, rdd: int) -> None:
        self._tell(DropBlocks(rdd))
        self._handle(BlocksForgotten(rdd))

    def _tell(self, command: Command) -> None:
        for worker in list(self._known):
            self._workers.send(worker, command)


def _event(report: Report) -> Event:
    if isinstance(report, Succeeded):
        return TaskSucceeded(report.task_id, report.value, report.stored, report.dropped)
    if isinstance(report, Raised):
        failure = TaskFailure(report.message, report.traceback, _exception(report.exception))
        return TaskFailed(report.task_id, failure, report.dropped)
    assert isinstance(report, CouldNotFetch)
    return FetchFailed(report.task_id, report.shuffle, report.paths, report.message)


def _exception(data: bytes | None) -> BaseException | None:
    if data is None:
        return None
    try:
        error = loads(data)
    except Exception:  # noqa: BLE001 - it travelled in the worker, but not to here; its text did
        return None
    return error if isinstance(error, BaseException) else None
