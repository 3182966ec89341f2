"""The data files of snapshots, and how many of them a micro-batch takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, OffsetsLost
from streamcore.sources.iceberg.lineage import Commit, Position

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import FileScanTask, Table

    from streamcore.sources.iceberg.settings import FilesAndRows


def commits_of(table: Table) -> dict[int, Commit]:
    """Every snapshot that the table keeps, by its id."""
    return {
        s.snapshot_id: Commit(
            s.snapshot_id,
            s.parent_snapshot_id,
            "unknown" if s.summary is None else s.summary.operation.value,
            s.timestamp_ms,
        )
        for s in table.metadata.snapshots
    }


def whole_table(
    table: Table, snapshot_id: int | None, place: str, row_filter: BooleanExpression | None = None
) -> list[FileScanTask]:
    """The files of the table as of a snapshot that may hold rows of the filter, in one order for ever."""
    from pyiceberg.expressions import AlwaysTrue

    scan = table.scan(row_filter=AlwaysTrue() if row_filter is None else row_filter, snapshot_id=snapshot_id)
    try:
        found = list(scan.plan_files())
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        raise AnalysisException(
            f"{place} has equality deletes (another engine's merge-on-read), which cannot be read here: "
            "compact it first (CALL system.rewrite_data_files), or read an older snapshot"
        ) from error
    except FileNotFoundError as error:
        raise _expired(snapshot_id, place) from error
    return sorted(found, key=lambda task: task.file.file_path)


def added_files(table: Table, snapshot_id: int, place: str) -> list[FileScanTask]:
    """The files that a snapshot added, in the order of its manifests, which never change."""
    from pyiceberg.manifest import ManifestContent, ManifestEntryStatus
    from pyiceberg.table import FileScanTask

    snapshot = table.snapshot_by_id(snapshot_id)
    if snapshot is None:
        raise _expired(snapshot_id, place)
    try:
        return [
            FileScanTask(entry.data_file)
            for manifest in snapshot.manifests(table.io)
            if manifest.content == ManifestContent.DATA and manifest.added_snapshot_id == snapshot_id
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            if entry.status == ManifestEntryStatus.ADDED and entry.snapshot_id == snapshot_id
        ]
    except FileNotFoundError as error:
        raise _expired(snapshot_id, place) from error


def _expired(snapshot_id: int | None, place: str) -> OffsetsLost:
    return OffsetsLost(
        f"the snapshot {snapshot_id} of {place} has expired, and its files are gone: start with a new "
        "checkpoint to read the table as it is now"
    )


def next_position(
    start: Position,
    commits: Iterable[Commit],
    files_of: Callable[[int, bool], Sequence[FileScanTask]],
    limit: FilesAndRows | None,
) -> Position:
    """How far the next micro-batch goes: over all commits, or as many files as the limit allows.

    `files_of` gives the files of a snapshot, or of the whole table as of it.
    """
    position, files, rows = start, 0, 0
    for commit in commits:
        is_start = commit.snapshot_id == start.snapshot_id
        whole = is_start and start.whole
        found = files_of(commit.snapshot_id, whole)
        begin = start.files if is_start else 0
        for at in range(begin, len(found)):
            rows += found[at].file.record_count
            if limit is not None and files and _is_over(limit, files + 1, rows):
                return position
            files += 1
            position = Position(commit.snapshot_id, at + 1, whole, done=at + 1 == len(found))
        if not found[begin:]:
            position = Position(commit.snapshot_id, len(found), whole, done=True)
    return position


def _is_over(limit: FilesAndRows, files: int, rows: int) -> bool:
    too_many_files = limit.max_files is not None and files > limit.max_files
    return too_many_files or (limit.max_rows is not None and rows > limit.max_rows)


def files_between(
    start: Position,
    end: Position,
    commits: Sequence[Commit],
    files_of: Callable[[int, bool], Sequence[FileScanTask]],
) -> Iterator[FileScanTask]:
    """The files of an offset range; `commits` are those from `start` on."""
    for commit in commits:
        whole = start.whole if commit.snapshot_id == start.snapshot_id else False
        if commit.snapshot_id == end.snapshot_id:
            whole = end.whole
        begin = start.files if commit.snapshot_id == start.snapshot_id else 0
        stop = end.files if commit.snapshot_id == end.snapshot_id else None
        yield from files_of(commit.snapshot_id, whole)[begin:stop]
        if commit.snapshot_id == end.snapshot_id:
            return


def packed(tasks: Iterable[FileScanTask], size: int) -> list[list[FileScanTask]]:
    """Files in their order, in parts of about `size` bytes."""
    parts: list[list[FileScanTask]] = []
    filled = size
    for task in tasks:
        if filled >= size:
            parts.append([])
            filled = 0
        parts[-1].append(task)
        filled += task.file.file_size_in_bytes
    return parts
