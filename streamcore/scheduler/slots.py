"""Thread slots: where work that releases the GIL (Arrow, DuckDB, I/O) runs, at most n pieces at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streamcore.errors import WorkInterrupted
from streamcore.scheduler.errors import EngineStopped
from streamcore.spi import kept
from streamcore.spi.interruption import (
    Interruption,
    current_interruption,
    interruptible,
    raise_if_interrupted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from streamcore.scheduler.status import StatusStore

T = TypeVar("T")
R = TypeVar("R")

_BETWEEN_INTERRUPTIONS_SECONDS = 0.05
_CANCEL_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class Labels:
    """What a driver thread says of the jobs that it starts."""

    group: str | None = None
    tags: frozenset[str] = frozenset()


@dataclass(eq=False)
class _Job:
    """A `run` under way; `error` is what it was ended with, from outside."""

    labels: Labels
    interruption: Interruption
    error: Exception | None = None


class Slot:
    """The right to run one piece of work, and the resources that stay with it between pieces.

    A slot is held by one thread at a time, so what it keeps (a DuckDB database, a buffer) needs no lock.
    """

    def __init__(self, slot_id: int) -> None:
        self.id = slot_id
        self.holder: Interruption | None = None
        self._resources: dict[Hashable, Any] = {}

    def resource(self, key: Hashable, factory: Callable[[], R]) -> R:
        """Return what this slot keeps under `key`, made by `factory` the first time.

        When the slots are stopped, each resource that has a `close` method is closed.

        >>> slot = Slot(0)
        >>> slot.resource("numbers", list).append(1)
        >>> slot.resource("numbers", list)
        [1]
        """
        try:
            found: R = self._resources[key]
        except KeyError:
            found = self._resources[key] = factory()
        return found

    def interrupt(self) -> None:
        """Interrupt every resource that has an `interrupt` method; called from another thread."""
        for resource in list(self._resources.values()):
            interrupt = getattr(resource, "interrupt", None)
            if interrupt is not None:
                interrupt()

    def close(self) -> None:
        """Close and forget every resource, the newest first."""
        while self._resources:
            _, resource = self._resources.popitem()
            close = getattr(resource, "close", None)
            if close is not None:
                close()


class _TaskSet(Generic[T]):
    """The functions of one `run`, and how far they are. Guarded by the lock of its ThreadSlots."""

    def __init__(self, functions: Sequence[Callable[[Slot], T]]) -> None:
        self.functions = functions
        self.results: list[Any] = [None] * len(functions)
        self.next = 0
        self.running = 0
        self.error: BaseException | None = None
        self.waiting: threading.Lock | None = None
        self.interruption = current_interruption()

    @property
    def pending(self) -> bool:
        return self.next < len(self.functions)

    @property
    def done(self) -> bool:
        return self.running == 0 and not self.pending

    def cancel_rest(self, error: BaseException) -> None:
        if self.error is None:
            self.error = error
        self.next = len(self.functions)

    def release_if_done(self) -> None:
        if self.done and self.waiting is not None:
            self.waiting.release()
            self.waiting = None


class ThreadSlots:
    """n slots shared by all driver threads of one context, in turns.

    A slot that becomes free goes to the set of functions that has waited longest for one, a function at a
    time: between two functions of a set every other waiting set begins one at most.  So a query with a
    thousand tasks in its batch delays one with a single task by one round of tasks, not by a thousand.

    Parameters
    ----------
    slots
        How many functions may run at once, over all callers together.
    status
        Where each `run` is recorded as a job of one stage; None records nothing.
    labels
        What the calling thread says of its jobs.

    >>> slots = ThreadSlots(2)
    >>> slots.run([lambda slot: 1, lambda slot: 2, lambda slot: 3], name="three numbers")
    [1, 2, 3]
    >>> slots.stop()
    """

    def __init__(
        self, slots: int, status: StatusStore | None = None, labels: Callable[[], Labels] = Labels
    ) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, not {slots}")
        self.slots = slots
        self._status = status
        self._labels = labels
        self._jobs: set[_Job] = set()
        self._all = [Slot(i) for i in range(slots)]
        # The slot used last is taken first: the statements that come next are planned in its database.
        self._free = list(self._all)
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._sets: deque[_TaskSet[Any]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._held = threading.local()
        self._stopped = False

    def run(self, functions: Sequence[Callable[[Slot], T]], *, name: str) -> list[T]:
        """Run each function on a slot that it alone holds; return their results in order.

        A set of one runs in the calling thread when a slot is free.  The first failure cancels what has
        not started, waits for what runs, and is raised as it is.  A `run` inside a function that already
        holds a slot runs its functions one after another on that slot.

        Raises
        ------
        EngineStopped
            When `stop` was called.
        WorkInterrupted
            When the caller's work was interrupted; `cancel` raises its own error instead.
        """
        raise_if_interrupted()
        job = _Job(self._labels(), current_interruption() or Interruption())
        with self._lock:
            self._jobs.add(job)
        try:
            with interruptible(job.interruption):
                return self._recorded(functions, name, job.labels)
        except WorkInterrupted as interrupted:
            if job.error is not None:
                raise job.error from interrupted
            raise
        finally:
            with self._lock:
                self._jobs.discard(job)

    def _recorded(self, functions: Sequence[Callable[[Slot], T]], name: str, labels: Labels) -> list[T]:
        if self._status is None:
            return self._run(functions)
        job, stage = self._status.begin_thread_job(name, len(functions), labels.group, labels.tags)
        error: BaseException | None = None
        try:
            return self._run(functions)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._status.end_thread_job(job, stage, error)

    def interrupt(self, interruption: Interruption) -> None:
        """End the work under `interruption` as soon as it can be: running statements are interrupted.

        What it does between two statements goes on, and is reached by the next call.
        """
        interruption.ask()
        with self._lock:
            self._interrupt_statements()

    def _interrupt_statements(self) -> None:
        for slot in self._all:
            if slot.holder is not None and slot.holder.is_asked:
                slot.interrupt()

    def cancel(self, wanted: Callable[[Labels], bool], error: Exception) -> None:
        """End what runs with labels that are `wanted`; who waits for it gets `error`.

        Returns when it has ended, or after a second: then it ends with its next statement.
        """
        with self._lock:
            cancelled = {job for job in self._jobs if wanted(job.labels)}
            self._end(cancelled, error)
        until = time.monotonic() + _CANCEL_PATIENCE_SECONDS
        while cancelled and time.monotonic() < until:
            with self._lock:
                self._interrupt_statements()
            time.sleep(_BETWEEN_INTERRUPTIONS_SECONDS)
            with self._lock:
                cancelled &= self._jobs

    @staticmethod
    def _end(jobs: Iterable[_Job], error: Exception) -> None:
        for job in jobs:
            job.error = error
            job.interruption.ask()

    def stop(self) -> None:
        """Cancel what has not started, interrupt what runs, close the resources of every slot."""
        with self._lock:
            self._stopped = True
            self._end(self._jobs, _stopped())
            while self._sets:
                task_set = self._sets.popleft()
                task_set.cancel_rest(_stopped())
                task_set.release_if_done()
            self._work.notify_all()
            threads, self._threads = self._threads, []
            while len(self._free) < self.slots:
                # Between two statements there is nothing to interrupt: asked again, the next one ends.
                self._interrupt_statements()
                self._work.wait(_BETWEEN_INTERRUPTIONS_SECONDS)
        for thread in threads:
            thread.join()
        for slot in self._all:
            slot.close()

    def _run(self, functions: Sequence[Callable[[Slot], T]]) -> list[T]:
        held: Slot | None = getattr(self._held, "slot", None)
        if held is not None:
            return [function(held) for function in functions]
        if len(functions) == 1:
            slot = self._take_free()
            if slot is not None:
                try:
                    return [self._call(functions[0], slot, current_interruption())]
                finally:
                    self._give_back(slot)
        return self._run_set(_TaskSet(functions))

    def _take_free(self) -> Slot | None:
        with self._lock:
            if self._stopped:
                raise _stopped()
            # Who waits in a set goes first.
            return self._free.pop() if self._free and not self._sets else None

    def _give_back(self, slot: Slot) -> None:
        with self._lock:
            self._free.append(slot)
            self._wake()

    def _wake(self) -> None:
        """Tell those who wait for a slot that one is free."""
        if self._stopped:
            self._work.notify_all()
        elif self._sets:
            self._start_thread_if_short()
            self._work.notify()

    def _call(self, function: Callable[[Slot], T], slot: Slot, interruption: Interruption | None) -> T:
        self._held.slot, slot.holder = slot, interruption
        try:
            with kept.at(slot), interruptible(interruption):
                raise_if_interrupted()
                return function(slot)
        finally:
            with self._lock:
                self._held.slot = slot.holder = None

    def _run_set(self, task_set: _TaskSet[T]) -> list[T]:
        with self._lock:
            if self._stopped:
                raise _stopped()
            self._sets.append(task_set)
            for _ in range(min(len(self._free), len(task_set.functions)) - 1):
                self._start_thread_if_short()
                self._work.notify()
        try:
            self._take_part(task_set)
        except BaseException as error:
            with self._lock:
                task_set.cancel_rest(error)
                self._forget(task_set)
            self._await(task_set)
            raise
        if task_set.error is not None:
            raise task_set.error
        return task_set.results

    def _take_part(self, task_set: _TaskSet[T]) -> None:
        """Work on the caller's own set while a slot is free and it is its turn, then wait for the rest."""
        while True:
            with self._lock:
                is_its_turn = task_set.pending and self._sets[0] is task_set
                slot = self._free.pop() if self._free and is_its_turn else None
                index = self._begin(task_set) if slot is not None else -1
                if slot is None and task_set.pending:
                    self._start_thread_if_short()
                    self._work.notify()
            if slot is None:
                break
            self._work_on(task_set, index, slot)
        self._await(task_set)

    def _await(self, task_set: _TaskSet[T]) -> None:
        with self._lock:
            if task_set.done:
                self._forget(task_set)
                return
            waiting = task_set.waiting = threading.Lock()
            waiting.acquire()
        with waiting:
            pass

    def _begin(self, task_set: _TaskSet[T]) -> int:
        """Takes the next function of the set whose turn it is; the turn goes on to the set behind it."""
        index = task_set.next
        task_set.next += 1
        task_set.running += 1
        self._forget(task_set)
        if task_set.pending:
            self._sets.append(task_set)
        return index

    def _work_on(self, task_set: _TaskSet[T], index: int, slot: Slot) -> None:
        try:
            function = task_set.functions[index]
            task_set.results[index] = self._call(function, slot, task_set.interruption)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            with self._lock:
                task_set.cancel_rest(error)
                self._forget(task_set)
        with self._lock:
            self._free.append(slot)
            task_set.running -= 1
            task_set.release_if_done()
            self._wake()

    def _forget(self, task_set: _TaskSet[Any]) -> None:
        if task_set in self._sets:
            self._sets.remove(task_set)

    def _start_thread_if_short(self) -> None:
        if self._idle == 0 and len(self._threads) < self.slots:
            thread = threading.Thread(target=self._thread, name=f"slot-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _thread(self) -> None:
        while True:
            with self._lock:
                while not self._stopped and not (self._sets and self._free):
                    self._idle += 1
                    self._work.wait()
                    self._idle -= 1
                if self._stopped:
                    return
                task_set = self._sets[0]
                index = self._begin(task_set)
                slot = self._free.pop()
            self._work_on(task_set, index, slot)
            # Whatever was computed must not be kept until there is other work.
            del task_set


def _stopped() -> EngineStopped:
    return EngineStopped("the context was stopped; make a new one to run more work")
