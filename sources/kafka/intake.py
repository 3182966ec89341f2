"""The contract between a cursor, which decides, and what moves a partition's records into batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import Consumer, KafkaError


@dataclass(frozen=True)
class BatchLimits:
    """A batch is full when it has reached one of these; `size` counts the bytes of what varies in length."""

    rows: int
    size: int

    def within(self, records: int) -> BatchLimits:
        """The same for what is left of a range.

        >>> BatchLimits(rows=100, size=1000).within(7)
        BatchLimits(rows=7, size=1000)
        """
        return replace(self, rows=min(self.rows, records))


@dataclass(frozen=True)
class Taken:
    """What one look at a partition came to: the offset after the records taken, and the error behind them.

    A position that is not after the one before says that nothing was there.
    """

    position: int
    error: KafkaError | None = None
    error_offset: int = -1


class Gathering(Protocol):
    """A batch that is being gathered."""

    @property
    def rows(self) -> int:
        """How many records it has."""

    @property
    def is_full(self) -> bool:
        """Whether it is to be built before more is taken."""

    def build(self) -> pa.RecordBatch:
        """The batch; it holds at least one record."""


class Intake(ABC):
    """Takes the records of one topic partition from a consumer; not for two threads at a time."""

    def __init__(self, consumer: Consumer, topic: str, partition: int) -> None:
        self.consumer = consumer
        self.topic = topic
        self.partition = partition

    def seek(self, offset: int) -> None:
        """From here on the records from an offset are taken."""
        from confluent_kafka import TopicPartition

        self.forget()
        self.consumer.assign([TopicPartition(self.topic, self.partition, offset)])

    @abstractmethod
    def batch(self, columns: Sequence[str], limits: BatchLimits) -> Gathering:
        """An empty batch of some of the columns of `kafka_schema`, to be given to `take`."""

    @abstractmethod
    def take(self, batch: Gathering, position: int, end: int) -> Taken:
        """Adds records from `position` on and before `end`, in order, each once, up to the first error.

        Waits a little when there is none yet.  Records at or after `end` are kept for the next range; what
        lies before `position` was fetched before a seek and is dropped.
        """

    @abstractmethod
    def forget(self) -> None:
        """Drops what was fetched and not taken."""

    def close(self) -> None:
        """Frees the consumer."""
        self.forget()
        self.consumer.close()
