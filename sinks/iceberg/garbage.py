"""Data files that no snapshot names: what crashed runs and failed attempts left behind."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from streamcore.sinks.iceberg.history import BATCH, QUERY
from streamcore.sinks.iceberg.staging import batch_and_run, query_mark, run_mark

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table

_LOG = logging.getLogger("streamcore.sinks.iceberg")


def remove_orphans(table: Table, query_id: str, run_id: str, committed: int) -> None:
    """Removes files of earlier runs of the query for batches after the last that was committed then.

    Of a batch that has been taken back the files stay as long as its snapshot is kept.
    """
    named = _files_of_rewound(table, query_id, committed)
    mine = run_mark(run_id)

    def is_orphan(name: str) -> bool:
        found = batch_and_run(name, query_id)
        return found is not None and found[0] > committed and found[1] != mine and name not in named

    _remove(table, query_id, is_orphan)


def remove_attempt(table: Table, query_id: str, run_id: str, batch_id: int) -> None:
    """Removes what this run has staged for a batch that failed."""
    wanted = (batch_id, run_mark(run_id))
    _remove(table, query_id, lambda name: batch_and_run(name, query_id) == wanted)


def remove_quietly(io: FileIO, paths: Iterable[str]) -> None:
    """Removes files that nothing names; what cannot be removed stays, and harms nobody."""
    for path in paths:
        with contextlib.suppress(OSError):
            io.delete(path)


def _remove(table: Table, query_id: str, is_garbage: Callable[[str], bool]) -> None:
    remove_quietly(table.io, [path for name, path in _data_files(table, query_id) if is_garbage(name)])


def _data_files(table: Table, query_id: str) -> Iterator[tuple[str, str]]:
    """(name, path) of the files of a query in the table's data folder."""
    from pyarrow import fs
    from pyiceberg.io.pyarrow import PyArrowFileIO

    folder = table.metadata.properties.get("write.data.path", f"{table.location().rstrip('/')}/data")
    if not isinstance(table.io, PyArrowFileIO):
        _LOG.warning(
            "files of crashed attempts are not collected: %s cannot list folders", type(table.io).__name__
        )
        return
    scheme, netloc, path = PyArrowFileIO.parse_location(folder, table.io.properties)
    system = table.io.fs_by_scheme(scheme, netloc)
    prefix = folder[: len(folder) - len(path)] if folder.endswith(path) else ""
    selector = fs.FileSelector(path, allow_not_found=True, recursive=True)
    mark = query_mark(query_id)
    for found in system.get_file_info(selector):
        if found.is_file and found.base_name.startswith(mark):
            yield found.base_name, f"{prefix}{found.path}"


def _files_of_rewound(table: Table, query_id: str, committed: int) -> set[str]:
    """The names of the data files of batches that were taken back and whose snapshots are still kept."""
    names: set[str] = set()
    for snapshot in table.metadata.snapshots:
        facts = {} if snapshot.summary is None else snapshot.summary.additional_properties
        if facts.get(QUERY) != query_id or int(facts.get(BATCH, "-1")) <= committed:
            continue
        for manifest in snapshot.manifests(table.io):
            if manifest.added_snapshot_id == snapshot.snapshot_id:
                entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
                names |= {entry.data_file.file_path.rpartition("/")[2] for entry in entries}
    return names
