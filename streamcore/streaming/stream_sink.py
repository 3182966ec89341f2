"""A sink as the micro-batch loop sees it: write tasks, one commit per batch, and the declared guarantee."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.spi.capabilities import Closes, OpensForAQuery, WritesPartitions, takes_arrow
from streamcore.spi.exactly_once import (
    CommitRecord,
    ExactlyOnceStreamWriter,
    QueryIdentity,
)

if TYPE_CHECKING:
    import pyarrow as pa


class StreamSink(Protocol):
    """One sink of one run of a query."""

    description: str

    @property
    def writer(self) -> object:
        """What start-up asks for the guarantee and for the newest commit record."""

    def open(self, query: QueryIdentity) -> None:
        """Takes the sink for this run."""

    def write(self, rows: pa.Table, partition: int, batch_id: int) -> Any:
        """Stages one partition's rows; returns the message for `commit`."""

    def commit(self, messages: list[Any], record: CommitRecord) -> None:
        """Makes the batch visible."""

    def abort(self, messages: list[Any], batch_id: int) -> None:
        """Discards what was staged; a message is None where its task failed."""

    def collect_garbage(self) -> None:
        """Removes what crashed attempts left."""

    def close(self) -> None:
        """Frees what the sink holds."""


class ExactlyOnceSink:
    """An ExactlyOnceStreamWriter."""

    def __init__(self, description: str, writer: ExactlyOnceStreamWriter) -> None:
        self.description = description
        self._writer = writer

    @property
    def writer(self) -> object:
        return self._writer

    def open(self, query: QueryIdentity) -> None:
        self._writer.open(query)

    def write(self, rows: pa.Table, partition: int, batch_id: int) -> Any:
        batches = iter(rows.to_batches())
        if isinstance(self._writer, WritesPartitions):
            return self._writer.write_partition(batches, partition, batch_id)
        return self._writer.write(batches)

    def commit(self, messages: list[Any], record: CommitRecord) -> None:
        self._writer.commit_batch(messages, record)

    def abort(self, messages: list[Any], batch_id: int) -> None:
        self._writer.abort(messages, batch_id)

    def collect_garbage(self) -> None:
        self._writer.collect_garbage()

    def close(self) -> None:
        self._writer.close()


class PlainSink:
    """A DataSourceStreamWriter of PySpark's contract; rows are handed over as Arrow batches or as Rows."""

    def __init__(self, description: str, writer: Any, to_rows: Callable[[pa.Table], Iterator[Any]]) -> None:
        self.description = description
        self._writer = writer
        self._to_rows = to_rows
        self._takes_arrow = takes_arrow(writer)

    @property
    def writer(self) -> object:
        return self._writer

    def open(self, query: QueryIdentity) -> None:
        if isinstance(self._writer, OpensForAQuery):
            self._writer.open(query)

    def write(self, rows: pa.Table, partition: int, batch_id: int) -> Any:
        return self._writer.write(iter(rows.to_batches()) if self._takes_arrow else self._to_rows(rows))

    def commit(self, messages: list[Any], record: CommitRecord) -> None:
        self._writer.commit(messages, record.batch_id)

    def abort(self, messages: list[Any], batch_id: int) -> None:
        self._writer.abort(messages, batch_id)

    def collect_garbage(self) -> None:
        """Such a sink keeps nothing that could be left behind."""

    def close(self) -> None:
        if isinstance(self._writer, Closes):
            self._writer.close()


class ForeachSink(PlainSink):
    """A writer that wants to know which partition of which batch its rows are (`foreach`)."""

    def write(self, rows: pa.Table, partition: int, batch_id: int) -> Any:
        return self._writer.write_partition(self._to_rows(rows), partition, batch_id)


class ForeachBatchSink(PlainSink):
    """A writer that is called with the whole batch as a DataFrame (`foreachBatch`)."""

    def __init__(self, writer: Any, to_dataframe: Callable[[list[Any]], Any]) -> None:
        super().__init__("ForeachBatchSink", writer, to_rows=_as_they_are)
        self._to_dataframe = to_dataframe

    def __getstate__(self) -> dict[str, Any]:
        # Where tasks run only `write` is called; what the user's function knows stays with the driver.
        return {**self.__dict__, "_writer": None, "_to_dataframe": None}

    def write(self, rows: pa.Table, partition: int, batch_id: int) -> Any:
        return rows

    def commit(self, messages: list[Any], record: CommitRecord) -> None:
        self._writer.call(self._to_dataframe(messages), record.batch_id)

    def abort(self, messages: list[Any], batch_id: int) -> None:
        """The rows were only held in memory."""


def sink_over(description: str, writer: Any, to_rows: Callable[[pa.Table], Iterator[Any]]) -> StreamSink:
    """The adapter that fits what the writer inherits."""
    if isinstance(writer, ExactlyOnceStreamWriter):
        return ExactlyOnceSink(description, writer)
    if isinstance(writer, WritesPartitions):
        return ForeachSink(description, writer, to_rows)
    return PlainSink(description, writer, to_rows)


def _as_they_are(table: pa.Table) -> Iterator[Any]:
    return iter(table.to_batches())
