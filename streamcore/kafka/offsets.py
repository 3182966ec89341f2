"""Kafka offsets as values: their JSON form, offset ranges, and how a range is cut."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from streamcore.errors import CheckpointMismatch, IllegalArgumentException

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TopicPartition = tuple[str, int]
Offsets = dict[TopicPartition, int]

LATEST = -1
EARLIEST = -2


@dataclass(frozen=True, order=True)
class OffsetRange:
    """The records of one partition from `start` up to, not including, `end`."""

    topic: str
    partition: int
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many offsets the range spans; an upper bound of its records."""
        return max(0, self.end - self.start)


def to_json(offsets: Mapping[TopicPartition, int]) -> dict[str, dict[str, int]]:
    """Spark's form of offsets.

    >>> to_json({("b", 0): 7, ("a", 1): 5, ("a", 0): 3})
    {'a': {'0': 3, '1': 5}, 'b': {'0': 7}}
    """
    tree: dict[str, dict[str, int]] = {}
    for (topic, partition), offset in sorted(offsets.items()):
        tree.setdefault(topic, {})[str(partition)] = offset
    return tree


def from_json(tree: Mapping[str, Mapping[str, int]]) -> Offsets:
    """The offsets in Spark's form; the inverse of `to_json`."""
    return {(t, int(p)): int(offset) for t, partitions in tree.items() for p, offset in partitions.items()}


def logged_offsets(offset: Any) -> Offsets:
    """The offsets that a checkpoint holds; raises CheckpointMismatch when they are none of Kafka's.

    >>> logged_offsets({"a": {"0": 3}})
    {('a', 0): 3}
    """
    try:
        found = from_json(offset)
    except (ValueError, TypeError, AttributeError):
        found = None
    if found is None or any(at < 0 for at in found.values()):
        raise CheckpointMismatch(
            f"the checkpoint holds {offset!r} where a query over Kafka keeps its offsets, such as "
            '{"topic": {"0": 23}}: it is of a query over another source, or was written by a version that '
            "took a broken answer for an offset. Start with a new checkpoint, and startingOffsets where "
            "the rows of the old one end"
        )
    return found


def behind(consumed: Mapping[TopicPartition, int], newest: Mapping[TopicPartition, int]) -> dict[str, str]:
    """How many offsets the partitions lie behind their newest, under Spark's names.

    >>> behind({("a", 0): 3, ("a", 1): 5}, {("a", 0): 9, ("a", 1): 6})
    {'minOffsetsBehindLatest': '1', 'maxOffsetsBehindLatest': '6', 'avgOffsetsBehindLatest': '3.5'}
    """
    gaps = [max(0, end - consumed.get(tp, 0)) for tp, end in newest.items()]
    if not gaps:
        return {}
    return {
        "minOffsetsBehindLatest": str(min(gaps)),
        "maxOffsetsBehindLatest": str(max(gaps)),
        "avgOffsetsBehindLatest": str(sum(gaps) / len(gaps)),
    }


def parse_offsets(text: str, option: str) -> Offsets:
    """Offsets (or timestamps) per partition as a user writes them in an option.

    >>> parse_offsets('{"a": {"0": 23, "1": -2}}', "startingOffsets")
    {('a', 0): 23, ('a', 1): -2}
    """
    try:
        return from_json(_json_object(text))
    except (ValueError, TypeError, AttributeError):
        raise IllegalArgumentException(
            f'option {option}={text!r} must be JSON like {{"topicA":{{"0":23,"1":-1}},"topicB":{{"0":-2}}}}'
        ) from None


def parse_assignment(text: str) -> list[TopicPartition]:
    """The partitions named by the option `assign`.

    >>> parse_assignment('{"a": [0, 1], "b": [2]}')
    [('a', 0), ('a', 1), ('b', 2)]
    """
    try:
        return sorted((t, int(p)) for t, partitions in _json_object(text).items() for p in partitions)
    except (ValueError, TypeError, AttributeError):
        raise IllegalArgumentException(
            f'option assign={text!r} must be JSON like {{"topicA":[0,1],"topicB":[2,4]}}'
        ) from None


def _json_object(text: str) -> dict[str, Any]:
    tree = json.loads(text)
    if not isinstance(tree, dict):
        raise TypeError(text)
    return tree


def cut_ranges(
    ranges: Iterable[OffsetRange], min_partitions: int | None, max_records: int | None
) -> list[OffsetRange]:
    """The ranges that hold something, large ones cut so that there are about `min_partitions` of them.

    >>> cut_ranges([OffsetRange("a", 0, 0, 6), OffsetRange("a", 1, 4, 4)], 3, None)
    [OffsetRange(topic='a', partition=0, start=0, end=2), OffsetRange(topic='a', partition=0, start=2, end=4),
     OffsetRange(topic='a', partition=0, start=4, end=6)]
    """
    filled = [r for r in ranges if r.size > 0]
    if max_records is not None:
        filled = [piece for r in filled for piece in _cut(r, -(-r.size // max_records))]
    if min_partitions is None or len(filled) >= min_partitions:
        return filled
    total = sum(r.size for r in filled)
    return [piece for r in filled for piece in _cut(r, max(1, round(r.size / total * min_partitions)))]


def _cut(whole: OffsetRange, count: int) -> list[OffsetRange]:
    count = min(count, whole.size)
    edges = [whole.start + whole.size * i // count for i in range(count + 1)]
    return [replace(whole, start=a, end=b) for a, b in pairwise(edges)]
