"""Positions that a user names, resolved to offsets."""

from __future__ import annotations

from collections.abc import Iterable

from streamcore.errors import CheckpointMismatch, IllegalArgumentException
from streamcore.kafka.offsets import LATEST, Offsets, TopicPartition
from streamcore.sources.kafka.cluster import Cluster
from streamcore.sources.kafka.settings import Position, Selection


def existing_partitions(cluster: Cluster, selection: Selection) -> set[TopicPartition]:
    """The partitions selected; raises when a topic or partition that is named does not exist."""
    found = cluster.partitions(selection)
    missing = [topic for topic in selection.topics if topic not in {t for t, _ in found}]
    missing += [
        f"{topic}-{partition}" for topic, partition in selection.assigned if (topic, partition) not in found
    ]
    if missing:
        raise IllegalArgumentException(
            f"Kafka has no topic {', '.join(map(repr, missing))}; create it, or correct the option "
            f"{'assign' if selection.assigned else 'subscribe'}"
        )
    return found


def check_same_partitions(
    adopted: set[TopicPartition], existing: set[TopicPartition], selection: Selection
) -> None:
    """Raises CheckpointMismatch when a query cannot go on from offsets of `adopted`.

    Every one of them must be there and be read, and no other topic but what a pattern finds; partitions may
    have come to a topic meanwhile.
    """
    gone = sorted(adopted - existing)
    if gone:
        named = ", ".join(f"{topic}-{partition}" for topic, partition in gone)
        raise CheckpointMismatch(
            f"the adopted checkpoint has read {named}, which the query does not read, or which is gone: "
            "subscribe to the topics that the Spark query read"
        )
    others = sorted({topic for topic, _ in existing} - {topic for topic, _ in adopted})
    if others and selection.pattern is None:
        raise CheckpointMismatch(
            f"the adopted checkpoint has no offsets of {', '.join(others)}, which the query reads: subscribe "
            "to the topics that the Spark query read, and read others as a source of their own"
        )


def resolve_start(
    cluster: Cluster, partitions: set[TopicPartition], position: Position, *, latest_if_no_timestamp: bool
) -> Offsets:
    """The offset to begin at in each partition."""
    times = _times(position, partitions)
    if times is None:
        return cluster.offsets(_specs(position, partitions, "startingOffsets"))
    found = cluster.at_timestamps(times)
    without = sorted(tp for tp, offset in found.items() if offset is None)
    if without and not latest_if_no_timestamp:
        topic, partition = without[0]
        raise IllegalArgumentException(
            f"Kafka topic {topic!r} partition {partition} has no record at or after timestamp "
            f"{times[without[0]]}; set startingOffsetsByTimestampStrategy=latest to begin at its end"
        )
    return _known(found) | cluster.offsets(dict.fromkeys(without, LATEST))


def resolve_end(cluster: Cluster, partitions: set[TopicPartition], position: Position) -> Offsets:
    """The offset to end before in each partition."""
    times = _times(position, partitions)
    if times is None:
        return cluster.offsets(_specs(position, partitions, "endingOffsets"))
    found = cluster.at_timestamps(times)
    return _known(found) | cluster.offsets({tp: LATEST for tp, offset in found.items() if offset is None})


def _known(found: dict[TopicPartition, int | None]) -> Offsets:
    return {tp: offset for tp, offset in found.items() if offset is not None}


def _times(position: Position, partitions: set[TopicPartition]) -> Offsets | None:
    if position.timestamp is not None:
        return dict.fromkeys(partitions, position.timestamp)
    if position.timestamps is not None:
        _same_partitions(position.timestamps, partitions, "the offsets by timestamp")
        return position.timestamps
    return None


def _specs(position: Position, partitions: set[TopicPartition], option: str) -> Offsets:
    if position.named is not None:
        return dict.fromkeys(partitions, position.named)
    offsets = position.offsets or {}
    _same_partitions(offsets, partitions, option)
    return offsets


def _same_partitions(given: Iterable[TopicPartition], partitions: set[TopicPartition], what: str) -> None:
    missing, surplus = sorted(partitions - set(given)), sorted(set(given) - partitions)
    if missing or surplus:
        raise IllegalArgumentException(
            f"{what} must name every partition that is read and no other (-1 for latest, -2 for earliest); "
            f"missing: {missing}, not read: {surplus}"
        )
