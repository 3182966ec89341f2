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
                driver.execute(self._make_staging())
            _copy(connection, staging, self._table, [last_of_each_key(table, self._keys)])
            driver.execute(self._merge(staging))

    def _make_staging(self) -> Composed:
        """The temporary table, which the server empties at every commit and drops with the session."""
        from psycopg.sql import SQL, Identifier

        return SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
        ).format(Identifier(_STAGING[1]), _columns(self._table), _name(self._table))

    def _merge(self, staging: Identifier) -> Composed:
        from psycopg.sql import SQL, Identifier

        rest = [column.name for column in self._table.columns if column.name not in self._keys]
        changes = [SQL("{0} = EXCLUDED.{0}").format(Identifier(name)) for name in rest]
        action = SQL("UPDATE SET {}").format(SQL(", ").join(changes)) if rest else SQL("NOTHING")
        columns = _columns(self._table)
        return SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO {}").format(
            _name(self._table), columns, columns, staging, _listed(self._keys), action
        )


def _copy(connection: Connection, target: Identifier, table: sa.Table, rows: Iterable[pa.Table]) -> None:
    from psycopg.sql import SQL

    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(target, _columns(table))
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
