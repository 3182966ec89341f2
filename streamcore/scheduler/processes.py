"""An executor whose workers are processes of this machine, started from scratch and kept warm."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.errors import WorkerStartFailed
from streamcore.scheduler.executor import Executor
from streamcore.scheduler.messages import Command, Gone, Happening, Joined, Reported, WorkerConfig
from streamcore.scheduler.serial import dumps, loads
from streamcore.scheduler.spawning import cause_of_death, child_environment, spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MAIN = "streamcore.scheduler.worker"
_MAX_START_FAILURES = 5
_GOODBYE_SECONDS = 0.3


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: Connection[Any, Any]
    joined: bool = False


class ProcessExecutor(Executor):
    """`workers` Python processes that share nothing with the driver but a pipe and a folder.

    They are spawned, not forked, so that threads of the driver do no harm and every platform behaves the
    same.  They hash text with a fixed seed, so that keys meet in the same partition in every process.  A
    worker ends when its standard input does, which is when the driver dies, however it dies.

    Parameters
    ----------
    workers
        How many processes.
    config
        Returns what the worker with this id must know.
    environment
        Variables set in the workers beside those of the driver.
    python
        The interpreter.
    """

    def __init__(
        self,
        workers: int,
        config: Callable[[int], WorkerConfig],
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self._count = workers
        self._config = config
        self._environment = child_environment(environment)
        self._python = python
        self._ids = itertools.count()
        self._workers: dict[int, _Worker] = {}
        self._by_pipe: dict[Connection[Any, Any], int] = {}
        self._lost: deque[Gone] = deque()
        self._start_failures = 0
        self._wake_reader, self._wake_writer = Pipe(duplex=False)

    def start(self) -> None:
        """Start the processes; they come up in parallel."""
        for _ in range(self._count):
            self._spawn()

    def send(self, worker: int, command: Command) -> None:
        """Give a worker a command; one that died is reported by `poll`."""
        if worker not in self._workers:
            return
        try:
            self._workers[worker].pipe.send_bytes(dumps(command))
        except OSError:
            self._bury(worker)

    def kill(self, worker: int) -> None:
        """Kill a worker process."""
        if worker in self._workers:
            self._workers[worker].process.kill()
            self._bury(worker)

    def poll(self, timeout: float | None) -> Sequence[Happening]:
        """Wait for reports, deaths and wake-ups."""
        ready = wait([self._wake_reader, *self._by_pipe], 0 if self._lost else timeout)
        found: list[Happening] = []
        for pipe in ready:
            if pipe is self._wake_reader:
                while self._wake_reader.poll():
                    self._wake_reader.recv_bytes()
            elif isinstance(pipe, Connection):
                found.extend(self._receive(pipe))
        while self._lost:
            gone = self._lost.popleft()
            found.append(gone)
            self._spawn()
        return found

    def wake(self) -> None:
        """Make `poll` return."""
        with contextlib.suppress(OSError):
            self._wake_writer.send_bytes(b"")

    def stop(self) -> None:
        """Say goodbye; kill those that do not go."""
        workers = list(self._workers.values())
        for worker in workers:
            with contextlib.suppress(OSError):
                worker.pipe.send_bytes(b"")
        deadline = time.monotonic() + _GOODBYE_SECONDS
        for worker in workers:
            try:
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
            self._close(worker)
        self._workers.clear()
        self._by_pipe.clear()
        self._wake_reader.close()
        self._wake_writer.close()

    def _spawn(self) -> None:
        worker_id = next(self._ids)
        ours, theirs = Pipe()
        with theirs:
            process = spawn(_MAIN, theirs.fileno(), self._environment, self._python)
        worker = self._workers[worker_id] = _Worker(process, ours)
        self._by_pipe[ours] = worker_id
        try:
            worker.pipe.send_bytes(dumps(self._config(worker_id)))
        except OSError:
            self._bury(worker_id)

    def _receive(self, pipe: Connection[Any, Any]) -> Sequence[Happening]:
        worker_id = self._by_pipe.get(pipe)
        if worker_id is None:
            return ()
        worker = self._workers[worker_id]
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury(worker_id)
            return ()
        if not worker.joined:
            worker.joined = True
            self._start_failures = 0
            return (Joined(worker_id),)
        return (Reported(worker_id, loads(message)),)

    def _bury(self, worker_id: int) -> None:
        worker = self._workers.pop(worker_id)
        del self._by_pipe[worker.pipe]
        code = self._close(worker)
        if not worker.joined:
            self._start_failures += 1
            if self._start_failures >= _MAX_START_FAILURES:
                raise WorkerStartFailed(
                    f"{self._start_failures} worker processes in a row ended before they were ready (exit "
                    f"code {code}); run {self._python!r} by hand with `-c 'import streamcore'` to see why"
                )
        self._lost.append(
            Gone(worker_id, f"worker process {worker.process.pid} died ({cause_of_death(code)})")
        )

    def _close(self, worker: _Worker) -> int:
        worker.pipe.close()
        if worker.process.stdin is not None:
            worker.process.stdin.close()
        try:
            return worker.process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            return worker.process.wait()
