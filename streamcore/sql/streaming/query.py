"""StreamingQuery: the handle of a running query, and the thread that runs its batches."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any
from uuid import UUID

from streamcore.duck.memory import BUDGET
from streamcore.errors import (
    CheckpointFenced,
    StreamcoreError,
    StreamingQueryException,
    StreamingTimeout,
    WorkInterrupted,
)
from streamcore.logging import about
from streamcore.spi.interruption import interruptible
from streamcore.spi.secrets import without_password
from streamcore.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
)
from streamcore.streaming.progress import StreamingQueryProgress, iso_utc
from streamcore.streaming.query_log import QueryLog
from streamcore.streaming.query_progress import progress_of
from streamcore.streaming.termination import ends_in_order, require_positive_timeout
from streamcore.streaming.trigger import Once, ProcessingTime, next_start_ms, pace_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.sql.streaming.listeners import ListenerBus
    from streamcore.streaming.run import QueryRun

_WAITING = "Waiting for data to arrive"
_PROCESSING = "Processing new data"
_STOPPED = "Stopped"
_GRACE_SECONDS = 0.5
_BETWEEN_INTERRUPTIONS_SECONDS = 0.05


class StreamingQuery:
    """A query that runs in the background until it is stopped, ends or fails.

    `id` lives as long as the checkpoint; `runId` is new at every start.
    """

    def __init__(self, run: QueryRun, bus: ListenerBus, on_end: Callable[[StreamingQuery], None]) -> None:
        self._run = run
        self._bus = bus
        self._on_end = on_end
        self._last_idle_ms = run.clock.now_ms()
        self._stop_event = run.stopping
        self._ended = threading.Event()
        self._told = threading.Event()
        self._changed = threading.Condition()
        self._idle_rounds = 0
        self._log = QueryLog(run.identity)
        self._end_reason = "stopped"
        self._error: StreamingQueryException | None = None
        self._message = "Initializing sources"
        self._is_processing = False
        self._progress: deque[StreamingQueryProgress] = deque(maxlen=run.definition.progress_retained)
        self._last_start_ms: int | None = None
        self._thread = threading.Thread(
            target=self._work,
            name=f"stream execution thread for {run.identity.name or run.identity.query_id}",
        )
        self._thread.daemon = True

    # ---- PySpark's surface -----------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The identity of the query, kept in its checkpoint."""
        return self._run.identity.query_id

    @property
    def _ids(self) -> tuple[UUID, UUID]:
        return UUID(self.id), UUID(self.runId)

    @property
    def runId(self) -> str:
        """The identity of this start."""
        return self._run.identity.run_id

    @property
    def name(self) -> str | None:
        """The name given with `queryName`, or None."""
        return self._run.identity.name

    @property
    def isActive(self) -> bool:
        """Whether the query still runs."""
        return not self._ended.is_set()

    @property
    def status(self) -> dict[str, Any]:
        """What the query does right now: message, isDataAvailable, isTriggerActive."""
        return {
            "message": self._message,
            "isDataAvailable": self._is_processing,
            "isTriggerActive": self._is_processing,
        }

    @property
    def recentProgress(self) -> list[StreamingQueryProgress]:
        """The progress of the newest batches, oldest first."""
        return list(self._progress)

    @property
    def lastProgress(self) -> StreamingQueryProgress | None:
        """The progress of the newest batch; None before the first."""
        return self._progress[-1] if self._progress else None

    def exception(self) -> StreamingQueryException | None:
        """The error that ended the query; None when it runs or ended well."""
        return self._error

    def awaitTermination(self, timeout: float | None = None) -> bool | None:
        """Waits for the query to end, and for all that it held to be freed.

        With `timeout` (seconds, positive) returns whether it has ended; raises the query's
        StreamingQueryException when it ended with an error.  In the main thread of a program that handles
        SIGTERM nowhere, SIGTERM ends the wait, and the program, as Ctrl-C does.
        """
        require_positive_timeout(timeout)
        with ends_in_order():
            ended = self.has_ended_within(timeout)
        if self._error is not None and ended:
            raise self._error
        return None if timeout is None else ended

    def processAllAvailable(self) -> None:
        """Blocks until everything that is in the sources now is committed; for tests.

        Raises the query's StreamingQueryException when it fails meanwhile.
        """
        with self._changed:
            wanted = self._idle_rounds + 2 if self._is_processing else self._idle_rounds + 1
            while self._idle_rounds < wanted and self.isActive:
                self._changed.wait(0.5)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Ends the query, and returns when it has ended.

        A batch that is under way may finish within half a second; then its running statements are
        interrupted and it is given up: the next start of the query runs it again.  A commit that has begun
        is finished.  Raises StreamingTimeout when the query has not ended within
        `spark.sql.streaming.stopTimeout`; by default that is never.
        """
        self.request_stop()
        if self.is_this_thread:
            return
        timeout = self._run.settings.stop_timeout_seconds
        if not self.has_ended_within(_GRACE_SECONDS) and not self.interrupt_within(timeout):
            raise StreamingTimeout(
                f"The query {self.name or self.id} has not ended {timeout:g} s after it was stopped "
                "(spark.sql.streaming.stopTimeout); it ends when what it waits for comes back."
            )

    @property
    def is_this_thread(self) -> bool:
        """Whether the caller is the query itself: its listener, or its `foreachBatch`."""
        return threading.current_thread() is self._thread

    def request_stop(self) -> None:
        """Lets no further batch begin; does not wait."""
        self._stop_event.set()

    def interrupt_within(self, seconds: float | None) -> bool:
        """Gives up the batch under way, and waits for the query to end; whether it has."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self._run.interrupt()
            # Between two statements there is nothing to interrupt: asked again, the next one ends.
            if self.has_ended_within(_BETWEEN_INTERRUPTIONS_SECONDS):
                return True
        return False

    def has_ended_within(self, timeout: float | None) -> bool:
        """Waits for the query's thread, and not only for its last batch: what it holds must be freed."""
        if self.is_this_thread:
            return self._ended.is_set()
        # A signal that ends `Thread.join` early makes it take the thread for ended: it is left to the last.
        if not _wait(self._told, timeout):
            return False
        self._thread.join()
        return True

    def explain(self, extended: bool = False) -> None:
        """Prints the fragments of the query, stage by stage; with `extended` also their plans."""
        print(self._run.explain(extended))

    # ---- the thread ------------------------------------------------------------------------------

    def run_in_background(self, job_tags: frozenset[str] = frozenset()) -> None:
        """Starts the query's thread; called once, by `start()`, in the thread that has these tags."""
        run = self._run
        self._bus.post(
            "onQueryStarted",
            QueryStartedEvent(*self._ids, self.name, iso_utc(run.clock.now_ms()), job_tags),
        )
        position = run.loop.position
        checkpoint = run.settings.storage.location
        self._log.started(position.batch_id, position.ends, run.guarantee, run.sink.description, checkpoint)
        self._thread.start()

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            with interruptible(self._run.interruption), about(query=self._log.label):
                self._loop()
        except BaseException as raised:  # noqa: BLE001 - reported by exception() and awaitTermination()
            if self._stop_event.is_set() and _is_interruption(raised):
                self._end_reason = "interrupted; the next start runs the batch again"
            else:
                error = raised
        try:
            self._run.close()
        except Exception as raised:  # noqa: BLE001 - the first error is the one to tell
            error = error or raised
        BUDGET.release(self)
        try:
            self._end(error)
        finally:
            self._told.set()

    def _loop(self) -> None:
        trigger = self._run.definition.trigger
        pace = pace_of(trigger)
        while not self._stop_event.is_set():
            started_ms = self._run.clock.now_ms()
            ran = self._one_batch(started_ms)
            if pace is not None:
                self._wait_for_trigger(pace, started_ms, ran)
            elif not ran or isinstance(trigger, Once):
                self._end_reason = "everything that was there is read"
                return

    def _one_batch(self, started_ms: int) -> bool:
        execution = self._run.loop
        self._message, self._is_processing = _PROCESSING, True
        report = execution.run_next()
        if report is None:
            self._message = _WAITING
            self._note_idle()
            return False
        self._is_processing = False
        since_last = 0.0
        if self._last_start_ms is not None:
            since_last = max(float(report.started_ms - self._last_start_ms), 1.0)
        self._last_start_ms = report.started_ms
        run = self._run
        progress = progress_of(
            run.identity, run.definition, report, run.readers, run.sink, execution.states, since_last
        )
        self._progress.append(progress)
        BUDGET.reserve(self, sum(operator.memoryUsedBytes for operator in progress.stateOperators))
        self._log.committed(progress)
        self._bus.post("onQueryProgress", QueryProgressEvent(progress))
        return True

    def _note_idle(self) -> None:
        with self._changed:
            # Both at once: whoever waits for a later round must not take this one for it.
            self._is_processing = False
            self._idle_rounds += 1
            self._changed.notify_all()
        now = self._run.clock.now_ms()
        if now - self._last_idle_ms >= self._run.definition.idle_progress_interval_ms:
            self._last_idle_ms = now
            self._bus.post("onQueryIdle", QueryIdleEvent(*self._ids, iso_utc(now)))

    def _wait_for_trigger(self, trigger: ProcessingTime, started_ms: int, ran: bool) -> None:
        clock = self._run.clock
        delay_ms = next_start_ms(trigger, started_ms, clock.now_ms()) - clock.now_ms()
        if not ran and trigger.interval_ms == 0:
            delay_ms = self._run.polling_delay_ms
        if delay_ms > 0:
            clock.wait(self._stop_event, delay_ms / 1000)

    def _end(self, error: BaseException | None) -> None:
        if error is not None:
            self._error = StreamingQueryException(without_password(self._describe(error)), error)
            self._log.failed(self._error, self._run.loop.position.batch_id)
        else:
            self._log.stopped(self._end_reason, self._run.loop.position.batch_id)
        self._message = (
            _STOPPED if error is None else f"Terminated with exception: {without_password(str(error))}"
        )
        self._is_processing = False
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
        self._on_end(self)
        text = None if error is None else str(self._error)
        self._bus.post("onQueryTerminated", QueryTerminatedEvent(*self._ids, text, _condition(error)))

    def _describe(self, error: BaseException) -> str:
        name = f"name = {self.name}, " if self.name else ""
        batch_id = self._run.loop.position.batch_id
        again = (
            ""
            if isinstance(error, CheckpointFenced)
            else (" Start it again with the same checkpoint and it goes on from the last committed batch.")
        )
        return (
            f"[STREAM_FAILED] Query [{name}id = {self.id}, runId = {self.runId}, batchId = {batch_id}] "
            f"terminated with exception: {type(error).__name__}: {str(error).rstrip('.')}.{again} "
            "SQLSTATE: XXKST"
        )


def _wait(event: threading.Event, timeout: float | None) -> bool:
    """Waits in slices, so that Ctrl-C is noticed everywhere."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while not event.is_set():
        left = 0.2 if deadline is None else min(0.2, deadline - time.monotonic())
        if left <= 0:
            return False
        event.wait(left)
    return True


def _condition(error: BaseException | None) -> str | None:
    """The condition that an error names, or the nearest of its causes that names one."""
    while error is not None:
        condition = error.getCondition() if isinstance(error, StreamcoreError) else None
        if condition is not None:
            return condition
        error = error.__cause__
    return None


def _is_interruption(error: BaseException | None) -> bool:
    """Whether work ended because it was asked to, whatever its error was wrapped in."""
    while error is not None and not isinstance(error, WorkInterrupted):
        error = error.__cause__
    return error is not None
