"""The table that is written: made from the schema of the rows when it is missing, else compared with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.delta.features import require_writable
from streamcore.delta.partition_values import check_partition_columns
from streamcore.delta.schemas import held_schema, missing_columns, schema_of
from streamcore.errors import AnalysisException, CommitFailed
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.delta.staging import Layout
from streamcore.spi.types import StructField, StructType, to_arrow_schema

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from streamcore.sinks.delta.settings import SinkSettings


@dataclass(frozen=True)
class Target:
    """A table that takes the rows; `required` are its columns that may not be null."""

    handle: DeltaTable
    schema: StructType
    partition_by: tuple[str, ...]
    required: tuple[str, ...]

    def layout(self, settings: SinkSettings, rows: StructType, *, whole: bool = False) -> Layout:
        """How write tasks lay out rows; `whole` keeps partition columns in the files."""
        return layout_of(settings, rows, self.schema, () if whole else self.partition_by)


def layout_of(
    settings: SinkSettings, rows: StructType, table: StructType, partition_by: tuple[str, ...]
) -> Layout:
    """How write tasks lay out rows for a table with this schema."""
    held = {field.name.lower(): field for field in table.fields}
    written = StructType([held[field.name.lower()] for field in rows.fields])
    return Layout(
        folder=settings.folder,
        schema=nullable_schema(to_arrow_schema(written)),
        given=tuple(rows.fieldNames()),
        partition_by=partition_by,
        max_records=settings.max_records,
        compression=settings.compression,
        zone=settings.zone,
    )


def prepare(settings: SinkSettings, rows: StructType) -> Target:
    """The table, made when it is missing and given new columns when they are asked for.

    Raises AnalysisException when the rows do not fit, UnsupportedOperationException for a table that asks
    more of its writers than we do.
    """
    schema = held_schema(rows)
    if not settings.folder.exists():
        make(settings, schema)
    handle = settings.folder.handle()
    require_writable(handle, settings.folder)
    require_partitions(settings, tuple(handle.metadata().partition_columns))
    missing = missing_columns(schema, schema_of(handle), may_add=settings.merges_schema)
    if missing:
        _add_columns(handle, missing)
        handle = settings.folder.handle()
    return target_of(handle, schema)


def target_of(handle: DeltaTable, rows: StructType) -> Target:
    """The table as it is; raises AnalysisException when the rows do not fit."""
    schema = schema_of(handle)
    missing_columns(rows, schema, may_add=False)
    required = tuple(field.name for field in schema.fields if not field.nullable)
    written = {field.name.lower() for field in rows.fields}
    if left_out := [name for name in required if name.lower() not in written]:
        raise AnalysisException(
            f"[DELTA_MISSING_NOT_NULL_COLUMN_VALUE] Column {left_out[0]}, which has a NOT NULL constraint, "
            "is missing from the data being written into the table. SQLSTATE: 23502"
        )
    return Target(handle, schema, tuple(handle.metadata().partition_columns), required)


def make(settings: SinkSettings, schema: StructType) -> None:
    """Makes the table; nothing happens when another writer has just made it."""
    from deltalake import DeltaTable, Schema
    from deltalake.exceptions import DeltaError

    partition_by = settings.partition_by or ()
    check_partition_columns(partition_by, schema)
    try:
        DeltaTable.create(
            settings.folder.uri,
            Schema.from_json(schema.json()),
            mode="error",
            partition_by=list(partition_by),
            storage_options=settings.folder.library_options,
        )
    except (DeltaError, OSError) as error:
        if not settings.folder.exists():
            raise CommitFailed(f"the table {settings.folder} could not be made: {error}") from error


def require_partitions(settings: SinkSettings, found: tuple[str, ...]) -> None:
    """Raises AnalysisException when other partition columns are asked for than the table has."""
    if settings.partition_by is not None and settings.partition_by != found:
        raise AnalysisException(
            "Partition columns do not match the partition columns of the table.\nGiven: "
            f"[{', '.join(settings.partition_by)}]\nTable: [{', '.join(found)}]"
        )


def _add_columns(handle: DeltaTable, missing: list[StructField]) -> None:
    from deltalake import Schema
    from deltalake.exceptions import DeltaError

    fields = Schema.from_json(StructType(missing).json()).fields
    try:
        handle.alter.add_columns(fields)
    except DeltaError as error:
        names = ", ".join(field.name for field in missing)
        raise CommitFailed(f"the columns {names} could not be added to the table: {error}") from error
