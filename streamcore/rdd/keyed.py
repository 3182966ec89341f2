"""Operations that move records to the partition of their key."""

from __future__ import annotations

import copy
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels
from streamcore.rdd.actions import ActionsRDD
from streamcore.rdd.nodes import GroupedNode, ShuffledNode
from streamcore.rdd.partitioner import Partitioner, is_portable, portable_hash
from streamcore.rdd.resultiterable import ResultIterable
from streamcore.rdd.shuffle.aggregate import (
    Aggregator,
    CombineAggregator,
    FirstAggregator,
    GroupAggregator,
    ReduceAggregator,
)
from streamcore.rdd.shuffle.combine import CombineReader, CombineWriter, LocalCombine
from streamcore.rdd.shuffle.plain import PlainWriter, read_plain
from streamcore.rdd.shuffle.spread import SpreadWriter, read_spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamcore.rdd.rdd import RDD
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.places import MapStatus

T = TypeVar("T")


class KeyedRDD(ActionsRDD[T]):
    """Partitioning and combining by key."""

    # ---- for the families ----

    def _default_reduce_partitions(self) -> int:
        fixed = self.ctx.runtime.fixed_parallelism
        return self.getNumPartitions() if fixed is None else fixed

    def _shuffled(
        self,
        partitions: int,
        writer: Callable[[Iterator[Any], TaskEnv, int, int], MapStatus],
        reader: Callable[[TaskEnv, int, int], Iterator[Any]],
        partitioner: Partitioner | None,
    ) -> RDD[Any]:
        dependency = self.ctx.runtime.new_shuffle(self.node, partitions, writer, reader)
        return self.derive(ShuffledNode(self.ctx.runtime.next_rdd_id(), dependency), partitioner)

    def combine_with(
        self, aggregator: Aggregator, numPartitions: int | None, partitionFunc: Callable[[Any], int]
    ) -> RDD[Any]:
        partitions = self._default_reduce_partitions() if numPartitions is None else numPartitions
        partitioner = Partitioner(partitions, partitionFunc)
        if self.partitioner == partitioner:
            return self.transform(LocalCombine(aggregator), keeps_partitioner=True)
        writer = CombineWriter(partitioner, aggregator)
        return self._shuffled(partitions, writer, CombineReader(aggregator), partitioner)

    # ---- partitioning ----

    def partitionBy(
        self, numPartitions: int | None, partitionFunc: Callable[[Any], int] = portable_hash
    ) -> RDD[T]:
        """Move each pair to the partition `partitionFunc(key) % numPartitions`.

        >>> sc.parallelize([(i, i) for i in range(4)], 2).partitionBy(2).glom().collect()
        [[(0, 0), (2, 2)], [(1, 1), (3, 3)]]
        """
        partitions = self._default_reduce_partitions() if numPartitions is None else numPartitions
        partitioner = Partitioner(partitions, partitionFunc)
        if self.partitioner == partitioner:
            return self  # type: ignore[return-value]
        return self._shuffled(partitions, PlainWriter(partitioner), read_plain, partitioner)

    def repartition(self, numPartitions: int) -> RDD[T]:
        """Spread the records evenly over `numPartitions` partitions; every record moves.

        >>> sc.parallelize(range(8), 4).repartition(2).getNumPartitions()
        2
        """
        return self.coalesce(numPartitions, shuffle=True)

    def coalesce(self, numPartitions: int, shuffle: bool = False) -> RDD[T]:
        """Join partitions until there are `numPartitions`; no record moves unless `shuffle`.

        >>> sc.parallelize([1, 2, 3, 4, 5], 3).coalesce(1).glom().collect()
        [[1, 2, 3, 4, 5]]
        """
        if not numPartitions > 0:
            raise ValueError("Number of partitions must be positive.")
        if shuffle:
            return self._shuffled(numPartitions, SpreadWriter(numPartitions), read_spread, None)
        have = self.getNumPartitions()
        count = min(numPartitions, have)
        bounds = [i * have // count for i in range(count + 1)] if count else [0]
        groups = [[(self.node, split) for split in range(low, high)] for low, high in pairwise(bounds)]
        return self.derive(GroupedNode(self.ctx.runtime.next_rdd_id(), groups, "CoalescedRDD"))

    # ---- combining ----

    def combineByKey(
        self,
        createCombiner: Callable[[Any], Any],
        mergeValue: Callable[[Any, Any], Any],
        mergeCombiners: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
    ) -> RDD[tuple[Any, Any]]:
        """Make one combiner of the values of each key: create it of the first, merge others, merge two.

        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
        >>> sorted(pairs.combineByKey(str, lambda a, b: a + str(b), lambda a, b: a + b).collect())
        [('a', '12'), ('b', '1')]
        """
        aggregator = CombineAggregator(createCombiner, mergeValue, mergeCombiners)
        return self.combine_with(aggregator, numPartitions, partitionFunc)

    def reduceByKey(
        self,
        func: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
    ) -> RDD[tuple[Any, Any]]:
        """Combine the values of each key by `func`, first within each partition.

        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
        >>> sorted(pairs.reduceByKey(lambda a, b: a + b).collect())
        [('a', 2), ('b', 1)]
        """
        return self.combine_with(ReduceAggregator(func), numPartitions, partitionFunc)

    def aggregateByKey(
        self,
        zeroValue: Any,
        seqFunc: Callable[[Any, Any], Any],
        combFunc: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
    ) -> RDD[tuple[Any, Any]]:
        """Fold the values of each key into a copy of `zeroValue` by `seqFunc`, the results by `combFunc`.

        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
        >>> add = lambda a, b: (a[0] + b[0], a[1] + b[1])
        >>> sorted(pairs.aggregateByKey((0, 0), lambda a, x: (a[0] + x, a[1] + 1), add).collect())
        [('a', (3, 2)), ('b', (1, 1))]
        """
        create = partial(_fold_first, zeroValue, seqFunc)
        return self.combineByKey(create, seqFunc, combFunc, numPartitions, partitionFunc)

    def foldByKey(
        self,
        zeroValue: Any,
        func: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
    ) -> RDD[tuple[Any, Any]]:
        """Fold the values of each key into a copy of `zeroValue`, once per partition that has the key.

        >>> from operator import add
        >>> sorted(sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).foldByKey(0, add).collect())
        [('a', 2), ('b', 1)]
        """
        create = partial(_fold_first, zeroValue, func)
        return self.combineByKey(create, func, func, numPartitions, partitionFunc)

    def groupByKey(
        self, numPartitions: int | None = None, partitionFunc: Callable[[Any], int] = portable_hash
    ) -> RDD[tuple[Any, ResultIterable[Any]]]:
        """List the values of each key; to sum or average them, `reduceByKey` moves less.

        >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
        >>> sorted(pairs.groupByKey().mapValues(list).collect())
        [('a', [1, 2]), ('b', [1])]
        """
        grouped = self.combine_with(GroupAggregator(), numPartitions, partitionFunc)
        return grouped.mapValues(ResultIterable)

    def groupBy(
        self,
        f: Callable[[T], Any],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
    ) -> RDD[tuple[Any, ResultIterable[T]]]:
        """List the records that `f` gives the same key.

        >>> groups = sc.parallelize([1, 1, 2, 3, 5, 8]).groupBy(lambda x: x % 2).collect()
        >>> sorted((key, sorted(records)) for key, records in groups)
        [(0, [2, 8]), (1, [1, 1, 3, 5])]
        """
        return self.keyBy(f).groupByKey(numPartitions, partitionFunc)

    def distinct(self, numPartitions: int | None = None) -> RDD[T]:
        """Keep one of each set of equal records.

        >>> sorted(sc.parallelize([3, 4, 1, 3]).distinct().collect())
        [1, 3, 4]
        """
        keyed = self.transform(kernels.keyed_with_none)
        return keyed.combine_with(FirstAggregator(), numPartitions, portable_hash).keys()

    def lookup(self, key: Any) -> list[Any]:
        """Return the values of a key; looks at its partition only where the partitioning is known.

        >>> sc.parallelize([(1, "a"), (2, "b"), (1, "c")]).lookup(1)
        ['a', 'c']
        """
        partitions = None if self.partitioner is None else [self._partition_of(key, self.partitioner)]
        parts = self.evaluate(partial(_values_of, key), "lookup", partitions)
        return [value for part in parts for value in part]

    def _partition_of(self, key: Any, partitioner: Partitioner) -> int:
        if is_portable(key):
            return partitioner(key)
        # The hash of this key depends on that of text, which only workers have fixed.
        asked = self.ctx.parallelize([0], 1).evaluate(partial(_apply, partitioner, key), "lookup")
        return int(asked[0])


def _fold_first(zero: Any, fold: Callable[[Any, Any], Any], value: Any) -> Any:
    return fold(copy.deepcopy(zero), value)


def _values_of(key: Any, _: int, pairs: Iterator[Any]) -> list[Any]:
    return [pair[1] for pair in pairs if pair[0] == key]


def _apply(function: Callable[[Any], Any], argument: Any, *_: Any) -> Any:
    return function(argument)
