"""The intake by confluent-kafka's messages: for machines without the C library, and to hold it against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from streamcore.kafka.answers import an_offset
from streamcore.kafka.gc_pause import gc_paused
from streamcore.sources.kafka.columns import BatchBuilder
from streamcore.sources.kafka.intake import BatchLimits, Gathering, Intake, Taken

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message

# A thousand messages stay in the processor's cache; five thousand are already slower.
_CHUNK: Final = 1000
# `consume` waits for the whole chunk or the whole timeout.  A range that ends in transaction markers is
# short of messages, so this is what its last chunk waits in vain.
_CONSUME_TIMEOUT: Final = 0.02


class MessageIntake(Intake):
    """Every record becomes a Python object, from which the columns are made."""

    def __init__(self, consumer: Consumer, topic: str, partition: int) -> None:
        super().__init__(consumer, topic, partition)
        self._ahead: list[Message] = []

    def batch(self, columns: Sequence[str], limits: BatchLimits) -> BatchBuilder:
        return BatchBuilder(self.topic, self.partition, columns, limits)

    def forget(self) -> None:
        self._ahead = []

    def take(self, batch: Gathering, position: int, end: int) -> Taken:
        assert isinstance(batch, BatchBuilder)
        with gc_paused():
            if not self._ahead:
                self._ahead = self.consumer.consume(min(_CHUNK, end - position), _CONSUME_TIMEOUT)
            return self._added(batch, position, end)

    def _added(self, batch: BatchBuilder, position: int, end: int) -> Taken:
        records, rest = _up_to_an_error(self._ahead)
        inside = _between(records, position, end)
        if inside:
            batch.add(inside)
            position = _offset(inside[-1]) + 1
        if records and _offset(records[-1]) >= end:
            self._ahead = [record for record in records if _offset(record) >= end] + rest
            return Taken(end)
        self._ahead = rest[1:]
        if not rest:
            return Taken(position)
        at = rest[0].offset()
        return Taken(position, rest[0].error(), -1 if at is None else at)


def _up_to_an_error(messages: list[Message]) -> tuple[list[Message], list[Message]]:
    """The records before the first error, and the rest, which begins with it."""
    from confluent_kafka import Message

    if not any(map(Message.error, messages)):
        return messages, []
    cut = next(i for i, message in enumerate(messages) if message.error() is not None)
    return messages[:cut], messages[cut:]


def _between(records: list[Message], position: int, end: int) -> list[Message]:
    """The records of a range, in order, each once; what was fetched before a seek may lie before it."""
    if not records or (_offset(records[0]) >= position and _offset(records[-1]) < end):
        return records
    return [record for record in records if position <= _offset(record) < end]


def _offset(message: Message) -> int:
    return an_offset(message.offset(), (message.topic() or "", message.partition() or 0))
