"""Data files that no snapshot names: what crashed runs and failed attempts left behind."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from streamcore.sinks.iceberg.staging import batch_and_run, query_mark, run_mark

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table

_LOG = logging.getLogger("streamcore.sinks.iceberg")


def remove_orphans(table: Table, query_id: str, run_id: str, collected: int) -> None:
    """Removes files of earlier runs of the query, for batches after `collected`, that no snapshot names.

    A snapshot of a batch that was taken back names its files too, as long as it is kept.
    """
    mine = run_mark(run_id)
    found = {
        name: path
        for name, path in _data_files(table, query_id)
        if (of := batch_and_run(name, query_id)) is not None and of[0] > collected and of[1] != mine
    }
    if found:
        named = _named_files(table)
        remove_quietly(table.io, [path for name, path in found.items() if name not in named])


def remove_attempt(table: Table, query_id: str, run_id: str, batch_id: int) -> None:
    """Removes what this run has staged for a batch that failed."""
    wanted = (batch_id, run_mark(run_id))
    _remove(table, query_id, lambda name: batch_and_run(name, query_id) == wanted)


def remove_unnamed(table: Table, paths: Iterable[str]) -> None:
    """Removes those of the files that no snapshot names."""
    named = _named_files(table)
    remove_quietly(table.io, [path for path in paths if path.rpartition("/")[2] not in named])


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


def _named_files(table: Table) -> set[str]:
    """The names of the data files of every snapshot that is kept."""
    manifests = {m.manifest_path: m for s in table.metadata.snapshots for m in s.manifests(table.io)}
    return {
        entry.data_file.file_path.rpartition("/")[2]
        for manifest in manifests.values()
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    }
