"""Producers that take rows of Arrow: by the C library, or where there is none by confluent-kafka's calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamcore.kafka.native.library import library
from streamcore.kafka.rows import send_rows

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import KafkaError, Message, Producer


class RowProducer(ABC):
    """A producer of confluent-kafka, a way to give it rows, and what is known of those not delivered."""

    client: Producer

    @abstractmethod
    def send(self, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
        """Queues rows, as `send_rows` says; of those behind a refused one, a few may be queued."""

    @abstractmethod
    def first_failure(self) -> tuple[str, KafkaError] | None:
        """The topic of the first row that was queued and not delivered, and why; None when there is none."""


def open_producer(config: Mapping[str, Any]) -> RowProducer:
    """A producer of this configuration, without `on_delivery`; raises KafkaException when it is refused."""
    native = library()
    if native is None:
        return _MessageProducer(config)
    from streamcore.kafka.native.producing import NativeProducer

    return NativeProducer(native, config)


class _MessageProducer(RowProducer):
    """Every row is a call of `produce`."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        from confluent_kafka import Producer

        self._failure: tuple[str, KafkaError] | None = None
        # A row that a broker has taken is counted by the library alone; only failures come back to us.
        heard = {"delivery.report.only.error": True, "on_delivery": self._hear}
        self.client = Producer({**config, **heard})

    def send(self, rows: pa.RecordBatch, topic: str | None, patience: float) -> None:
        send_rows(self.client, rows, topic, patience)

    def first_failure(self) -> tuple[str, KafkaError] | None:
        return self._failure

    def _hear(self, error: KafkaError | None, message: Message) -> None:
        if error is not None and self._failure is None:
            self._failure = (message.topic() or "", error)
