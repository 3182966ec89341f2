"""The worker process: reads commands from its driver, obeys, reports; never outlives the driver."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.attachment import flush_streams, leave_with_driver, open_pipe
from streamcore.scheduler.runner import TaskRunner
from streamcore.scheduler.serial import dumps, loads
from streamcore.scheduler.startup import run_start_calls

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from streamcore.scheduler.messages import Command, WorkerConfig

# Young collections cost a fifth of a tight loop over new tuples at CPython's own threshold.
_GC_THRESHOLD = (100_000, 20, 50)


def main(handle: int) -> None:
    """Serve the driver at the other end of the inherited pipe `handle` until it says goodbye or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = open_pipe(handle)
    config: WorkerConfig = loads(pipe.recv_bytes())
    leave_with_driver(lambda: _leave(config.folder))
    runner = TaskRunner(config)
    run_start_calls(config.start_calls)
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
    pipe.send_bytes(b"")
    try:
        _serve(pipe, runner)
    except (EOFError, OSError):
        _leave(config.folder)


def _serve(pipe: Connection[Any, Any], runner: TaskRunner) -> None:
    while message := pipe.recv_bytes():
        command: Command = loads(message)
        report = runner.obey(command)
        if report is not None:
            flush_streams()
            pipe.send_bytes(dumps(report))


def _leave(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
