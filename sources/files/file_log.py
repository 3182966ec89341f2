"""Which files belong to which micro-batch: the file sources' log in the checkpoint.

Entry N holds the files of offset N.  It is written before the offset is given out, so the engine's
offsets/N can always be replayed.  Old entries are folded into a `.compact` file, which stands for all
entries up to its number.  Whether a file of the log is whole and in its place the storage tells; that none
is missing is found here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from streamcore.errors import CheckpointCorrupted, CheckpointFenced, OffsetsLost
from streamcore.spi.metadata_log import MetadataStorage

_FOLDER: Final = "files"
_NAME: Final = re.compile(r"\d{10}(\.compact)?")
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

    @classmethod
    def of_files_read(cls, storage: MetadataStorage, files: Iterable[LoggedFile], last: int) -> None:
        """Writes a log whose entries up to `last` are read, and of which none can be read again."""
        storage.put_if_absent(f"{_FOLDER}/{last:010d}.compact", _encode(last + 1, files))

    def _load(self, storage: MetadataStorage) -> None:
        names = {name for name in storage.list(_FOLDER) if _NAME.fullmatch(name)}
        folded = max((int(n.removesuffix(".compact")) for n in names if n.endswith(".compact")), default=-1)
        newest = max((int(n) for n in names if not n.endswith(".compact")), default=-1)
        if folded >= 0:
            self._first = self._read(storage, f"{folded:010d}.compact")
        for number in range(folded + 1, newest + 1):
            self._read(storage, f"{number:010d}")
        self.last = max(folded, newest)

    def _read(self, storage: MetadataStorage, name: str) -> int:
        path = f"{_FOLDER}/{name}"
        try:
            first, files = _decode(storage.get(path))
        except FileNotFoundError:
            raise _missing(storage, name) from None
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointCorrupted(
                f"{storage.location}/{path} is no entry of this log: {error}"
            ) from error
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

    def require(self, number: int) -> None:
        """Raises CheckpointCorrupted when the query has read an entry that the log does not have.

        Files seen from now on would go into entries that are taken for read.
        """
        if number > self.last:
            raise _missing(self._storage, f"{number:010d}")

    def files_between(self, start: int, end: int) -> list[LoggedFile]:
        """The files of the entries after `start` up to `end`.

        Raises CheckpointCorrupted for an entry that is missing, OffsetsLost for one that was forgotten.
        """
        self.require(end)
        with self._lock:
            if start < end and start + 1 < self._first:
                where = "memory" if self._storage is None else self._storage.location
                raise OffsetsLost(
                    f"the file source's log in {where} holds the entries {self._first} to {self.last}, and "
                    f"the query asks for {start + 1} to {end}: it was rewound too far. Start it with a new "
                    "checkpoint"
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
        for name in filter(_NAME.fullmatch, self._storage.list(_FOLDER)):
            number = int(name.removesuffix(".compact"))
            if number < committed or name == f"{committed:010d}":
                self._storage.delete(f"{_FOLDER}/{name}")


def _encode(first: int, files: Iterable[LoggedFile]) -> bytes:
    lines = [json.dumps({"first": first})]
    lines += [json.dumps(astuple(file), separators=(",", ":")) for file in files]
    return "\n".join(lines).encode()


def _decode(data: bytes) -> tuple[int, list[LoggedFile]]:
    head, *lines = data.decode().split("\n")
    return json.loads(head)["first"], [LoggedFile(*json.loads(line)) for line in lines]


def _missing(storage: MetadataStorage | None, name: str) -> CheckpointCorrupted:
    where = "memory" if storage is None else f"{storage.location}/{_FOLDER}"
    return CheckpointCorrupted(
        f"{where}/{name} is missing: it says which files a micro-batch of this query has read. Restore the "
        "folder of the source from a backup, or start the query with a new checkpoint and a new output"
    )
