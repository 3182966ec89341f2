"""What the driver asks of a Kafka cluster: which partitions there are, and the offsets in them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.answers import an_offset, an_offset_by_time, the_partitions, the_topics
from streamcore.kafka.asking import ask_again
from streamcore.kafka.errors import NoAnswer, address, refusal, unanswered
from streamcore.kafka.failures import Complaints, is_gone
from streamcore.kafka.offsets import EARLIEST, LATEST, Offsets, TopicPartition
from streamcore.sources.kafka.opening import new_consumer
from streamcore.sources.kafka.settings import FetchSettings, Selection

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient, TopicMetadata

T = TypeVar("T")

_ATTEMPT_TIMEOUT = 5.0


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
    """A real cluster; every call goes on trying until a deadline in seconds.

    Until a broker has answered for the first time the deadline is `first_contact`: an address or a protocol
    that is wrong stays wrong.
    """

    def __init__(
        self,
        fetch: FetchSettings,
        deadline: float,
        first_contact: float,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._fetch = fetch
        self._deadline = deadline
        self._first_contact = first_contact
        self._pause = pause
        self._attempt = min(_ATTEMPT_TIMEOUT, first_contact)
        self._answered = False
        self._complaints = Complaints()
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
        topics = the_topics(self._client().list_topics(timeout=self._attempt))
        return {tp for name, topic in topics.items() if wanted(name) for tp in _partitions_in(name, topic)}

    def offsets(self, specs: Mapping[TopicPartition, int]) -> Offsets:
        from confluent_kafka.admin import OffsetSpec

        kinds = {EARLIEST: OffsetSpec.earliest(), LATEST: OffsetSpec.latest()}
        asked = {tp: kinds[spec] for tp, spec in specs.items() if spec in kinds}
        exact = {tp: spec for tp, spec in specs.items() if spec not in kinds}
        return {**exact, **self._persist("give offsets", lambda: self._of_existing(asked, an_offset))}

    def at_timestamps(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        from confluent_kafka.admin import OffsetSpec

        asked = {tp: OffsetSpec.for_timestamp(ms) for tp, ms in times.items()}
        return self._persist("give offsets by time", lambda: self._of_existing(asked, an_offset_by_time))

    def _of_existing(
        self, asked: Mapping[TopicPartition, Any], meaning: Callable[[object, TopicPartition], T]
    ) -> dict[TopicPartition, T]:
        from confluent_kafka import KafkaException

        try:
            found = self._list_offsets(asked, meaning)
        except KafkaException:
            # One deleted topic fails the whole question, in the same words as a broker that is away.
            existing = self._still_there(asked)
            if existing == asked.keys():
                raise
            found = self._list_offsets({tp: asked[tp] for tp in existing}, meaning)
        unknown = asked.keys() - found.keys()
        if unknown and (existing := self._still_there(unknown)):
            # A broker that has just become the leader may not know of it.
            raise NoAnswer(f"no broker gives the offsets of {sorted(existing)} yet")
        return found

    def _still_there(self, places: Collection[TopicPartition]) -> set[TopicPartition]:
        return self._list_partitions({topic for topic, _ in places}.__contains__) & set(places)

    def _list_offsets(
        self, asked: Mapping[TopicPartition, Any], meaning: Callable[[object, TopicPartition], T]
    ) -> dict[TopicPartition, T]:
        """One round trip per broker, however many partitions; those that no broker knows are left out."""
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
        found: dict[TopicPartition, T] = {}
        for place, future in answers.items():
            tp = (place.topic, place.partition)
            try:
                found[tp] = meaning(future.result().offset, tp)
            except KafkaException as error:
                if not is_gone(error.args[0]):
                    raise
        return found

    def commit(self, group: str, offsets: Offsets) -> None:
        from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
        from confluent_kafka import TopicPartition as Place

        places = [Place(topic, partition, offset) for (topic, partition), offset in offsets.items()]
        request = ConsumerGroupTopicPartitions(group, places)
        answers = self._client().alter_consumer_group_offsets([request], request_timeout=self._attempt)
        for future in answers.values():
            for place in future.result().topic_partitions:
                if place.error is not None:
                    raise KafkaException(place.error)

    def close(self) -> None:
        self._admin = None

    def _client(self) -> AdminClient:
        if self._admin is None:
            self._admin = _new_admin(self._fetch, self._complaints)
        return self._admin

    def _persist(self, what: str, ask: Callable[[], T]) -> T:
        client = self._fetch.client
        patience = self._deadline if self._answered else self._first_contact
        until = time.monotonic() + patience

        def out_of_time(said: str) -> Exception | None:
            self._client().poll(0)
            hopeless = self._complaints.refused and not self._answered
            if time.monotonic() < until and not hopeless:
                return None
            failed = f"Kafka at {address(client)} did not {what} within {patience:g} s"
            return unanswered(client, failed, [said, str(self._complaints)])

        answer = ask_again(ask, lambda error: refusal(client, what, error), out_of_time, self._pause)
        self._answered = True
        self._complaints.forget()
        return answer


def _partitions_in(name: str, topic: TopicMetadata) -> set[TopicPartition]:
    from confluent_kafka import KafkaException

    if topic.error is None:
        return the_partitions(name, topic.partitions)
    if is_gone(topic.error):
        return set()
    raise KafkaException(topic.error)


def _new_admin(fetch: FetchSettings, complaints: Complaints) -> AdminClient:
    from confluent_kafka.admin import AdminClient

    # An admin client does not know a consumer's properties; a consumer made first refuses wrong ones.
    new_consumer(fetch, complaints).close()
    shared = {k: v for k, v in fetch.client.items() if not k.startswith(_CONSUMER_ONLY)}
    config: dict[str, Any] = {"log_level": "2", "reconnect.backoff.max.ms": "1000", "error_cb": complaints}
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
