"""Actions: what makes a job run and brings something back to the driver."""

from __future__ import annotations

import copy
import math
import random
import sys
import warnings
from functools import partial, reduce
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels
from streamcore.rdd.elementwise import ElementwiseRDD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
U = TypeVar("U")

_EMPTY = "Can not reduce() empty RDD"


class ActionsRDD(ElementwiseRDD[T]):
    """Collect, count, reduce, take, call."""

    def collect(self) -> list[T]:
        """Return all records; they must fit into the driver's memory.

        >>> sc.parallelize([1, 2, 3], 2).collect()
        [1, 2, 3]
        """
        records: list[T] = []
        for part in self.evaluate(kernels.as_list, "collect"):
            records += part
        return records

    def collectWithJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> list[T]:
        """Return all records, as a job of the given group; use `setJobGroup` in new code."""
        warnings.warn("use Context.setJobGroup, then collect", FutureWarning, stacklevel=2)
        with self.ctx.job_group(groupId, description, interruptOnCancel):
            return self.collect()

    def collectAsMap(self) -> dict[Any, Any]:
        """Return all pairs as a dict; of pairs with the same key the last one stays.

        >>> sc.parallelize([(1, 2), (3, 4)]).collectAsMap()
        {1: 2, 3: 4}
        """
        return dict(self.collect())  # type: ignore[arg-type]

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[T]:
        """Iterate over all records, with one partition in the driver's memory at a time (or two).

        >>> [x for x in sc.parallelize(range(5), 2).toLocalIterator()]
        [0, 1, 2, 3, 4]
        """
        return self.ctx.runtime.iterate(self.node, ahead=1 if prefetchPartitions else 0)

    def count(self) -> int:
        """Return how many records there are.

        >>> sc.parallelize([3, 4, 1, 3]).count()
        4
        """
        return sum(self.evaluate(partial(kernels.whole, kernels.size_of), "count"))

    def isEmpty(self) -> bool:
        """Say whether there is no record.

        >>> sc.emptyRDD().isEmpty(), sc.parallelize([0]).isEmpty()
        (True, False)
        """
        return self.getNumPartitions() == 0 or not self.take(1)

    def take(self, num: int) -> list[T]:
        """Return the first `num` records; looks at one partition, then at more as needed.

        >>> sc.parallelize([3, 4, 1, 3], 4).take(2)
        [3, 4]
        """
        items: list[T] = []
        scanned, total = 0, self.getNumPartitions()
        while len(items) < num and scanned < total:
            more = _partitions_to_try(num, len(items), scanned)
            chosen = range(scanned, min(scanned + more, total))
            for part in self.evaluate(partial(_at_most, num - len(items)), "take", chosen):
                items += part
            scanned += more
        return items[:num]

    def first(self) -> T:
        """Return the first record; ValueError when there is none.

        >>> sc.parallelize([3, 4, 1, 3]).first()
        3
        """
        found = self.take(1)
        if not found:
            raise ValueError("RDD is empty")
        return found[0]

    def takeSample(self, withReplacement: bool, num: int, seed: int | None = None) -> list[T]:
        """Return `num` records chosen at random, fewer when there are not as many without replacement.

        >>> len(sc.parallelize(range(10)).takeSample(True, 20, 1))
        20
        """
        largest = sys.maxsize - int(10.0 * math.sqrt(sys.maxsize))
        if num < 0:
            raise ValueError("Sample size cannot be negative.")
        if num > largest:
            raise ValueError(f"Sample size cannot be greater than {largest}.")
        total = self.count() if num and self.getNumPartitions() else 0
        if total == 0:
            return []
        generator = random.Random(seed)
        if not withReplacement and num >= total:
            chosen = self.collect()
        else:
            fraction = sample_fraction(num, total, withReplacement=withReplacement)
            chosen = self.sample(withReplacement, fraction, seed).collect()
            while len(chosen) < num:
                again = generator.randint(0, sys.maxsize)
                chosen = self.sample(withReplacement, fraction, again).collect()
        generator.shuffle(chosen)
        return chosen[:num]

    def reduce(self, f: Callable[[T, T], T]) -> T:
        """Combine all records by `f`, which must be associative and commutative.

        >>> sc.parallelize([3, 4, 1, 3]).reduce(lambda a, b: a * b)
        36
        """
        parts = self.evaluate(partial(_reduce, f), "reduce")
        values = [value for part in parts for value in part]
        if not values:
            raise ValueError(_EMPTY)
        result: T = reduce(f, values)
        return result

    def treeReduce(self, f: Callable[[T, T], T], depth: int = 2) -> T:
        """Combine all records by `f`, in `depth` levels, so that the driver combines few values.

        >>> sc.parallelize([-5, -4, 3, 2], 4).treeReduce(lambda a, b: a + b)
        -4
        """
        _check_depth(depth)
        found, value = self.map(_some).treeAggregate((False, None), _Optional(f), _Optional(f), depth)
        if not found:
            raise ValueError("Cannot reduce empty RDD.")
        return value  # type: ignore[return-value]

    def fold(self, zeroValue: T, op: Callable[[T, T], T]) -> T:
        """Combine the records of each partition, then the results, from `zeroValue` on each time.

        >>> sc.parallelize([1, 2, 3], 2).fold(0, lambda a, b: a + b)
        6
        """
        return self.aggregate(zeroValue, op, op)

    def aggregate(self, zeroValue: U, seqOp: Callable[[U, T], U], combOp: Callable[[U, U], U]) -> U:
        """Fold the records of each partition into `zeroValue` by `seqOp`, then the results by `combOp`.

        >>> pairs = sc.parallelize([1, 2, 1], 2).aggregate(
        ...     (0, 0.0), lambda a, x: (a[0] + x, a[1] + 1.0), lambda a, b: (a[0] + b[0], a[1] + b[1]))
        >>> pairs
        (4, 3.0)
        """
        values = self.evaluate(partial(_fold, zeroValue, seqOp), "aggregate")
        return reduce(combOp, values, copy.deepcopy(zeroValue))

    def treeAggregate(
        self, zeroValue: U, seqOp: Callable[[U, T], U], combOp: Callable[[U, U], U], depth: int = 2
    ) -> U:
        """Do what `aggregate` does in `depth` levels, so that the driver combines few values.

        >>> sc.parallelize([1, 2, 3], 3).treeAggregate(0, lambda a, x: a + x, lambda a, b: a + b)
        6
        """
        _check_depth(depth)
        if self.getNumPartitions() == 0:
            return zeroValue
        partial_results: Any = self.transform(partial(_fold_one, zeroValue, seqOp))
        partitions: float = self.getNumPartitions()
        scale = max(math.ceil(partitions ** (1.0 / depth)), 2)
        while partitions > scale + partitions / scale:
            partitions /= scale
            keyed = partial_results.transform(partial(_keyed_by_partition, int(partitions)))
            partial_results = keyed.reduceByKey(combOp, int(partitions)).values()
        result: U = partial_results.reduce(combOp)
        return result

    def countByKey(self) -> dict[Any, int]:
        """Return how many pairs each key has.

        >>> dict(sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).countByKey())
        {'a': 2, 'b': 1}
        """
        return self.keys().countByValue()

    def countByValue(self) -> dict[T, int]:
        """Return how often each record occurs.

        >>> sorted(sc.parallelize([1, 2, 1, 2, 2], 2).countByValue().items())
        [(1, 2), (2, 3)]
        """
        parts = self.evaluate(partial(kernels.whole, kernels.counts_of), "countByValue")
        if not parts:
            raise ValueError(_EMPTY)
        counts: dict[T, int] = parts[0]
        for part in parts[1:]:
            for record, count in part.items():
                counts[record] += count
        return counts

    def reduceByKeyLocally(self, func: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        """Combine the values of each key and return the whole as a dict.

        >>> sorted(sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).reduceByKeyLocally(max).items())
        [('a', 1), ('b', 1)]
        """
        parts = self.evaluate(partial(_reduce_by_key, func), "reduceByKeyLocally")
        if not parts:
            raise ValueError(_EMPTY)
        merged: dict[Any, Any] = parts[0]
        for part in parts[1:]:
            for key, value in part.items():
                merged[key] = func(merged[key], value) if key in merged else value
        return merged

    def foreach(self, f: Callable[[T], Any]) -> None:
        """Call `f` on each record, in the workers.

        >>> seen = sc.accumulator(0)
        >>> sc.parallelize([1, 2, 3]).foreach(seen.add)
        >>> seen.value
        6
        """
        self.evaluate(partial(kernels.whole, partial(kernels.call_each, f)), "foreach")

    def foreachPartition(self, f: Callable[[Iterator[T]], Any]) -> None:
        """Call `f` on the iterator over each partition, in the workers; what it yields is dropped.

        >>> sc.parallelize([1, 2, 3], 2).foreachPartition(lambda it: None)
        """
        self.evaluate(partial(_call_and_drain, f), "foreachPartition")


def sample_fraction(wanted: int, total: int, *, withReplacement: bool) -> float:
    """Return the fraction that makes a sample of at least `wanted` of `total` records almost sure."""
    fraction = wanted / total
    if withReplacement:
        deviations = 9 if wanted < 12 else 5
        return fraction + deviations * math.sqrt(fraction / total)
    gamma = -math.log(5e-05) / total
    return min(1, fraction + gamma + math.sqrt(gamma * gamma + 2 * gamma * fraction))


def _partitions_to_try(wanted: int, found: int, scanned: int) -> int:
    if scanned == 0:
        return 1
    if found == 0:
        return scanned * 4
    return min(max(int(1.5 * wanted * scanned / found) - scanned, 1), scanned * 4)


def _check_depth(depth: int) -> None:
    if depth < 1:
        raise ValueError(f"Depth cannot be smaller than 1 but got {depth}.")


def _at_most(count: int, _: int, records: Iterator[T]) -> list[T]:
    return list(islice(records, count))


def _reduce(f: Callable[[T, T], T], _: int, records: Iterator[T]) -> list[T]:
    for start in records:
        return [reduce(f, records, start)]
    return []


def _fold(zero: Any, op: Callable[[Any, Any], Any], _: int, records: Iterator[Any]) -> Any:
    return reduce(op, records, zero)


def _fold_one(zero: Any, op: Callable[[Any, Any], Any], _: int, records: Iterator[Any]) -> Iterable[Any]:
    return (reduce(op, records, zero),)


def _keyed_by_partition(partitions: int, split: int, records: Iterator[Any]) -> Iterator[Any]:
    return ((split % partitions, record) for record in records)


def _reduce_by_key(func: Callable[[Any, Any], Any], _: int, pairs: Iterator[Any]) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for key, value in pairs:
        merged[key] = func(merged[key], value) if key in merged else value
    return merged


def _call_and_drain(f: Callable[[Iterator[Any]], Any], _: int, records: Iterator[Any]) -> None:
    result = f(records)
    try:
        remains = iter(result)
    except TypeError:
        return
    kernels.size_of(remains)


def _some(record: T) -> tuple[bool, T]:
    return True, record


class _Optional:
    """A function of two values, over (whether there is one, value)."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function

    def __call__(self, left: tuple[bool, Any], right: tuple[bool, Any]) -> tuple[bool, Any]:
        if not left[0]:
            return right
        if not right[0]:
            return left
        return True, self._function(left[1], right[1])
