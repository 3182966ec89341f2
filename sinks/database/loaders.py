"""Getting rows into a table, each database by its fastest way; always inside the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from streamcore.errors import AnalysisException
from streamcore.sinks.database.bound_rows import bound_rows
from streamcore.sinks.database.copy_text import copy_pieces
from streamcore.sinks.database.keys import last_of_each_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy.engine import Connection, Dialect


class Loader(Protocol):
    """Inserts rows, or upserts them when it was made with keys."""

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """Writes all rows; of several with one key the last stays."""


def loader_for(dialect: Dialect, table: sa.Table, keys: Sequence[str], batch_rows: int) -> Loader:
    """The loader for a database; AnalysisException when it cannot upsert by keys."""
    if dialect.name == "postgresql" and dialect.driver == "psycopg":
        return CopyUpsert(table, keys) if keys else CopyInsert(table)
    statement = upsert(dialect.name, table, keys) if keys else sa.insert(table)
    if dialect.name == "sqlite":
        return SqliteRows(str(statement.compile(dialect=dialect)), keys, batch_rows)
    return CoreRows(statement, table, keys, batch_rows)


def upsert(dialect_name: str, table: sa.Table, keys: Sequence[str]) -> sa.Insert:
    """INSERT that updates the row with the same key; AnalysisException where we know no such statement."""
    rest = [column.name for column in table.columns if column.name not in keys]
    if dialect_name in ("postgresql", "sqlite"):
        return _on_conflict(dialect_name, table, keys, rest)
    if dialect_name in ("mysql", "mariadb"):
        from sqlalchemy.dialects import mysql

        statement = mysql.insert(table)
        changed = rest or list(keys)
        return statement.on_duplicate_key_update({name: statement.inserted[name] for name in changed})
    raise AnalysisException(
        f"keyColumns is not supported on {dialect_name}: streamcore upserts on PostgreSQL, SQLite, MySQL "
        "and MariaDB. Write in append mode without keyColumns, or use foreachBatch with that database's "
        "own MERGE"
    )


def _on_conflict(dialect_name: str, table: sa.Table, keys: Sequence[str], rest: Sequence[str]) -> sa.Insert:
    from sqlalchemy.dialects import postgresql, sqlite

    statement: Any = postgresql.insert(table) if dialect_name == "postgresql" else sqlite.insert(table)
    if not rest:
        return statement.on_conflict_do_nothing(index_elements=list(keys))  # type: ignore[no-any-return]
    new = {name: statement.excluded[name] for name in rest}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=new)  # type: ignore[no-any-return]


class SqliteRows:
    """One prepared statement, many rows of plain values."""

    def __init__(self, sql: str, keys: Sequence[str], batch_rows: int) -> None:
        self._sql = sql
        self._keys = keys
        self._batch_rows = batch_rows

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        cursor = connection.connection.cursor()
        try:
            for rows in _pieces(_unique(tables, self._keys), self._batch_rows):
                cursor.executemany(self._sql, list(bound_rows(rows, sqlite=True)))
        finally:
            cursor.close()


class CoreRows:
    """SQLAlchemy's own INSERT, for any database."""

    def __init__(self, statement: sa.Insert, table: sa.Table, keys: Sequence[str], batch_rows: int) -> None:
        self._statement = statement
        self._names = [column.name for column in table.columns]
        self._keys = keys
        self._batch_rows = batch_rows

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        for rows in _pieces(_unique(tables, self._keys), self._batch_rows):
            bound = [dict(zip(self._names, row, strict=True)) for row in bound_rows(rows, sqlite=False)]
            connection.execute(self._statement, bound)


class CopyInsert:
    """PostgreSQL's COPY into the table."""

    def __init__(self, table: sa.Table) -> None:
        self._table = table

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        _copy(connection, _quoted_name(connection, self._table), self._table, tables)


class CopyUpsert:
    """COPY into a temporary table of the session, from there INSERT ... ON CONFLICT."""

    def __init__(self, table: sa.Table, keys: Sequence[str]) -> None:
        self._table = table
        self._keys = keys

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        for number, rows in enumerate(_unique(tables, self._keys)):
            staging = self._staging(connection)
            if number:
                connection.exec_driver_sql(f"TRUNCATE {staging}")
            _copy(connection, staging, self._table, [rows])
            connection.exec_driver_sql(self._merge(connection, staging))

    def _staging(self, connection: Connection) -> str:
        """The temporary table, which the server empties at every commit and drops with the session."""
        columns, target = _columns(connection, self._table), _quoted_name(connection, self._table)
        source = f"SELECT {columns} FROM {target}"  # noqa: S608 - names are quoted
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS streamcore_staging ON COMMIT DELETE ROWS AS {source} "
            "WITH NO DATA"
        )
        return "pg_temp.streamcore_staging"

    def _merge(self, connection: Connection, staging: str) -> str:
        quote = connection.dialect.identifier_preparer.quote
        columns = _columns(connection, self._table)
        keys = ", ".join(quote(key) for key in self._keys)
        rest = [quote(column.name) for column in self._table.columns if column.name not in self._keys]
        changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in rest)
        action = f"DO UPDATE SET {changed}" if rest else "DO NOTHING"
        target = _quoted_name(connection, self._table)
        insert = f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {staging}"  # noqa: S608 - names are quoted
        return f"{insert} ON CONFLICT ({keys}) {action}"


def _copy(connection: Connection, target: str, table: sa.Table, rows: Iterable[pa.Table]) -> None:
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {target} ({_columns(connection, table)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for piece_of in rows:
            for piece in copy_pieces(piece_of):
                copy.write(piece)


def _unique(tables: Iterable[pa.Table], keys: Sequence[str]) -> Iterable[pa.Table]:
    """One row per key within a table; between tables the later statement wins by itself."""
    return (last_of_each_key(table, keys) for table in tables) if keys else tables


def _pieces(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    for table in tables:
        yield from (table.slice(start, rows) for start in range(0, table.num_rows, rows))


def _quoted_name(connection: Connection, table: sa.Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _columns(connection: Connection, table: sa.Table) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(column.name) for column in table.columns)
