"""Operations that stay within a partition: no record moves, and a chain of them is one task."""

from __future__ import annotations

import random
import sys
import warnings
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels, sampler
from streamcore.rdd.core import RDDCore
from streamcore.rdd.nodes import ZippedNode
from streamcore.rdd.pipe import Pipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from streamcore.rdd.rdd import RDD

T = TypeVar("T")
U = TypeVar("U")


class ElementwiseRDD(RDDCore[T]):
    """Record by record, or partition by partition."""

    def map(self, f: Callable[[T], U], preservesPartitioning: bool = False) -> RDD[U]:
        """Apply `f` to each record.

        `preservesPartitioning` promises that `f` leaves the key of a pair as it is.

        >>> sc.parallelize([3, 4, 1, 3]).map(lambda x: x + 1).collect()
        [4, 5, 2, 4]
        """
        return self.transform(partial(kernels.map_each, f), keeps_partitioner=preservesPartitioning)

    def flatMap(self, f: Callable[[T], Iterable[U]], preservesPartitioning: bool = False) -> RDD[U]:
        """Apply `f` to each record and chain what it returns.

        >>> sc.parallelize([3, 1]).flatMap(range).collect()
        [0, 1, 2, 0]
        """
        return self.transform(partial(kernels.flat_map_each, f), keeps_partitioner=preservesPartitioning)

    def mapPartitions(
        self, f: Callable[[Iterator[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply `f` to the iterator over each partition.

        >>> sc.parallelize([1, 2, 3, 4], 2).mapPartitions(lambda it: [sum(it)]).collect()
        [3, 7]
        """
        return self.transform(partial(kernels.whole, f), keeps_partitioner=preservesPartitioning)

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterator[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply `f` to the number of each partition and the iterator over it.

        >>> sc.parallelize([5, 6], 2).mapPartitionsWithIndex(lambda i, it: [(i, list(it))]).collect()
        [(0, [5]), (1, [6])]
        """
        return self.transform(f, keeps_partitioner=preservesPartitioning)

    def mapPartitionsWithSplit(
        self, f: Callable[[int, Iterator[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Do what `mapPartitionsWithIndex` does, under its old name."""
        warnings.warn("use mapPartitionsWithIndex", FutureWarning, stacklevel=2)
        return self.mapPartitionsWithIndex(f, preservesPartitioning)

    def filter(self, f: Callable[[T], Any]) -> RDD[T]:
        """Keep the records for which `f` is true.

        >>> sc.parallelize([3, 4, 1, 3]).filter(lambda x: x % 3 != 0).collect()
        [4, 1]
        """
        return self.transform(partial(kernels.keep_if, f), keeps_partitioner=True)

    def glom(self) -> RDD[list[T]]:
        """Make one list of each partition.

        >>> sc.parallelize([1, 2, 3], 2).glom().collect()
        [[1], [2, 3]]
        """
        return self.transform(kernels.listed)

    def keyBy(self, f: Callable[[T], U]) -> RDD[tuple[U, T]]:
        """Pair each record with the key that `f` gives it.

        >>> sc.parallelize(["a", "bc"]).keyBy(len).collect()
        [(1, 'a'), (2, 'bc')]
        """
        return self.transform(partial(kernels.key_by, f))

    def keys(self) -> RDD[Any]:
        """Return the first item of each pair.

        >>> sc.parallelize([("a", 1), ("b", 2)]).keys().collect()
        ['a', 'b']
        """
        return self.transform(partial(kernels.map_fields, kernels.first_of))

    def values(self) -> RDD[Any]:
        """Return the second item of each pair.

        >>> sc.parallelize([("a", 1), ("b", 2)]).values().collect()
        [1, 2]
        """
        return self.transform(partial(kernels.map_fields, kernels.second_of))

    def mapValues(self, f: Callable[[Any], U]) -> RDD[tuple[Any, U]]:
        """Apply `f` to the value of each pair; the partitioning stays.

        >>> sc.parallelize([("a", [1, 2]), ("b", [3])]).mapValues(len).collect()
        [('a', 2), ('b', 1)]
        """
        return self.transform(partial(kernels.map_values, f), keeps_partitioner=True)

    def flatMapValues(self, f: Callable[[Any], Iterable[U]]) -> RDD[tuple[Any, U]]:
        """Apply `f` to the value of each pair; a pair for each of its results; the partitioning stays.

        >>> sc.parallelize([("a", "xy"), ("b", "")]).flatMapValues(list).collect()
        [('a', 'x'), ('a', 'y')]
        """
        return self.transform(partial(kernels.flat_map_values, f), keeps_partitioner=True)

    def zip(self, other: RDD[U]) -> RDD[tuple[T, U]]:
        """Pair the first, second, ... records of both; both need equal partitions, and equally long ones.

        >>> sc.parallelize(range(3), 2).zip(sc.parallelize("abc", 2)).collect()
        [(0, 'a'), (1, 'b'), (2, 'c')]
        """
        if self.getNumPartitions() != other.getNumPartitions():
            raise ValueError(
                f"zip needs the same number of partitions on both sides, not {self.getNumPartitions()} and "
                f"{other.getNumPartitions()}"
            )
        return self.derive(ZippedNode(self.ctx.runtime.next_rdd_id(), self.node, other.node))

    def zipWithIndex(self) -> RDD[tuple[T, int]]:
        """Pair each record with its number; counts the partitions first if there are several.

        >>> sc.parallelize("abc", 2).zipWithIndex().collect()
        [('a', 0), ('b', 1), ('c', 2)]
        """
        starts = [0]
        if self.getNumPartitions() > 1:
            sizes = self.evaluate(partial(kernels.whole, kernels.size_of), "zipWithIndex")
            for size in sizes[:-1]:
                starts.append(starts[-1] + size)
        return self.transform(partial(kernels.with_index, starts))

    def zipWithUniqueId(self) -> RDD[tuple[T, int]]:
        """Pair the k-th record of partition i, of n, with k * n + i; needs no job.

        >>> sc.parallelize("abcde", 3).zipWithUniqueId().collect()
        [('a', 0), ('b', 1), ('c', 4), ('d', 2), ('e', 5)]
        """
        return self.transform(partial(kernels.with_unique_id, self.getNumPartitions()))

    def pipe(self, command: str, env: Mapping[str, str] | None = None, checkCode: bool = False) -> RDD[str]:
        """Send each record as a line to a command's standard input; return the lines that it writes.

        `checkCode` makes a task fail when the command ends with another code than 0.

        >>> sc.parallelize(["1", "2", "3"], 1).pipe("cat").collect()
        ['1', '2', '3']
        """
        return self.transform(Pipe(command, env or {}, checkCode))

    def sample(self, withReplacement: bool, fraction: float, seed: int | None = None) -> RDD[T]:
        """Choose records at random: each with probability `fraction`, or that often on average.

        >>> 3 < sc.parallelize(range(100), 4).sample(False, 0.1, 81).count() < 20
        True
        """
        if not fraction >= 0:
            raise ValueError(f"fraction must not be negative: {fraction}")
        chosen = _seed_or_new(seed)
        if withReplacement:
            return self.transform(partial(sampler.sample_with, fraction, chosen), keeps_partitioner=True)
        between = partial(sampler.sample_between, 0.0, fraction, chosen)
        return self.transform(between, keeps_partitioner=True)

    def randomSplit(self, weights: Sequence[float], seed: int | None = None) -> list[RDD[T]]:
        """Split at random into one RDD per weight, of sizes in proportion.

        >>> parts = sc.parallelize(range(500), 1).randomSplit([2, 3], 17)
        >>> sum(part.count() for part in parts)
        500
        """
        total = float(sum(weights))
        if any(weight < 0 for weight in weights) or not total > 0:
            raise ValueError(f"weights must not be negative, and one must be positive: {weights}")
        chosen = random.randint(0, 2**32 - 1) if seed is None else seed
        bounds = [0.0]
        for weight in weights:
            bounds.append(bounds[-1] + weight / total)
        return [
            self.transform(partial(sampler.sample_between, low, high, chosen), keeps_partitioner=True)
            for low, high in pairwise(bounds)
        ]

    def sampleByKey(
        self, withReplacement: bool, fractions: Mapping[Any, float], seed: int | None = None
    ) -> RDD[T]:
        """Choose pairs at random, by the fraction of their key.

        >>> pairs = sc.parallelize(["a", "b"]).cartesian(sc.parallelize(range(1000)))
        >>> counts = pairs.sampleByKey(False, {"a": 0.2, "b": 0.1}, 2).countByKey()
        >>> 100 < counts["a"] < 300 and 50 < counts["b"] < 150
        True
        """
        for key, fraction in fractions.items():
            assert fraction >= 0.0, f"the fraction of {key!r} must not be negative: {fraction}"
        kernel = sampler.sample_keys_with if withReplacement else sampler.sample_keys_without
        return self.transform(partial(kernel, fractions, _seed_or_new(seed)), keeps_partitioner=True)


def _seed_or_new(seed: int | None) -> int:
    return random.randint(0, sys.maxsize) if seed is None else seed
