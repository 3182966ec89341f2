"""What the driver and a Python worker say to each other: a short pickled head, and Arrow IPC streams.

The driver wrote the worker's code and the worker is its own child: nothing here reads what another wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import pyarrow as pa


KEPT_PROGRAMS = 64
"""How many programs a worker keeps: those that came last.  The driver counts with it."""


class Call(NamedTuple):
    """Run a program over `tables` tables, which follow.

    `code` is the pickled program, or None when the worker has it under `program` from an earlier call.
    """

    program: str
    code: bytes | None
    arguments: Any
    tables: int


class Answer(NamedTuple):
    """What the program returned: `tables` tables, which follow."""

    tables: int


class Failure(NamedTuple):
    """The program raised: what, as the user would see it, and the exception where it can be pickled."""

    kind: str
    message: str
    traceback: str
    exception: bytes | None


def send_tables(pipe: Connection[Any, Any], tables: Sequence[pa.Table]) -> None:
    """Send each table as one Arrow IPC stream."""
    import pyarrow as pa

    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        pipe.send_bytes(sink.getvalue())


def receive_tables(pipe: Connection[Any, Any], count: int) -> list[pa.Table]:
    """The tables that `send_tables` sent at the other end."""
    import pyarrow as pa

    return [pa.ipc.open_stream(pa.py_buffer(pipe.recv_bytes())).read_all() for _ in range(count)]
