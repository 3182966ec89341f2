"""Tables made, emptied and dropped, whoever asks for it: the catalog, SQL text or a streaming write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import make_data_source, source_class, with_session_zone
from streamcore.plan.refusals import backticked, table_or_view_not_found
from streamcore.spi.folder_columns import SupportsFolderColumns
from streamcore.spi.types import StructType
from streamcore.sql import functions as F
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables import refusals
from streamcore.sql.tables.checks import arranged, option_names
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import CATALOG, quoted
from streamcore.sql.tables.saving import SavedTable, described
from streamcore.sql.tables.writing import sink_options, write_files
from streamcore.storage.globs import escaped
from streamcore.storage.publish import make_folder

if TYPE_CHECKING:
    from streamcore.sql.session import Session


def define_table(
    session: Session,
    parts: Sequence[str],
    schema: StructType | None,
    saved: SavedTable,
    *,
    ignore: bool = False,
    about: Mapping[str, Any] | None = None,
) -> TableMetadata:
    """Makes a table without writing rows; one whose files are at a path of its own may have some.

    Without a schema it is the one found in the files.  `about` are further fields of the description.
    Raises AnalysisException when the name is taken, unless that is to be ignored.
    """
    tables = session.tables
    name = tables.new_name(parts)
    there = tables.store.entry(name)
    if there is not None:
        if ignore and isinstance(there, TableMetadata):
            return there
        raise refusals.table_already_exists(name)
    table = described(session, name, schema if schema is not None else StructType([]), saved)
    table = replace(table, **(about or {}))
    folder = tables.folder(table)
    if not table.is_managed and folder.exists() and not folder.is_dir():
        raise AnalysisException(f"{folder} is a file, and the location of a table is a folder: name that")
    if schema is None:
        table = _with_found_schema(session, table)
    if table.is_managed:
        tables.require_free_folder(table)
    make_folder(tables.folder(table))
    tables.create(table)
    return table


def drop_table(session: Session, parts: Sequence[str], *, ignore: bool) -> None:
    """Drops a table, its files too when they are its own; raises when there is none, unless to be ignored."""
    entry = session.tables.entry(parts)
    if isinstance(entry, TableMetadata):
        session.tables.drop(entry)
    elif entry is not None:
        # As in Spark, DROP TABLE takes a view too.
        session.tables.drop_view(entry)
    elif not ignore:
        raise table_or_view_not_found(quoted([CATALOG, *_qualified(session, parts)]))


def truncate_table(session: Session, parts: Sequence[str]) -> None:
    """Removes all rows of a table; raises AnalysisException when its files are not its own."""
    table = session.tables.require(parts)
    if not table.is_managed:
        raise AnalysisException(
            "[TRUNCATE_TABLE_ON_EXTERNAL_TABLE] Operation not allowed: TRUNCATE TABLE on external tables: "
            f"{table.name.quoted}"
        )
    options = sink_options(session, table)
    options["partitionOverwriteMode"] = "static"
    write_files(session.createDataFrame([], table.read_schema), table, options, overwrite=True)


def partitions_of(
    session: Session, table: TableMetadata, wanted: Mapping[str, str | None] | None = None
) -> list[str]:
    """The partitions that have rows, as `column=value/...`, sorted; those alone that have `wanted` values."""
    if not table.partition_by:
        raise AnalysisException(
            f"[INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY] The partition command is invalid. "
            f"Table {table.name.quoted} is not partitioned. SQLSTATE: 42601"
        )
    places = {known_partition(table, name): value for name, value in (wanted or {}).items()}
    frame = frame_of(session.tables.relation(table), session)
    values = [F.col(backticked(name)).cast("string").alias(name) for name in table.partition_by]
    rows = frame.select(*values).distinct().collect()
    kept = [row for row in rows if all(row[name] == value for name, value in places.items())]
    return sorted("/".join(map(_folder, table.partition_by, row)) for row in kept)


def known_partition(table: TableMetadata, name: str) -> str:
    """A partition column as the table spells it; raises AnalysisException for what is none."""
    for column in table.partition_by:
        if column.lower() == name.lower():
            return column
    raise AnalysisException(
        f"[PARTITIONS_NOT_FOUND] The partition(s) {backticked(name)} cannot be found in table "
        f"{table.name.quoted}. Verify the partition specification and table name. SQLSTATE: 428FT"
    )


def _folder(name: str, value: str | None) -> str:
    return f"{name}={'__HIVE_DEFAULT_PARTITION__' if value is None else value}"


def _with_found_schema(session: Session, table: TableMetadata) -> TableMetadata:
    """The table with the schema that its files have, partition columns at the end."""
    connector = source_class(table.provider)
    known = option_names(connector)
    options = {key: value for key, value in table.options.items() if key.lower() in known}
    place = {"path": escaped(str(session.tables.folder(table)))}
    zone = str(session.conf.get("spark.sql.session.timeZone"))
    make_folder(session.tables.folder(table))
    source = make_data_source(connector, with_session_zone(table.provider, {**options, **place}, zone))
    found: StructType = source.schema()
    if isinstance(source, SupportsFolderColumns):
        whole = source.with_folder_columns(StructType([]), is_bounded=True)
        columns, partition_by = arranged(table.name, found, whole.names)
        return replace(table, schema=columns, partition_by=partition_by)
    return replace(table, schema=found)


def _qualified(session: Session, parts: Sequence[str]) -> list[str]:
    name = session.tables.name_of(parts)
    return [name.database, name.table]
