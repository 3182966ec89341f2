"""The next micro-batch decided from facts: where the query stands, and what the cluster holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamcore.kafka.offsets import OffsetRange, Offsets, TopicPartition
from streamcore.sources.kafka.limits import at_least, at_most, share
from streamcore.spi.limits import ReadLimit


@dataclass(frozen=True)
class Plan:
    """End offsets of the next micro-batch, and what has been lost on the way, in words."""

    end: Offsets
    losses: tuple[str, ...] = ()


def next_end(start: Offsets, latest: Offsets, new_from: Offsets, limit: ReadLimit, *, may_wait: bool) -> Plan:
    """Where the micro-batch that begins at `start` ends.

    `latest` holds every partition there is; `new_from` the log start of those that `start` lacks.
    `may_wait` says whether to hold out for the limit's minimum of rows.
    """
    losses = [*_gone(start, latest), *_backwards(start, latest), *_late(new_from)]
    begin = {tp: start.get(tp, new_from.get(tp, 0)) for tp in latest}
    waiting = sum(max(0, end - begin[tp]) for tp, end in latest.items())
    if waiting < at_least(limit) and may_wait and not losses:
        return Plan(start)
    most = at_most(limit)
    end = dict(latest) if most is None else share(begin, latest, most)
    kept = {tp: offset for tp, offset in end.items() if tp in start or offset > begin[tp]}
    return Plan(kept, tuple(losses))


def _gone(start: Offsets, latest: Offsets) -> list[str]:
    return [
        f"Kafka topic {topic!r} partition {partition} is gone (it was read up to offset {offset})"
        for (topic, partition), offset in sorted(start.items())
        if (topic, partition) not in latest
    ]


def _backwards(start: Offsets, latest: Offsets) -> list[str]:
    return [
        f"Kafka topic {topic!r} partition {partition} ends at offset {end}, before the offset "
        f"{start[topic, partition]} that the query has read it up to; it was truncated or made anew"
        for (topic, partition), end in sorted(latest.items())
        if end < start.get((topic, partition), end)
    ]


def _late(new_from: Offsets) -> list[str]:
    return [
        f"Kafka topic {topic!r} partition {partition} is new and begins at offset {offset} instead of 0: "
        "some of its records expired before the query saw them"
        for (topic, partition), offset in sorted(new_from.items())
        if offset > 0
    ]


def ranges(start: Mapping[TopicPartition, int], end: Offsets) -> list[OffsetRange]:
    """The offset ranges between two offsets; a partition that `start` lacks is read from offset 0.

    A partition that ends before it starts was made anew: it is read from 0 too.

    >>> ranges({("a", 0): 5, ("a", 1): 9}, {("a", 0): 8, ("a", 1): 2, ("b", 0): 1})
    [OffsetRange(topic='a', partition=0, start=5, end=8), OffsetRange(topic='a', partition=1, start=0, end=2),
     OffsetRange(topic='b', partition=0, start=0, end=1)]
    """
    found = []
    for (topic, partition), last in sorted(end.items()):
        first = start.get((topic, partition), 0)
        found.append(OffsetRange(topic, partition, first if first <= last else 0, last))
    return found
