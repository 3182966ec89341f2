"""CREATE TABLE, DROP TABLE, TRUNCATE TABLE, and the upkeep of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.sql.commands.columns import column_in, columns_in
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import pairs_in
from streamcore.sql.commands.table_rows import partition_values
from streamcore.sql.tables import refusals
from streamcore.sql.tables.checks import checked_format
from streamcore.sql.tables.creating import NewTable, create_table
from streamcore.sql.tables.defining import drop_table, partitions_of, truncate_table
from streamcore.sql.tables.inserting import remove_partition
from streamcore.sql.tables.metadata import Buckets
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.statistics import analyze_database, analyze_table

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], None]

_QUERY: Final = ("select", "with", "values", "from", "(", "table")
_CLAUSES: Final = (
    "using", "options", "partitioned by", "cluster by", "clustered by", "location", "comment",
    "tblproperties", "like",
)  # fmt: skip


def _create_external(cursor: Cursor) -> Command:
    if not cursor.has("location"):
        raise ParseException("Operation not allowed: CREATE EXTERNAL TABLE must be accompanied by LOCATION.")
    return _create(cursor)


def _create(cursor: Cursor) -> Command:
    is_lenient = cursor.take("if not exists")
    new = NewTable(cursor.name(), is_lenient)
    if cursor.sees("(") and not cursor.sees("( select") and not cursor.sees("( with"):
        new.columns = columns_in(cursor)
    while not cursor.is_done and not cursor.sees("as") and not any(map(cursor.sees, _QUERY)):
        clause = cursor.take_one(*_CLAUSES)
        if clause is None:
            raise UnsupportedOperationException(
                f"CREATE TABLE ... {cursor.peek_rest()} is not offered; "
                f"{', '.join(clause.upper() for clause in _CLAUSES)} are"
            )
        _read(cursor, clause, new)
    cursor.take("as")
    if not cursor.is_done:
        new.query = cursor.rest()
    return lambda at: create_table(at, new)


def _read(cursor: Cursor, clause: str, new: NewTable) -> None:
    match clause:
        case "using":
            new.format = checked_format(".".join(cursor.name()))
        case "options":
            new.options = pairs_in(cursor)
        case "partitioned by":
            _read_partitions(cursor, new)
        case "cluster by":
            new.cluster_by = [item.identifier() for item in cursor.items()]
        case "clustered by":
            new.buckets = _buckets(cursor)
        case "location":
            new.location = cursor.string()
        case "comment":
            new.comment = cursor.string()
        case "tblproperties":
            new.properties = pairs_in(cursor)
        case "like":
            new.like = cursor.name()


def _buckets(cursor: Cursor) -> Buckets:
    columns = tuple(item.identifier() for item in cursor.items())
    by = []
    if cursor.take("sorted by"):
        for item in cursor.items():
            by.append(item.identifier())
            item.take("asc")
            item.end()
    cursor.expect("into")
    count = cursor.whole_number()
    cursor.expect("buckets")
    return Buckets(count, columns, tuple(by))


def _read_partitions(cursor: Cursor, new: NewTable) -> None:
    for item in cursor.items():
        name = item.identifier()
        new.partition_by.append(name)
        if not item.is_done:
            new.partition_columns.append(column_in(item, name))


def _replace(cursor: Cursor) -> Command:
    name = cursor.name()
    cursor.rest()

    def run(statement: Statement) -> None:
        raise refusals.no_table_operation(statement.session.tables.name_of(name), "REPLACE TABLE")

    return run


def _drop(cursor: Cursor) -> Command:
    is_lenient = cursor.take("if exists")
    name = cursor.name()
    # Dropped files are never kept for later, with or without it.
    cursor.take("purge")

    def run(statement: Statement) -> None:
        session = statement.session
        if session.views.entry(name) is not None:
            # A temporary view of that name goes first, as in Spark.
            views = session.views if len(name) == 1 else session.global_views
            views.drop(name[-1])
        else:
            drop_table(session, name, ignore=is_lenient)

    return run


def _truncate(cursor: Cursor) -> Command:
    name = cursor.name()
    partition = partition_values(cursor) if cursor.take("partition") else None

    def run(statement: Statement) -> None:
        if statement.session.views.entry(name) is not None:
            raise refusals.expected_table("TRUNCATE TABLE", quoted(name))
        if partition is None:
            truncate_table(statement.session, name)
        else:
            remove_partition(statement, name, partition, "TRUNCATE TABLE")

    return run


def _repair(cursor: Cursor) -> Command:
    """Folders are listed at every read, so that there is nothing to add, drop or synchronise."""
    name = cursor.name()
    cursor.take_one("add partitions", "drop partitions", "sync partitions")

    def run(statement: Statement) -> None:
        table = statement.session.tables.require(name, "MSCK REPAIR TABLE")
        if not table.partition_by:
            raise AnalysisException(
                f"[NOT_A_PARTITIONED_TABLE] Operation MSCK REPAIR TABLE is not allowed for "
                f"{table.name.quoted} because it is not a partitioned table. SQLSTATE: 42809"
            )
        partitions_of(statement.session, table)
        statement.session.tables.forget_results(table)

    return run


def _analyze_table(cursor: Cursor) -> Command:
    name = cursor.name()
    if cursor.sees("partition") or cursor.has("for"):
        raise UnsupportedOperationException(
            f"ANALYZE TABLE ... {cursor.peek_rest()} is not offered: the engine has statistics of partitions "
            "and columns of its own, in the files; COMPUTE STATISTICS notes bytes and rows"
        )
    cursor.expect("compute statistics")
    scan = not cursor.take("noscan")
    return lambda at: analyze_table(at.session, name, scan=scan)


def _analyze_tables(cursor: Cursor) -> Command:
    database = cursor.name() if cursor.take_one("in", "from") else None
    cursor.expect("compute statistics")
    scan = not cursor.take("noscan")
    return lambda at: analyze_database(at.session, database, scan=scan)


READERS: Final = {
    "create table": _create,
    "create external table": _create_external,
    "create or replace table": _replace,
    "replace table": _replace,
    "drop table": _drop,
    "truncate table": _truncate,
    "msck repair table": _repair,
    "repair table": _repair,
    "analyze table": _analyze_table,
    "analyze tables": _analyze_tables,
}
