"""The SQL statements that fill, change and drop tables, and those about databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField, StructType
from streamcore.sql import functions as F
from streamcore.sql.column import Column
from streamcore.sql.tables.assignment import DEFAULT, by_name, by_position, listed_columns
from streamcore.sql.tables.checks import arranged
from streamcore.sql.tables.creating import Query, column_of, name_parts
from streamcore.sql.tables.defining import drop_table, truncate_table
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.writing import insert

if TYPE_CHECKING:
    from streamcore.sql.session import Session


def _require_no_view(session: Session, parts: list[str], statement: str) -> None:
    """Raises AnalysisException where queries read a temporary view by the name, and not the table."""
    if session.views.lookup(parts) is not None:
        raise AnalysisException(
            f"[EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE] '{statement}' expects a table but {quoted(parts)} is a "
            "view; name a table of that name with its database. SQLSTATE: 42809"
        )


# ---- INSERT --------------------------------------------------------------------------------------


def insert_rows(session: Session, node: exp.Insert, query: Query) -> None:
    """INSERT INTO and INSERT OVERWRITE: by position, BY NAME, or into listed columns."""
    target, names = node.this, None
    if isinstance(target, exp.Schema):
        target, names = target.this, [column.name for column in target.expressions]
    _require_no_view(session, name_parts(target), "INSERT")
    table = session.tables.require(name_parts(target))
    frame, overwrite = query(_source(node)), bool(node.args.get("overwrite"))
    values = _static_values(session, target.args.get("partition"), table)
    if node.args.get("by_name"):
        if names is not None or values:
            raise ParseException(
                "[PARSE_SYNTAX_ERROR] INSERT ... BY NAME takes neither a list of columns nor values of "
                "partitions. SQLSTATE: 42601"
            )
        insert(by_name(frame, table), table, overwrite=overwrite)
        return
    fixed = {name.lower() for name in values}
    wanted = listed_columns(table, names) if names is not None else table.schema.fields
    given = by_position(frame, table, [column for column in wanted if column.name.lower() not in fixed])
    for name, value in values.items():
        given = given.withColumn(name, F.lit(value).cast(table.schema[name].dataType))
    insert(given.select(*map(backticked, table.schema.names)), table, overwrite=overwrite, partition=values)


def _source(node: exp.Insert) -> exp.Expression:
    """The query of an INSERT, with the WITH clause that may stand before the INSERT."""
    source: exp.Expression = node.expression
    clause = node.args.get("with_")
    if clause is None:
        return source
    if not isinstance(source, exp.Query) or source.args.get("with_") is not None:
        raise UnsupportedOperationException(
            "WITH ... INSERT is offered before a SELECT that has no WITH of its own; write one WITH"
        )
    source.set("with_", clause)
    return source


def _static_values(
    session: Session, partition: exp.Expression | None, table: TableMetadata
) -> dict[str, str | None]:
    """The values of PARTITION (...), as text; raises for what are not the first partition columns."""
    own = {name.lower(): name for name in table.partition_by}
    values: dict[str, str | None] = {}
    for entry in partition.expressions if partition is not None else []:
        is_fixed = isinstance(entry, exp.EQ)
        name = (entry.this if is_fixed else entry).name
        if name.lower() not in own:
            raise AnalysisException(
                f"[NON_PARTITION_COLUMN] PARTITION clause cannot contain the non-partition column: "
                f"{backticked(name)}. SQLSTATE: 42000"
            )
        if is_fixed:
            column = table.schema[own[name.lower()]]
            values[column.name] = _value_text(session, entry.expression, column)
    if tuple(values) != table.partition_by[: len(values)]:
        raise UnsupportedOperationException(
            f"PARTITION with values for {', '.join(values)}: give them for the first of the partition "
            f"columns {', '.join(table.partition_by)}, in their order"
        )
    return values


def _value_text(session: Session, value: exp.Expression, column: StructField) -> str | None:
    typed = Column(value).cast(column.dataType).cast("string").alias("value")
    row = session.range(1).select(typed).first()
    found: str | None = row[0] if row is not None else None
    return found


# ---- other statements ----------------------------------------------------------------------------


def truncate(session: Session, node: exp.TruncateTable) -> None:
    """TRUNCATE TABLE of one or several tables."""
    for table in node.expressions:
        _require_no_view(session, name_parts(table), "TRUNCATE TABLE")
        truncate_table(session, name_parts(table))


def drop(session: Session, table: exp.Expression, *, ignore: bool) -> None:
    """DROP TABLE of one table: a temporary view of that name goes first, as in Spark."""
    parts = name_parts(table)
    if session.views.lookup(parts) is not None:
        views = session.views if len(parts) == 1 else session.global_views
        views.drop(parts[-1])
    else:
        drop_table(session, parts, ignore=ignore)


def alter(session: Session, node: exp.Alter) -> None:
    """ALTER TABLE: RENAME TO and ADD COLUMNS."""
    _require_no_view(session, name_parts(node.this), "ALTER TABLE")
    table = session.tables.require(name_parts(node.this))
    for action in node.args["actions"]:
        if isinstance(action, exp.AlterRename):
            session.tables.rename(table, name_parts(action.this))
        elif isinstance(action, exp.Schema | exp.ColumnDef):
            columns = action.expressions if isinstance(action, exp.Schema) else [action]
            table = _with_columns(session, table, [column_of(column, session) for column in columns])
        else:
            raise UnsupportedOperationException(
                f"ALTER TABLE ... {action.sql(dialect='spark')} is not offered; RENAME TO and ADD COLUMNS are"
            )


def _with_columns(session: Session, table: TableMetadata, added: list[StructField]) -> TableMetadata:
    for field in added:
        if DEFAULT in (field.metadata or {}):
            raise UnsupportedOperationException(
                f"ALTER TABLE ... ADD COLUMN {field.name} DEFAULT is not offered: the rows that are there "
                "would need the value too. Add the column, and write the rows anew"
            )
    schema, _ = arranged(table.name, StructType([*table.schema.fields, *added]), table.partition_by)
    changed = replace(table, schema=schema)
    session.tables.store.replace(changed)
    return changed
