"""What the driver asks of a Kafka cluster: which partitions there are, and the offsets in them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from streamcore.errors import IllegalArgumentException
from streamcore.sources.kafka.cursor import ignore_error, new_consumer
from streamcore.sources.kafka.errors import KafkaUnavailable
from streamcore.sources.kafka.offsets import EARLIEST, LATEST, Offsets, TopicPartition
from streamcore.sources.kafka.settings import FetchSettings, Selection

if TYPE_CHECKING:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

T = TypeVar("T")

_ATTEMPT_TIMEOUT = 5.0
_PAUSE = 0.1


class Cluster(Protocol):
    """A Kafka cluster as planning sees it; offsets of transactions still open are not counted."""

    def partitions(self, selection: Selection) -> set[TopicPartition]:
        """The partitions there are now."""

    def offsets(self, specs: Mapping[TopicPartition, int]) -> Offsets:
        """The offset that each spec stands for: `EARLIEST`, `LATEST`, or itself.

        A partition that has just gone is left out.
        """

    def at_timestamps(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        """The first offset at or after each time (milliseconds); None where there is none."""

    def commit(self, group: str, offsets: Offsets) -> None:
        """Stores offsets in a consumer group, for lag tools."""

    def close(self) -> None:
        """Frees connections."""


class KafkaCluster:
    """A real cluster; every call goes on trying until the deadline (seconds)."""

    def __init__(
        self, fetch: FetchSettings, deadline: float, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._fetch = fetch
        self._deadline = deadline
        self._pause = pause
        self._attempt = min(_ATTEMPT_TIMEOUT, deadline)
        self._admin: AdminClient | None = None

    def partitions(self, selection: Selection) -> set[TopicPartition]:
        if selection.assigned:
            wanted = {topic for topic, _ in selection.assigned}
            return self._partitions_of(wanted.__contains__) & set(selection.assigned)
        if selection.pattern is not None:
            return self._partitions_of(_matcher(selection.pattern))
        return self._partitions_of(set(selection.topics).__contains__)

    def _partitions_of(self, wanted: Callable[[str], object]) -> set[TopicPartition]:
        # Asking for all topics, never for one by name, cannot make a broker create a missing topic.
        return self._persist("list its topics", lambda: self._list_partitions(wanted))

    def _list_partitions(self, wanted: Callable[[str], object]) -> set[TopicPartition]:
        topics = self._client().list_topics(timeout=self._attempt).topics
        return {(name, p) for name, topic in topics.items() if wanted(name) for p in topic.partitions}

    def offsets(self, specs: Mapping[TopicPartition, int]) -> Offsets:
        from confluent_kafka.admin import OffsetSpec

        kinds = {EARLIEST: OffsetSpec.earliest(), LATEST: OffsetSpec.latest()}
        asked = {tp: kinds[spec] for tp, spec in specs.items() if spec in kinds}
        exact = {tp: spec for tp, spec in specs.items() if spec not in kinds}
        return {**exact, **self._persist("give offsets", lambda: self._offsets_of_existing(asked))}

    def at_timestamps(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        from confluent_kafka.admin import OffsetSpec

        asked = {tp: OffsetSpec.for_timestamp(ms) for tp, ms in times.items()}
        found = self._persist("give offsets by time", lambda: self._offsets_of_existing(asked))
        return {tp: offset if offset >= 0 else None for tp, offset in found.items()}

    def _offsets_of_existing(self, asked: Mapping[TopicPartition, Any]) -> Offsets:
        from confluent_kafka import KafkaException

        try:
            return self._list_offsets(asked)
        except KafkaException:
            # One deleted topic fails the whole question, in the same words as a broker that is away.
            existing = self._list_partitions({topic for topic, _ in asked}.__contains__)
            if existing >= asked.keys():
                raise
        return self._list_offsets({tp: spec for tp, spec in asked.items() if tp in existing})

    def _list_offsets(self, asked: Mapping[TopicPartition, Any]) -> Offsets:
        """One round trip per broker, however many partitions."""
        from confluent_kafka import IsolationLevel, KafkaException
        from confluent_kafka import TopicPartition as Place

        if not asked:
            return {}
        answers = self._client().list_offsets(
            {Place(topic, partition): spec for (topic, partition), spec in asked.items()},
            isolation_level=IsolationLevel.READ_UNCOMMITTED
            if self._fetch.client.get("isolation.level") == "read_uncommitted"
            else IsolationLevel.READ_COMMITTED,
            request_timeout=self._attempt,
        )
        found: Offsets = {}
        for place, future in answers.items():
            try:
                found[place.topic, place.partition] = future.result().offset
            except KafkaException as error:
                if not _is_gone(error):
                    raise
        return found

    def commit(self, group: str, offsets: Offsets) -> None:
        from confluent_kafka import ConsumerGroupTopicPartitions
        from confluent_kafka import TopicPartition as Place

        places = [Place(topic, partition, offset) for (topic, partition), offset in offsets.items()]
        request = ConsumerGroupTopicPartitions(group, places)
        answers = self._client().alter_consumer_group_offsets([request], request_timeout=self._attempt)
        for future in answers.values():
            future.result()

    def close(self) -> None:
        self._admin = None

    def _client(self) -> AdminClient:
        if self._admin is None:
            self._admin = _new_admin(self._fetch)
        return self._admin

    def _persist(self, what: str, ask: Callable[[], T]) -> T:
        from confluent_kafka import KafkaException

        until = time.monotonic() + self._deadline
        while True:
            try:
                return ask()
            except KafkaException as error:
                if not _may_pass(error):
                    raise
                if time.monotonic() >= until:
                    raise KafkaUnavailable(
                        f"Kafka at {self._fetch.client['bootstrap.servers']} did not {what} within "
                        f"{self._deadline:g} s ({error.args[0].str()}); see whether the brokers run, then "
                        "start the query again: nothing is lost"
                    ) from error
            self._pause(_PAUSE)


def _new_admin(fetch: FetchSettings) -> AdminClient:
    from confluent_kafka.admin import AdminClient

    # An admin client does not know a consumer's properties; a consumer made first refuses wrong ones.
    new_consumer(fetch).close()
    shared = {k: v for k, v in fetch.client.items() if not k.startswith(_CONSUMER_ONLY)}
    config: dict[str, Any] = {"log_level": "2", "reconnect.backoff.max.ms": "1000", "error_cb": ignore_error}
    return AdminClient(config | shared)


_CONSUMER_ONLY = (
    "fetch.", "queued.", "isolation.", "check.crcs", "max.poll.", "session.timeout", "heartbeat.", "group.",
    "consume.", "auto.", "enable.auto", "allow.auto", "offset.store", "partition.assignment",
)  # fmt: skip


def _matcher(pattern: str) -> Callable[[str], object]:
    try:
        return re.compile(pattern).fullmatch
    except re.error as error:
        raise IllegalArgumentException(
            f"option subscribePattern={pattern!r} is no pattern: {error}"
        ) from None


def _is_gone(error: KafkaException) -> bool:
    from confluent_kafka import KafkaError as Codes

    return error.args[0].code() in (
        Codes.UNKNOWN_TOPIC_OR_PART,
        Codes._UNKNOWN_TOPIC,  # noqa: SLF001 - the library's own spelling of a public code
        Codes._UNKNOWN_PARTITION,  # noqa: SLF001
    )


def _may_pass(error: KafkaException) -> bool:
    from confluent_kafka import KafkaError as Codes

    failure = error.args[0]
    transient = (
        Codes._TRANSPORT,  # noqa: SLF001
        Codes._TIMED_OUT,  # noqa: SLF001
        Codes._ALL_BROKERS_DOWN,  # noqa: SLF001
        Codes._RESOLVE,  # noqa: SLF001
        Codes._NOENT,  # noqa: SLF001 - "no leaders found"
        Codes.NOT_LEADER_FOR_PARTITION,
        Codes.LEADER_NOT_AVAILABLE,
        Codes.OFFSET_NOT_AVAILABLE,
        Codes.REQUEST_TIMED_OUT,
    )
    return failure.retriable() or failure.code() in transient
