"""Sorting, and what comes first or last."""

from __future__ import annotations

import heapq
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels
from streamcore.rdd.partitioner import Partitioner, portable_hash
from streamcore.rdd.setlike import SetlikeRDD
from streamcore.rdd.shuffle.sort import LocalSort, MergeReader, RangeWriter, SortWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamcore.rdd.rdd import RDD

T = TypeVar("T")

_SAMPLES_PER_PARTITION = 20.0
_EMPTY = "Can not reduce() empty RDD"


def _identity(key: Any) -> Any:
    return key


class OrderedRDD(SetlikeRDD[T]):
    """Order."""

    def sortBy(
        self, keyfunc: Callable[[T], Any], ascending: bool = True, numPartitions: int | None = None
    ) -> RDD[T]:
        """Sort the records by the key that `keyfunc` gives them; equal keys keep their order.

        >>> sc.parallelize([("a", 2), ("b", 1)]).sortBy(lambda pair: pair[1]).collect()
        [('b', 1), ('a', 2)]
        """
        return self._sorted(keyfunc, ascending, numPartitions)

    def sortByKey(
        self,
        ascending: bool | None = True,
        numPartitions: int | None = None,
        keyfunc: Callable[[Any], Any] = _identity,
    ) -> RDD[T]:
        """Sort pairs by key, or by what `keyfunc` makes of it; equal keys keep their order.

        >>> sc.parallelize([("b", 1), ("a", 2), ("C", 3)]).sortByKey(keyfunc=str.lower).keys().collect()
        ['a', 'b', 'C']
        """
        key = kernels.first_of if keyfunc is _identity else partial(_key_of_pair, keyfunc)
        return self._sorted(key, bool(ascending), numPartitions)

    def repartitionAndSortWithinPartitions(
        self,
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
        ascending: bool = True,
        keyfunc: Callable[[Any], Any] = _identity,
    ) -> RDD[T]:
        """Move pairs as `partitionBy` does, and sort each partition by key on the way.

        >>> pairs = sc.parallelize([(0, 5), (3, 8), (2, 6), (0, 8), (3, 8), (1, 3)])
        >>> pairs.repartitionAndSortWithinPartitions(2, lambda x: x % 2).glom().collect()
        [[(0, 5), (0, 8), (2, 6)], [(1, 3), (3, 8), (3, 8)]]
        """
        partitions = self._default_reduce_partitions() if numPartitions is None else numPartitions
        partitioner = Partitioner(partitions, partitionFunc)
        key = kernels.first_of if keyfunc is _identity else partial(_key_of_pair, keyfunc)
        if self.partitioner == partitioner:
            return self.transform(LocalSort(key, descending=not ascending), keeps_partitioner=True)
        writer = SortWriter(partitioner, key, descending=not ascending)
        return self._shuffled(partitions, writer, MergeReader(key, descending=not ascending), partitioner)

    def _sorted(self, key: Callable[[Any], Any], ascending: bool, numPartitions: int | None) -> RDD[Any]:
        partitions = self._default_reduce_partitions() if numPartitions is None else numPartitions
        if partitions == 1:
            whole = self.coalesce(1) if self.getNumPartitions() > 1 else self
            return whole.transform(LocalSort(key, descending=not ascending), keeps_partitioner=True)
        total = self.count()
        if not total:
            return self  # type: ignore[return-value]
        fraction = min(partitions * _SAMPLES_PER_PARTITION / total, 1.0)
        keys = sorted(self.sample(withReplacement=False, fraction=fraction, seed=1).map(key).collect())
        bounds = [keys[len(keys) * (i + 1) // partitions] for i in range(partitions - 1)]
        writer = RangeWriter(key, bounds, descending=not ascending)
        reader = MergeReader(key, descending=not ascending)
        return self._shuffled(partitions, writer, reader, None)

    def max(self, key: Callable[[T], Any] | None = None) -> T:
        """Return the largest record, by `key` if given.

        >>> sc.parallelize([1.0, 5.0, 43.0, 10.0]).max()
        43.0
        """
        return self.reduce(partial(_larger, key))

    def min(self, key: Callable[[T], Any] | None = None) -> T:
        """Return the smallest record, by `key` if given.

        >>> sc.parallelize([2, 5, 43, 10]).min(key=str)
        10
        """
        return self.reduce(partial(_smaller, key))

    def top(self, num: int, key: Callable[[T], Any] | None = None) -> list[T]:
        """Return the `num` largest records, largest first.

        >>> sc.parallelize([10, 4, 2, 12, 3]).top(2)
        [12, 10]
        """
        parts = self.evaluate(partial(_largest, num, key), "top")
        if not parts:
            raise ValueError(_EMPTY)
        return _largest(num, key, 0, chain.from_iterable(parts))

    def takeOrdered(self, num: int, key: Callable[[T], Any] | None = None) -> list[T]:
        """Return the `num` smallest records, smallest first.

        >>> sc.parallelize([10, 1, 2, 9, 3]).takeOrdered(3)
        [1, 2, 3]
        """
        if num < 0:
            raise ValueError("top N cannot be negative.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        parts = self.evaluate(partial(_smallest, num, key), "takeOrdered")
        return _smallest(num, key, 0, chain.from_iterable(parts))


def _key_of_pair(keyfunc: Callable[[Any], Any], pair: tuple[Any, Any]) -> Any:
    return keyfunc(pair[0])


def _larger(key: Callable[[Any], Any] | None, a: Any, b: Any) -> Any:
    return max(a, b) if key is None else max(a, b, key=key)


def _smaller(key: Callable[[Any], Any] | None, a: Any, b: Any) -> Any:
    return min(a, b) if key is None else min(a, b, key=key)


def _largest(num: int, key: Callable[[Any], Any] | None, _: int, records: Iterator[Any]) -> list[Any]:
    return heapq.nlargest(num, records, key=key)


def _smallest(num: int, key: Callable[[Any], Any] | None, _: int, records: Iterator[Any]) -> list[Any]:
    return heapq.nsmallest(num, records, key=key)
