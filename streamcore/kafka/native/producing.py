"""A producer whose rows go from Arrow's buffers into librdkafka's queue outside of Python's lock."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import Array, byref, c_void_p
from typing import TYPE_CHECKING, Any, Final

from streamcore.kafka.native.client import made_with_handle
from streamcore.kafka.native.library import Library
from streamcore.kafka.native.rows import PointedRows, topics_in
from streamcore.kafka.producing import RowProducer
from streamcore.kafka.rows import RowRefused, await_room, check_headers, refused
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import KafkaError

_PIECE: Final = 20_000
"""Rows between two looks at whether the work is to end."""
_FULL: Final = "_QUEUE_FULL"
_NO_TOPIC: Final = 17  # INVALID_TOPIC_EXCEPTION


class NativeProducer(RowProducer):
    """confluent-kafka's producer, fed by the C library.

    Its own delivery reports pass over rows that it did not queue itself, so the library's plugin counts
    what was not delivered.
    """

    def __init__(self, library: Library, config: Mapping[str, Any]) -> None:
        from confluent_kafka import Producer

        self._library = library
        self._deliveries: int = library.new_deliveries()
        weakref.finalize(self, library.release_deliveries, self._deliveries)
        library.expect(self._deliveries)
        try:
            self.client, self._handle = made_with_handle(library, Producer, config)
        finally:
            library.expect(None)

    def send(self, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
        check_headers(rows)
        for start in range(0, rows.num_rows, _PIECE):
            raise_if_interrupted()
            self._send(rows.slice(start, _PIECE), topic, patience)

    def first_failure(self) -> tuple[str, KafkaError] | None:
        from confluent_kafka import KafkaError

        found = self._library.first_failure(self._deliveries)
        return None if found is None else (found[1], KafkaError(found[0]))

    def _send(self, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
        from confluent_kafka import KafkaError

        names, topic_of = topics_in(rows, topic)
        with self._topics(names) as handles:
            pointed = PointedRows(rows, handles, topic_of)
            while self._library.send(self._library.table, self._handle, byref(pointed.parts)):
                error = KafkaError(pointed.parts.error)
                if error.name() != _FULL:
                    raise _not_taken(error, rows.slice(pointed.parts.next, 1), topic)
                await_room(self.client, patience)
        self.client.poll(0)

    @contextmanager
    def _topics(self, names: Sequence[str]) -> Iterator[Array[c_void_p]]:
        """The handles of topics, which must be given back before their client goes."""
        from confluent_kafka import KafkaError

        handles = (c_void_p * len(names))()
        try:
            for i, name in enumerate(names):
                handles[i] = self._library.topic(self._handle, name)
                if handles[i] is None:
                    raise RowRefused(f"Kafka has no topics of the name {name!r}", KafkaError(_NO_TOPIC))
            yield handles
        finally:
            for handle in filter(None, handles):
                self._library.free_topic(handle)


def _not_taken(error: KafkaError, row: pa.RecordBatch, topic: str | None) -> RowRefused:
    from confluent_kafka import KafkaException

    (found,) = row.to_pylist()
    partition = found.get("partition")
    return refused(
        KafkaException(error),
        found["topic"] if topic is None else topic,
        found.get("value"),
        found.get("key"),
        -1 if partition is None else partition,
    )
