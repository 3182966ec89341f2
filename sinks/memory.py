"""The memory sink: a named table in this process, exactly once for as long as the process lives."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    IllegalArgumentException,
)
from streamcore.sinks.arrow_message import RowsMessage, rows_of
from streamcore.sinks.conform import conform, nullable_schema
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity
    from streamcore.spi.types import StructType


@dataclass(frozen=True)
class _Batch:
    record: CommitRecord
    rows: pa.Table


@dataclass(frozen=True)
class MemoryTable:
    """What a query has committed to memory: one immutable value per moment."""

    name: str
    query_id: str
    schema: pa.Schema
    batches: tuple[_Batch, ...] = ()

    @property
    def rows(self) -> pa.Table:
        """All visible rows, in the order of the batches."""
        return pa.concat_tables([self.schema.empty_table(), *(batch.rows for batch in self.batches)])

    @property
    def record(self) -> CommitRecord | None:
        """The record of the newest batch."""
        return self.batches[-1].record if self.batches else None


class MemoryTables:
    """Tables by name, compared without case; the engine's catalog looks here for what it does not know."""

    def __init__(self) -> None:
        self._tables: dict[str, MemoryTable] = {}
        self._guard = threading.Lock()

    def get(self, name: str) -> MemoryTable | None:
        """The table as it is now, or None."""
        return self._tables.get(name.lower())

    def names(self) -> list[str]:
        """The names of all tables, as the queries spelled them."""
        return sorted(table.name for table in self._tables.values())

    def drop(self, name: str) -> bool:
        """Forgets a table; whether there was one."""
        with self._guard:
            return self._tables.pop(name.lower(), None) is not None

    def claim(self, name: str, query_id: str, schema: pa.Schema) -> MemoryTable:
        """The query's table; a table that another query left is replaced by an empty one, as in PySpark."""
        with self._guard:
            table = self._tables.get(name.lower())
            if table is None or table.query_id != query_id:
                table = self._tables[name.lower()] = MemoryTable(name, query_id, schema)
            elif table.schema != schema:
                raise AnalysisException(
                    f"the memory table {name!r} holds ({_columns(table.schema)}), and the query now writes "
                    f"({_columns(schema)}); give it another queryName"
                )
            return table

    def swap(self, before: MemoryTable, after: MemoryTable) -> bool:
        """Replaces a table unless someone else did meanwhile; whether it was replaced."""
        with self._guard:
            if self._tables.get(before.name.lower()) is not before:
                return False
            self._tables[before.name.lower()] = after
            return True


TABLES = MemoryTables()
"""The tables of this process."""


class MemorySink(DataSource):
    """A table in memory, named by the option `queryName`; append, update (appends too) and complete."""

    def __init__(self, options: MutableMapping[str, str], tables: MemoryTables = TABLES) -> None:
        known = Options(options)
        known.reject_unknown(("queryName", "path"), "the memory sink")
        name = known.get("queryName")
        if not name:
            raise IllegalArgumentException(
                "the memory sink needs queryName(...): it becomes the table's name"
            )
        super().__init__(known)
        self._name = name
        self._tables = tables

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "memory"

    def streamWriter(self, schema: StructType, overwrite: bool) -> MemoryStreamWriter:
        """A writer with the exactly-once contract, held in this process."""
        from streamcore.spi.types import to_arrow_schema

        return MemoryStreamWriter(self._name, nullable_schema(to_arrow_schema(schema)), self._tables)

    def reader(self, schema: StructType) -> MemoryTableReader:
        """Reads what is committed at the moment of the read."""
        return MemoryTableReader(self._name, self._tables)


class MemoryTableReader(DataSourceReader):
    """The rows of a memory table, as they are when they are read."""

    def __init__(self, name: str, tables: MemoryTables) -> None:
        self._name = name
        self._tables = tables

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """All visible rows; none when the table is gone."""
        table = self._tables.get(self._name)
        return iter(()) if table is None else iter(table.rows.to_batches())


class MemoryStreamWriter(ExactlyOnceStreamWriter):
    """Writes one query's micro-batches into a `MemoryTables`."""

    def __init__(self, name: str, schema: pa.Schema, tables: MemoryTables = TABLES) -> None:
        self._name = name
        self._schema = schema
        self._tables = tables
        self._table: MemoryTable | None = None
        self._complete = False

    def __getstate__(self) -> dict[str, Any]:
        # Where tasks run, rows become messages; the tables are the driver's.
        return {**self.__dict__, "_tables": None, "_table": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`."""
        self._complete = query.output_mode == "complete"
        self._table = self._tables.claim(self._name, query.query_id, self._schema)

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        return self._opened().record

    def write(self, iterator: Iterator[pa.RecordBatch]) -> RowsMessage:
        """See `ExactlyOnceStreamWriter.write`."""
        return RowsMessage(conform(iterator, self._schema))

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        before = self._opened()
        expected = before.record.batch_id + 1 if before.record else 0
        if record.batch_id < expected:
            raise self._fenced(record.batch_id)
        if record.batch_id > expected:
            raise CheckpointMismatch(
                f"batch {record.batch_id} cannot follow batch {expected - 1} of the memory table "
                f"{self._name!r}: it lives only as long as the process; start the query with a new "
                "checkpoint"
            )
        kept = () if self._complete else before.batches
        after = replace(before, batches=(*kept, _Batch(record, rows_of(messages, self._schema))))
        self._swap(before, after, record.batch_id)

    def rewind(self, record: CommitRecord | None) -> None:
        """Drops later batches; in complete mode only the newest table is kept, and it cannot go back."""
        before = self._opened()
        target = -1 if record is None else record.batch_id
        kept = tuple(batch for batch in before.batches if batch.record.batch_id <= target)
        if record is not None and (not kept or kept[-1].record.batch_id != target):
            raise CheckpointMismatch(
                f"the memory table {self._name!r} does not hold batch {target} (in complete mode it holds "
                "only the newest); rewind to the beginning instead"
            )
        self._swap(before, replace(before, batches=kept), target)

    def _swap(self, before: MemoryTable, after: MemoryTable, batch_id: int) -> None:
        if not self._tables.swap(before, after):
            raise self._fenced(batch_id)
        self._table = after

    def _opened(self) -> MemoryTable:
        if self._table is None:
            raise RuntimeError("open() comes before any other call")
        return self._table

    def _fenced(self, batch_id: int) -> CheckpointFenced:
        return CheckpointFenced(
            f"batch {batch_id} cannot be committed to the memory table {self._name!r}: another run of the "
            "query has taken over, and goes on; this one has stopped"
        )


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)
