"""The ledger: the topic in which each query keeps the commit record of its newest batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from confluent_kafka import Consumer, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType

from streamcore.errors import AnalysisException
from streamcore.kafka.answers import an_offset, the_topics
from streamcore.kafka.asking import ask_again
from streamcore.kafka.errors import KafkaUnavailable, NoAnswer
from streamcore.kafka.failures import Complaints, is_gone, may_pass
from streamcore.sinks.kafka.decisions import LEDGER_PARTITIONS, ledger_fault, ledger_partition, windows
from streamcore.sinks.kafka.outcome import not_opened, refused_options
from streamcore.sinks.kafka.tokens import KeyAndValue, PartsMissing, Token, is_of, newest_token
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import KafkaError, Message
    from confluent_kafka.admin import TopicMetadata

    from streamcore.sinks.kafka.settings import KafkaSinkSettings

T = TypeVar("T")

_ATTEMPT: Final = 5.0
_POLL: Final = 0.1
_TOPIC_CONFIG: Final = {
    "cleanup.policy": "compact",
    # What is being written is not compacted, and a query writes a record per batch.
    "segment.bytes": str(16 << 20),
}
_QUIET: Final = {"log_level": "2", "reconnect.backoff.max.ms": "1000"}
_READER: Final = {
    **_QUIET,
    "isolation.level": "read_committed",
    "enable.partition.eof": "true",
    "enable.auto.commit": "false",
    "auto.offset.reset": "error",
    "fetch.wait.max.ms": "20",
    "fetch.error.backoff.ms": "50",
}


class Ledger:
    """Reads tokens, and makes or checks the topic that holds them."""

    def __init__(self, settings: KafkaSinkSettings) -> None:
        self._settings = settings
        self._topic = settings.ledger_topic
        self._complaints = Complaints()
        self._shared: AdminClient | None = None
        self._attempt = min(_ATTEMPT, settings.patience)

    def prepare(self) -> None:
        """Makes the topic, or checks the one that is there; raises AnalysisException when it cannot serve."""
        found = self._topic_metadata()
        if found is None:
            self._create()
            found = self._ask("show its new ledger topic", self._made_topic)
        policy = self._ask("show the settings of the ledger topic", self._cleanup_policy)
        if fault := ledger_fault(len(found.partitions), policy):
            raise AnalysisException(
                f"the topic {self._topic!r} cannot be the ledger of the kafka sink: {fault}. Change the "
                "topic, or name another one by the option ledgerTopic (one that does not exist is made)"
            )

    def newest(self, query_id: str) -> Token | None:
        """The newest token of a query; None when it has none.

        Every transaction that began before the call has ended for what is found, also those of other queries
        that hold a reader of committed records back. Raises KafkaUnavailable when they do not end in time.
        """
        place = (self._topic, ledger_partition(query_id))
        low, high = self._ask("give the bounds of its ledger", lambda: self._bounds(*place))
        consumer = Consumer({**_READER, **self._client(), "group.id": f"streamcore-{uuid4()}"})
        try:
            return self._search(consumer, query_id, low, high)
        finally:
            consumer.close()

    def _search(self, consumer: Consumer, query_id: str, low: int, high: int) -> Token | None:
        found: list[KeyAndValue] = []
        for start, end in windows(low, high):
            found = [*self._stretch(consumer, query_id, start, end), *found]
            try:
                token = newest_token(query_id, found)
            except PartsMissing:
                continue
            if token is not None:
                return token
        return newest_token(query_id, found)

    def _stretch(self, consumer: Consumer, query_id: str, start: int, end: int) -> list[KeyAndValue]:
        """The query's committed records from `start` up to, not including, `end`."""
        partition = ledger_partition(query_id)
        consumer.assign([TopicPartition(self._topic, partition, start)])
        found: list[KeyAndValue] = []
        until = time.monotonic() + self._settings.patience
        while True:
            raise_if_interrupted()
            message = consumer.poll(_POLL)
            if message is not None and message.error() is None:
                if an_offset(message.offset(), (self._topic, partition)) < end:
                    found += _own(query_id, message)
                    continue
                return found
            if message is not None and self._has_ended(message, end):
                return found
            if time.monotonic() > until:
                raise KafkaUnavailable(
                    f"the ledger {self._topic!r} of Kafka at {self._settings.address} could not be read to "
                    f"its end within {self._settings.patience:g} s: another writer's transaction is open in "
                    f"its partition {partition}, or no broker answers{self._heard()}. Start the query again: "
                    "nothing is lost"
                )

    def _has_ended(self, message: Message, end: int) -> bool:
        """Whether the position has reached the end, which may hold nothing but the marks of transactions."""
        error = message.error()
        assert error is not None
        if error.name() == "_PARTITION_EOF":
            return (message.offset() or 0) >= end
        if not (may_pass(error) or is_gone(error)):
            raise not_opened(self._settings, "let its ledger be read", error, str(self._complaints))
        return False

    def _bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """The first offset and the one after the last, of records not yet committed, too."""
        low, high = (
            self._offset(topic, partition, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest())
        )
        return low, high

    def _offset(self, topic: str, partition: int, spec: OffsetSpec) -> int:
        # A reader's own question for the end would be answered by where the first open transaction begins.
        answers = self._admin().list_offsets(
            {TopicPartition(topic, partition): spec},
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=self._attempt,
        )
        return next(an_offset(future.result().offset, (topic, partition)) for future in answers.values())

    def _topic_metadata(self) -> TopicMetadata | None:
        """The topic; None when there is none. Asked for by name it could be made, with other settings."""
        return self._ask(
            "list its topics",
            lambda: the_topics(self._admin().list_topics(timeout=self._attempt)).get(self._topic),
        )

    def _made_topic(self) -> TopicMetadata:
        found = the_topics(self._admin().list_topics(timeout=self._attempt)).get(self._topic)
        if found is None or len(found.partitions) < LEDGER_PARTITIONS:
            raise NoAnswer(f"topic {self._topic!r} is being made")
        return found

    def _create(self) -> None:
        wanted = NewTopic(self._topic, LEDGER_PARTITIONS, replication_factor=-1, config=dict(_TOPIC_CONFIG))
        command = (
            f"kafka-topics.sh --create --topic {self._topic} --partitions {LEDGER_PARTITIONS} --config "
            "cleanup.policy=compact"
        )

        def ask() -> None:
            (future,) = self._admin().create_topics([wanted], request_timeout=self._attempt).values()
            try:
                future.result()
            except KafkaException as error:
                # Another query may have made it at the same time.
                if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                    raise

        self._ask(f"make the ledger topic ({command})", ask)

    def _cleanup_policy(self) -> str:
        resource = ConfigResource(ResourceType.TOPIC, self._topic)
        (future,) = self._admin().describe_configs([resource], request_timeout=self._attempt).values()
        return str(future.result()["cleanup.policy"].value)

    def _ask(self, what: str, ask: Callable[[], T]) -> T:
        until = time.monotonic() + self._settings.patience

        def out_of_time(heard: str) -> Exception | None:
            self._admin().poll(0)
            if time.monotonic() < until:
                return None
            return KafkaUnavailable(
                f"Kafka at {self._settings.address} did not {what} within {self._settings.patience:g} s: "
                f"{heard}{self._heard()}; see whether the brokers run at that address, then start the query "
                "again: nothing is lost"
            )

        def refused(error: KafkaError) -> Exception:
            return not_opened(self._settings, what, error, str(self._complaints))

        return ask_again(ask, refused, out_of_time, time.sleep)

    def _heard(self) -> str:
        return f" ({self._complaints})" if str(self._complaints) else ""

    def _client(self) -> dict[str, Any]:
        return {**self._settings.client, "error_cb": self._complaints}

    def _admin(self) -> AdminClient:
        if self._shared is None:
            try:
                self._shared = AdminClient({**_QUIET, **self._client()})
            except KafkaException as error:
                raise refused_options(error.args[0]) from None
        return self._shared

    def close(self) -> None:
        """Frees connections."""
        self._shared = None


def _own(query_id: str, message: Message) -> list[KeyAndValue]:
    key, value = message.key(), message.value()
    if not isinstance(key, bytes) or value is None or not is_of(query_id, key):
        return []
    return [(key, value)]
