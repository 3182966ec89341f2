"""The intake by the C library: records go from librdkafka's queue into Arrow's buffers without the GIL."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Sequence
from ctypes import byref
from typing import TYPE_CHECKING, Final

from streamcore.kafka.native.filling import Ended, FilledBatch, fill
from streamcore.kafka.native.library import Library
from streamcore.kafka.native.structures import IntakeState
from streamcore.sources.kafka.columns import partition_column, record_batch, topic_column
from streamcore.sources.kafka.intake import BatchLimits, Gathering, Intake, Taken

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import Consumer, KafkaError

_FETCH_TIMEOUT: Final = 0.1
"""How long the first record is waited for before somebody may ask the work to end."""


class NativeIntake(Intake):
    """Reads the partition's own queue, in which nothing is but its records and errors.

    What else librdkafka has to say stays in the consumer's queue: confluent-kafka's callbacks must run within
    calls of confluent-kafka, so that queue is served by it.
    """

    def __init__(self, library: Library, consumer: Consumer, handle: int, topic: str, partition: int) -> None:
        super().__init__(consumer, topic, partition)
        self._library = library
        self._handle = handle
        self._state = IntakeState(queue=library.partition_queue(handle, topic, partition))
        self._room: dict[str, float] = {}
        self._constants: dict[str, pa.Array] = {}
        # Messages and queues go before their consumer, also when nobody closes this.
        self._release = weakref.finalize(self, _release, library, self._state, os.getpid())
        # At exit another thread may still be reading.
        self._release.atexit = False

    def seek(self, offset: int) -> None:
        self.forget()
        # While a topic is gone or not yet known, librdkafka may make the partition and its queue anew.
        before = self._state.queue
        self._state.queue = self._library.partition_queue(self._handle, self.topic, self.partition)
        self._library.free_queue(before)
        super().seek(offset)

    def batch(self, columns: Sequence[str], limits: BatchLimits) -> NativeBatch:
        return NativeBatch(columns, limits, self._room, self._constant)

    def forget(self) -> None:
        self._library.forget(self._library.table, byref(self._state))

    def close(self) -> None:
        self._release()
        super().close()

    def take(self, batch: Gathering, position: int, end: int) -> Taken:
        assert isinstance(batch, NativeBatch)
        state = self._state
        state.position, state.end = position, end
        ended = fill(self._library, state, batch.filled, _FETCH_TIMEOUT)
        if ended is Ended.AT_END:
            return Taken(end)
        if ended is Ended.FULL:
            batch.close()
        elif ended is Ended.FAILED:
            return Taken(state.position, _error(state.error, state.error_text), state.error_offset)
        elif state.position == position:
            return self._served(position)
        return Taken(state.position)

    def _served(self, position: int) -> Taken:
        """Lets confluent-kafka run its callbacks; what it finds besides is an error of the consumer.

        A record there says that the partition's queue is no longer the one that is read.
        """
        for message in self.consumer.consume(1, 0):
            if (error := message.error()) is not None:
                return Taken(position, error)
            self.seek(position)
        return Taken(position)

    def _constant(self, name: str, rows: int) -> pa.Array:
        """A column of one value, made once for all batches."""
        known = self._constants.get(name)
        if known is None or len(known) < rows:
            known = self._constants[name] = (
                topic_column(self.topic, rows) if name == "topic" else partition_column(self.partition, rows)
            )
        return known[:rows]


class NativeBatch:
    """A batch in buffers that the C library fills."""

    def __init__(
        self,
        columns: Sequence[str],
        limits: BatchLimits,
        room: dict[str, float],
        constant: Callable[[str, int], pa.Array],
    ) -> None:
        self._columns = list(columns)
        self._room = room
        self._constant = constant
        self.filled = FilledBatch(self._columns, rows=limits.rows, bytes_limit=limits.size, room=room)
        self.is_full = False

    @property
    def rows(self) -> int:
        return self.filled.rows

    def close(self) -> None:
        """Nothing more fits."""
        if not self.rows:
            raise OverflowError("a Kafka record holds more than 2 GiB")
        self.is_full = True

    def build(self) -> pa.RecordBatch:
        self._room.update(self.filled.bytes_per_row())
        arrays = [self._column(name) for name in self._columns]
        return record_batch(self._columns, arrays, self.rows)

    def _column(self, name: str) -> pa.Array:
        if name in {"topic", "partition"}:
            return self._constant(name, self.rows)
        return self.filled.column(name)


def _error(code: int, text: bytes) -> KafkaError:
    from confluent_kafka import KafkaError

    return KafkaError(code, text.decode(errors="replace"))


def _release(library: Library, state: IntakeState, pid: int) -> None:
    if pid != os.getpid():
        # A fork has copied this, but not the threads that the client lives by.
        return
    library.forget(library.table, byref(state))
    library.free_queue(state.queue)
