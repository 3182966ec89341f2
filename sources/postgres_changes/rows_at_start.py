"""The rows that a table has when a query starts, as of exactly the place in the log where changes begin.

A temporary slot exports the snapshot of its first place; it lives as long as the connection that made it.
When the place has been logged the slot is copied to the one that stays: a start that is broken off before
leaves nothing behind, and one that is broken off later is done again, with another snapshot and a new slot.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pyarrow as pa
from pyarrow import csv

from streamcore.sources.postgres_changes.changes import READ, TOLD, TableShape
from streamcore.sources.postgres_changes.positions import lsn_of
from streamcore.sources.postgres_changes.server import CONNECTIONS, connect, explained
from streamcore.sources.postgres_changes.text_values import typed
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    import psycopg

    from streamcore.sources.postgres_changes.settings import ChangesSettings, Server

_PIECE_BYTES: Final = 8 << 20
_SLOT_LENGTH: Final = 40


class ExportedSnapshot:
    """A place in the log (`lsn`) and the `name` of the snapshot of what was committed before it."""

    def __init__(self, settings: ChangesSettings) -> None:
        from psycopg import pq

        self._slot = f"{settings.slot[:_SLOT_LENGTH]}_{uuid4().hex[:12]}"
        self._connection = connect(settings.server, replication="database")
        asked = f"CREATE_REPLICATION_SLOT {self._slot} TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT"
        # Commands of the replication protocol know no parameters; a slot's name has no more than [a-z0-9_].
        with explained(settings.server):
            result = self._connection.pgconn.exec_(asked.encode())
            if result.status != pq.ExecStatus.TUPLES_OK:
                self.close()
                raise _error_of(result)
        values = [result.get_value(0, column) or b"" for column in range(3)]
        self.lsn = lsn_of(values[1].decode())
        self.name = values[2].decode()

    def keep_as(self, connection: psycopg.Connection[Any], slot: str) -> None:
        """Makes the slot that stays, at the same place."""
        connection.execute("SELECT pg_copy_logical_replication_slot(%s, %s, false)", (self._slot, slot))

    def holds(self, server: Server) -> bool:
        """Whether the snapshot can still be read."""
        from streamcore.errors import StreamcoreError

        try:
            with CONNECTIONS.to(server) as connection, connection.transaction():
                _enter(connection, self.name)
        except StreamcoreError:
            return False
        return True

    def close(self) -> None:
        """Lets the snapshot and its slot go."""
        with contextlib.suppress(Exception):
            self._connection.close()


def _error_of(result: Any) -> Exception:
    from psycopg.errors import error_from_result

    error: Exception = error_from_result(result)
    return error


def _enter(connection: psycopg.Connection[Any], snapshot: str) -> None:
    from psycopg.sql import SQL, Literal

    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(snapshot)))


def read_rows(
    settings: ChangesSettings, table: TableShape, *, partitioned: bool, snapshot: str, lsn: int
) -> Iterator[pa.RecordBatch]:
    """The rows of the snapshot as changes that were committed at `lsn`."""
    from psycopg.sql import SQL, Identifier

    columns = SQL(", ").join(Identifier(name) for name in table.columns.names)
    only = SQL("") if partitioned else SQL("ONLY ")
    statement = SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT csv)").format(
        columns, only, Identifier(table.schema, table.name)
    )
    count = 0
    with CONNECTIONS.to(settings.server) as connection, connection.transaction():
        _enter(connection, snapshot)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for piece in _pieces(copy):
                batch = _batch(piece, table, lsn, count)
                count += batch.num_rows
                yield batch


def _pieces(lines: Iterable[Any]) -> Iterator[bytes]:
    """Whole rows, some megabytes of them at a time; the server sends them one by one."""
    held: list[Any] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _batch(piece: bytes, table: TableShape, lsn: int, before: int) -> pa.RecordBatch:
    names = [str(number) for number in range(len(table.columns.fields))]
    texts = csv.read_csv(
        io.BytesIO(piece),
        csv.ReadOptions(use_threads=False, block_size=len(piece) + 1, column_names=names),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    columns = [
        typed(texts.column(number).combine_chunks(), field.dataType, field.name)
        for number, field in enumerate(table.columns.fields)
    ]
    schema = to_arrow_schema(StructType([*table.columns.fields, *TOLD.fields]))
    rows = texts.num_rows
    told = {
        "_op": pa.repeat(READ, rows),
        "_lsn": pa.repeat(lsn, rows).cast(pa.int64()),
        "_seq": pa.array(range(before, before + rows), pa.int64()),
    }
    empty = [told.get(field.name, pa.nulls(rows, schema.field(field.name).type)) for field in TOLD.fields]
    return pa.RecordBatch.from_arrays([*columns, *empty], schema=schema)
