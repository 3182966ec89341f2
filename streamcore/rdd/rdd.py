"""RDD: a resilient distributed dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streamcore.rdd.hadoop.saving import HadoopSavingRDD
from streamcore.rdd.nodes import MappedNode
from streamcore.spi.not_offered import NotOffered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
U = TypeVar("U")


class RDD(HadoopSavingRDD[T]):
    """An immutable collection of records in partitions, computed when an action asks, again when lost.

    Made by a Context, from data, from files, or by a transformation of another RDD.  Transformations are
    lazy: they note what is to be done.  An action runs it, in worker processes, one task per partition.

    >>> words = sc.parallelize(["to be", "or not to be"]).flatMap(str.split)
    >>> sorted(words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collect())
    [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
    """

    getResourceProfile = NotOffered("tasks share the cores of local[n]")
    withResources = NotOffered("tasks share the cores of local[n]")

    def barrier(self) -> RDDBarrier[T]:
        """Return this RDD for a stage whose tasks all run at once.

        >>> sc.parallelize([1, 2], 2).barrier().mapPartitions(lambda it: [sum(it)]).collect()
        [1, 2]
        """
        return RDDBarrier(self)

    def toDF(self, schema: Any = None, sampleRatio: float | None = None) -> Any:
        """Return the records as a DataFrame of the active Session; see `Session.createDataFrame`."""
        return self.ctx.session.createDataFrame(self, schema, sampleRatio)


class RDDBarrier(Generic[T]):
    """An RDD whose next stage runs all of its tasks at the same time, so that they can meet."""

    def __init__(self, rdd: RDD[T]) -> None:
        self.rdd = rdd

    def mapPartitions(
        self, f: Callable[[Iterator[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply `f` to the iterator over each partition; it may use `BarrierTaskContext`."""
        return _marked(self.rdd.mapPartitions(f, preservesPartitioning))

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterator[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Apply `f` to the number of each partition and the iterator over it."""
        return _marked(self.rdd.mapPartitionsWithIndex(f, preservesPartitioning))


def _marked(rdd: RDD[U]) -> RDD[U]:
    assert isinstance(rdd.node, MappedNode)
    rdd.node.kind = "BarrierRDD"
    return rdd
