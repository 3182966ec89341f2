"""Rows of write tasks on their way to the transaction: in memory, or past a budget in a temporary file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.errors import CommitFailed
from streamcore.sinks.conform import conform
from streamcore.spi.datasource import WriterCommitMessage

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class StagedRows(WriterCommitMessage):
    """The rows of one task: the first in `spilled`, a nameless file, the last in `table`."""

    table: pa.Table
    spilled: IO[bytes] | None = field(default=None, repr=False)

    def tables(self) -> Iterator[pa.Table]:
        """The rows in their order, in pieces that fit into memory; may be read again."""
        if self.spilled is not None:
            self.spilled.seek(0)
            with pa.ipc.open_stream(self.spilled) as reader:
                for batch in reader:
                    yield pa.Table.from_batches([batch])
        if self.table.num_rows:
            yield self.table

    def drop(self) -> None:
        """Frees the file."""
        if self.spilled is not None:
            self.spilled.close()


def stage_rows(batches: Iterator[pa.RecordBatch], schema: pa.Schema, budget_bytes: int) -> StagedRows:
    """The rows of one task, in memory up to `budget_bytes`."""
    spill = _Spill(schema)
    held: list[pa.RecordBatch] = []
    size = 0
    try:
        for batch in batches:
            held.append(batch)
            size += batch.nbytes
            if size > budget_bytes:
                spill.append(conform(held, schema))
                held, size = [], 0
        return StagedRows(conform(held, schema), spill.finish())
    except BaseException as error:
        spill.drop()
        if isinstance(error, OSError):
            raise CommitFailed(
                f"the rows of this batch could not be kept in {tempfile.gettempdir()}: {error}. Make room "
                "there or raise the option stagingMemory; nothing is visible"
            ) from error
        raise


class _Spill:
    """A file without a name: it is gone when it is closed or the process dies."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._file: IO[bytes] | None = None
        self._writer: Any = None

    def append(self, table: pa.Table) -> None:
        if self._writer is None:
            self._file = tempfile.TemporaryFile(prefix="streamcore-")  # noqa: SIM115 - outlives this call
            self._writer = pa.ipc.new_stream(self._file, self._schema)
        self._writer.write_table(table)

    def finish(self) -> IO[bytes] | None:
        if self._writer is not None:
            self._writer.close()
        return self._file

    def drop(self) -> None:
        if self._file is not None:
            self._file.close()
