"""How a context makes RDDs: from data, from files, from other RDDs."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamcore.context import Context
    from streamcore.rdd.nodes import Node
    from streamcore.rdd.rdd import RDD
    from streamcore.rdd.runtime import Runtime

T = TypeVar("T")


class RDDMaker(ABC):
    """The part of Context that makes RDDs."""

    @property
    @abstractmethod
    def runtime(self) -> Runtime:
        """The engine behind the RDDs."""

    @property
    @abstractmethod
    def defaultParallelism(self) -> int:
        """How many partitions `parallelize` makes when nothing is said."""

    @property
    @abstractmethod
    def defaultMinPartitions(self) -> int:
        """How many partitions files are cut into at least."""

    def emptyRDD(self) -> RDD[Any]:
        """Return an RDD without partitions.

        >>> sc.emptyRDD().collect()
        []
        """
        from streamcore.rdd.nodes import EmptyNode

        return self._rdd(EmptyNode(self.runtime.next_rdd_id()))

    def range(
        self, start: int, end: int | None = None, step: int = 1, numSlices: int | None = None
    ) -> RDD[int]:
        """Return the integers from `start` (default 0) up to but without `end`.

        >>> sc.range(2, 6, 2).collect()
        [2, 4]
        """
        numbers = range(start) if end is None else range(start, end, step)
        return self.parallelize(numbers, numSlices)

    def parallelize(self, c: Iterable[T], numSlices: int | None = None) -> RDD[T]:
        """Return the records of a collection, in order, over `numSlices` partitions.

        They are copied now: what happens to the collection later does not matter.

        >>> sc.parallelize([0, 2, 3, 4, 6], 5).glom().collect()
        [[0], [2], [3], [4], [6]]
        """
        from streamcore.rdd.data import pickled_pieces, slices
        from streamcore.rdd.nodes import DataNode, RangeNode, on_collection

        partitions = self.defaultParallelism if numSlices is None else int(numSlices)
        if partitions < 1:
            raise ValueError(f"numSlices must be at least 1, not {partitions}")
        node_id = self.runtime.next_rdd_id()
        if isinstance(c, range):
            return self._rdd(RangeNode(node_id, c, partitions))
        records: Any = c if hasattr(c, "__len__") and hasattr(c, "__getitem__") else list(c)
        records = records if isinstance(records, (list, tuple, str)) else list(records)
        parts = slices(records, partitions)
        pieces, path = pickled_pieces(parts, self.runtime.folder, f"data-{node_id}")
        node = DataNode(node_id, pieces)
        if path is not None:
            on_collection(node, partial(path.unlink, missing_ok=True))
        return self._rdd(node)

    def textFile(self, name: str, minPartitions: int | None = None, use_unicode: bool = True) -> RDD[str]:
        r"""Return the lines of files: a file, a folder, a pattern, or several with commas between.

        Files ending in `.gz`, `.bz2`, `.xz` or `.deflate` are decompressed, each as one partition; others
        are cut into about `minPartitions` pieces. Nothing is opened before an action.

        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        ...     _ = file.write("a\nb\n")
        ...     file.flush()
        ...     sc.textFile(file.name).collect()
        ['a', 'b']
        """
        from streamcore.rdd.files import list_files, split_files
        from streamcore.rdd.reading import read_lines

        at_least = minPartitions or self.defaultMinPartitions
        return self._files(
            lambda: [[split] for split in split_files(list_files(name), at_least)],
            partial(read_lines, use_unicode),
        )

    def wholeTextFiles(
        self, path: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[tuple[str, str]]:
        """Return (address, text) of whole files."""
        from streamcore.rdd.files import group_files, list_files
        from streamcore.rdd.reading import read_texts

        at_least = minPartitions or self.defaultMinPartitions
        return self._files(lambda: group_files(list_files(path), at_least), partial(read_texts, use_unicode))

    def binaryFiles(self, path: str, minPartitions: int | None = None) -> RDD[tuple[str, bytes]]:
        """Return (address, bytes) of whole files."""
        from streamcore.rdd.files import group_files, list_files
        from streamcore.rdd.reading import read_bytes

        at_least = minPartitions or self.defaultMinPartitions
        return self._files(lambda: group_files(list_files(path), at_least), read_bytes)

    def binaryRecords(self, path: str, recordLength: int) -> RDD[bytes]:
        """Return the records of files in which each takes `recordLength` bytes."""
        from streamcore.rdd.files import list_files, split_records
        from streamcore.rdd.reading import read_fixed

        return self._files(
            lambda: [[split] for split in split_records(list_files(path), recordLength)],
            partial(read_fixed, recordLength),
        )

    def pickleFile(self, name: str, minPartitions: int | None = None) -> RDD[Any]:
        """Return what `saveAsPickleFile` wrote.

        Unpickling runs code that is in the files: read them only from where you trust everybody who can
        write there.
        """
        from streamcore.rdd.files import FileSplit, list_files
        from streamcore.rdd.reading import read_pickled

        return self._files(
            lambda: [[FileSplit(file, 0, os.path.getsize(file))] for file in list_files(name)],  # noqa: PTH202
            read_pickled,
        )

    def union(self, rdds: Sequence[RDD[T]]) -> RDD[T]:
        """Return the partitions of several RDDs, one after another.

        >>> sc.union([sc.parallelize(["a"]), sc.parallelize(["b"])]).collect()
        ['a', 'b']
        """
        from streamcore.rdd.setlike import union_of

        return union_of(rdds)

    def _rdd(self, node: Node) -> RDD[Any]:
        from streamcore.rdd.rdd import RDD

        return RDD(node, cast("Context", self))

    def _files(self, plan: Callable[[], Any], read: Callable[[Iterator[Any]], Iterable[Any]]) -> RDD[Any]:
        from streamcore.rdd.sources import FilesNode

        return self._rdd(FilesNode(self.runtime.next_rdd_id(), plan, read))
