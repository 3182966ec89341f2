"""The cached partitions of one worker: in memory up to a budget, on disk where their level allows it."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.buffers import SharedBuffers
from streamcore.scheduler.serial import FrameDamaged, dumps_code, read_frames, write_frame
from streamcore.scheduler.sizes import total_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from streamcore.scheduler.places import BlockId

_CHUNK = 8192
_SMALL_BUFFER = 4096
_FROZEN = frozenset({int, float, str, bytes, bool, type(None), complex})


class _Live:
    """Records that nobody can change: kept and handed out as they are."""

    def __init__(self, records: list[Any]) -> None:
        self.records = records
        self.size = total_size(records)

    def read(self) -> Iterable[Any]:
        return self.records


class _Pickled:
    """Records that their reader could change: each reader gets its own copy."""

    def __init__(self, records: list[Any]) -> None:
        taken_out: list[memoryview] = []

        def take_out(buffer: pickle.PickleBuffer) -> bool:
            raw = buffer.raw()
            if raw.nbytes >= _SMALL_BUFFER:
                taken_out.append(raw)
            return raw.nbytes < _SMALL_BUFFER

        try:
            self._data = pickle.dumps(records, 5, buffer_callback=take_out)
        except (pickle.PicklingError, AttributeError, TypeError):
            taken_out.clear()
            self._data = dumps_code(records)
        self._buffers = SharedBuffers(taken_out)
        self.size = len(self._data) + self._buffers.size

    def read(self) -> Iterable[Any]:
        records: list[Any] = pickle.loads(self._data, buffers=self._buffers.read())  # noqa: S301
        return records


@dataclass(slots=True)
class _Block:
    chunks: list[_Live | _Pickled]
    size: int
    use_disk: bool
    path: Path | None = None

    def read(self) -> Iterator[Any]:
        return chain.from_iterable(chunk.read() for chunk in self.chunks)


class BlockStore:
    """Keeps partitions between the tasks of one worker. Not safe for several threads.

    Parameters
    ----------
    folder
        Where blocks go that live on disk.
    budget
        Bytes that the blocks in memory may take. When they would take more, the least recently used
        blocks of other RDDs leave: to disk if their level says so, else for good.
    """

    def __init__(self, folder: Path, budget: int) -> None:
        self._folder = folder
        self._budget = budget
        self._blocks: OrderedDict[BlockId, _Block] = OrderedDict()
        self._used = 0
        self.stored: list[BlockId] = []
        self.dropped: list[BlockId] = []
        self.spilled_bytes = 0

    def get(self, block_id: BlockId) -> Iterator[Any] | None:
        """Return the records of a block, or None when it is not here or its file is damaged."""
        block = self._blocks.get(block_id)
        if block is None:
            return None
        self._blocks.move_to_end(block_id)
        if block.path is None:
            return block.read()
        if not _intact(block.path):
            self._remove(block_id)
            return None
        return _read_file(block.path)

    def put(
        self, block_id: BlockId, records: Iterator[Any], *, use_memory: bool, use_disk: bool
    ) -> Iterator[Any]:
        """Keep the records under `block_id`; return all of them, whether they could be kept or not."""
        if not use_memory:
            return self._put_on_disk(block_id, [], records)
        block = _Block([], 0, use_disk)
        while chunk := list(islice(records, _CHUNK)):
            kept = _Live(chunk) if is_frozen(chunk) else _Pickled(chunk)
            if not self._make_room(block_id.rdd, block.size + kept.size):
                if use_disk:
                    return self._put_on_disk(block_id, [*block.chunks, kept], records)
                return chain(block.read(), kept.read(), records)
            block.chunks.append(kept)
            block.size += kept.size
        self._blocks[block_id] = block
        self._used += block.size
        self.stored.append(block_id)
        return block.read()

    def drop_rdd(self, rdd: int) -> None:
        """Forget every block of an RDD, without a report to the scheduler: it asked for this."""
        for block_id in [b for b in self._blocks if b.rdd == rdd]:
            self._remove(block_id)
        self.take_changes()

    def take_changes(self) -> tuple[tuple[BlockId, ...], tuple[BlockId, ...]]:
        """Return the blocks stored and dropped since the last call."""
        changes = tuple(self.stored), tuple(self.dropped)
        self.stored.clear()
        self.dropped.clear()
        return changes

    def _make_room(self, rdd: int, needed: int) -> bool:
        if needed > self._budget:
            return False
        for block_id in list(self._blocks):
            if self._used + needed <= self._budget:
                break
            block = self._blocks[block_id]
            if block_id.rdd != rdd and block.path is None:
                self._evict(block_id, block)
        return self._used + needed <= self._budget

    def _evict(self, block_id: BlockId, block: _Block) -> None:
        if not block.use_disk:
            self._remove(block_id)
            return
        path = self._path(block_id)
        self._write(path, block.chunks, iter(()))
        self._used -= block.size
        self._blocks[block_id] = _Block([], 0, use_disk=True, path=path)

    def _remove(self, block_id: BlockId) -> None:
        block = self._blocks.pop(block_id)
        self._used -= block.size
        if block.path is not None:
            block.path.unlink(missing_ok=True)
        self.dropped.append(block_id)

    def _put_on_disk(
        self, block_id: BlockId, chunks: list[_Live | _Pickled], rest: Iterator[Any]
    ) -> Iterator[Any]:
        path = self._path(block_id)
        self._write(path, chunks, rest)
        self._blocks[block_id] = _Block([], 0, use_disk=True, path=path)
        self.stored.append(block_id)
        return _read_file(path)

    def _path(self, block_id: BlockId) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"rdd-{block_id.rdd}-{block_id.partition}.block"

    def _write(self, path: Path, chunks: list[_Live | _Pickled], rest: Iterator[Any]) -> None:
        with path.open("wb") as file:
            for chunk in chunks:
                self.spilled_bytes += write_frame(file, list(chunk.read()))
            while records := list(islice(rest, _CHUNK)):
                self.spilled_bytes += write_frame(file, records)


def is_frozen(records: list[Any]) -> bool:
    """Say whether no record, nor anything in one, can be changed: atoms, and tuples of them.

    >>> is_frozen([(1, "a"), (2, ("b", None))]), is_frozen([(1, [])])
    (True, False)
    """
    level: Iterable[Any] = records
    for _ in range(4):
        items = list(level)
        kinds = set(map(type, items))
        if kinds <= _FROZEN:
            return True
        if not kinds <= _FROZEN | {tuple}:
            return False
        level = chain.from_iterable(item for item in items if type(item) is tuple)
    return False


def _read_file(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for records in read_frames(file, 0, path.stat().st_size):
            yield from records


def _intact(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            for _ in read_frames(file, 0, path.stat().st_size):
                pass
    except (OSError, FrameDamaged):
        return False
    return True
