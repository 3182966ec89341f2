"""Tasks in the worker processes of a context: those in which its RDD tasks run."""

from __future__ import annotations

import itertools
import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streamcore.duck.memory import BUDGET
from streamcore.scheduler.errors import EngineStopped, JobCancelled, JobFailed
from streamcore.spi import kept
from streamcore.spi.interruption import current_interruption, raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from streamcore.context import Context
    from streamcore.execution.tasks import Shared, Task
    from streamcore.rdd.broadcast import Broadcast
    from streamcore.spi.interruption import Interruption

T = TypeVar("T")


class WorkerExecutor:
    """Each run is a job of the context, one task of it for each of ours; tasks and results are pickled.

    What is shared lies in a file that each worker reads once.  A worker that has not run a store's last
    batch loads it from its files.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._places: Shared[_WorkerPlace] | None = None
        self._running: dict[str, Interruption | None] = {}

    @property
    def most_threads(self) -> int:
        """A task has the one core of its worker."""
        return 1

    def share(self, value: T) -> Shared[T]:
        """See `Executor.share`; raises UnpicklableValue for what cannot be sent."""
        return _Sent(self._context.broadcast(value))

    def run(self, tasks: Sequence[Task[T]], *, name: str) -> list[T]:
        """See `Executor.run`; tasks whose worker has died are run by another."""
        raise_if_interrupted()
        if not tasks:
            return []
        work = self._context.parallelize(tasks, len(tasks))
        with self._cancellable():
            try:
                return work.evaluate(_Run(self._place()), name)
            except JobFailed as failed:
                cause = failed.__cause__
                if cause is None:
                    raise
                # From its own cause: from the job's failure, which it caused, causes would go in a circle.
                raise cause from cause.__cause__
            except JobCancelled:
                raise_if_interrupted()
                raise

    def interrupt(self, interruption: Interruption) -> None:
        """See `Executor.interrupt`: the jobs are cancelled, and workers that are at work replaced."""
        # What the caller computes itself on the way, such as a static side, runs on slots.
        self._context.slots.interrupt(interruption)
        with self._lock:
            tags = [tag for tag, of in self._running.items() if of is interruption]
        for tag in tags:
            self._context.cancelJobsWithTag(tag)

    @contextmanager
    def _cancellable(self) -> Iterator[None]:
        tag = f"streamcore-tasks-{next(self._numbers)}"
        with self._lock:
            self._running[tag] = current_interruption()
        self._context.addJobTag(tag)
        try:
            yield
        finally:
            self._context.removeJobTag(tag)
            with self._lock:
                del self._running[tag]

    def _place(self) -> Shared[_WorkerPlace]:
        with self._lock:
            if self._places is None:
                # The other half is for what the workers cache of RDDs.
                memory = self._context.memory_limit // (2 * self._context.defaultParallelism)
                self._places = self.share(_WorkerPlace(memory, os.getpid()))
            return self._places


class _Sent(Generic[T]):
    """A value that each worker has a copy of."""

    def __init__(self, broadcast: Broadcast[T]) -> None:
        self._broadcast = broadcast

    @property
    def value(self) -> T:
        return self._broadcast.value

    def destroy(self) -> None:
        close = getattr(self._broadcast.value, "close", None)
        # With the context its workers have ended, and its files are deleted.
        with suppress(EngineStopped):
            self._broadcast.destroy()
        if close is not None:
            close()


class _Run:
    """What a job applies to each partition, which is one task."""

    def __init__(self, place: Shared[_WorkerPlace]) -> None:
        self._place = place

    def __call__(self, _: int, tasks: Iterator[Task[Any]]) -> Any:
        place = self._place.value
        with kept.at(place):
            return next(tasks).run(place)


class _WorkerPlace:
    """What stays in a worker between tasks; a copy that was pickled begins empty.

    The databases of a worker process take `memory` bytes; where workers are threads, they share the driver's.
    """

    def __init__(self, memory: int, driver: int) -> None:
        self._memory = memory
        self._driver = driver
        self._kept: dict[Hashable, Any] = {}
        if os.getpid() != driver:
            BUDGET.configure(memory, threads=1)

    def resource(self, key: Hashable, factory: Callable[[], kept.R]) -> kept.R:
        """See `streamcore.spi.kept.Keeper`."""
        if key not in self._kept:
            self._kept[key] = factory()
        found: kept.R = self._kept[key]
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return _WorkerPlace, (self._memory, self._driver)
