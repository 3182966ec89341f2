"""What a client library returns, checked for meaning before anybody believes it or writes it down.

When a connection breaks in the middle of a request, librdkafka may return without an error and without
an answer: an offset of -1001, say.  Whatever is no number of a broker's raises `NoAnswer` here, and the
request is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from streamcore.kafka.errors import NoAnswer
from streamcore.kafka.offsets import TopicPartition

if TYPE_CHECKING:
    from confluent_kafka.admin import ClusterMetadata, TopicMetadata

_NO_RECORD = -1
"""How a broker answers that no record is at or after a time."""


def an_offset(answer: object, place: TopicPartition) -> int:
    """The offset that a broker gave for a place.

    >>> an_offset(7, ("t", 0))
    7
    """
    if isinstance(answer, int) and answer >= 0:
        return answer
    raise NoAnswer(f"{_named(place)}: {answer!r} is no offset")


def an_offset_by_time(answer: object, place: TopicPartition) -> int | None:
    """The first offset at or after a time; None when there is no such record."""
    return None if answer == _NO_RECORD else an_offset(answer, place)


def the_bounds(answer: tuple[int, int] | None, place: TopicPartition) -> tuple[int, int]:
    """The first offset of a partition and the one after its last."""
    if answer is None:
        raise NoAnswer(f"{_named(place)}: its first and last offset did not come in time")
    low, high = (an_offset(bound, place) for bound in answer)
    if low > high:
        raise NoAnswer(f"{_named(place)}: it cannot begin at {low} and end at {high}")
    return low, high


def the_topics(answer: ClusterMetadata) -> Mapping[str, TopicMetadata]:
    """The topics of a cluster; a list that names no broker comes from none."""
    if not answer.brokers:
        raise NoAnswer("the list of topics names no broker")
    return answer.topics


def the_partitions(topic: str, numbers: Iterable[int]) -> set[TopicPartition]:
    """The partitions of a topic, which Kafka numbers from 0 without a gap."""
    found = sorted(numbers)
    if not found or found != list(range(len(found))):
        raise NoAnswer(f"Kafka topic {topic!r}: {found} cannot be all its partitions")
    return {(topic, partition) for partition in found}


def _named(place: TopicPartition) -> str:
    topic, partition = place
    return f"Kafka topic {topic!r} partition {partition}"
