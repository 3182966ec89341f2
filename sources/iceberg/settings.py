"""The options of reads of Iceberg tables, under Spark's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import IllegalArgumentException
from streamcore.iceberg.catalog_settings import SETTINGS
from streamcore.iceberg.names import (
    CATALOG_OPTIONS,
    DEFAULT_CATALOG,
    TableAddress,
    address_of,
    is_folder,
    table_name,
)
from streamcore.spi.limits import ReadLimit

if TYPE_CHECKING:
    from streamcore.spi.options import Options

_FROM_TIMESTAMP: Final = "stream-from-timestamp"
_SKIP_DELETES: Final = "streaming-skip-delete-snapshots"
_SKIP_OVERWRITES: Final = "streaming-skip-overwrite-snapshots"
_MAX_FILES: Final = "streaming-max-files-per-micro-batch"
_MAX_ROWS: Final = "streaming-max-rows-per-micro-batch"
_SNAPSHOT: Final = "snapshot-id"
_TIMESTAMP: Final = "as-of-timestamp"
_VERSION: Final = "versionAsOf"
_SPLIT: Final = "split-size"

STREAM_OPTIONS: Final = (_FROM_TIMESTAMP, _SKIP_DELETES, _SKIP_OVERWRITES, _MAX_FILES, _MAX_ROWS)
BATCH_OPTIONS: Final = (
    _SNAPSHOT, _TIMESTAMP, "branch", "tag", _VERSION, "start-snapshot-id", "end-snapshot-id",
)  # fmt: skip
COMMON_OPTIONS: Final = ("path", "table", _SPLIT, DEFAULT_CATALOG)
PREFIXES: Final = (CATALOG_OPTIONS, SETTINGS)

_SPLIT_BYTES: Final = 128 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Where the table is: in a catalog, or the folder (or metadata file) of one that is read without."""

    address: TableAddress | None
    folder: str | None
    properties: tuple[tuple[str, str], ...]
    split_bytes: int

    def __str__(self) -> str:
        return str(self.address) if self.address is not None else str(self.folder)


@dataclass(frozen=True)
class Moment:
    """Which of a table's snapshots is read; the newest when nothing is said."""

    snapshot_id: int | None = None
    timestamp_ms: int | None = None
    ref: str | None = None
    start_id: int | None = None
    end_id: int | None = None


@dataclass(frozen=True)
class StreamSettings:
    """What the options of a stream say."""

    from_ms: int | None
    skip_deletes: bool
    skip_overwrites: bool
    limit: FilesAndRows


@dataclass
class FilesAndRows(ReadLimit):
    """At most so many files and about so many rows; one file at least, so that the query goes on."""

    max_files: int | None
    max_rows: int | None


def place_of(options: Options) -> Place:
    """Where the table is."""
    split = options.integer(_SPLIT, default=_SPLIT_BYTES, minimum=1) or _SPLIT_BYTES
    if not is_folder(options):
        return Place(address_of(options), None, (), split)
    given = {
        k[len(CATALOG_OPTIONS) :]: v for k, v in options.items() if k.lower().startswith(CATALOG_OPTIONS)
    }
    return Place(None, table_name(options), tuple(given.items()), split)


def moment_of(options: Options) -> Moment:
    """The snapshot that a batch reads; raises IllegalArgumentException where options exclude each other."""
    for name in STREAM_OPTIONS:
        if name in options:
            raise IllegalArgumentException(f"the option {name} has a meaning in streams only")
    given = [name for name in (_SNAPSHOT, _TIMESTAMP, "branch", "tag", _VERSION) if name in options]
    if len(given) > 1:
        raise IllegalArgumentException(
            f"the options {' and '.join(given)} exclude each other: leave all but one out"
        )
    start, end = options.integer("start-snapshot-id"), options.integer("end-snapshot-id")
    if given and (start is not None or end is not None):
        raise IllegalArgumentException(
            f"the option {given[0]} does not go with start-snapshot-id and end-snapshot-id"
        )
    if end is not None and start is None:
        raise IllegalArgumentException("the option end-snapshot-id needs start-snapshot-id")
    version = options.get(_VERSION)
    is_number = version is not None and version.lstrip("-").isdigit()
    return Moment(
        snapshot_id=int(str(version)) if is_number else options.integer(_SNAPSHOT),
        timestamp_ms=options.integer(_TIMESTAMP),
        ref=options.get("branch", options.get("tag", None if is_number else version)),
        start_id=start,
        end_id=end,
    )


def stream_settings(options: Options) -> StreamSettings:
    """What the options of a stream say; raises IllegalArgumentException for those of batches."""
    for name in BATCH_OPTIONS:
        if name in options:
            raise IllegalArgumentException(f"the option {name} has a meaning in batches only")
    return StreamSettings(
        options.integer(_FROM_TIMESTAMP),
        options.boolean(_SKIP_DELETES, default=False),
        options.boolean(_SKIP_OVERWRITES, default=False),
        FilesAndRows(options.integer(_MAX_FILES, minimum=1), options.integer(_MAX_ROWS, minimum=1)),
    )
