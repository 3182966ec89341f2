"""ALTER TABLE, and comments on tables and columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import ParseException, UnsupportedOperationException
from streamcore.sql.commands.columns import column_in, columns_in, read_about
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import keys_in, pairs_in
from streamcore.sql.commands.table_rows import partition_values
from streamcore.sql.tables import altering, refusals
from streamcore.sql.tables.altering import ColumnChange
from streamcore.sql.tables.creating import NewColumn
from streamcore.sql.tables.inserting import remove_partition
from streamcore.sql.tables.names import quoted

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement
    from streamcore.sql.tables.metadata import TableMetadata

Change = Callable[["Statement", "TableMetadata"], None]
Command = Callable[["Statement"], None]


def _alter(cursor: Cursor) -> Command:
    name = cursor.name()
    what = cursor.take_one(*_CHANGES)
    if what is None:
        raise UnsupportedOperationException(
            f"ALTER TABLE ... {cursor.peek_rest()} is not offered; "
            f"{', '.join(sorted(phrase.upper() for phrase in _CHANGES))} are"
        )
    change = _CHANGES[what](cursor)
    is_column = what.split()[0] in ("change", "alter")
    shown = "ALTER TABLE ... CHANGE COLUMN" if is_column else f"ALTER TABLE ... {what.upper()}"

    def run(statement: Statement) -> None:
        session = statement.session
        if session.views.entry(name) is not None:
            raise refusals.expected_table(shown, quoted(name))
        change(statement, session.tables.require(name, shown))

    return run


def _rename(cursor: Cursor) -> Change:
    new = cursor.name()
    return lambda at, table: at.session.tables.rename(table, new)


def _add_columns(cursor: Cursor) -> Change:
    columns = columns_in(cursor) if cursor.sees("(") else [column_in(part) for part in cursor.parts()]
    return lambda at, table: altering.add_columns(at.session, table, columns)


def _change_columns(cursor: Cursor) -> Change:
    changes = [_column_change(part) for part in cursor.parts()]
    return lambda at, table: altering.change_columns(at.session, table, changes)


_OF_COLUMN: Final = (
    "type", "comment", "set default", "drop default", "set not null", "drop not null", "first", "after",
)  # fmt: skip


def _column_change(cursor: Cursor) -> ColumnChange:
    """`a TYPE INT`, `a COMMENT 'x'`, `a SET DEFAULT 1`, or as Hive says it: `a a INT COMMENT 'x'`."""
    change = ColumnChange(cursor.name())
    while not cursor.is_done:
        match cursor.take_one(
            "type",
            "comment",
            "set default",
            "drop default",
            "set not null",
            "drop not null",
            "first",
            "after",
        ):
            case "type":
                change.type_text = cursor.until("comment", "first", "after", "set", "drop")
            case "comment":
                change.comment = cursor.string()
            case "set default":
                change.default = cursor.rest()
            case "drop default":
                change.is_without_default = True
            case "first" | "after":
                change.refused = "ALTER COLUMN ... FIRST | AFTER"
                cursor.until()
            case "set not null" | "drop not null":
                change.refused = "ALTER COLUMN ... SET NOT NULL"
            case _:
                _read_whole(cursor, change)
    if change == ColumnChange(change.name):
        raise ParseException(
            "Operation not allowed: ALTER TABLE table CHANGE COLUMN requires a TYPE, a SET/DROP, a COMMENT, "
            "or a FIRST/AFTER."
        )
    return change


def _read_whole(cursor: Cursor, change: ColumnChange) -> None:
    if change != ColumnChange(change.name):
        raise cursor.error("expected the end of the statement")
    column = NewColumn(cursor.identifier())
    if column.name.lower() != change.name[-1].lower():
        change.refused = "RENAME COLUMN"
    change.type_text = cursor.until("comment", "first", "after", "not null")
    read_about(cursor, column)
    change.comment = column.comment


def _set_properties(cursor: Cursor) -> Change:
    added = pairs_in(cursor)
    return lambda at, table: altering.set_properties(at.session, table, added)


def _unset_properties(cursor: Cursor) -> Change:
    cursor.take("if exists")
    gone = keys_in(cursor)
    return lambda at, table: altering.unset_properties(at.session, table, gone)


def _set_location(cursor: Cursor) -> Change:
    place = cursor.string()
    return lambda at, table: altering.set_location(at.session, table, place)


def _recover(_: Cursor) -> Change:
    return lambda at, table: at.session.catalog.recoverPartitions(quoted(list(_parts(table))))


def _add_partition(cursor: Cursor) -> Change:
    """Folders are listed at every read: what is in one is there, and an empty one has no rows."""
    wanted = [partition_values(cursor)]
    while not cursor.is_done:
        if cursor.take("location"):
            raise UnsupportedOperationException(
                "ALTER TABLE ... ADD PARTITION ... LOCATION is not offered: the partitions of a table are "
                "the folders in its own; move the files there"
            )
        cursor.expect("partition")
        wanted.append(partition_values(cursor))
    return lambda at, table: altering.require_partitions(at, table, wanted)


def _drop_partition(cursor: Cursor) -> Change:
    wanted = [partition_values(cursor)]
    while cursor.take(","):
        cursor.expect("partition")
        wanted.append(partition_values(cursor))
    cursor.take("purge")

    def run(statement: Statement, table: TableMetadata) -> None:
        for partition in wanted:
            remove_partition(statement, _parts(table), partition, "ALTER TABLE ... DROP PARTITION")

    return run


def _refusing(operation: str) -> Callable[[Cursor], Change]:
    def read(cursor: Cursor) -> Change:
        cursor.until()

        def run(_: Statement, table: TableMetadata) -> None:
            raise refusals.no_table_operation(table.name, operation)

        return run

    return read


def _cluster_by(cursor: Cursor) -> Change:
    columns = [] if cursor.take("none") else [item.identifier() for item in cursor.items()]
    return lambda at, table: altering.cluster_by(at.session, table, columns)


def _parts(table: TableMetadata) -> list[str]:
    return [table.name.database, table.name.table]


_CHANGES: Final[dict[str, Callable[[Cursor], Change]]] = {
    "rename to": _rename,
    "rename column": _refusing("RENAME COLUMN"),
    "drop columns": _refusing("DROP COLUMN"),
    "drop column": _refusing("DROP COLUMN"),
    "replace columns": _refusing("REPLACE COLUMNS"),
    "add columns": _add_columns,
    "add column": _add_columns,
    "change column": _change_columns,
    "change": _change_columns,
    "alter column": _change_columns,
    "alter": _change_columns,
    "set tblproperties": _set_properties,
    "unset tblproperties": _unset_properties,
    "set location": _set_location,
    "recover partitions": _recover,
    "add if not exists partition": _add_partition,
    "add partition": _add_partition,
    "drop if exists partition": _drop_partition,
    "drop partition": _drop_partition,
    "cluster by": _cluster_by,
}


def _comment_on_table(cursor: Cursor) -> Command:
    name = cursor.name()
    text = _comment(cursor)
    return lambda at: altering.comment_on(at.session, name, text)


def _comment_on_column(cursor: Cursor) -> Command:
    *table, column = cursor.name()
    text = _comment(cursor)
    change = ColumnChange([column], comment=text or "")
    return lambda at: altering.change_columns(
        at.session, at.session.tables.require(table, "COMMENT ON COLUMN"), [change]
    )


def _comment(cursor: Cursor) -> str | None:
    cursor.expect("is")
    return None if cursor.take("null") else cursor.string()


READERS: Final = {
    "alter table": _alter,
    "comment on table": _comment_on_table,
    "comment on column": _comment_on_column,
}
