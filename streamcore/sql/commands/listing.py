"""SHOW: what databases, tables, views, columns, partitions and functions there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException
from streamcore.sql.commands.answers import texts
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import key_of
from streamcore.sql.tables import showing
from streamcore.sql.tables.defining import partitions_of
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import CATALOG, TableName, quoted
from streamcore.sql.tables.patterns import is_like
from streamcore.sql.tables.resolving import table_or_view
from streamcore.sql.tables.view_metadata import ViewMetadata
from streamcore.sql.views import GLOBAL

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement

Entry = tuple[TableName, TableMetadata | ViewMetadata]


def _database(cursor: Cursor) -> list[str] | None:
    return cursor.name() if cursor.take_one("in", "from") else None


def _pattern(cursor: Cursor) -> str | None:
    is_said = cursor.take("like")
    return cursor.string() if is_said or cursor.sees_string() else None


def _tables(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    database, pattern = _database(cursor), _pattern(cursor)

    def run(statement: Statement) -> DataFrame:
        rows = _listed(statement.session, database, pattern)
        return texts(statement.session, "namespace tableName isTemporary", [row[:3] for row in rows])

    return run


def _views(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    database, pattern = _database(cursor), _pattern(cursor)

    def run(statement: Statement) -> DataFrame:
        rows = _listed(statement.session, database, pattern)
        views = [row[:3] for row in rows if row[2] or isinstance(row[3], ViewMetadata)]
        return texts(statement.session, "namespace viewName isTemporary", views)

    return run


def _listed(session: Session, database: list[str] | None, pattern: str | None) -> list[tuple[Any, ...]]:
    """Rows of namespace, name, whether it is temporary, and the entry of the catalog, sorted by name."""
    rows: list[tuple[Any, ...]]
    if database is not None and [part.lower() for part in database] == [GLOBAL]:
        rows = [(GLOBAL, name, True, None) for name in session.global_views.names()]
    else:
        entries = entries_of(session, database)
        rows = [(name.database, name.table, False, entry) for name, entry in entries]
    rows += [("", name, True, None) for name in session.views.names()]
    return [row for row in rows if pattern is None or is_like(row[1], pattern)]


def entries_of(session: Session, database: list[str] | None) -> list[Entry]:
    """The tables and views of a database, the current one when none is named."""
    tables = session.tables
    name = tables.current if database is None else tables.require_database(database).name
    found = ((one, tables.store.entry(one)) for one in tables.store.tables(name))
    # One that was dropped since is left out.
    return [(one, entry) for one, entry in found if entry is not None]


def _table_extended(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    database = _database(cursor)
    cursor.expect("like")
    pattern = cursor.string()
    if cursor.take("partition"):
        raise cursor.error("PARTITION is not offered; SHOW PARTITIONS lists them")

    def run(statement: Statement) -> DataFrame:
        session = statement.session
        rows = []
        for namespace, name, is_temporary, entry in _listed(session, database, pattern):
            text = showing.information(session, [*filter(None, [namespace]), name], entry)
            rows.append((namespace, name, is_temporary, text))
        return texts(session, "namespace tableName isTemporary information", rows)

    return run


def _databases(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    if cursor.take_one("in", "from"):
        cursor.expect(CATALOG)
    pattern = _pattern(cursor)

    def run(statement: Statement) -> DataFrame:
        names = statement.session.tables.store.databases()
        return texts(statement.session, "namespace", _rows(names, pattern))

    return run


def _catalogs(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    pattern = _pattern(cursor)
    return lambda at: texts(at.session, "catalog", _rows([CATALOG], pattern))


def _current(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    cursor.expect("namespace", "schema", "database")
    return lambda at: texts(at.session, "catalog namespace", [(CATALOG, at.session.tables.current)])


def _rows(names: Iterable[str], pattern: str | None) -> list[tuple[str]]:
    return [(name,) for name in names if pattern is None or is_like(name, pattern)]


def _partitions(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    name = cursor.name()
    wanted = _fixed_values(cursor) if cursor.take("partition") else {}

    def run(statement: Statement) -> DataFrame:
        table = statement.session.tables.require(name, "SHOW PARTITIONS")
        rows = [(text,) for text in partitions_of(statement.session, table, statement.values(wanted))]
        return texts(statement.session, "partition", rows)

    return run


def _fixed_values(cursor: Cursor) -> dict[str, str]:
    values = {}
    for item in cursor.items():
        name = item.identifier()
        item.expect("=")
        values[name] = item.rest()
    return values


def _create_table(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    name = cursor.name()
    # Our tables are no Hive tables, and the text of a view is the same in both words.
    is_serde = cursor.take("as serde")

    def run(statement: Statement) -> DataFrame:
        session = statement.session
        entry = showing.required_entry(session, name, "SHOW CREATE TABLE")
        if is_serde and isinstance(entry, TableMetadata):
            raise AnalysisException(
                f"[UNSUPPORTED_SHOW_CREATE_TABLE.ON_DATA_SOURCE_TABLE_WITH_AS_SERDE] Unsupported a SHOW "
                f"CREATE TABLE command. The table {entry.name.quoted} is a Spark data source table. Please "
                "use SHOW CREATE TABLE without AS SERDE instead. SQLSTATE: 0A000"
            )
        return texts(session, "createtab_stmt", [(showing.create_text(session.tables, entry),)])

    return run


def _properties(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    name = cursor.name()
    items = cursor.items() if cursor.sees("(") else None
    key = None if items is None else key_of(items[0])
    if items is not None:
        items[0].end()

    def run(statement: Statement) -> DataFrame:
        session = statement.session
        if session.views.lookup(name) is not None:
            return texts(session, "key value", [])
        entry = showing.required_entry(session, name, "SHOW TBLPROPERTIES")
        shown = showing.redacted(entry.properties)
        if key is None:
            return texts(session, "key value", sorted(shown.items()))
        missing = f"Table {entry.name} does not have property: {key}"
        return texts(session, "key value", [(key, shown.get(key, missing))])

    return run


def _columns(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    cursor.expect("in", "from")
    name = cursor.name()
    database = _database(cursor)
    if database is not None and len(name) > 1 and name[-2].lower() != database[-1].lower():
        raise AnalysisException(
            "[SHOW_COLUMNS_WITH_CONFLICT_NAMESPACE] SHOW COLUMNS with conflicting namespaces: "
            f"{quoted(database)} != {quoted(name[:-1])}. SQLSTATE: 42K05"
        )
    whole = [*database, name[-1]] if database is not None else name

    def run(statement: Statement) -> DataFrame:
        plan = table_or_view(statement.session, quoted(whole))
        return texts(statement.session, "col_name", [(a.name,) for a in plan.output])

    return run


def _functions(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    database = _database(cursor)
    is_said = cursor.take("like")
    pattern = None
    if cursor.sees_string():
        pattern = cursor.string()
    elif is_said or not cursor.is_done:
        pattern = cursor.name()[-1]
    return lambda at: _listed_functions(at.session, database, pattern, ("system", "user"))


def _functions_of(kind: str) -> Callable[[Cursor], Callable[[Statement], DataFrame]]:
    kinds = ("system", "user") if kind == "all" else (kind,)

    def read(cursor: Cursor) -> Callable[[Statement], DataFrame]:
        database, pattern = _database(cursor), _pattern(cursor)
        return lambda at: _listed_functions(at.session, database, pattern, kinds)

    return read


def _listed_functions(
    session: Session, database: list[str] | None, pattern: str | None, kinds: tuple[str, ...]
) -> DataFrame:
    home = None if database is None else session.tables.require_database(database).name
    return texts(session, "function", _rows(session.function_catalog.names(kinds, home), pattern))


READERS: Final = {
    "show tables": _tables,
    "show views": _views,
    "show table extended": _table_extended,
    **{f"show {word}": _databases for word in ("databases", "schemas", "namespaces")},
    "show catalogs": _catalogs,
    "show current": _current,
    "show partitions": _partitions,
    "show create table": _create_table,
    "show tblproperties": _properties,
    "show columns": _columns,
    "show functions": _functions,
    **{f"show {kind} functions": _functions_of(kind) for kind in ("system", "user", "all")},
}
