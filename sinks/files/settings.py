"""The options of the file sink, read once and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException

if TYPE_CHECKING:
    from streamcore.spi.options import Options

COMMON_OPTIONS = (
    "path",
    "compression",
    "partitionBy",
    "maxRecordsPerFile",
    "compactInterval",
    "cleanupDelayMs",
    "partitionOverwriteMode",
)
_COMPACT_INTERVAL = 10
_CLEANUP_DELAY_MS = 10 * 60 * 1000


@dataclass(frozen=True)
class FolderSettings:
    """Where and how files are laid out.

    `max_records` is per file, 0 for no limit.  `compact_interval` is the number of manifest segments that
    are merged into one; `cleanup_delay_ms` is how long files stay that a rewind took out of the manifest.
    With `is_dynamic`, an overwrite replaces only the partitions that it has rows for.
    """

    folder: Path
    partition_by: tuple[str, ...]
    max_records: int
    compact_interval: int
    cleanup_delay_ms: int
    is_dynamic: bool


def read_settings(options: Options) -> FolderSettings:
    """The settings in a file sink's options; raises when `path` is missing or an option is out of range."""
    return FolderSettings(
        folder=_local_folder(options.get("path")),
        partition_by=_partition_by(options.get("partitionBy")),
        max_records=options.integer("maxRecordsPerFile", 0, minimum=0) or 0,
        compact_interval=options.integer("compactInterval", _COMPACT_INTERVAL, minimum=2) or 0,
        cleanup_delay_ms=options.integer("cleanupDelayMs", _CLEANUP_DELAY_MS, minimum=0) or 0,
        is_dynamic=options.choice("partitionOverwriteMode", ("static", "dynamic"), "static") == "dynamic",
    )


def _local_folder(path: str | None) -> Path:
    if not path:
        raise IllegalArgumentException("the file sink needs the option 'path': the folder to write to")
    if "://" not in path and not path.startswith("file:/"):
        return Path(path).expanduser().absolute()
    uri = urlsplit(path)
    if uri.scheme == "file" and uri.netloc in ("", "localhost"):
        return Path(unquote(uri.path))
    raise UnsupportedOperationException(
        f"files cannot be written to {uri.scheme}:// yet; write to a path or file:///path, for instance a "
        "mount"
    )


def _partition_by(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise IllegalArgumentException(f"option partitionBy={text!r} must be a JSON list of column names")
    return tuple(names)


def check_partition_columns(partition_by: tuple[str, ...], columns: list[str]) -> None:
    """Raises AnalysisException unless all names are columns, none twice, and a column is left for files."""
    for name in partition_by:
        if name not in columns:
            known = ", ".join(columns)
            raise AnalysisException(
                f"the partition column {name!r} is not in the data; its columns are {known}"
            )
    if len(set(partition_by)) != len(partition_by):
        raise AnalysisException(f"a partition column is named twice: {', '.join(partition_by)}")
    if partition_by and len(partition_by) == len(columns):
        raise AnalysisException(
            "cannot use all columns as partition columns: nothing would be left for the files"
        )
