"""The console sink: prints every micro-batch, as PySpark does; at-least-once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from streamcore.sinks.arrow_message import RowsMessage, rows_of
from streamcore.sinks.conform import conform, nullable_schema
from streamcore.spi.datasource import DataSource, DataSourceStreamArrowWriter
from streamcore.spi.options import Options
from streamcore.spi.show import show_string

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    import pyarrow as pa

    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.types import StructType

_RULE = "-" * 43


class ConsoleSink(DataSource):
    """Options: `numRows` (20) of a batch are shown; `truncate` (true) cuts values to 20 characters."""

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(("numRows", "truncate", "path"), "the console sink")
        super().__init__(known)
        self._rows = known.integer("numRows", 20) or 0
        self._width = 20 if known.boolean("truncate", default=True) else 0

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "console"

    def streamWriter(self, schema: StructType, overwrite: bool) -> ConsoleStreamWriter:
        """A writer to standard output."""
        from streamcore.spi.types import to_arrow_schema

        return ConsoleStreamWriter(nullable_schema(to_arrow_schema(schema)), self._rows, self._width)


class ConsoleStreamWriter(DataSourceStreamArrowWriter):
    """Prints to `out`; to the standard output of the process, as Spark does, when None.

    What puts something else in the place of `sys.stdout` for a while wants the output of its own code, and
    the batches of a query come at any time.
    """

    def __init__(self, schema: pa.Schema, rows: int, width: int, out: TextIO | None = None) -> None:
        self._schema = schema
        self._rows = rows
        self._width = width
        self._out = out

    def write(self, iterator: Iterator[pa.RecordBatch]) -> RowsMessage:
        """Keeps the rows for the driver to print."""
        return RowsMessage(conform(iterator, self._schema))

    def commit(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Prints the batch's number and its first rows."""
        text = show_string(rows_of(messages, self._schema), self._rows, self._width)
        print(
            _RULE,
            f"Batch: {batchId}",
            _RULE,
            text,
            sep="\n",
            file=self._out or sys.__stdout__ or sys.stdout,
            flush=True,
        )
