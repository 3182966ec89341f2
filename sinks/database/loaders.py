"""Getting rows into a table, each database by its fastest way; always inside the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from streamcore.errors import AnalysisException
from streamcore.sinks.database.bound_rows import bound_rows
from streamcore.sinks.database.copy_loaders import CopyInsert, CopyUpsert
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
    if is_copied(dialect):
        return CopyUpsert(table, keys) if keys else CopyInsert(table)
    statement = upsert(dialect.name, table, keys) if keys else sa.insert(table)
    if dialect.name == "sqlite":
        return SqliteRows(str(statement.compile(dialect=dialect)), keys, batch_rows)
    return CoreRows(statement, [column.name for column in table.columns], keys, batch_rows)


def is_copied(dialect: Dialect) -> bool:
    """Whether rows go into the database by COPY."""
    return dialect.name == "postgresql" and dialect.driver == "psycopg"


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
    """SQLAlchemy's own statement for any database, once for each row; `names` are its parameters."""

    def __init__(
        self, statement: sa.UpdateBase, names: Sequence[str], keys: Sequence[str], batch_rows: int
    ) -> None:
        self._statement = statement
        self._names = names
        self._keys = keys
        self._batch_rows = batch_rows

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        for rows in _pieces(_unique(tables, self._keys), self._batch_rows):
            bound = [dict(zip(self._names, row, strict=True)) for row in bound_rows(rows, sqlite=False)]
            connection.execute(self._statement, bound)


def _unique(tables: Iterable[pa.Table], keys: Sequence[str]) -> Iterable[pa.Table]:
    """One row per key within a table; between tables the later statement wins by itself."""
    return (last_of_each_key(table, keys) for table in tables) if keys else tables


def _pieces(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    for table in tables:
        yield from (table.slice(start, rows) for start in range(0, table.num_rows, rows))
