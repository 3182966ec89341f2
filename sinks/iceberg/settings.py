"""The options of writes into Iceberg tables, Spark's names where it has them."""

from __future__ import annotations

import json
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

if TYPE_CHECKING:
    from streamcore.spi.options import Options

OPTIONS: Final = (
    "path", "table", "partitionBy", "keyColumns", "sinkName", "retainSnapshots", "merge-schema",
    "mergeSchema", "check-nullability", "check-ordering", "fanout-enabled", "write-format",
    "target-file-size-bytes", "compression-codec", "compression-level", "overwrite-mode",
    "partitionOverwriteMode", DEFAULT_CATALOG,
)  # fmt: skip
SNAPSHOT_PROPERTY: Final = "snapshot-property."
PREFIXES: Final = (CATALOG_OPTIONS, SNAPSHOT_PROPERTY, SETTINGS)

_SINK_NAME: Final = "streamcore"
_STAGED_BYTES: Final = 128 * 1024 * 1024


@dataclass(frozen=True)
class WriteSettings:
    """What the options say.

    target_bytes
        Bytes of Arrow rows after which a new data file is begun; None when the table says it.
    file_properties
        Table properties that hold for the files of this write only.
    """

    address: TableAddress
    sink_name: str
    key_columns: tuple[str, ...]
    partition_by: tuple[str, ...]
    retain_snapshots: int | None
    merge_schema: bool
    check_nullability: bool
    check_ordering: bool | None
    is_dynamic: bool
    target_bytes: int | None
    file_properties: tuple[tuple[str, str], ...]
    snapshot_properties: tuple[tuple[str, str], ...]

    def staged_bytes(self, table_properties: dict[str, str]) -> int:
        """Bytes of rows that a task keeps before it writes them into a file."""
        if self.target_bytes is not None:
            return self.target_bytes
        text = table_properties.get("write.target-file-size-bytes")
        return min(int(text), _STAGED_BYTES) if text and text.isdigit() else _STAGED_BYTES


def write_settings(options: Options) -> WriteSettings:
    """Reads the options of a write; raises IllegalArgumentException for one that cannot be honoured."""
    if is_folder(options):
        raise IllegalArgumentException(
            f"the Iceberg sink writes into tables of a catalog, and {table_name(options)!r} is a place: name "
            "the table, catalog.db.table"
        )
    _refuse_other_ways(options)
    ordering = options.boolean("check-ordering", default=True) if "check-ordering" in options else None
    return WriteSettings(
        address=address_of(options),
        sink_name=_sink_name(options),
        key_columns=tuple(name.strip() for name in options.get("keyColumns", "").split(",") if name.strip()),
        partition_by=_partition_by(options),
        retain_snapshots=options.integer("retainSnapshots", minimum=1),
        merge_schema=options.boolean("merge-schema", default=options.boolean("mergeSchema", default=False)),
        check_nullability=options.boolean("check-nullability", default=True),
        check_ordering=ordering,
        is_dynamic=_is_dynamic(options),
        target_bytes=options.integer("target-file-size-bytes", minimum=1),
        file_properties=_file_properties(options),
        snapshot_properties=tuple(
            (key[len(SNAPSHOT_PROPERTY) :], value)
            for key, value in options.items()
            if key.lower().startswith(SNAPSHOT_PROPERTY)
        ),
    )


def _refuse_other_ways(options: Options) -> None:
    written = options.get("write-format", "parquet").lower()
    if written != "parquet":
        raise IllegalArgumentException(
            f"option write-format={written!r}: data files are written as parquet only"
        )
    if not options.boolean("fanout-enabled", default=True):
        raise IllegalArgumentException(
            "option fanout-enabled=false: rows are divided by their partition when they are written, in any "
            "order that they come in; leave the option out"
        )


def _sink_name(options: Options) -> str:
    name = options.get("sinkName", _SINK_NAME)
    if not name.replace("-", "").replace("_", "").isalnum():
        raise IllegalArgumentException(
            f"option sinkName={name!r} is part of a table property: use letters, digits, - and _"
        )
    return name


def _partition_by(options: Options) -> tuple[str, ...]:
    text = options.get("partitionBy", "[]")
    try:
        return tuple(json.loads(text))
    except ValueError:
        raise IllegalArgumentException(
            f"option partitionBy={text!r} must be a JSON list of columns"
        ) from None


def _is_dynamic(options: Options) -> bool:
    found = {
        options.choice(n, ("static", "dynamic"), "static")
        for n in ("overwrite-mode", "partitionOverwriteMode")
    }
    return "dynamic" in found


def _file_properties(options: Options) -> tuple[tuple[str, str], ...]:
    names = {
        "compression-codec": "write.parquet.compression-codec",
        "compression-level": "write.parquet.compression-level",
    }
    return tuple((name, options[option]) for option, name in names.items() if option in options)
