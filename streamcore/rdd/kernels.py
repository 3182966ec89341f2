"""What runs over the records of one partition, as module-level functions: they pickle by name, in no time.

A function of the user's that raises StopIteration must fail the task; inside `map` or `filter` it would
quietly end the partition instead.  `guarded` tells the two apart at no cost per record worth mentioning.
"""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import chain, count
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

first_of = itemgetter(0)
second_of = itemgetter(1)


def guarded(
    apply: Callable[..., Iterator[Any]], function: Callable[[Any], Any], records: Iterator[Any]
) -> Iterator[Any]:
    """Return `apply(function, records)`; RuntimeError if it ends before the records do."""
    ended: list[bool] = []
    return chain(apply(function, chain(records, _note_end(ended))), _check_end(ended))


def _note_end(ended: list[bool]) -> Iterator[Any]:
    ended.append(True)
    yield from ()


def _check_end(ended: list[bool]) -> Iterator[Any]:
    if not ended:
        raise RuntimeError("the function raised StopIteration; return a value, or raise something else")
    yield from ()


def map_each(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Apply a function to each record."""
    return guarded(map, function, records)


def map_fields(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Apply a function of ours, which raises no StopIteration, to each record."""
    return map(function, records)


def keep_if(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Keep the records for which a function is true."""
    return guarded(filter, function, records)


def flat_map_each(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Apply a function to each record and chain the results."""
    return chain.from_iterable(guarded(map, function, records))


def whole(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterable[Any]:
    """Apply a function to the partition."""
    result: Iterable[Any] = function(records)
    return result


def listed(_: int, records: Iterator[Any]) -> Iterator[Any]:
    """Make one list of the partition."""
    yield list(records)


def key_by(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Pair each record with its key."""
    return ((function(record), record) for record in records)


def keyed_with_none(_: int, records: Iterator[Any]) -> Iterator[Any]:
    """Pair each record, as a key, with None."""
    return ((record, None) for record in records)


def map_values(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Apply a function to the value of each pair."""
    return ((key, function(value)) for key, value in records)


def flat_map_values(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> Iterator[Any]:
    """Apply a function to the value of each pair; one pair for each of its results."""
    return ((key, item) for key, value in records for item in function(value))


def with_index(starts: list[int], split: int, records: Iterator[Any]) -> Iterator[Any]:
    """Pair each record with its number in the whole RDD."""
    return zip(records, count(starts[split]), strict=False)


def with_unique_id(partitions: int, split: int, records: Iterator[Any]) -> Iterator[Any]:
    """Pair each record with a number that no other has, without a look at other partitions."""
    return zip(records, count(split, partitions), strict=False)


def size_of(records: Iterable[Any]) -> int:
    """Count records without a step of Python for each.

    >>> size_of(iter("abc"))
    3
    """
    counter = count()
    deque(zip(records, counter, strict=False), maxlen=0)
    return next(counter)


def call_each(function: Callable[[Any], Any], records: Iterator[Any]) -> None:
    """Call a function on each record and drop what it returns."""
    deque(guarded(map, function, records), maxlen=0)


def counts_of(records: Iterator[Any]) -> defaultdict[Any, int]:
    """Count equal records."""
    counts: defaultdict[Any, int] = defaultdict(int)
    for record in records:
        counts[record] += 1
    return counts


def as_list(_: int, records: Iterator[Any]) -> list[Any]:
    """Return the partition as a list."""
    return list(records)


def whole_listed(function: Callable[[Any], Any], _: int, records: Iterator[Any]) -> list[Any]:
    """Apply a function to the partition and return what it yields as a list."""
    return list(function(records))
