"""The target table: made from the schema when it is missing, compared with it when it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from streamcore.errors import AnalysisException
from streamcore.sinks.database.column_types import column_type, fits
from streamcore.sinks.database.settings import check_keys

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

    from streamcore.sinks.database.settings import DatabaseSettings
    from streamcore.spi.types import StructType


def table_of(settings: DatabaseSettings, schema: StructType) -> sa.Table:
    """The table as we would make it; key columns are its primary key."""
    from streamcore.spi.types import parse_ddl

    names = [field.name for field in schema.fields]
    check_keys(settings.key_columns, names)
    asked = (
        {field.name: field for field in parse_ddl(settings.column_types).fields}
        if settings.column_types
        else {}
    )
    if unknown := sorted(set(asked) - set(names)):
        raise AnalysisException(
            f"createTableColumnTypes names columns that are not in the data: {', '.join(unknown)}"
        )
    columns: list[sa.Column[Any]] = []
    for field in schema.fields:
        key = field.name in settings.key_columns
        kind = column_type(asked.get(field.name, field), key=key)
        columns.append(sa.Column(field.name, kind, primary_key=key, autoincrement=False, nullable=not key))
    return sa.Table(settings.table.name, sa.MetaData(), *columns, schema=settings.table.schema)


def prepare_table(
    connection: Connection, table: sa.Table, schema: StructType, settings: DatabaseSettings
) -> None:
    """Makes the table, or checks the one that is there.

    Raises AnalysisException naming every column that is missing, that does not fit, or that is required and
    not written, and when no unique index tells which row a key means.
    """
    check_lengths(connection.dialect, table, "dbtable")
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name, schema=table.schema):
        table.create(connection)
        return
    found = {column["name"]: column for column in inspector.get_columns(table.name, schema=table.schema)}
    problems = _problems(found, schema)
    if settings.key_columns and not _is_unique(inspector, table, settings.key_columns):
        keys = ", ".join(settings.key_columns)
        problems.append(f"no primary key or unique index over exactly ({keys}), which an upsert needs")
    if problems:
        raise AnalysisException(
            f"the table {settings.place} does not fit the query: {'; '.join(problems)}. Change the query's "
            "columns or the table, or write to another table"
        )


def check_lengths(dialect: Dialect, table: sa.Table, option: str) -> None:
    """Raises AnalysisException for a name that PostgreSQL would cut off, in silence, and never find again.

    `option` is the one that names the table.
    """
    longest = dialect.max_identifier_length
    named = [("table", table.name), *(("column", column.name) for column in table.columns)]
    for kind, name in named:
        size = len(name.encode()) if dialect.name == "postgresql" else len(name)
        if size > longest:
            unit = "bytes" if dialect.name == "postgresql" else "characters"
            raise AnalysisException(
                f"the {kind} name {name!r} has {size} {unit}, and {dialect.name} takes {longest}: give it a "
                f"shorter one ({f'option {option}' if kind == 'table' else 'withColumnRenamed(...)'})"
            )


def _problems(found: dict[str, Any], schema: StructType) -> list[str]:
    problems = []
    for field in schema.fields:
        column = found.get(field.name)
        if column is None:
            problems.append(f"it has no column {field.name!r} ({field.dataType.simpleString()})")
        elif not fits(field.dataType, column["type"]):
            kind = field.dataType.simpleString()
            problems.append(f"the column {field.name!r} is {column['type']} and cannot hold {kind}")
    written = {field.name for field in schema.fields}
    for name, column in found.items():
        optional = (
            column["nullable"] or column.get("default") is not None or column.get("autoincrement") is True
        )
        optional = optional or bool(column.get("identity") or column.get("computed"))
        if name not in written and not optional:
            problems.append(
                f"its column {name!r} is NOT NULL without a default, and the query does not write it"
            )
    return problems


def _is_unique(inspector: sa.Inspector, table: sa.Table, keys: tuple[str, ...]) -> bool:
    name, schema = table.name, table.schema
    candidates: list[list[Any]] = [inspector.get_pk_constraint(name, schema)["constrained_columns"]]
    candidates += [list(c["column_names"]) for c in inspector.get_unique_constraints(name, schema)]
    candidates += [list(i["column_names"]) for i in inspector.get_indexes(name, schema) if i["unique"]]
    return any(set(columns) == set(keys) for columns in candidates)
