"""INSERT: the rows of a query made to fit a table, and written into its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.expressions import parse_expression
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField
from streamcore.sql import functions as F
from streamcore.sql.column import Column
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT, by_name, by_position, listed_columns
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.writing import insert

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement


@dataclass
class NewRows:
    """Rows as a statement gives them; `partition` are columns, with the text of a value or with none."""

    name: list[str]
    is_over: bool
    partition: list[tuple[str, str | None]] = field(default_factory=list)
    columns: list[str] | None = None
    is_by_name: bool = False
    query: str = ""


def insert_rows(statement: Statement, new: NewRows) -> None:
    """INSERT INTO and INSERT OVERWRITE: by position, BY NAME, or into listed columns."""
    session = statement.session
    if session.views.entry(new.name) is not None:
        raise refusals.expected_table("INSERT", quoted(new.name))
    table = session.tables.require(new.name, "INSERT")
    values = static_values(statement, new.partition, table)
    node = statement.parsed_query(new.query)
    if new.is_by_name:
        if values:
            raise ParseException(
                "[PARSE_SYNTAX_ERROR] INSERT ... BY NAME takes no values of partitions. SQLSTATE: 42601"
            )
        insert(by_name(statement.frame_of(node), table), table, overwrite=new.is_over)
        return
    fixed = {name.lower() for name in values}
    wanted = listed_columns(table, new.columns) if new.columns is not None else table.schema.fields
    wanted = [column for column in wanted if column.name.lower() not in fixed]
    given = by_position(statement.frame_of(with_defaults(statement, node, wanted)), table, wanted)
    for name, value in values.items():
        given = given.withColumn(name, F.lit(value).cast(table.schema[name].dataType))
    rows = given.select(*map(backticked, table.schema.names))
    insert(rows, table, overwrite=new.is_over, partition=values)


def remove_partition(
    statement: Statement, name: Sequence[str], partition: list[tuple[str, str | None]], what: str
) -> None:
    """Removes the rows of the partitions that have these values."""
    session = statement.session
    table = session.tables.require(name, what)
    values = static_values(statement, partition, table)
    if not values:
        raise AnalysisException(f"{what} ... PARTITION of {table.name.quoted} names no values")
    insert(session.createDataFrame([], table.read_schema), table, overwrite=True, partition=values)


def static_values(
    statement: Statement, partition: Sequence[tuple[str, str | None]], table: TableMetadata
) -> dict[str, str | None]:
    """The values of PARTITION (...), as text; raises for what are not the first partition columns."""
    own = {name.lower(): name for name in table.partition_by}
    values: dict[str, str | None] = {}
    for name, text in partition:
        if name.lower() not in own:
            raise AnalysisException(
                f"[NON_PARTITION_COLUMN] PARTITION clause cannot contain the non-partition column: "
                f"{backticked(name)}. SQLSTATE: 42000"
            )
        if text is not None:
            column = table.schema[own[name.lower()]]
            values[column.name] = _value_text(statement.session, text, column)
    if tuple(values) != table.partition_by[: len(values)]:
        raise UnsupportedOperationException(
            f"PARTITION with values for {', '.join(values)}: give them for the first of the partition "
            f"columns {', '.join(table.partition_by)}, in their order"
        )
    return values


def _value_text(session: Session, text: str, column: StructField) -> str | None:
    typed = Column(parse_expression(text)).cast(column.dataType).cast("string").alias("value")
    row = session.range(1).select(typed).first()
    found: str | None = row[0] if row is not None else None
    return found


# ---- DEFAULT among the values --------------------------------------------------------------------


def with_defaults(
    statement: Statement, query: exp.Expression, columns: Sequence[StructField]
) -> exp.Expression:
    """The query with the word DEFAULT, where it stands for a whole value, replaced by that of the column.

    Where the query reads a column of that name, the word means the column.
    """
    is_read = isinstance(query, exp.Select) and query.args.get("from_") is not None
    if is_read and any(map(_is_default, query.expressions)):
        try:
            statement.frame_of(query.copy())
        except AnalysisException:
            pass
        else:
            return query
    for row in _rows(query):
        for at, value in enumerate(row[: len(columns)]):
            if _is_default(value):
                text = (columns[at].metadata or {}).get(DEFAULT)
                found = exp.Null() if text is None else exp.Paren(this=parse_expression(str(text)))
                value.replace(found)
    return query


def _rows(query: exp.Expression) -> list[list[exp.Expression]]:
    """The lists of values in which DEFAULT may stand."""
    if isinstance(query, exp.Values):
        return [list(row.expressions) if isinstance(row, exp.Tuple) else [row] for row in query.expressions]
    if not isinstance(query, exp.Select):
        return []
    source = query.args.get("from_")
    is_star = len(query.expressions) == 1 and isinstance(query.expressions[0], exp.Star)
    if is_star and source is not None and isinstance(source.this, exp.Values):
        return _rows(source.this)
    return [list(query.expressions)]


def _is_default(value: exp.Expression) -> bool:
    if isinstance(value, exp.Column):
        return len(value.parts) == 1 and not value.this.args.get("quoted") and value.name.lower() == "default"
    return isinstance(value, exp.Var) and value.name.lower() == "default"
