"""Kafka messages as Arrow columns; only the columns that are asked for are made.

Columns are gathered over many small `consume` calls (a thousand messages stay in the processor's cache)
and built once per batch, from whole buffers: `pyarrow.array` on lists is slower and pulls in pandas.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from streamcore.sources.kafka.intake import BatchLimits
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

if TYPE_CHECKING:
    from confluent_kafka import Message

_PLAIN: Final = StructType([
    StructField("key", BinaryType()),
    StructField("value", BinaryType()),
    StructField("topic", StringType()),
    StructField("partition", IntegerType()),
    StructField("offset", LongType()),
    StructField("timestamp", TimestampType()),
    StructField("timestampType", IntegerType()),
])  # fmt: skip

_HEADER: Final = StructType([StructField("key", StringType()), StructField("value", BinaryType())])

_INT32_LIMIT = 2**31 - 1


def kafka_schema(*, headers: bool) -> StructType:
    """The columns of a Kafka read."""
    extra = [StructField("headers", ArrayType(_HEADER))] if headers else []
    return StructType([*_PLAIN.fields, *extra])


class Column(ABC):
    """One column of a batch that is being gathered."""

    @abstractmethod
    def add(self, messages: Sequence[Message]) -> int:
        """Takes its part of these messages; returns how many bytes of variable length that is."""

    @abstractmethod
    def build(self) -> pa.Array:
        """The column of all messages added."""


class _Bytes(Column):
    """Keys or values: joined chunk by chunk."""

    def __init__(self, get: Callable[[Any], bytes | None]) -> None:
        self._get = get
        self._chunks: list[bytes] = []
        self._lengths: list[np.ndarray[Any, np.dtype[np.int64]]] = []
        self._present: list[np.ndarray[Any, np.dtype[np.bool_]] | None] = []

    def add(self, messages: Sequence[Message]) -> int:
        values: list[Any] = list(map(self._get, messages))
        present = None
        if None in values:
            present = np.fromiter((v is not None for v in values), np.bool_, len(values))
            values = [v or b"" for v in values]
        chunk = b"".join(values)
        self._chunks.append(chunk)
        self._lengths.append(np.fromiter(map(len, values), np.int64, len(values)))
        self._present.append(present)
        return len(chunk)

    def build(self) -> pa.Array:
        lengths = np.concatenate(self._lengths)
        ends = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=ends[1:])
        if ends[-1] > _INT32_LIMIT:
            raise OverflowError("a batch of Kafka records holds more than 2 GiB; lower maxOffsetsPerTrigger")
        buffers = [
            self._validity(),
            pa.py_buffer(ends.astype(np.int32)),
            pa.py_buffer(b"".join(self._chunks)),
        ]
        return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)

    def _validity(self) -> pa.Buffer | None:
        if all(present is None for present in self._present):
            return None
        parts = [
            np.ones(len(lengths), np.bool_) if present is None else present
            for present, lengths in zip(self._present, self._lengths, strict=True)
        ]
        return pa.py_buffer(np.packbits(np.concatenate(parts), bitorder="little"))


class _Offset(Column):
    def __init__(self, get: Callable[[Any], int]) -> None:
        self._get = get
        self._parts: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def add(self, messages: Sequence[Message]) -> int:
        first, last, count = self._get(messages[0]), self._get(messages[-1]), len(messages)
        if last - first + 1 == count:
            self._parts.append(np.arange(first, last + 1))
        else:
            self._parts.append(np.fromiter(map(self._get, messages), np.int64, count))
        return 0

    def build(self) -> pa.Array:
        return _from_numpy(pa.int64(), np.concatenate(self._parts))


class Timestamps:
    """Times and their kinds, which a message gives together; shared by the two columns made of them."""

    def __init__(self, get: Callable[[Any], tuple[int, int]]) -> None:
        self._get = get
        self._parts: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def add(self, messages: Sequence[Message]) -> None:
        pairs = chain.from_iterable(map(self._get, messages))
        self._parts.append(np.fromiter(pairs, np.int64, 2 * len(messages)))

    def times(self) -> pa.Array:
        return _from_numpy(pa.timestamp("us", "UTC"), np.concatenate(self._parts)[1::2] * 1000)

    def kinds(self) -> pa.Array:
        # librdkafka counts from "not available" = 0; Spark from "create time" = 0.
        return _from_numpy(pa.int32(), np.concatenate(self._parts)[0::2].astype(np.int32) - np.int32(1))


class _TimestampPart(Column):
    """One of the two columns; the first of them in a batch gathers for both."""

    def __init__(self, shared: Timestamps, build: Callable[[], pa.Array], *, gathers: bool) -> None:
        self._shared = shared
        self._build = build
        self._gathers = gathers

    def add(self, messages: Sequence[Message]) -> int:
        if self._gathers:
            self._shared.add(messages)
        return 0

    def build(self) -> pa.Array:
        return self._build()


class _Constant(Column):
    """Topic or partition: one value for all rows."""

    def __init__(self, make: Callable[[int], pa.Array]) -> None:
        self._make = make
        self._count = 0

    def add(self, messages: Sequence[Message]) -> int:
        self._count += len(messages)
        return 0

    def build(self) -> pa.Array:
        return self._make(self._count)


class _Headers(Column):
    def __init__(self, get: Callable[[Any], list[tuple[str, bytes | None]] | None]) -> None:
        self._get = get
        self._rows: list[list[dict[str, Any]] | None] = []

    def add(self, messages: Sequence[Message]) -> int:
        for headers in map(self._get, messages):
            self._rows.append([{"key": k, "value": v} for k, v in headers] if headers else None)
        return 0

    def build(self) -> pa.Array:
        from streamcore.spi.types import to_arrow_type

        return pa.array(self._rows, to_arrow_type(ArrayType(_HEADER)))


class BatchBuilder:
    """Gathers messages of one topic partition into one record batch.

    `names` are columns of `kafka_schema`; their order is kept.
    """

    def __init__(self, topic: str, partition: int, names: Sequence[str], limits: BatchLimits) -> None:
        self._names = list(names)
        self._columns = _columns_for(topic, partition, self._names)
        self._limits = limits
        self.rows = 0
        self._size = 0

    @property
    def is_full(self) -> bool:
        """Whether it has reached its limits."""
        return self.rows >= self._limits.rows or self._size >= self._limits.size

    def add(self, messages: Sequence[Message]) -> None:
        """Takes messages in the order of their offsets; none of them may be an error."""
        self._size += sum(column.add(messages) for column in self._columns)
        self.rows += len(messages)

    def build(self) -> pa.RecordBatch:
        """The batch; at least one message has been added."""
        return record_batch(self._names, [column.build() for column in self._columns], self.rows)


def record_batch(names: Sequence[str], columns: Sequence[pa.Array], rows: int) -> pa.RecordBatch:
    """The batch of these columns, which may be none: then it says only how many rows there are."""
    if not names:
        return pa.RecordBatch.from_arrays([pa.nulls(rows)], names=["_"]).select([])
    return pa.RecordBatch.from_arrays(list(columns), names=list(names))


def _columns_for(topic: str, partition: int, names: Sequence[str]) -> list[Column]:
    from confluent_kafka import Message

    message: Any = Message
    shared = Timestamps(message.timestamp)
    first_time = next((name for name in names if name.startswith("timestamp")), None)
    makers: dict[str, Callable[[], Column]] = {
        "key": lambda: _Bytes(message.key),
        "value": lambda: _Bytes(message.value),
        "topic": lambda: _Constant(lambda count: topic_column(topic, count)),
        "partition": lambda: _Constant(lambda count: partition_column(partition, count)),
        "offset": lambda: _Offset(message.offset),
        "timestamp": lambda: _TimestampPart(shared, shared.times, gathers=first_time == "timestamp"),
        "timestampType": lambda: _TimestampPart(shared, shared.kinds, gathers=first_time == "timestampType"),
        "headers": lambda: _Headers(message.headers),
    }
    return [makers[name]() for name in names]


def _from_numpy(arrow_type: pa.DataType, values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.Array.from_buffers(arrow_type, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def partition_column(partition: int, count: int) -> pa.Array:
    """The same partition in every row."""
    return _from_numpy(pa.int32(), np.full(count, partition, np.int32))


def topic_column(topic: str, count: int) -> pa.Array:
    """The same topic in every row."""
    data = topic.encode()
    ends = np.arange(count + 1, dtype=np.int32) * np.int32(len(data))
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(data * count)])
