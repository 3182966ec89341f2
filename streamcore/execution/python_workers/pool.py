"""The worker of a task slot, as the driver sees it: started when first needed, replaced when it dies."""

from __future__ import annotations

import logging
import subprocess
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any

from streamcore.errors import PythonException, WorkInterrupted
from streamcore.execution.python_workers.messages import (
    KEPT_PROGRAMS,
    Answer,
    Call,
    Failure,
    receive_tables,
    send_tables,
)
from streamcore.scheduler.errors import WorkerLost
from streamcore.scheduler.serial import dumps, dumps_code, loads
from streamcore.scheduler.spawning import cause_of_death, child_environment, spawn
from streamcore.spi.interruption import current_interruption, raise_if_interrupted
from streamcore.spi.kept import kept

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import pyarrow as pa

KEY = "python worker"
"""What slots keep it under."""

_MODULE = "streamcore.execution.python_workers.worker"
_GOODBYE_SECONDS = 0.3
_ATTEMPTS = 4
_log = logging.getLogger("streamcore.execution")


class Program:
    """A function `(tables, arguments) -> tables` as workers take it: pickled once, by the driver.

    Raises UnpicklableValue, which names the variable that is in the way.
    """

    def __init__(self, function: Callable[[list[pa.Table], Any], list[pa.Table]]) -> None:
        self.id = uuid.uuid4().hex
        self.code = dumps_code(function)


class PythonWorker:
    """One worker process; for use by one thread at a time, but `interrupt` may be called by any."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._is_busy = False

    @property
    def pid(self) -> int | None:
        """The process id; None before the first call."""
        return None if self._process is None else self._process.pid

    def call(self, program: Program, tables: Sequence[pa.Table], arguments: Any = None) -> list[pa.Table]:
        """What the program returns for these tables.

        Raises
        ------
        PythonException
            When it raises; the message has its traceback, `__cause__` the exception where it could be sent.
        WorkerLost
            When the process died; the next call starts another.
        WorkInterrupted
            When `interrupt` was called; the process is gone, too.
        """
        raise_if_interrupted()
        pipe = self._started()
        with self._lock:
            self._is_busy = True
        try:
            return self._answer(pipe, program, tables, arguments)
        except (EOFError, OSError) as error:
            raise self._buried() from error
        finally:
            with self._lock:
                self._is_busy = False

    def interrupt(self) -> None:
        """Ends the call under way by killing the process; nothing when there is none."""
        with self._lock:
            if self._is_busy and self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Ends the process."""
        if self._process is None or self._pipe is None:
            return
        self._pipe.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = self._pipe = None
        self._known.clear()

    def _started(self) -> Connection[Any, Any]:
        if self._pipe is None:
            ours, theirs = Pipe()
            with theirs:
                self._process = spawn(_MODULE, theirs.fileno(), child_environment())
            self._pipe = ours
        return self._pipe

    def _answer(
        self, pipe: Connection[Any, Any], program: Program, tables: Sequence[pa.Table], arguments: Any
    ) -> list[pa.Table]:
        code = None if program.id in self._known else program.code
        pipe.send_bytes(dumps(Call(program.id, code, arguments, len(tables))))
        send_tables(pipe, tables)
        if code is not None:
            self._known[program.id] = None
            if len(self._known) > KEPT_PROGRAMS:
                self._known.popitem(last=False)
        head: Answer | Failure = loads(pipe.recv_bytes())
        if isinstance(head, Failure):
            raise _raised(head)
        return receive_tables(pipe, head.tables)

    def _buried(self) -> Exception:
        assert self._process is not None
        pid, process = self._process.pid, self._process
        self.close()
        interruption = current_interruption()
        if interruption is not None and interruption.is_asked:
            return WorkInterrupted("the work was interrupted")
        return WorkerLost(f"the Python worker {pid} died ({cause_of_death(process.returncode)})")


def worker_here() -> AbstractContextManager[PythonWorker]:
    """The worker of the slot that this thread holds; without a slot a new one, closed after the block."""
    return kept(KEY, PythonWorker)


def run_python(program: Program, tables: Sequence[pa.Table], arguments: Any = None) -> list[pa.Table]:
    """What the program returns; a worker that dies is replaced, and the program run again, a few times.

    A program changes nothing outside of its worker, so that it may be run again.
    """
    with worker_here() as worker:
        for attempt in range(1, _ATTEMPTS):
            try:
                return worker.call(program, tables, arguments)
            except WorkerLost as lost:
                _log.warning("%s; the task is run again (attempt %d of %d)", lost, attempt + 1, _ATTEMPTS)
        return worker.call(program, tables, arguments)


def _raised(failure: Failure) -> PythonException:
    error = PythonException(
        "An exception was thrown from the Python worker. Please see the stack trace below.\n"
        f"{failure.traceback}"
    )
    if failure.exception is not None:
        error.__cause__ = loads(failure.exception)
    return error
