"""An executor whose workers are threads of this process: for tasks that release the GIL, and for tests."""

from __future__ import annotations

import itertools
import queue
import threading
from typing import TYPE_CHECKING

from streamcore.scheduler.executor import Executor
from streamcore.scheduler.messages import Command, Gone, Happening, Joined, Reported, WorkerConfig
from streamcore.scheduler.runner import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ThreadExecutor(Executor):
    """`workers` threads, each with caches of its own. A thread cannot be killed: `kill` disowns it."""

    def __init__(self, workers: int, config: Callable[[int], WorkerConfig]) -> None:
        self._workers = workers
        self._config = config
        self._ids = itertools.count()
        self._inboxes: dict[int, queue.SimpleQueue[Command | None]] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._happenings: queue.SimpleQueue[Happening | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Start the threads."""
        for _ in range(self._workers):
            self._start_one()

    def send(self, worker: int, command: Command) -> None:
        """Give a worker a command."""
        if worker in self._inboxes:
            self._inboxes[worker].put(command)

    def kill(self, worker: int) -> None:
        """Disown a worker; a new one takes its place."""
        inbox = self._inboxes.pop(worker, None)
        if inbox is not None:
            inbox.put(None)
            del self._threads[worker]
            self._happenings.put(Gone(worker, "the worker was stopped"))
            self._start_one()

    def poll(self, timeout: float | None) -> Sequence[Happening]:
        """Return what happened."""
        found: list[Happening] = []
        try:
            first = self._happenings.get(timeout=timeout)
            while True:
                if first is not None and self._is_current(first):
                    found.append(first)
                first = self._happenings.get_nowait()
        except queue.Empty:
            return found

    def wake(self) -> None:
        """Make `poll` return."""
        self._happenings.put(None)

    def stop(self) -> None:
        """End the threads, once each has finished its task."""
        for inbox in self._inboxes.values():
            inbox.put(None)
        for thread in self._threads.values():
            thread.join()
        self._inboxes.clear()
        self._threads.clear()

    def _is_current(self, happening: Happening) -> bool:
        return isinstance(happening, Gone) or happening.worker in self._inboxes

    def _start_one(self) -> None:
        worker = next(self._ids)
        inbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        runner = TaskRunner(self._config(worker))
        thread = threading.Thread(
            target=self._obey, args=(worker, runner, inbox), name=f"worker-{worker}", daemon=True
        )
        self._inboxes[worker] = inbox
        self._threads[worker] = thread
        thread.start()
        self._happenings.put(Joined(worker))

    def _obey(self, worker: int, runner: TaskRunner, inbox: queue.SimpleQueue[Command | None]) -> None:
        while (command := inbox.get()) is not None:
            report = runner.obey(command)
            if report is not None:
                self._happenings.put(Reported(worker, report))
