"""What a commit means to its readers: files that were added, or rows that were changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamcore.delta.snapshot import require_plain_names
from streamcore.errors import AnalysisException, StreamcoreError, UnsupportedOperationException
from streamcore.sources.delta.files import CHANGE_TYPE, COMMIT_TIMESTAMP, COMMIT_VERSION, ReadFile, read_file
from streamcore.spi.types import schema_from_json

if TYPE_CHECKING:
    from streamcore.delta.folder import TableFolder
    from streamcore.delta.log import Commit, LoggedFile
    from streamcore.sources.delta.settings import StreamSettings
    from streamcore.spi.types import StructType


class SourceChanged(StreamcoreError):
    """A table has changed in a way that a stream of added rows cannot tell of."""


def added_files(commit: Commit, settings: StreamSettings, schema: StructType) -> list[ReadFile]:
    """The files that a commit adds, in their order.

    Raises SourceChanged where the commit takes rows away or changes them, unless the settings say what then.
    """
    require_same_columns(commit, schema, settings.folder)
    added = [file for file in commit.added if file.data_change]
    removed = [file for file in commit.removed if file.data_change]
    if removed and settings.skips_changes:
        return []
    if removed and added and not settings.takes_changes:
        raise SourceChanged(_updated(commit, removed[0].path, settings.folder))
    if removed and not added and not settings.takes_deletes:
        raise SourceChanged(_deleted(commit, removed[0].path, settings.folder))
    return [read_file(file, schema, {}) for file in _without_vectors(added, settings.folder)]


def _updated(commit: Commit, path: str, folder: TableFolder) -> str:
    what = commit.info.get("operation", path)
    way_out = (
        "If this is going to happen regularly and you are okay to skip changes, set the option "
        "'skipChangeCommits' to 'true'. If you would like the data update to be reflected, please restart "
        "this query with a fresh checkpoint directory."
    )
    return (
        f"[DELTA_SOURCE_TABLE_IGNORE_CHANGES] Detected a data update (for example {what}) in the source "
        f"table at version {commit.version}. This is currently not supported. {way_out} The source table "
        f"can be found at path {folder}. SQLSTATE: 0A000"
    )


def _deleted(commit: Commit, path: str, folder: TableFolder) -> str:
    return (
        f"[DELTA_SOURCE_IGNORE_DELETE] Detected deleted data (for example {path}) from streaming source at "
        f"version {commit.version}. This is currently not supported. If you'd like to ignore deletes, set "
        f"the option 'ignoreDeletes' to 'true'. The source table can be found at path {folder}. SQLSTATE: "
        "0A000"
    )


def changed_files(commit: Commit, folder: TableFolder, schema: StructType) -> list[ReadFile]:
    """The files by which a commit's changes are known: those of the change feed, or added and removed "
    "ones.
    """
    require_same_columns(commit, schema, folder)
    if commit.changes:
        told = change_constants(commit.version, commit.timestamp_ms, None)
        return [read_file(file, schema, told) for file in commit.changes]
    return [
        read_file(file, schema, change_constants(commit.version, commit.timestamp_ms, kind))
        for kind, files in (("insert", commit.added), ("delete", commit.removed))
        for file in _without_vectors([file for file in files if file.data_change], folder)
    ]


def change_constants(version: int, timestamp_ms: int, kind: str | None) -> Mapping[str, Any]:
    """The values of the columns that tell of a change; a feed's own files have its kind in them (None)."""
    moment = dt.datetime.fromtimestamp(timestamp_ms / 1000, dt.UTC)
    told = {COMMIT_VERSION: version, COMMIT_TIMESTAMP: moment}
    return told if kind is None else {CHANGE_TYPE: kind, **told}


def require_same_columns(commit: Commit, schema: StructType, folder: TableFolder) -> None:
    """Raises SourceChanged for a commit after which the table has columns that the query does not know."""
    if commit.metadata is None:
        return
    require_plain_names(commit.metadata.get("configuration") or {}, folder)
    known = {field.name: field.dataType for field in schema.fields}
    found = schema_from_json(commit.metadata["schemaString"])
    if all(known.get(field.name) == field.dataType for field in found.fields):
        return
    raise SourceChanged(
        f"[DELTA_SCHEMA_CHANGED_WITH_VERSION] Detected schema change in version {commit.version} of "
        f"{folder}: streaming source schema: {schema.simpleString()}; data file schema: "
        f"{found.simpleString()}. Please try restarting the query. If this issue repeats across query "
        "restarts without making progress, you have made an incompatible schema change and need to start "
        "your query from scratch using a new checkpoint directory. SQLSTATE: KD007"
    )


def require_change_feed(properties: Mapping[str, str], folder: TableFolder) -> None:
    """Raises AnalysisException for a table that does not record its changes."""
    if properties.get("delta.enableChangeDataFeed", "false").lower() != "true":
        raise AnalysisException(
            f"[DELTA_MISSING_CHANGE_DATA] change data was not recorded for {folder}: to start recording "
            "change data, set the table property delta.enableChangeDataFeed=true. SQLSTATE: KD002"
        )


def _without_vectors(files: list[LoggedFile], folder: TableFolder) -> list[LoggedFile]:
    for file in files:
        if file.has_deletion_vector:
            raise UnsupportedOperationException(
                f"{file.path} of {folder} cannot be read: rows of it are deleted by a deletion vector. "
                "Rewrite such files, with REORG TABLE ... APPLY (PURGE) in Spark, and start the query with "
                "a new checkpoint"
            )
    return files
