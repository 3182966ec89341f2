"""The files of one version of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa

from streamcore.errors import UnsupportedOperationException

if TYPE_CHECKING:
    from deltalake import DeltaTable


@dataclass(frozen=True)
class TableFile:
    """A data file: its path as the log has it, a part of a URI, and the values of partition columns."""

    logged_path: str
    size: int
    partition: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The path below the table's folder, or a URI."""
        return unquote(self.logged_path)


def add_actions(table: DeltaTable) -> pa.Table:
    """The files with their statistics, one row each, as delta-rs tells them."""
    found: pa.Table = pa.table(table.get_add_actions(flatten=False))
    return found


def files_of(actions: pa.Table, partition_by: Sequence[str]) -> list[TableFile]:
    """The rows of `add_actions` as files."""
    paths, sizes = actions.column("path").to_pylist(), actions.column("size_bytes").to_pylist()
    if not partition_by:
        return [TableFile(path, size, {}) for path, size in zip(paths, sizes, strict=True)]
    name = "partition" if "partition" in actions.column_names else "partition_values"
    values = actions.column(name).to_pylist()
    return [
        TableFile(path, size, {key: value[key] for key in partition_by})
        for path, size, value in zip(paths, sizes, values, strict=True)
    ]


def require_readable(table: DeltaTable, place: object) -> None:
    """Raises UnsupportedOperationException for a version whose files do not hold its rows as they are."""
    require_known(table, place)
    features = table.protocol().reader_features or ()
    if "deletionVectors" in features and table.deletion_vectors().read_all().num_rows:
        raise UnsupportedOperationException(
            f"{place} cannot be read: rows of its files are deleted by deletion vectors. Rewrite these "
            "files, with REORG TABLE ... APPLY (PURGE) in Spark"
        )


def require_known(table: DeltaTable, place: object) -> None:
    """Raises UnsupportedOperationException for a table whose files can only be read with more than we do."""
    require_plain_names(table.metadata().configuration, place)
    if unknown := sorted({*(table.protocol().reader_features or ())} - _READ):
        raise UnsupportedOperationException(
            f"{place} cannot be read: it needs the table feature {', '.join(unknown)}"
        )


def require_plain_names(properties: Mapping[str, str], place: object) -> None:
    """Raises UnsupportedOperationException for a table with column mapping."""
    mapping = properties.get("delta.columnMapping.mode", "none")
    if mapping != "none":
        raise UnsupportedOperationException(
            f"{place} cannot be read: its columns have other names in its files "
            f"(delta.columnMapping.mode={mapping}). Rewrite it in Spark without column mapping"
        )


_READ = {"timestampNtz", "deletionVectors", "columnMapping", "v2Checkpoint", "vacuumProtocolCheck"}
