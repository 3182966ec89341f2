"""ALTER TABLE: what is said of a table and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.refusals import backticked, unresolved_column
from streamcore.spi.types import StructField, StructType, parse_data_type
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.checks import arranged, known_columns, require_padded
from streamcore.sql.tables.creating import NewColumn, checked_default, field_of
from streamcore.sql.tables.defining import known_partition
from streamcore.sql.tables.inserting import static_values
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.view_metadata import ViewMetadata
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement


@dataclass
class ColumnChange:
    """What a statement says of a column; `refused` names what the files of a table do not take."""

    name: list[str]
    type_text: str | None = None
    comment: str | None = None
    default: str | None = None
    is_without_default: bool = False
    refused: str | None = None


def add_columns(session: Session, table: TableMetadata, added: Sequence[NewColumn]) -> None:
    """ADD COLUMNS: behind those that there are; in the rows that there are they are null."""
    fields = [field_of(column, session) for column in added]
    for field in fields:
        if DEFAULT in (field.metadata or {}):
            raise UnsupportedOperationException(
                f"ALTER TABLE ... ADD COLUMN {field.name} DEFAULT is not offered: the rows that are there "
                "would need the value too. Add the column, and write the rows anew"
            )
    schema, _ = arranged(table.name, StructType([*table.schema.fields, *fields]), table.partition_by)
    changed = replace(table, schema=schema)
    require_padded(changed)
    session.tables.store.replace(changed)


def change_columns(session: Session, table: TableMetadata, changes: Sequence[ColumnChange]) -> None:
    """Says something else of columns; raises AnalysisException for what the files do not take."""
    fields = list(table.schema.fields)
    for change in changes:
        place = _place(table, change.name)
        if change.refused is not None:
            raise refusals.no_table_operation(table.name, change.refused)
        fields[place] = _changed(session, table, fields[place], change)
    session.tables.store.replace(replace(table, schema=StructType(fields)))


def _place(table: TableMetadata, name: Sequence[str]) -> int:
    for at, field in enumerate(table.schema.fields):
        if len(name) == 1 and field.name.lower() == name[0].lower():
            return at
    raise unresolved_column(name, [backticked(field.name) for field in table.schema.fields])


def _changed(session: Session, table: TableMetadata, field: StructField, change: ColumnChange) -> StructField:
    wanted = field.dataType if change.type_text is None else parse_data_type(change.type_text)
    if wanted != field.dataType:
        names = f"{backticked(field.name)} with type"
        raise AnalysisException(
            "[NOT_SUPPORTED_CHANGE_COLUMN] ALTER TABLE ALTER/CHANGE COLUMN is not supported for changing "
            f'{table.name.quoted}\'s column {names} "{field.dataType.simpleString().upper()}" to {names} '
            f'"{wanted.simpleString().upper()}". SQLSTATE: 0A000'
        )
    metadata: dict[str, Any] = dict(field.metadata or {})
    if change.comment is not None:
        metadata["comment"] = change.comment
    if change.is_without_default:
        metadata.pop(DEFAULT, None)
    if change.default is not None:
        metadata[DEFAULT] = checked_default(change.default, field, session)
    return StructField(field.name, field.dataType, field.nullable, metadata)


def set_properties(session: Session, table: TableMetadata, added: Mapping[str, str]) -> None:
    """SET TBLPROPERTIES; `comment` is the table's comment, as in Spark."""
    rest = {key: value for key, value in added.items() if key != "comment"}
    changed = replace(table, properties={**table.properties, **rest})
    if "comment" in added:
        changed = replace(changed, comment=added["comment"])
    session.tables.store.replace(changed)


def unset_properties(session: Session, table: TableMetadata, gone: Sequence[str]) -> None:
    """UNSET TBLPROPERTIES; one that there is not is left out, as in Spark."""
    kept = {key: value for key, value in table.properties.items() if key not in gone}
    comment = None if "comment" in gone else table.comment
    session.tables.store.replace(replace(table, properties=kept, comment=comment))


def set_location(session: Session, table: TableMetadata, place: str) -> None:
    """SET LOCATION: the table's files are elsewhere from now on; those that there were stay."""
    if table.is_managed:
        raise UnsupportedOperationException(
            f"ALTER TABLE ... SET LOCATION of {table.name.quoted} is not offered: its files are the "
            "table's own, and would be nobody's. Make a table with LOCATION, and insert the rows"
        )
    changed = replace(table, location=str(local_folder(place)))
    session.tables.require_outside_catalog(changed)
    session.tables.forget_results(table)
    session.tables.store.replace(changed)


def cluster_by(session: Session, table: TableMetadata, columns: Sequence[str]) -> None:
    """CLUSTER BY: how rows are sorted in the files that are written from now on."""
    if columns and table.partition_by:
        raise AnalysisException(
            f"the table {table.name.quoted} has partitions, and CLUSTER BY goes with none"
        )
    names = known_columns(table.schema, columns, "Clustering")
    session.tables.store.replace(replace(table, cluster_by=names))


def require_partitions(
    statement: Statement, table: TableMetadata, wanted: Sequence[Sequence[tuple[str, str | None]]]
) -> None:
    """Raises AnalysisException for partitions that the table cannot have."""
    if not table.partition_by:
        raise AnalysisException(
            "[INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY] The partition command is invalid. "
            f"Table {table.name.quoted} is not partitioned. SQLSTATE: 42601"
        )
    for partition in wanted:
        names = [known_partition(table, name) for name, _ in partition]
        if sorted(names) != sorted(table.partition_by):
            raise AnalysisException(
                f"Partition spec is invalid. The spec ({', '.join(names)}) must match the partition spec "
                f"({', '.join(table.partition_by)}) defined in table '{table.name.quoted}'"
            )
        ordered = sorted(partition, key=lambda one: table.partition_by.index(known_partition(table, one[0])))
        static_values(statement, ordered, table)


def comment_on(session: Session, parts: Sequence[str], text: str | None) -> None:
    """COMMENT ON TABLE, which a view may be."""
    entry = session.tables.entry(parts)
    if isinstance(entry, ViewMetadata):
        session.tables.store.replace(replace(entry, comment=text))
    else:
        table = session.tables.require(parts, "COMMENT ON TABLE")
        session.tables.store.replace(replace(table, comment=text))
