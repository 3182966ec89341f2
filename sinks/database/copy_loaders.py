"""PostgreSQL's fast way into a table: COPY, and from a temporary table an upsert.

Statements are composed by the driver itself, which alone knows how a name is quoted in a text that it
does not look through for parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.sinks.database.copy_text import copy_pieces
from streamcore.sinks.database.keys import last_of_each_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    import sqlalchemy as sa
    from psycopg.sql import Composed, Identifier
    from sqlalchemy.engine import Connection

_STAGING = ("pg_temp", "streamcore_staging")
_DELETED = ("pg_temp", "streamcore_deleted")
_CHANGED = ("pg_temp", "streamcore_changed")


class CopyInsert:
    """COPY into the table."""

    def __init__(self, table: sa.Table) -> None:
        self._table = table

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        _copy(connection, _name(self._table), self._table, tables)


class CopyUpsert:
    """COPY into a temporary table of the session, from there INSERT ... ON CONFLICT."""

    def __init__(self, table: sa.Table, keys: Sequence[str]) -> None:
        self._table = table
        self._keys = keys

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`."""
        from psycopg.sql import SQL, Identifier

        driver, staging = _driver(connection), Identifier(*_STAGING)
        for number, table in enumerate(tables):
            if number:
                driver.execute(SQL("TRUNCATE {}").format(staging))
            else:
                driver.execute(_make_like(self._table, _STAGING[1], _columns(self._table)))
                # Of an earlier call in the same transaction; far cheaper than TRUNCATE when there is nothing.
                driver.execute(SQL("DELETE FROM {}").format(staging))
            _copy(connection, staging, self._table, [last_of_each_key(table, self._keys)])
            driver.execute(self._merge(staging))

    def _merge(self, staging: Identifier) -> Composed:
        from psycopg.sql import SQL, Identifier

        rest = [column.name for column in self._table.columns if column.name not in self._keys]
        changes = [SQL("{0} = EXCLUDED.{0}").format(Identifier(name)) for name in rest]
        action = SQL("UPDATE SET {}").format(SQL(", ").join(changes)) if rest else SQL("NOTHING")
        columns = _columns(self._table)
        return SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO {}").format(
            _name(self._table), columns, columns, staging, _listed(self._keys), action
        )


class CopyDelete:
    """COPY of keys into a temporary table of the session, from there DELETE."""

    def __init__(self, table: sa.Table, keys: Sequence[str]) -> None:
        self._table = table
        self._keys = keys

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`; the rows are keys, each once."""
        from psycopg.sql import SQL, Identifier

        driver, staging, keys = _driver(connection), Identifier(*_DELETED), _listed(self._keys)
        driver.execute(_make_like(self._table, _DELETED[1], keys))
        _copy_columns(connection, staging, keys, tables)
        driver.execute(
            SQL("DELETE FROM {} AS t USING {} AS s WHERE {}").format(
                _name(self._table), staging, _same_key(self._keys)
            )
        )


class CopyUpdate:
    """COPY of some columns and the keys into a temporary table, from there UPDATE of those columns alone."""

    def __init__(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> None:
        self._table = table
        self._keys = keys
        self._columns = columns

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`; the rows have the columns and then the keys."""
        from psycopg.sql import SQL, Identifier

        driver, staging = _driver(connection), Identifier(*_CHANGED)
        columns = _listed([*self._columns, *self._keys])
        driver.execute(_make_like(self._table, _CHANGED[1], columns))
        _copy_columns(connection, staging, columns, tables)
        new = SQL(", ").join([SQL("{0} = s.{0}").format(Identifier(name)) for name in self._columns])
        driver.execute(
            SQL("UPDATE {} AS t SET {} FROM {} AS s WHERE {}").format(
                _name(self._table), new, staging, _same_key(self._keys)
            )
        )
        # Another batch has other columns.
        driver.execute(SQL("DROP TABLE {}").format(staging))


def _make_like(table: sa.Table, name: str, columns: Composed) -> Composed:
    """A temporary table, which the server empties at every commit and drops with the session."""
    from psycopg.sql import SQL, Identifier

    return SQL(
        "CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
    ).format(Identifier(name), columns, _name(table))


def _same_key(keys: Sequence[str]) -> Composed:
    from psycopg.sql import SQL, Identifier

    return SQL(" AND ").join([SQL("t.{0} = s.{0}").format(Identifier(key)) for key in keys])


def _copy(connection: Connection, target: Identifier, table: sa.Table, rows: Iterable[pa.Table]) -> None:
    _copy_columns(connection, target, _columns(table), rows)


def _copy_columns(
    connection: Connection, target: Identifier, columns: Composed, rows: Iterable[pa.Table]
) -> None:
    from psycopg.sql import SQL

    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(target, columns)
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for piece_of in rows:
            for piece in copy_pieces(piece_of):
                copy.write(piece)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _name(table: sa.Table) -> Identifier:
    from psycopg.sql import Identifier

    return Identifier(table.schema, table.name) if table.schema else Identifier(table.name)


def _columns(table: sa.Table) -> Composed:
    return _listed([column.name for column in table.columns])


def _listed(names: Sequence[str]) -> Composed:
    from psycopg.sql import SQL, Identifier

    return SQL(", ").join([Identifier(name) for name in names])
