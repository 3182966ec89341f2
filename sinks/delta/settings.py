"""The options of the Delta sink, read once and checked."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.delta.folder import TableFolder, table_folder
from streamcore.duck.zones import time_zone
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

if TYPE_CHECKING:
    from streamcore.spi.options import Options

DELTA_SINK_OPTIONS: Final = (
    "path", "partitionBy", "keyColumns", "mergeSchema", "overwriteSchema", "maxRecordsPerFile", "compression",
    "userMetadata", "txnAppId", "txnVersion", "replaceWhere", "partitionOverwriteMode", "sharedTable",
    "timeZone",
)  # fmt: skip
_NOT_OFFERED: Final = {
    "optimizeWrite": "give the rows fewer partitions before the write, with coalesce(n)",
    "dataChange": "rows that are only arranged anew are what deltalake's DeltaTable.optimize writes",
    "clusterBy": "cluster the table with deltalake's DeltaTable.optimize.z_order",
    "replaceOn": "use replaceWhere, or keyColumns in a stream",
    "replaceUsing": "use replaceWhere, or keyColumns in a stream",
}
_COMPRESSIONS: Final = ("snappy", "zstd", "gzip", "lz4", "brotli", "none", "uncompressed")
_BATCH_ONLY: Final = (
    "overwriteSchema", "txnAppId", "txnVersion", "replaceWhere", "partitionOverwriteMode"
)  # fmt: skip
_STREAM_ONLY: Final = ("keyColumns", "sharedTable")


@dataclass(frozen=True)
class SinkSettings:
    """Where rows go, and how.

    `partition_by` is None where it was not given; `key_columns` are those by which rows are merged;
    `transaction` is a batch write's application and version; `shares_table` lets several queries write;
    `zone` is where instants in the names of folders are shown.
    """

    folder: TableFolder
    partition_by: tuple[str, ...] | None
    key_columns: tuple[str, ...]
    merges_schema: bool
    overwrites_schema: bool
    max_records: int
    compression: str
    user_metadata: str | None
    transaction: tuple[str, int] | None
    replace_where: str | None
    is_dynamic: bool
    shares_table: bool
    zone: dt.tzinfo


def read_settings(options: Options) -> SinkSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    for name, way_out in _NOT_OFFERED.items():
        if name in options:
            raise UnsupportedOperationException(f"the delta sink does not offer the option {name}: {way_out}")
    options.reject_unknown(DELTA_SINK_OPTIONS, "the delta sink")
    compression = options.choice("compression", _COMPRESSIONS, "snappy")
    mode = options.choice("partitionOverwriteMode", ("static", "dynamic"), "static")
    if mode == "dynamic" and "replaceWhere" in options:
        raise IllegalArgumentException(
            "[DELTA_REPLACE_WHERE_WITH_DYNAMIC_PARTITION_OVERWRITE] A 'replaceWhere' expression and "
            "'partitionOverwriteMode'='dynamic' cannot both be set in the DataFrameWriter options."
        )
    if mode == "dynamic" and options.boolean("overwriteSchema", default=False):
        raise IllegalArgumentException(
            "[DELTA_OVERWRITE_SCHEMA_WITH_DYNAMIC_PARTITION_OVERWRITE] 'overwriteSchema' cannot be used in "
            "dynamic partition overwrite mode."
        )
    return SinkSettings(
        folder=table_folder(options.get("path")),
        partition_by=_json_names(options),
        key_columns=_names(options.get("keyColumns", "")),
        merges_schema=options.boolean("mergeSchema", default=False),
        overwrites_schema=options.boolean("overwriteSchema", default=False),
        max_records=options.integer("maxRecordsPerFile", 0, minimum=0) or 0,
        compression="none" if compression == "uncompressed" else compression,
        user_metadata=options.get("userMetadata"),
        transaction=_transaction(options),
        replace_where=options.get("replaceWhere"),
        is_dynamic=mode == "dynamic",
        shares_table=options.boolean("sharedTable", default=False),
        zone=time_zone(options.get("timeZone", "UTC")),
    )


def require_stream_options(options: Options) -> None:
    """Raises IllegalArgumentException for an option that has a meaning in batch writes only."""
    _refuse(options, _BATCH_ONLY, "batch writes")


def require_batch_options(options: Options) -> None:
    """Raises IllegalArgumentException for an option that has a meaning in streams only."""
    _refuse(options, _STREAM_ONLY, "streams")


def _refuse(options: Options, names: tuple[str, ...], place: str) -> None:
    for name in names:
        if name in options:
            raise IllegalArgumentException(f"the delta sink's option {name} has a meaning in {place} only")


def _transaction(options: Options) -> tuple[str, int] | None:
    application, version = options.get("txnAppId"), options.integer("txnVersion", minimum=0)
    if application is None and version is None:
        return None
    if not application or version is None:
        raise IllegalArgumentException(
            "[DELTA_IDEMPOTENT_WRITE_OPTIONS_MISMATCH] options txnAppId and txnVersion are given together, "
            "or neither is"
        )
    return application, version


def _json_names(options: Options) -> tuple[str, ...] | None:
    text = options.get("partitionBy")
    if text is None:
        return None
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise IllegalArgumentException(f"option partitionBy={text!r} must be a JSON list of column names")
    return tuple(names)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().strip("`") for name in text.split(",")) if text.strip() else ()
    if not all(names) or len(set(names)) != len(names):
        raise IllegalArgumentException(
            f"option keyColumns={text!r} must be column names between commas, each once"
        )
    return names
