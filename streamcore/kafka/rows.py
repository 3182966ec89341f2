"""Rows of Arrow on their way into a producer's queue.

Which partition a row without one goes to is the client library's to say. Producers are made with
`PARTITIONER`: what Java's clients, and so Spark, do with a key by default. So the rows of one key lie in
one partition whoever has written them, and two topics with equally many partitions can be joined
partition by partition. (librdkafka's own default is another hash.)
"""

from __future__ import annotations

import time
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import QueryExecutionException
from streamcore.kafka.gc_pause import gc_paused
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from confluent_kafka import KafkaError, Producer

PARTITIONER: Final = {"partitioner": "murmur2_random"}

HEADERS: Final = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))
COLUMNS: Final = {
    "key": pa.binary(),
    "value": pa.binary(),
    "topic": pa.string(),
    "partition": pa.int32(),
    "headers": HEADERS,
}
"""What rows to send may consist of; a column that is not there is null in every row."""

_ANY: Final = -1
_ROOM: Final = 0.1


class RowRefused(QueryExecutionException):
    """The client library did not take a row; `error` is what it said, where it said something."""

    def __init__(self, message: str, error: KafkaError | None = None) -> None:
        super().__init__(message)
        self.error = error


def send_rows(producer: Producer, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
    """Queues every row, in their order; to `topic`, or each to its own when that is None.

    `rows` has columns of `COLUMNS`, with those types; no topic in it is null and no partition negative. A
    full queue is waited for, `patience` seconds at most while nothing leaves it. The first row that is not
    taken raises RowRefused, and no row after it is queued. To be queued is not to be delivered: flush the
    producer, or commit its transaction.
    """
    check_headers(rows)
    with gc_paused():
        for piece in _pieces(rows):
            _send(producer, piece, topic, patience)


def check_headers(rows: pa.RecordBatch) -> None:
    """Raises RowRefused when a header is null or has no name: Kafka knows none such."""
    if "headers" not in rows.schema.names:
        return
    headers = pc.list_flatten(rows.column("headers"))
    if headers.null_count or headers.field("key").null_count:
        raise RowRefused("a row has a header that is null or has no name, and Kafka knows none such")


def _pieces(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    # The values of a thousand rows stay in the processor's cache until they are queued.
    size = 1000
    return (rows.slice(start, size) for start in range(0, rows.num_rows, size))


def _send(producer: Producer, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
    from confluent_kafka import KafkaException

    produce = producer.produce
    for arguments in _arguments(rows, topic):
        while True:
            try:
                produce(*arguments)
            except BufferError:
                await_room(producer, patience)
            except (KafkaException, ValueError, TypeError) as error:
                raise refused(error, *arguments) from error
            else:
                break
    producer.poll(0)


def _arguments(rows: pa.RecordBatch, topic: str | None) -> Iterable[tuple[Any, ...]]:
    """What `produce` is called with, by position: keywords would cost as much again."""
    has = set(rows.schema.names)

    def column(name: str) -> Iterable[Any]:
        return rows.column(name).to_pylist() if name in has else repeat(None, rows.num_rows)

    topics = column("topic") if topic is None else repeat(topic, rows.num_rows)
    plain = (topics, column("value"), column("key"))
    if not has & {"partition", "headers"}:
        return zip(*plain, strict=True)
    partitions = (_ANY if partition is None else partition for partition in column("partition"))
    if "headers" not in has:
        return zip(*plain, partitions, strict=True)
    headers = (_pairs(given) for given in column("headers"))
    return zip(*plain, partitions, repeat(None), repeat(None), repeat(0), headers, strict=False)


def _pairs(headers: list[dict[str, Any]] | None) -> list[tuple[str, bytes | None]]:
    return [(header["key"], header["value"]) for header in headers or ()]


def await_room(producer: Producer, patience: float) -> None:
    """Returns when rows have left a full queue; raises RowRefused when none has for `patience` seconds."""
    before, until = len(producer), time.monotonic() + patience
    while True:
        raise_if_interrupted()
        producer.poll(_ROOM)
        if len(producer) < before:
            return
        if time.monotonic() >= until:
            raise RowRefused(
                f"the queue of rows to Kafka is full, and for {patience:g} s no broker has taken any of the "
                f"{before} in it; see whether the brokers run"
            )


def refused(
    error: Exception,
    topic: str,
    value: bytes | None,
    key: bytes | None,
    partition: int = _ANY,
    *_: object,
) -> RowRefused:
    """The error for a row that was not taken; it tells no content."""
    from confluent_kafka import KafkaException

    cause: KafkaError | None = error.args[0] if isinstance(error, KafkaException) else None
    said = str(error) if cause is None else f"{cause.str()}{_WAYS_OUT.get(cause.name(), '')}"
    place = f"topic {topic!r}" if partition == _ANY else f"topic {topic!r} partition {partition}"
    sizes = f"{len(key or b'')} bytes of key and {len(value or b'')} of value"
    return RowRefused(f"a row with {sizes} was not sent to Kafka {place}: {said}", cause)


_WAYS_OUT: Final = {
    "MSG_SIZE_TOO_LARGE": "; raise the option kafka.max.request.size and the topic's max.message.bytes",
    "_UNKNOWN_TOPIC": "; create the topic, or correct its name",
    "_UNKNOWN_PARTITION": "; the topic has fewer partitions: correct the column partition, or add partitions",
}
