"""DESCRIBE: tables, views, columns, queries, databases and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, ParseException
from streamcore.sql.commands.answers import texts
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.tables import showing
from streamcore.sql.tables.describing_json import described_as_json
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import quoted

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.statements import Statement

_QUERY: Final = ("select", "with", "values", "from", "table", "(")


def _describe(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    if cursor.take("query"):
        return _query(cursor)
    if any(map(cursor.sees, _QUERY)) and not _is_table_word(cursor):
        return _query(cursor)
    cursor.take("table")
    is_extended = cursor.take_one("extended", "formatted") is not None
    name = cursor.name()
    if cursor.take("partition"):
        raise cursor.error("PARTITION is not offered; SHOW PARTITIONS lists them")
    column = None
    if not cursor.is_done and not cursor.sees("as json"):
        column = cursor.name()
    if cursor.take("as json"):
        return _json(name, column, is_extended=is_extended)
    if column is not None:
        return lambda at: _column(at, name, column, is_extended=is_extended)
    return lambda at: _table(at, name, is_extended=is_extended)


def _is_table_word(cursor: Cursor) -> bool:
    """Whether TABLE says that a name follows; `DESCRIBE TABLE t` is no query `TABLE t`."""
    return cursor.sees("table")


def _query(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    text = cursor.rest()

    def run(statement: Statement) -> DataFrame:
        schema = statement.frame(text).schema
        return texts(
            statement.session, "col_name data_type comment?", list(map(showing.column_row, schema.fields))
        )

    return run


def _table(statement: Statement, name: list[str], *, is_extended: bool) -> DataFrame:
    session = statement.session
    if session.views.entry(name) is not None:
        rows = list(map(showing.column_row, session.table(quoted(name)).schema.fields))
    else:
        entry = showing.required_entry(session, name, "DESCRIBE TABLE")
        rows = showing.described(session, entry, extended=is_extended)
    return texts(session, "col_name data_type comment?", rows)


def _column(statement: Statement, name: list[str], column: list[str], *, is_extended: bool) -> DataFrame:
    session = statement.session
    if len(column) > 1:
        raise AnalysisException(
            f"[UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_NESTED] DESC TABLE COLUMN does not support nested "
            f"column: {quoted(column)}. SQLSTATE: 0A000"
        )
    field = showing.column_of(session, name, column[0])
    rows = showing.column_facts(field, extended=is_extended)
    return texts(session, "info_name info_value", rows)


def _json(
    name: list[str], column: list[str] | None, *, is_extended: bool
) -> Callable[[Statement], DataFrame]:
    if column is not None:
        raise ParseException(
            "[UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_JSON] The feature is not supported: DESC TABLE COLUMN AS "
            "JSON not supported for individual columns. SQLSTATE: 0A000"
        )
    if not is_extended:
        shown = ".".join(name)
        raise ParseException(
            "[DESCRIBE_JSON_NOT_EXTENDED] DESCRIBE TABLE ... AS JSON only supported when "
            f"[EXTENDED|FORMATTED] is specified. For example: DESCRIBE EXTENDED {shown} AS JSON is supported "
            f"but DESCRIBE {shown} AS JSON is not. SQLSTATE: 0A000"
        )

    def run(statement: Statement) -> DataFrame:
        entry = showing.required_entry(statement.session, name, "DESCRIBE TABLE")
        if not isinstance(entry, TableMetadata):
            raise AnalysisException(
                f"DESCRIBE ... AS JSON is offered for tables; {entry.name.quoted} is a view: use DESCRIBE "
                "EXTENDED"
            )
        text = described_as_json(statement.session.tables, entry)
        return texts(statement.session, "json_metadata", [(text,)])

    return run


def _database(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    is_extended = cursor.take("extended")
    name = cursor.name()

    def run(statement: Statement) -> DataFrame:
        tables = statement.session.tables
        rows = showing.database_facts(tables, tables.require_database(name), extended=is_extended)
        return texts(statement.session, "info_name info_value?", rows)

    return run


def _function(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    is_extended = cursor.take("extended")
    name = [cursor.string()] if cursor.sees_string() else cursor.name()

    def run(statement: Statement) -> DataFrame:
        rows = statement.session.function_catalog.described(name, extended=is_extended)
        return texts(statement.session, "function_desc", [(line,) for line in rows])

    return run


_WORDS: Final = ("describe", "desc")
READERS: Final = {
    **dict.fromkeys(_WORDS, _describe),
    **{f"{word} {kind}": _database for word in _WORDS for kind in ("database", "schema", "namespace")},
    **{f"{word} function": _function for word in _WORDS},
}
