"""The worker process: runs the programs that its driver sends, one at a time; never outlives the driver.

It imports what a program needs when the program comes: a worker that only takes Arrow never loads pandas.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.execution.python_workers.messages import (
    KEPT_PROGRAMS,
    Answer,
    Call,
    Failure,
    receive_tables,
    send_tables,
)
from streamcore.scheduler.attachment import flush_streams, leave_with_driver, open_pipe
from streamcore.scheduler.serial import dumps, loads

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import TracebackType

    import pyarrow as pa

_OURS = str(Path(__file__).parents[1])
"""The folder whose frames say nothing to a user."""


def main(handle: int) -> None:
    """Serve the driver at the other end of the inherited pipe `handle` until it closes it or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_driver(lambda: os._exit(1))
    pipe = open_pipe(handle)
    kept: OrderedDict[str, bytes] = OrderedDict()
    try:
        while True:
            call: Call = loads(pipe.recv_bytes())
            _serve(pipe, call, kept)
    except (EOFError, OSError):
        os._exit(0)


def _serve(pipe: Connection[Any, Any], call: Call, kept: OrderedDict[str, bytes]) -> None:
    inputs = receive_tables(pipe, call.tables)
    if call.code is not None:
        kept[call.program] = call.code
        if len(kept) > KEPT_PROGRAMS:
            kept.popitem(last=False)
    try:
        outputs = _run(kept[call.program], inputs, call.arguments)
    except BaseException as error:  # noqa: BLE001 - it is raised again in the driver, sys.exit() included
        flush_streams()
        pipe.send_bytes(dumps(_failure(error)))
        return
    flush_streams()
    pipe.send_bytes(dumps(Answer(len(outputs))))
    send_tables(pipe, outputs)


def _run(code: bytes, inputs: list[pa.Table], arguments: Any) -> list[pa.Table]:
    # Every call gets a program of its own: what one leaves in its attributes is not there for the next,
    # whichever worker runs it.
    program = loads(code)
    outputs: list[pa.Table] = program(inputs, arguments)
    return outputs


def _failure(error: BaseException) -> Failure:
    lines = traceback.format_exception(type(error), error, _of_the_user(error.__traceback__))
    try:
        pickled = dumps(error)
        loads(pickled)
    except Exception:  # noqa: BLE001 - an exception may refuse to be pickled, or made again, in any way
        pickled = None
    return Failure(type(error).__name__, str(error), "".join(lines), pickled)


def _of_the_user(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames in front that are ours."""
    found = trace
    while found is not None and found.tb_frame.f_code.co_filename.startswith(_OURS):
        found = found.tb_next
    return trace if found is None else found
