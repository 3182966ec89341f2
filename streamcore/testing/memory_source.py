"""A stream that a test feeds by hand; replayable, with any number of partitions."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.spi.datasource import DataSource, DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from streamcore.spi.types import StructType, parse_ddl, to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_STREAMS: dict[str, MemoryStream] = {}


class MemoryStream:
    """Rows added by a test, as a stream.

    `schema` is a StructType or DDL text; `partitions` the number of parts that every range is cut into;
    `max_rows_per_batch` the limit of a micro-batch (None: everything).

    >>> stream = MemoryStream("word string, n int")
    >>> stream.addData([("a", 1), ("b", 2)])
    {'rows': 2}
    >>> reader = stream.data_source().streamReader(stream.schema)
    >>> end = reader.latestOffset({"rows": 1}, ReadAllAvailable())
    >>> [batch.to_pylist() for part in reader.partitions({"rows": 1}, end) for batch in reader.read(part)]
    [[{'word': 'b', 'n': 2}]]
    """

    def __init__(
        self, schema: StructType | str, partitions: int = 1, max_rows_per_batch: int | None = None
    ) -> None:
        self.schema = parse_ddl(schema) if isinstance(schema, str) else schema
        self.partitions = partitions
        self.max_rows_per_batch = max_rows_per_batch
        self.id = uuid4().hex
        self.committed: list[Offset] = []
        self._arrow = to_arrow_schema(self.schema)
        self._data = self._arrow.empty_table()
        self._lock = threading.Lock()
        _STREAMS[self.id] = self

    def addData(self, data: pa.Table | pa.RecordBatch | Iterable[Any]) -> Offset:
        """Appends rows (tuples, Rows, dicts, or Arrow data) and returns the offset after them."""
        table = self._table(data)
        with self._lock:
            self._data = pa.concat_tables([self._data, table])
            return {"rows": self._data.num_rows}

    def _table(self, data: pa.Table | pa.RecordBatch | Iterable[Any]) -> pa.Table:
        if isinstance(data, pa.RecordBatch):
            data = pa.Table.from_batches([data])
        if isinstance(data, pa.Table):
            return data.select(self._arrow.names).cast(self._arrow)
        rows = [_named(row, self._arrow.names) for row in data]
        return pa.Table.from_pylist(rows, self._arrow)

    @property
    def size(self) -> int:
        """How many rows have been added."""
        with self._lock:
            return int(self._data.num_rows)

    def slice(self, start: int, end: int) -> pa.Table:
        """The rows from number `start` up to, not including, `end`."""
        with self._lock:
            return self._data.slice(start, end - start)

    def data_source(self) -> MemoryStreamSource:
        """The stream as a data source, as the engine takes it."""
        return MemoryStreamSource({"stream": self.id})

    def toDF(self, session: Any) -> Any:
        """The stream as a streaming DataFrame of `session`."""
        session.dataSource.register(MemoryStreamSource)
        return session.readStream.format(MemoryStreamSource.name()).option("stream", self.id).load()


def _named(row: Any, names: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(row, dict):
        return row
    values = row if isinstance(row, tuple | list) else (row,)
    if len(values) != len(names):
        raise IllegalArgumentException(f"the row {row!r} must have {len(names)} values: {', '.join(names)}")
    return dict(zip(names, values, strict=True))


class MemoryStreamSource(DataSource):
    """The data source of a `MemoryStream` of this process, found by the option `stream`."""

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options)
        key = options["stream"]
        if key not in _STREAMS:
            raise IllegalArgumentException(f"there is no MemoryStream {key!r} in this process")
        self._stream = _STREAMS[key]

    @classmethod
    def name(cls) -> str:
        return "memory-stream"

    def describe(self) -> str:
        """For progress reports."""
        return f"MemoryStream[{', '.join(self._stream.schema.fieldNames())}]"

    def schema(self) -> StructType:
        return self._stream.schema

    def streamReader(self, schema: StructType) -> MemoryStreamReader:
        return MemoryStreamReader(self._stream)


class MemoryStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Reads a `MemoryStream`; a partition carries its rows, so that any process can read it."""

    def __init__(self, stream: MemoryStream) -> None:
        self._stream = stream
        self._ceiling: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def initialOffset(self) -> Offset:
        return {"rows": 0}

    def getDefaultReadLimit(self) -> ReadLimit:
        most = self._stream.max_rows_per_batch
        return ReadAllAvailable() if most is None else ReadMaxRows(most)

    def prepareForTriggerAvailableNow(self) -> None:
        self._ceiling = self._stream.size

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        end = self._stream.size if self._ceiling is None else self._ceiling
        if isinstance(limit, ReadMaxRows):
            end = min(end, start["rows"] + limit.max_rows)
        return {"rows": max(end, start["rows"])}

    def reportLatestOffset(self) -> Offset:
        return {"rows": self._stream.size}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        first, count = start["rows"], self._stream.partitions
        size = end["rows"] - first
        edges = [first + size * i // count for i in range(count + 1)]
        spans = [(edges[i], edges[i + 1]) for i in range(count) if edges[i] < edges[i + 1]]
        return [InputPartition(self._stream.slice(*span).combine_chunks()) for span in spans]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        return iter(partition.value.to_batches())

    def commit(self, end: Offset) -> None:
        self._stream.committed.append(end)
