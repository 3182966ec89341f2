"""What ties a child process to its driver: the pipe that it inherits, and an end with the driver's."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


def open_pipe(handle: int) -> Connection[Any, Any]:
    """Return the connection that an inherited handle stands for."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)  # type: ignore[no-any-return, unused-ignore]
    from multiprocessing.connection import Connection

    return Connection(handle)


def leave_with_driver(leave: Callable[[], None]) -> None:
    """Call `leave`, which ends the process, when the driver dies, even in the middle of a task."""
    threading.Thread(target=_watch, args=(_end_of_driver(), leave), daemon=True).start()


def flush_streams() -> None:
    """Hand on what was printed."""
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


def _watch(pipe: int, leave: Callable[[], None]) -> None:
    while True:
        try:
            if not os.read(pipe, 1):
                leave()
        except OSError:
            leave()
