"""The worker process: reads commands from its driver, obeys, reports; never outlives the driver."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

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
    threading.Thread(target=_watch_driver, args=(_end_of_driver(), config.folder), daemon=True).start()
    runner = TaskRunner(config)
    run_start_calls(config.start_calls)
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
    pipe.send_bytes(b"")
    try:
        _serve(pipe, runner)
    except (EOFError, OSError):
        _leave(config.folder)


def open_pipe(handle: int) -> Connection[Any, Any]:
    """Return the connection that an inherited handle stands for."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)  # type: ignore[no-any-return, unused-ignore]
    from multiprocessing.connection import Connection

    return Connection(handle)


def _serve(pipe: Connection[Any, Any], runner: TaskRunner) -> None:
    while message := pipe.recv_bytes():
        command: Command = loads(message)
        report = runner.obey(command)
        if report is not None:
            _flush()
            pipe.send_bytes(dumps(report))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue


def _end_of_driver() -> int:
    """Take the pipe from stdin, whose other end the driver holds; tasks that read stdin find it empty."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return pipe


def _watch_driver(pipe: int, folder: str) -> None:
    """Leave at once when the driver dies, even in the middle of a task."""
    while True:
        try:
            if not os.read(pipe, 1):
                _leave(folder)
        except OSError:
            _leave(folder)


def _leave(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
