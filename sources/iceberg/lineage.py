"""Which snapshots of a table a stream has still to read, told from the table's history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streamcore.errors import AnalysisException, CheckpointCorrupted, OffsetsLost

NO_SNAPSHOT: Final = -1
"""Where a stream of a table without any snapshot begins."""


@dataclass(frozen=True)
class Commit:
    """A snapshot of the table: what it did, on top of which other, and when."""

    snapshot_id: int
    parent_id: int | None
    operation: str
    timestamp_ms: int


@dataclass(frozen=True)
class Position:
    """How far a stream has read: so many files of a snapshot, and all of those before it.

    `whole` says that the files are those of the table as of the snapshot, `done` that there are no more.
    """

    snapshot_id: int
    files: int
    whole: bool
    done: bool

    def to_json(self) -> dict[str, Any]:
        """The offset as it is logged."""
        return {
            "snapshot_id": self.snapshot_id,
            "position": self.files,
            "scan_all_files": self.whole,
            "complete": self.done,
        }


def position_of(offset: Mapping[str, Any]) -> Position:
    """The position in a logged offset."""
    try:
        return Position(
            int(offset["snapshot_id"]),
            int(offset["position"]),
            bool(offset["scan_all_files"]),
            bool(offset["complete"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointCorrupted(
            f"the logged offset {dict(offset)!r} is not one of an Iceberg table"
        ) from error


def ancestry(commits: Mapping[int, Commit], head: int | None) -> list[Commit]:
    """The snapshots that led to `head`, the oldest that is kept first."""
    found = []
    while head is not None and head in commits:
        found.append(commits[head])
        head = commits[head].parent_id
    return found[::-1]


def first_since(line: Sequence[Commit], timestamp_ms: int, place: str) -> Position:
    """Where a stream begins that wants what was committed at or after a time.

    Raises OffsetsLost when snapshots since then have expired.
    """
    later = [commit for commit in line if commit.timestamp_ms >= timestamp_ms]
    if not later:
        newest = line[-1].snapshot_id if line else NO_SNAPSHOT
        return Position(newest, 0, whole=False, done=True)
    if later[0] is line[0] and line[0].parent_id is not None:
        raise OffsetsLost(
            f"snapshots of {place} that were committed since stream-from-timestamp={timestamp_ms} may have "
            f"expired: the oldest that is kept is of {line[0].timestamp_ms}. Begin at a later time, or leave "
            "the option out to read the whole table first"
        )
    return Position(later[0].snapshot_id, 0, whole=False, done=False)


def to_read(line: Sequence[Commit], start: Position, place: str) -> list[Commit]:
    """The snapshots after `start`, itself first when not all of its files have been read.

    Raises OffsetsLost where they have expired, or the table was rolled back to before.
    """
    if start.snapshot_id == NO_SNAPSHOT:
        if line and line[0].parent_id is not None:
            raise _lost(start, place)
        return list(line)
    ids = [commit.snapshot_id for commit in line]
    if start.snapshot_id in ids:
        at = ids.index(start.snapshot_id)
        return list(line[at + start.done :])
    if line and start.done and line[0].parent_id == start.snapshot_id:
        return list(line)  # only what has been read has expired
    raise _lost(start, place)


def _lost(start: Position, place: str) -> OffsetsLost:
    return OffsetsLost(
        f"the snapshot {start.snapshot_id} of {place}, up to which the stream has read, is no longer in the "
        "table's history: snapshots have expired, or the table was rolled back or made anew. Rows may be "
        "missing; start with a new checkpoint to read the table as it is now, and what comes after"
    )


def has_new_rows(commit: Commit, place: str, *, skip_deletes: bool, skip_overwrites: bool) -> bool:
    """Whether a stream reads what a snapshot added; AnalysisException for rows taken back, unless skipped."""
    if commit.operation == "append":
        return True
    if commit.operation == "replace":
        return False  # files were written anew, with the same rows
    skips = {"delete": skip_deletes, "overwrite": skip_overwrites}
    if skips.get(commit.operation):
        return False
    option = f"streaming-skip-{commit.operation}-snapshots"
    raise AnalysisException(
        f"the snapshot {commit.snapshot_id} of {place} is of the kind {commit.operation!r}: rows that were "
        "read before have been changed or taken back, which a stream of appended rows cannot tell. With "
        f"{option}=true such snapshots are left out, with what they add; or read the table as a batch"
    )
