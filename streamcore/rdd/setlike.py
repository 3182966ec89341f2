"""Operations on two RDDs: unions, products, joins."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.rdd import kernels
from streamcore.rdd.keyed import KeyedRDD
from streamcore.rdd.nodes import CartesianNode, CoGroupedNode, GroupedNode, UnionNode
from streamcore.rdd.partitioner import Partitioner, portable_hash
from streamcore.rdd.resultiterable import ResultIterable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamcore.rdd.rdd import RDD

T = TypeVar("T")
U = TypeVar("U")

_NONE = (None,)


class SetlikeRDD(KeyedRDD[T]):
    """Two or more RDDs at once."""

    def union(self, other: RDD[U]) -> RDD[T | U]:
        """Return the partitions of both, one after another; nothing moves, nothing is dropped.

        >>> sc.parallelize([1, 2, 3]).union(sc.parallelize([2, 4])).collect()
        [1, 2, 3, 2, 4]
        """
        return union_of([self, other])

    def __add__(self, other: RDD[U]) -> RDD[T | U]:
        if not isinstance(other, SetlikeRDD):
            raise TypeError(f"an RDD can be added to an RDD only, not {type(other).__name__}")
        return self.union(other)

    def cartesian(self, other: RDD[U]) -> RDD[tuple[T, U]]:
        """Return all pairs of a record of this with a record of the other.

        >>> sorted(sc.parallelize([1, 2]).cartesian(sc.parallelize("ab")).collect())
        [(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]
        """
        return self.derive(CartesianNode(self.ctx.runtime.next_rdd_id(), self.node, other.node))

    def intersection(self, other: RDD[T]) -> RDD[T]:
        """Return the records that are in both, each once.

        >>> sc.parallelize([1, 2, 3]).intersection(sc.parallelize([2, 4, 5])).collect()
        [2]
        """
        left, right = self.transform(kernels.keyed_with_none), other.transform(kernels.keyed_with_none)
        return left.cogroup_lists([right], None).transform(_keys_in_both)

    def subtract(self, other: RDD[T], numPartitions: int | None = None) -> RDD[T]:
        """Return the records that are not in the other.

        >>> sorted(sc.parallelize([1, 2, 3]).subtract(sc.parallelize([2, 4, 5])).collect())
        [1, 3]
        """
        left, right = self.transform(kernels.keyed_with_none), other.transform(kernels.keyed_with_none)
        return left.subtractByKey(right, numPartitions).keys()

    def subtractByKey(self, other: RDD[Any], numPartitions: int | None = None) -> RDD[T]:
        """Return the pairs whose key is in no pair of the other.

        >>> pairs = sc.parallelize([("a", 1), ("b", 4), ("b", 5)])
        >>> pairs.subtractByKey(sc.parallelize([("a", 3)])).collect()
        [('b', 4), ('b', 5)]
        """
        return self.cogroup_lists([other], numPartitions).transform(_left_only, keeps_partitioner=True)

    def cogroup(
        self, other: RDD[Any], numPartitions: int | None = None
    ) -> RDD[tuple[Any, tuple[ResultIterable[Any], ...]]]:
        """List, for each key, its values here and its values in the other.

        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> grouped = left.cogroup(right).collect()
        >>> sorted((key, [list(values) for values in both]) for key, both in grouped)
        [('a', [[1], [2]]), ('b', [[4], []])]
        """
        return self.cogroup_lists([other], numPartitions).mapValues(_as_iterables)

    def groupWith(
        self, other: RDD[Any], *others: RDD[Any]
    ) -> RDD[tuple[Any, tuple[ResultIterable[Any], ...]]]:
        """Do what `cogroup` does with any number of RDDs.

        >>> a, b, c = (sc.parallelize([("k", i)]) for i in range(3))
        >>> [(key, [list(v) for v in vs]) for key, vs in a.groupWith(b, c).collect()]
        [('k', [[0], [1], [2]])]
        """
        return self.cogroup_lists([other, *others], None).mapValues(_as_iterables)

    def join(self, other: RDD[Any], numPartitions: int | None = None) -> RDD[tuple[Any, tuple[Any, Any]]]:
        """Pair the values that a key has in both.

        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("a", 3)])
        >>> sorted(left.join(right).collect())
        [('a', (1, 2)), ('a', (1, 3))]
        """
        return self._joined(other, numPartitions, _inner)

    def leftOuterJoin(
        self, other: RDD[Any], numPartitions: int | None = None
    ) -> RDD[tuple[Any, tuple[Any, Any]]]:
        """Pair the values of a key; None stands for those that the other lacks.

        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> sorted(left.leftOuterJoin(right).collect())
        [('a', (1, 2)), ('b', (4, None))]
        """
        return self._joined(other, numPartitions, _left)

    def rightOuterJoin(
        self, other: RDD[Any], numPartitions: int | None = None
    ) -> RDD[tuple[Any, tuple[Any, Any]]]:
        """Pair the values of a key; None stands for those that are lacking here.

        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
        >>> sorted(right.rightOuterJoin(left).collect())
        [('a', (2, 1)), ('b', (None, 4))]
        """
        return self._joined(other, numPartitions, _right)

    def fullOuterJoin(
        self, other: RDD[Any], numPartitions: int | None = None
    ) -> RDD[tuple[Any, tuple[Any, Any]]]:
        """Pair the values of a key; None stands for those that are lacking on either side.

        >>> left, right = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("c", 8)])
        >>> sorted(left.fullOuterJoin(right).collect())
        [('a', (1, 2)), ('b', (4, None)), ('c', (None, 8))]
        """
        return self._joined(other, numPartitions, _full)

    # ---- for the operations above ----

    def cogroup_lists(self, others: Sequence[RDD[Any]], numPartitions: int | None) -> RDD[Any]:
        """Return (key, one list of values per RDD); an RDD that is partitioned alike does not move."""
        every: list[Any] = [self, *others]
        if numPartitions is None:
            numPartitions = self.ctx.runtime.fixed_parallelism or _partitions_of_union(every)
        partitioner = Partitioner(numPartitions, portable_hash)
        inputs = [rdd.partitionBy(numPartitions).node for rdd in every]
        node = CoGroupedNode(self.ctx.runtime.next_rdd_id(), numPartitions, inputs)
        return self.derive(node, partitioner)

    def _joined(
        self, other: RDD[Any], numPartitions: int | None, pairs: Callable[[Any, Any], Any]
    ) -> RDD[Any]:
        grouped = self.cogroup_lists([other], numPartitions)
        return grouped.transform(partial(_join, pairs), keeps_partitioner=True)


def union_of(rdds: Sequence[Any]) -> RDD[Any]:
    """Return the union of RDDs; those that are all partitioned alike are joined partition by partition."""
    first = rdds[0]
    partitioner, node_id = first.partitioner, first.ctx.runtime.next_rdd_id()
    if partitioner is not None and all(rdd.partitioner == partitioner for rdd in rdds):
        splits = range(first.getNumPartitions())
        groups = [[(rdd.node, split) for rdd in rdds] for split in splits]
        alike: RDD[Any] = first.derive(GroupedNode(node_id, groups, "PartitionerAwareUnionRDD"), partitioner)
        return alike
    result: RDD[Any] = first.derive(UnionNode(node_id, [rdd.node for rdd in rdds]))
    return result


def _partitions_of_union(rdds: Sequence[Any]) -> int:
    first = rdds[0].partitioner
    if first is not None and all(rdd.partitioner == first for rdd in rdds):
        partitions: int = first.numPartitions
        return partitions
    return sum(rdd.getNumPartitions() for rdd in rdds)


def _as_iterables(lists: tuple[list[Any], ...]) -> tuple[ResultIterable[Any], ...]:
    return tuple(map(ResultIterable, lists))


def _keys_in_both(_: int, grouped: Iterator[Any]) -> Iterator[Any]:
    return (key for key, (left, right) in grouped if left and right)


def _left_only(_: int, grouped: Iterator[Any]) -> Iterator[Any]:
    return ((key, value) for key, (left, right) in grouped if not right for value in left)


def _join(pairs: Callable[[Any, Any], Any], _: int, grouped: Iterator[Any]) -> Iterator[Any]:
    return ((key, pair) for key, (left, right) in grouped for pair in pairs(left, right))


def _inner(left: list[Any], right: list[Any]) -> Any:
    return product(left, right)


def _left(left: list[Any], right: list[Any]) -> Any:
    return product(left, right or _NONE)


def _right(left: list[Any], right: list[Any]) -> Any:
    return product(left or _NONE, right)


def _full(left: list[Any], right: list[Any]) -> Any:
    return product(left or _NONE, right or _NONE)
