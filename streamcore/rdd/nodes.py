"""The lineage: each node computes the partitions of one RDD from those of its parents.

On the driver a node knows its parents; pickled into a stage's code it keeps what its tasks need, and stops
at shuffles, whose output the tasks read by number.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from streamcore.rdd.storagelevel import StorageLevel
from streamcore.scheduler.places import BlockId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from streamcore.rdd.shuffle.dependency import ShuffleDependency
    from streamcore.scheduler.env import TaskEnv
    from streamcore.scheduler.messages import FileSlice


class Reads:
    """What a task will need: filled by walking from its node to the stage's edges, or to `held` blocks."""

    def __init__(self, held: Collection[BlockId] = ()) -> None:
        self.held = held
        self.data: dict[tuple[int, int], bytes | FileSlice] = {}
        self.shuffles: dict[tuple[int, int], None] = {}
        self.blocks: list[BlockId] = []
        self.prepared: dict[PreparedNode, list[int]] = {}


class Node(ABC):
    """One RDD as the engine sees it.

    Parameters
    ----------
    node_id
        The RDD's id.
    num_partitions
        How many partitions it has; None when `count_partitions` is to find out, once somebody asks.
    kind
        What `toDebugString` calls it.
    """

    def __init__(self, node_id: int, num_partitions: int | None, kind: str) -> None:
        self.id = node_id
        self.kind = kind
        self._num_partitions = num_partitions
        self.level = StorageLevel.NONE
        self.checkpoint: Node | None = None

    @property
    def num_partitions(self) -> int:
        """How many partitions there are."""
        if self._num_partitions is None:
            self._num_partitions = self.count_partitions()
        return self._num_partitions

    def count_partitions(self) -> int:
        """Find out how many partitions there are, where the constructor did not say."""
        raise NotImplementedError

    @abstractmethod
    def parents(self) -> Sequence[Node]:
        """Return the parents whose partitions are computed in the same task."""

    def shuffles(self) -> Sequence[ShuffleDependency]:
        """Return the shuffles that this node reads."""
        return ()

    @abstractmethod
    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of a partition."""

    @abstractmethod
    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what computing a partition needs, parents included."""

    def iterator(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of a partition: as cached, as checkpointed, or computed (and then cached)."""
        if self.checkpoint is not None:
            return self.checkpoint.compute(split, env)
        if not self.level.keeps:
            return self.compute(split, env)
        block_id = BlockId(self.id, split)
        found = env.blocks.get(block_id)
        if found is not None:
            return found
        return env.blocks.put(
            block_id,
            iter(self.compute(split, env)),
            use_memory=self.level.useMemory,
            use_disk=self.level.useDisk,
        )

    def note_reads(self, split: int, reads: Reads) -> None:
        """Note what reading a partition through `iterator` may need."""
        if self.checkpoint is not None:
            self.checkpoint.add_reads(split, reads)
            return
        if self.level.keeps:
            reads.blocks.append(BlockId(self.id, split))
            if reads.blocks[-1] in reads.held:
                return
        self.add_reads(split, reads)

    def sources(self) -> tuple[Sequence[Node], Sequence[ShuffleDependency]]:
        """Return the parents and shuffles that still matter: none once checkpointed."""
        if self.checkpoint is not None:
            return (), ()
        return self.parents(), self.shuffles()

    def __getstate__(self) -> dict[str, Any]:
        if self.checkpoint is not None:
            return {"checkpoint": self.checkpoint}
        return dict(self.__dict__)


class PreparedNode(Node):
    """Partitions that the driver leaves in files before the job that reads them starts.

    What was prepared stays for as long as the node: a task that is run again, or that finds a cached block
    gone, finds it.
    """

    @abstractmethod
    def prepare(self, splits: Sequence[int]) -> None:
        """Make these partitions, unless they are there; in the thread that asks for the job."""

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note the partition."""
        reads.prepared.setdefault(self, []).append(split)


class DataNode(Node):
    """Records that the driver holds, pickled, one piece per partition."""

    def __init__(self, node_id: int, pieces: Sequence[bytes | FileSlice]) -> None:
        super().__init__(node_id, len(pieces), "ParallelCollectionRDD")
        self._pieces: Sequence[bytes | FileSlice] = pieces

    def parents(self) -> Sequence[Node]:
        """Return nothing: the data come from the driver."""
        return ()

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of a piece."""
        records: list[Any] = env.data(self.id, split)
        env.metrics.rows_read += len(records)
        return iter(records)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note the piece."""
        reads.data[self.id, split] = self._pieces[split]

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_pieces": ()}


class RangeNode(Node):
    """The integers of a range, in equal slices."""

    def __init__(self, node_id: int, numbers: range, num_partitions: int) -> None:
        super().__init__(node_id, num_partitions, "PythonRDD")
        self._numbers = numbers

    def parents(self) -> Sequence[Node]:
        """Return nothing."""
        return ()

    def compute(self, split: int, env: TaskEnv) -> Iterator[int]:
        """Return the integers of a slice."""
        size, n = len(self._numbers), self.num_partitions
        piece = self._numbers[split * size // n : (split + 1) * size // n]
        env.metrics.rows_read += len(piece)
        return iter(piece)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note nothing: the code says it all."""


class EmptyNode(Node):
    """No partitions."""

    def __init__(self, node_id: int) -> None:
        super().__init__(node_id, 0, "EmptyRDD")

    def parents(self) -> Sequence[Node]:
        """Return nothing."""
        return ()

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Raise: there is no partition to compute."""
        raise IndexError(split)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note nothing."""


class MappedNode(Node):
    """A function (partition, records) -> records over each partition of the parent."""

    def __init__(
        self, node_id: int, parent: Node, function: Callable[[int, Iterator[Any]], Iterable[Any]]
    ) -> None:
        super().__init__(node_id, None, "PythonRDD")
        self.parent = parent
        self.function = function

    def count_partitions(self) -> int:
        """Return the parent's number."""
        return self.parent.num_partitions

    def parents(self) -> Sequence[Node]:
        """Return the parent."""
        return (self.parent,)

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return what the function makes of the parent's partition."""
        return iter(self.function(split, self.parent.iterator(split, env)))

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what the parent's partition needs."""
        self.parent.note_reads(split, reads)


class UnionNode(Node):
    """The partitions of all parents, one after another."""

    def __init__(self, node_id: int, parents: Sequence[Node]) -> None:
        super().__init__(node_id, sum(parent.num_partitions for parent in parents), "UnionRDD")
        self._parents = parents

    def parents(self) -> Sequence[Node]:
        """Return the parents."""
        return self._parents

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the partition of the parent that it belongs to."""
        parent, own = self._find(split)
        return parent.iterator(own, env)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what that partition needs."""
        parent, own = self._find(split)
        parent.note_reads(own, reads)

    def _find(self, split: int) -> tuple[Node, int]:
        for parent in self._parents:
            if split < parent.num_partitions:
                return parent, split
            split -= parent.num_partitions
        raise IndexError(split)


class GroupedNode(Node):
    """Each partition is a list of partitions of the parents, one after another."""

    def __init__(self, node_id: int, groups: Sequence[Sequence[tuple[Node, int]]], kind: str) -> None:
        super().__init__(node_id, len(groups), kind)
        self._groups = groups

    def parents(self) -> Sequence[Node]:
        """Return the parents."""
        return list({node.id: node for group in self._groups for node, _ in group}.values())

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the records of the listed partitions."""
        return chain.from_iterable(node.iterator(own, env) for node, own in self._groups[split])

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what the listed partitions need."""
        for node, own in self._groups[split]:
            node.note_reads(own, reads)


class CartesianNode(Node):
    """All pairs of records of two parents; a partition for each pair of partitions."""

    def __init__(self, node_id: int, left: Node, right: Node) -> None:
        super().__init__(node_id, left.num_partitions * right.num_partitions, "CartesianRDD")
        self._left = left
        self._right = right

    def parents(self) -> Sequence[Node]:
        """Return both parents."""
        return self._left, self._right

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the pairs, right record by right record within left record."""
        i, j = divmod(split, self._right.num_partitions)
        right = list(self._right.iterator(j, env))
        return ((a, b) for a in self._left.iterator(i, env) for b in right)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what both partitions need."""
        i, j = divmod(split, self._right.num_partitions)
        self._left.note_reads(i, reads)
        self._right.note_reads(j, reads)


class ZippedNode(Node):
    """Pairs of the first, second, ... records of two parents."""

    def __init__(self, node_id: int, left: Node, right: Node) -> None:
        super().__init__(node_id, left.num_partitions, "ZippedPartitionsRDD2")
        self._left = left
        self._right = right

    def parents(self) -> Sequence[Node]:
        """Return both parents."""
        return self._left, self._right

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return the pairs; ValueError where the partitions are of different length."""
        return _zip_equal(self._left.iterator(split, env), self._right.iterator(split, env))

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what both partitions need."""
        self._left.note_reads(split, reads)
        self._right.note_reads(split, reads)


class ShuffledNode(Node):
    """The output of one shuffle: a reader over what all map tasks left for each partition."""

    def __init__(self, node_id: int, dependency: ShuffleDependency) -> None:
        super().__init__(node_id, dependency.num_partitions, "ShuffledRDD")
        self._dependency: ShuffleDependency | None = dependency
        self._shuffle = dependency.shuffle_id
        self._read = dependency.reader

    def parents(self) -> Sequence[Node]:
        """Return nothing: the parent is behind the shuffle."""
        return ()

    def shuffles(self) -> Sequence[ShuffleDependency]:
        """Return the shuffle."""
        assert self._dependency is not None
        return (self._dependency,)

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return what the reader makes of the shuffle's output."""
        return self._read(env, self._shuffle, split)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note the shuffle."""
        reads.shuffles[self._shuffle, split] = None

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return state if self.checkpoint is not None else {**state, "_dependency": None}


class CoGroupedNode(Node):
    """For each key, one list of values per parent; a parent is shuffled unless it is partitioned alike."""

    def __init__(self, node_id: int, num_partitions: int, inputs: Sequence[Node]) -> None:
        super().__init__(node_id, num_partitions, "CoGroupedRDD")
        self._inputs = inputs

    def parents(self) -> Sequence[Node]:
        """Return the inputs."""
        return self._inputs

    def compute(self, split: int, env: TaskEnv) -> Iterator[Any]:
        """Return (key, tuple of lists), keys in the order of their first appearance."""
        from streamcore.rdd.shuffle.cogroup import cogroup

        return cogroup([node.iterator(split, env) for node in self._inputs], env)

    def add_reads(self, split: int, reads: Reads) -> None:
        """Note what every input's partition needs."""
        for node in self._inputs:
            node.note_reads(split, reads)


def _zip_equal(left: Iterator[Any], right: Iterator[Any]) -> Iterator[Any]:
    while firsts := list(islice(left, 1024)):
        seconds = list(islice(right, len(firsts)))
        if len(seconds) < len(firsts):
            break
        yield from zip(firsts, seconds, strict=True)
    else:
        if next(right, _END) is _END:
            return
    raise ValueError("zip needs the same number of elements in each pair of partitions")


_END = object()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all it is computed from within the same stage, each once."""
    seen: set[int] = set()
    todo = [node]
    while todo:
        at = todo.pop()
        if at.id not in seen:
            seen.add(at.id)
            yield at
            todo.extend(reversed(at.sources()[0]))


def on_collection(owner: object, action: Callable[..., None], *args: object) -> None:
    """Call `action(*args)` when the garbage collector takes `owner`, but not at interpreter exit."""
    weakref.finalize(owner, action, *args).atexit = False
