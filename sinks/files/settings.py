"""The options of the file sink, read once and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from streamcore.duck.zones import time_zone
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.storage.objects.place import is_object_uri, place_of

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.options import Options

COMMON_OPTIONS = (
    "path",
    "compression",
    "partitionBy",
    "maxRecordsPerFile",
    "compactInterval",
    "cleanupDelayMs",
    "partitionOverwriteMode",
    "timeZone",
    "clusterBy",
    "overwritePartition",
)
_COMPACT_INTERVAL = 10
_CLEANUP_DELAY_MS = 10 * 60 * 1000


@dataclass(frozen=True)
class FolderSettings:
    """Where and how files are laid out.

    `location` is an absolute path, or the URI of a folder on an object store.
    `max_records` is per file, 0 for no limit.  `compact_interval` is the number of manifest segments that
    are merged into one; `cleanup_delay_ms` is how long files stay that a rewind took out of the manifest.
    With `is_dynamic`, an overwrite replaces only the partitions that it has rows for.  `zone` is where the
    instants in folder names are shown.  Rows are sorted by `cluster_by` within a file.  An overwrite with an
    `overwrite_partition` (values of the first partition columns, as text) replaces only what is in there.
    """

    location: str
    partition_by: tuple[str, ...]
    max_records: int
    compact_interval: int
    cleanup_delay_ms: int
    is_dynamic: bool
    zone: tzinfo
    cluster_by: tuple[str, ...]
    overwrite_partition: dict[str, str | None] | None

    @property
    def is_remote(self) -> bool:
        """Whether the folder is on an object store."""
        return is_object_uri(self.location)

    @property
    def folder(self) -> Path:
        """The folder, where it is one of this machine."""
        return Path(self.location)


def read_settings(options: Options) -> FolderSettings:
    """The settings in a file sink's options; raises when `path` is missing or an option is out of range."""
    return FolderSettings(
        location=_location(options.get("path")),
        partition_by=_columns("partitionBy", options.get("partitionBy")),
        max_records=options.integer("maxRecordsPerFile", 0, minimum=0) or 0,
        compact_interval=options.integer("compactInterval", _COMPACT_INTERVAL, minimum=2) or 0,
        cleanup_delay_ms=options.integer("cleanupDelayMs", _CLEANUP_DELAY_MS, minimum=0) or 0,
        is_dynamic=options.choice("partitionOverwriteMode", ("static", "dynamic"), "static") == "dynamic",
        zone=time_zone(options.get("timeZone", "UTC")),
        cluster_by=_columns("clusterBy", options.get("clusterBy")),
        overwrite_partition=_partition(options.get("overwritePartition")),
    )


def _location(path: str | None) -> str:
    if not path:
        raise IllegalArgumentException("the file sink needs the option 'path': the folder to write to")
    if is_object_uri(path):
        return place_of(path).uri
    if "://" not in path and not path.startswith("file:/"):
        return str(Path(path).expanduser().absolute())
    uri = urlsplit(path)
    if uri.scheme == "file" and uri.netloc in ("", "localhost"):
        return unquote(uri.path)
    raise UnsupportedOperationException(
        f"files cannot be written to {uri.scheme}:// yet; write to a path, file:///path (for instance a "
        "mount), or an object store (s3://, abfss://, gs://)"
    )


def _columns(option: str, text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise IllegalArgumentException(f"option {option}={text!r} must be a JSON list of column names")
    return tuple(names)


def _partition(text: str | None) -> dict[str, str | None] | None:
    if not text:
        return None
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(v is None or isinstance(v, str) for v in values.values()):
        raise IllegalArgumentException(
            f"option overwritePartition={text!r} must be a JSON object of column names and texts or null"
        )
    return values


def check_cluster_columns(settings: FolderSettings, schema: pa.Schema) -> None:
    """Raises AnalysisException unless rows can be sorted by the columns, which no folder's name holds."""
    import pyarrow as pa

    for name in settings.cluster_by:
        if name not in schema.names:
            raise AnalysisException(
                f"Clustering column {name} not found in existing columns ({', '.join(schema.names)})."
            )
        if pa.types.is_nested(schema.field(name).type):
            raise AnalysisException(
                f"rows cannot be sorted by the column {name!r} of type {schema.field(name).type}: cluster by "
                "a column of a plain type"
            )
    if settings.cluster_by and settings.partition_by:
        raise AnalysisException(
            "[SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED] Cannot specify both CLUSTER BY and "
            "PARTITIONED BY. SQLSTATE: 42908"
        )


def check_partition_columns(partition_by: tuple[str, ...], schema: pa.Schema) -> None:
    """Raises AnalysisException unless all are columns of plain types, none twice, and a column is left."""
    import pyarrow as pa

    columns = schema.names
    for name in partition_by:
        if name not in columns:
            known = ", ".join(columns)
            raise AnalysisException(
                f"the partition column {name!r} is not in the data; its columns are {known}"
            )
        if pa.types.is_nested(schema.field(name).type):
            raise AnalysisException(
                f"[INVALID_PARTITION_COLUMN_DATA_TYPE] Cannot use {schema.field(name).type} for partition "
                f"column {name!r}. SQLSTATE: 0A000"
            )
    if len(set(partition_by)) != len(partition_by):
        twice = next(name for name in partition_by if partition_by.count(name) > 1)
        raise AnalysisException(
            f"[COLUMN_ALREADY_EXISTS] The column `{twice}` already exists: a partition column is named "
            f"twice in {', '.join(partition_by)}. SQLSTATE: 42711"
        )
    if partition_by and len(partition_by) == len(columns):
        raise AnalysisException(
            "[ALL_PARTITION_COLUMNS_NOT_ALLOWED] Cannot use all columns for partition columns: nothing "
            "would be left for the files. SQLSTATE: KD005"
        )
