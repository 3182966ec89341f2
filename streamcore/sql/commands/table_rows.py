"""INSERT, and the statements that change single rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import ParseException
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import pairs_in
from streamcore.sql.tables import refusals
from streamcore.sql.tables.inserting import NewRows, insert_rows
from streamcore.sql.tables.names import quoted

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], None]


def _into(cursor: Cursor) -> Command:
    return read_insert(cursor, is_over=False)


def _overwrite(cursor: Cursor) -> Command:
    if cursor.take("local directory") or cursor.take("directory"):
        return _directory(cursor)
    return read_insert(cursor, is_over=True)


def read_insert(cursor: Cursor, *, is_over: bool, before: str = "") -> Command:
    """Reads what stands behind INSERT INTO or OVERWRITE; `before` is a WITH clause that stood before it."""
    cursor.take("table")
    new = NewRows(cursor.name(), is_over)
    if cursor.take("partition"):
        new.partition = partition_values(cursor)
    if cursor.take("if not exists"):
        raise cursor.error("INSERT OVERWRITE ... IF NOT EXISTS is not offered: leave it out, or ask first")
    if cursor.take("replace where"):
        raise ParseException(
            "INSERT ... REPLACE WHERE is not offered, as Spark's files do not take it: use INSERT OVERWRITE "
            "with a PARTITION clause"
        )
    if cursor.take("by name"):
        new.is_by_name = True
    elif cursor.sees("(") and not any(cursor.sees(f"( {word}") for word in _QUERY):
        new.columns = [item.identifier() for item in cursor.items()]
    new.query = _behind(before, cursor)
    if cursor.is_done:
        return lambda at: insert_rows(at, new)
    if not before:
        raise cursor.error("several INSERTs in one statement begin with FROM")
    following = read_insert(cursor, is_over=cursor.expect(*_INSERTS) == "insert overwrite", before=before)

    def run(statement: Statement) -> None:
        insert_rows(statement, new)
        following(statement)

    return run


_INSERTS: Final = ("insert into", "insert overwrite")


def _behind(before: str, cursor: Cursor) -> str:
    """The query of an INSERT, with the clauses that stood before the INSERT."""
    has_own = bool(before) and cursor.sees("with")
    query = cursor.until(*_INSERTS)
    if not query:
        raise cursor.error("expected a query")
    return " ".join([before, "SELECT * FROM (", query, ")"] if has_own else [before, query]).strip()


_QUERY: Final = ("select", "with", "values", "from", "table", "(")


def partition_values(cursor: Cursor) -> list[tuple[str, str | None]]:
    """The columns in the brackets of PARTITION, each with the text of its value, or with none."""
    return [_partition_value(item) for item in cursor.items()]


def _partition_value(cursor: Cursor) -> tuple[str, str | None]:
    name = cursor.identifier()
    value = cursor.rest() if cursor.take("=") else None
    cursor.end()
    return name, value


def _directory(cursor: Cursor) -> Command:
    path = cursor.string() if cursor.sees_string() else None
    cursor.expect("using")
    source = ".".join(cursor.name())
    options = pairs_in(cursor) if cursor.take("options") else {}
    query = cursor.rest()

    def run(statement: Statement) -> None:
        writer = statement.frame(query).write.format(source).options(**options).mode("overwrite")
        writer.save(path)

    return run


def _with(cursor: Cursor) -> Command | None:
    """WITH ... INSERT: the clause belongs to the query of the INSERT; a query itself is no command."""
    return _insert_behind("WITH", cursor)


def _from(cursor: Cursor) -> Command | None:
    """FROM ... INSERT INTO ... SELECT; without an INSERT it is a query."""
    return _insert_behind("FROM", cursor)


def _insert_behind(word: str, cursor: Cursor) -> Command | None:
    clause = cursor.until(*_INSERTS)
    if cursor.is_done:
        return None
    is_over = cursor.expect(*_INSERTS) == "insert overwrite"
    return read_insert(cursor, is_over=is_over, before=f"{word} {clause}")


def _refusing(operation: str) -> Callable[[Cursor], Command]:
    """Reads a statement that changes rows; the files of a table take none, as in Spark."""

    def read(cursor: Cursor) -> Command:
        cursor.take_one("into", "from")
        name = cursor.name()
        cursor.until()

        def run(statement: Statement) -> None:
            if statement.session.views.entry(name) is not None:
                raise refusals.expected_table(operation, quoted(name))
            table = statement.session.tables.require(name, operation)
            raise refusals.no_table_operation(table.name, operation)

        return run

    return read


READERS: Final = {
    "insert into": _into,
    "insert overwrite": _overwrite,
    "with": _with,
    "from": _from,
    "update": _refusing("UPDATE TABLE"),
    "delete": _refusing("DELETE"),
    "merge": _refusing("MERGE INTO TABLE"),
}
