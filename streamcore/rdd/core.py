"""What every RDD is: a node of the lineage in a context. Identity, persistence, checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar

from streamcore.errors import StreamcoreError
from streamcore.rdd.debug import lineage_text
from streamcore.rdd.nodes import MappedNode, on_collection
from streamcore.rdd.storagelevel import StorageLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamcore.context import Context
    from streamcore.rdd.nodes import Node
    from streamcore.rdd.partitioner import Partitioner
    from streamcore.rdd.rdd import RDD

T = TypeVar("T")


class RDDCore(Generic[T]):
    """The part of RDD that the families of operations build on."""

    def __init__(self, node: Node, ctx: Context, partitioner: Partitioner | None = None) -> None:
        self.ctx = ctx
        self.partitioner = partitioner
        self.is_cached = False
        self.is_checkpointed = False
        self.node = node
        self._name: str | None = None

    # ---- for the families of operations, and for those who add one ----

    def derive(self, node: Node, partitioner: Partitioner | None = None) -> RDD[Any]:
        """Return the RDD of a node in the same context."""
        from streamcore.rdd.rdd import RDD

        return RDD(node, self.ctx, partitioner)

    def transform(
        self, function: Callable[[int, Iterator[Any]], Iterable[Any]], *, keeps_partitioner: bool = False
    ) -> RDD[Any]:
        """Return the RDD of a function (partition, records) -> records over each partition."""
        node = MappedNode(self.ctx.runtime.next_rdd_id(), self.node, function)
        return self.derive(node, self.partitioner if keeps_partitioner else None)

    def evaluate(
        self,
        function: Callable[[int, Iterator[T]], Any],
        action: str,
        partitions: Sequence[int] | None = None,
    ) -> list[Any]:
        """Run `function` over partitions (default: all) and return its values."""
        wanted = range(self.getNumPartitions()) if partitions is None else partitions
        return self.ctx.runtime.run(self.node, function, wanted, action)

    # ---- identity ----

    def id(self) -> int:
        """Return the number of this RDD, unique within its context.

        >>> sc.parallelize([1]).id() < sc.parallelize([1]).id()
        True
        """
        return self.node.id

    @property
    def context(self) -> Context:
        """The context that this RDD was made in.

        >>> sc.emptyRDD().context is sc
        True
        """
        return self.ctx

    def name(self) -> str | None:
        """Return what `setName` set, or None.

        >>> sc.parallelize([1]).setName("numbers").name()
        'numbers'
        """
        return self._name

    def setName(self, name: str) -> Self:
        """Give this RDD a name for people to read; return it."""
        self._name = name
        return self

    def getNumPartitions(self) -> int:
        """Return how many partitions this RDD has.

        >>> sc.parallelize(range(10), 3).getNumPartitions()
        3
        """
        return self.node.num_partitions

    def toDebugString(self) -> bytes | None:
        """Return the lineage as text: one line per RDD, indented further behind each shuffle.

        >>> rdd = sc.parallelize([(1, 2)], 2).reduceByKey(max)
        >>> b"ShuffledRDD" in rdd.toDebugString()
        True
        """
        return lineage_text(self.node, self._name).encode()

    def __repr__(self) -> str:
        return f"{self.node.kind}[{self.node.id}]"

    def __reduce__(self) -> NoReturn:
        raise StreamcoreError(
            "an RDD cannot be used inside another RDD's function, or sent to a worker: it belongs to the "
            "driver. Collect what you need of it first, broadcast that, or join the two"
        )

    # ---- persistence ----

    def cache(self) -> Self:
        """Keep the partitions in memory once they are computed; return this RDD.

        >>> rdd = sc.parallelize(["b", "a"]).cache()
        >>> rdd.is_cached
        True
        """
        return self.persist(StorageLevel.MEMORY_ONLY)

    def persist(self, storageLevel: StorageLevel = StorageLevel.MEMORY_ONLY) -> Self:
        """Keep the partitions where `storageLevel` says once they are computed; return this RDD.

        A partition that is lost, or for which there was no room, is computed again from its lineage.
        Readers never see changes that others make to the records.

        Raises
        ------
        StreamcoreError
            When another level was set before; unpersist first.

        >>> sc.parallelize([1]).persist(StorageLevel.DISK_ONLY).getStorageLevel()
        StorageLevel(True, False, False, False, 1)
        """
        if not isinstance(storageLevel, StorageLevel):
            raise TypeError(f"storageLevel must be a StorageLevel, not {type(storageLevel).__name__}")
        if self.node.level.keeps and self.node.level != storageLevel:
            raise StreamcoreError(
                f"the storage level of {self!r} is {self.node.level!r} already: unpersist() it first"
            )
        if not self.node.level.keeps:
            on_collection(self.node, self.ctx.runtime.forget_blocks_later, self.node.id)
        self.is_cached = True
        self.node.level = storageLevel
        return self

    def unpersist(self, blocking: bool = False) -> Self:
        """Drop the kept partitions and keep none from now on; return this RDD.

        >>> sc.parallelize([1]).cache().unpersist().is_cached
        False
        """
        self.is_cached = False
        if self.node.level.keeps:
            self.node.level = StorageLevel.NONE
            self.ctx.runtime.forget_blocks(self.node.id)
        return self

    def getStorageLevel(self) -> StorageLevel:
        """Return where partitions are kept; `StorageLevel.NONE` when they are not.

        >>> print(sc.parallelize([1]).getStorageLevel())
        Serialized 1x Replicated
        """
        return self.node.level

    # ---- checkpoints ----

    def checkpoint(self) -> None:
        """Mark this RDD to be saved under the context's checkpoint folder after the next action on it.

        From then on it is read from there, and its lineage is forgotten.
        """
        if self.ctx.getCheckpointDir() is None:
            raise StreamcoreError("no checkpoint folder is set: call setCheckpointDir first")
        self.is_checkpointed = True
        self.ctx.runtime.checkpoints.mark(self.node, local=False)

    def isCheckpointed(self) -> bool:
        """Say whether this RDD was saved by `checkpoint` or `localCheckpoint`.

        >>> rdd = sc.parallelize([1, 2])
        >>> rdd.localCheckpoint()
        >>> rdd.isCheckpointed(), rdd.count(), rdd.isCheckpointed()
        (False, 2, True)
        """
        return self.node.checkpoint is not None

    def localCheckpoint(self) -> None:
        """Mark this RDD to be saved in the application's own folder after the next action on it.

        Faster than `checkpoint`, and gone with the application.
        """
        self.ctx.runtime.checkpoints.mark(self.node, local=True)

    def isLocallyCheckpointed(self) -> bool:
        """Say whether `localCheckpoint` was called.

        >>> sc.parallelize([1]).isLocallyCheckpointed()
        False
        """
        return self.ctx.runtime.checkpoints.is_local(self.node)

    def getCheckpointFile(self) -> str | None:
        """Return the folder that this RDD was saved to by `checkpoint`, or None.

        >>> sc.parallelize([1]).getCheckpointFile() is None
        True
        """
        return self.ctx.runtime.checkpoints.folder_of(self.node)

    def cleanShuffleDependencies(self, blocking: bool = False) -> None:
        """Delete the shuffle output that this RDD was computed from; it is computed again when needed.

        >>> rdd = sc.parallelize([(1, 1), (1, 2)]).reduceByKey(max)
        >>> rdd.collect()
        [(1, 2)]
        >>> rdd.cleanShuffleDependencies()
        >>> rdd.collect()
        [(1, 2)]
        """
        self.ctx.runtime.clean_shuffles(self.node)
