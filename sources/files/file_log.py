"""Which files belong to which micro-batch: the file sources' log in the checkpoint.

Entry N holds the files of offset N.  It is written before the offset is given out, so the engine's
offsets/N can always be replayed.  Old entries are folded into a `.compact` file, which stands for all
entries up to its number.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from streamcore.errors import CheckpointCorrupted, CheckpointFenced, OffsetsLost
from streamcore.spi.metadata_log import MetadataStorage

_FOLDER: Final = "files"
_COMPACT_EVERY: Final = 50
_REPLAYABLE_BATCHES: Final = 1000


@dataclass(frozen=True)
class LoggedFile:
    """A file of one micro-batch, as it was when it was first seen."""

    path: str
    base: str
    size: int
    modified_ms: int
    batch: int


class FileLog:
    """The log, held in memory and mirrored in `storage` (None: in memory only)."""

    def __init__(self, storage: MetadataStorage | None = None) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._files: dict[int, list[LoggedFile]] = {}
        self._first = 0
        self.last = -1
        self.newest_ms = 0
        if storage is not None:
            self._load(storage)

    def _load(self, storage: MetadataStorage) -> None:
        names = set(storage.list(_FOLDER))
        folded = max((int(n.removesuffix(".compact")) for n in names if n.endswith(".compact")), default=-1)
        if folded >= 0:
            self._first = self._read(storage, f"{folded:010d}.compact")
        self.last = folded
        while f"{self.last + 1:010d}" in names:
            self._read(storage, f"{self.last + 1:010d}")
            self.last += 1

    def _read(self, storage: MetadataStorage, name: str) -> int:
        first, files = _decode(storage, f"{_FOLDER}/{name}")
        self._take(files)
        return first

    def _take(self, files: Iterable[LoggedFile]) -> None:
        for file in files:
            self._files.setdefault(file.batch, []).append(file)
            self.newest_ms = max(self.newest_ms, file.modified_ms)

    def paths(self) -> Iterator[str]:
        """The paths of all files logged and not yet forgotten."""
        return (file.path for files in self._files.values() for file in files)

    def append(self, files: Sequence[LoggedFile]) -> None:
        """Writes the next entry; the files carry its number, `last` + 1.

        Raises CheckpointFenced when another driver has written it meanwhile.
        """
        number = self.last + 1
        path = f"{_FOLDER}/{number:010d}"
        if self._storage is not None and not self._storage.put_if_absent(path, _encode(self._first, files)):
            raise CheckpointFenced(
                f"{self._storage.location}/{path} was written by another driver: two queries run on one "
                "checkpoint. This one has stopped; give each query a checkpoint of its own"
            )
        with self._lock:
            self._take(files)
            self.last = number

    def files_between(self, start: int, end: int) -> list[LoggedFile]:
        """The files of the entries after `start` up to `end`; OffsetsLost when the log lacks one."""
        with self._lock:
            if start < end and (start + 1 < self._first or end > self.last):
                where = "memory" if self._storage is None else self._storage.location
                raise OffsetsLost(
                    f"the file source's log in {where} holds the entries {self._first} to {self.last}, and "
                    f"the query asks for {start + 1} to {end}: the log belongs to another checkpoint, or the "
                    "query was rewound too far. Start it with a new checkpoint"
                )
            return [file for n in range(start + 1, end + 1) for file in self._files.get(n, ())]

    def compact(self, committed: int, forget_before_ms: int) -> None:
        """Folds entries up to `committed` when many have gathered.

        Of batches too old to be replayed, files changed before `forget_before_ms` are forgotten: they are
        too old to be taken for new ones.
        """
        if self._storage is None or (committed + 1) % _COMPACT_EVERY:
            return
        with self._lock:
            self._first = max(self._first, committed + 1 - _REPLAYABLE_BATCHES)
            for n in [n for n in self._files if n < self._first]:
                self._files[n] = [f for f in self._files[n] if f.modified_ms >= forget_before_ms]
            kept = [file for n in sorted(self._files) if n <= committed for file in self._files[n]]
        self._storage.put_if_absent(f"{_FOLDER}/{committed:010d}.compact", _encode(self._first, kept))
        for name in self._storage.list(_FOLDER):
            number = int(name.removesuffix(".compact"))
            if number < committed or name == f"{committed:010d}":
                self._storage.delete(f"{_FOLDER}/{name}")


def _encode(first: int, files: Iterable[LoggedFile]) -> bytes:
    lines = [json.dumps({"version": 1, "first": first})]
    lines += [json.dumps(astuple(file), ensure_ascii=False, separators=(",", ":")) for file in files]
    body = "\n".join(lines).encode()
    return b"%d\n" % zlib.crc32(body) + body


def _decode(storage: MetadataStorage, path: str) -> tuple[int, list[LoggedFile]]:
    checksum, _, body = storage.get(path).partition(b"\n")
    if checksum != b"%d" % zlib.crc32(body):
        raise CheckpointCorrupted(
            f"{storage.location}/{path} is truncated or was edited (its checksum does not match). Restore "
            "the checkpoint from a backup, or start the query with a new one"
        )
    head, *lines = body.decode().split("\n")
    return json.loads(head)["first"], [LoggedFile(*json.loads(line)) for line in lines]
