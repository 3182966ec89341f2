"""The facts of a Spark checkpoint: which batch counts, and where each source stood.  Nothing is changed.

The newest committed batch counts.  Versions before 2.2 kept no commits; there, and wherever commits are
missing altogether, a batch was done when the one after it was planned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.checkpoint.adopting.spark_files import (
    SeenFile,
    SparkOffsets,
    parse_commit,
    parse_first_offsets,
    parse_identity,
    parse_offsets,
    parse_seen_files,
)
from streamcore.checkpoint.names import COMMITS, METADATA, OFFSETS, SOURCES, named, numbered
from streamcore.errors import CheckpointCorrupted, CheckpointError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.storage import Storage

_T = TypeVar("_T")
Entries = Mapping[tuple[int, bool], tuple[SeenFile, ...]]
"""A file log: `(number, is compacted)` of an entry -> its files."""

_ENTRY = re.compile(r"(\d+)(\.compact)?")
_STATE_FOLDERS = (
    "state/0/0",
    "state/0/0/_metadata",
    "state/0/0/left-keyToNumValues",
    "state/0/_metadata",
    "state/0/_metadata/v2",
)
"""Where the first partition of the first stateful operator has files, in one version or another."""


@dataclass(frozen=True)
class SparkSource:
    """A source of a Spark query.

    end
        Where the last committed batch ended, in the source's JSON; None when it had nothing yet.
    planned_end
        Where the batch ends that was planned after it; None when there is none.
    entries
        The entries of its file log that are there; None where it keeps none.
    first
        Where a Kafka source began; None for others.
    """

    name: str
    end: Any
    planned_end: Any = None
    entries: Entries | None = None
    first: Any = None


@dataclass(frozen=True)
class SparkCheckpoint:
    """What a Spark checkpoint says.

    `committed` is the last batch that counts; `planned` the batch planned after it, or None.
    """

    location: str
    query_id: str
    committed: int
    planned: int | None
    sources: tuple[SparkSource, ...]
    is_named: bool
    has_state: bool


def read_spark_checkpoint(storage: Storage) -> SparkCheckpoint:
    """Reads a checkpoint, and changes nothing in it.

    Raises CheckpointError when there is none, or it has committed nothing, and CheckpointCorrupted, naming
    the file, for one that has lost files or holds what no version up to 4 writes.
    """
    query_id = _read(storage, METADATA, parse_identity)
    planned, committed = numbered(storage, OFFSETS), numbered(storage, COMMITS)
    last, after = _counting(storage.location, planned, committed)
    ends = _read(storage, f"{OFFSETS}/{last}", parse_offsets)
    planned_ends = None if after is None else _read(storage, f"{OFFSETS}/{after}", parse_offsets)
    return SparkCheckpoint(
        location=storage.location,
        query_id=query_id,
        committed=last,
        planned=after,
        sources=_sources(storage, ends, planned_ends),
        is_named=ends.is_named,
        has_state=_has_state(storage, last if committed else None),
    )


def _counting(location: str, planned: list[int], committed: list[int]) -> tuple[int, int | None]:
    """The last batch that counts, and the one that was planned after it."""
    newest = planned[-1] if planned else -1
    last = committed[-1] if committed else newest - 1
    if last < 0:
        raise CheckpointError(
            f"Spark has committed no batch to {location}: there is nothing to go on from. Start the query "
            "with a new checkpoint, its sources where they begin"
        )
    if last not in planned or newest not in (last, last + 1):
        raise CheckpointCorrupted(
            f"{location} has lost files: its last commit is of batch {last}, and it has offsets of the "
            f"batches {_listed(planned)}. Restore it from a backup"
        )
    return last, newest if newest > last else None


def _listed(batches: list[int]) -> str:
    return ", ".join(map(str, batches[-5:])) or "none"


def _sources(storage: Storage, ends: SparkOffsets, planned: SparkOffsets | None) -> tuple[SparkSource, ...]:
    after = {} if planned is None else planned.ends
    return tuple(
        SparkSource(name, end, after.get(name), *_kept_by(storage, f"{SOURCES}/{name}"))
        for name, end in ends.ends.items()
    )


def _kept_by(storage: Storage, folder: str) -> tuple[Entries | None, Any]:
    """What a source keeps for itself: its file log, or where it began."""
    names = [found for name in storage.list(folder) if (found := _ENTRY.fullmatch(name))]
    if not names:
        return None, None
    path = f"{folder}/{names[0][0]}"
    if storage.get(path).startswith(b"\0"):
        return None, _read(storage, path, parse_first_offsets)
    try:
        parse_seen_files(_text(storage, path))
    except ValueError:
        return None, None  # of a source that keeps something else, which its offset shows
    return {
        (int(name[1]), bool(name[2])): tuple(_read(storage, f"{folder}/{name[0]}", parse_seen_files))
        for name in names
    }, None


def _has_state(storage: Storage, committed: int | None) -> bool:
    if committed is not None and _read(storage, f"{COMMITS}/{committed}", parse_commit):
        return True
    return any(storage.list(folder) for folder in _STATE_FOLDERS)


def _read(storage: Storage, path: str, parse: Callable[[str], _T]) -> _T:
    file = named(storage, path)
    try:
        return parse(_text(storage, path))
    except FileNotFoundError:
        raise CheckpointError(
            f"{storage.location} is not the checkpoint of a Spark query: it has no file {path}"
        ) from None
    except ValueError as error:
        raise CheckpointCorrupted(
            f"{file} is not what Spark up to version 4 writes: {error}. Restore it from a backup"
        ) from error


def _text(storage: Storage, path: str) -> str:
    return storage.get(path).decode()
