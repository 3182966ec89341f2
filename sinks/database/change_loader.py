"""Changes on their way into a table: deletions, upserts, updates of some columns; in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa

from streamcore.sinks.database.copy_loaders import CopyDelete, CopyUpdate
from streamcore.sinks.database.folding import are_at_start, fold
from streamcore.sinks.database.loaders import CoreRows, SqliteRows, is_copied, loader_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.engine import Connection, Dialect

    from streamcore.sinks.database.change_columns import ChangeColumns
    from streamcore.sinks.database.folding import Folded
    from streamcore.sinks.database.loaders import Loader


class ChangeLoader:
    """Makes a table what the changes of a batch leave of it."""

    def __init__(
        self,
        dialect: Dialect,
        table: sa.Table,
        keys: Sequence[str],
        told: ChangeColumns,
        batch_rows: int,
    ) -> None:
        self._dialect = dialect
        self._table = table
        self._keys = keys
        self._told = told
        self._batch_rows = batch_rows
        self._upsert = loader_for(dialect, table, keys, batch_rows)

    def load(self, connection: Connection, tables: Iterable[pa.Table]) -> None:
        """See `Loader.load`; the last change of a key is known only when all are there.

        Rows that were there at the start come before all changes, and need not be held for that.
        """
        changes: list[pa.Table] = []

        def at_start() -> Iterator[pa.Table]:
            for piece in tables:
                if are_at_start(piece, self._told):
                    yield piece.select([column.name for column in self._table.columns])
                else:
                    changes.append(piece)

        self._upsert.load(connection, at_start())
        if changes:
            self._apply(connection, fold(pa.concat_tables(changes), self._keys, self._told))

    def _apply(self, connection: Connection, folded: Folded) -> None:
        if folded.empties:
            # Not TRUNCATE: readers go on seeing the old rows until the commit.
            connection.execute(sa.delete(self._table))
        if folded.deletes.num_rows:
            self._deletes().load(connection, [folded.deletes])
        if folded.writes.num_rows:
            self._upsert.load(connection, [folded.writes])
        for rows in folded.updates:
            rest = [name for name in rows.column_names if name not in self._keys]
            if rest:
                self._updates(rest).load(connection, [rows.select([*rest, *self._keys])])

    def _deletes(self) -> Loader:
        if is_copied(self._dialect):
            return CopyDelete(self._table, self._keys)
        statement = sa.delete(self._table).where(*self._found_by(0))
        return self._executed(statement, len(self._keys))

    def _updates(self, columns: Sequence[str]) -> Loader:
        if is_copied(self._dialect):
            return CopyUpdate(self._table, self._keys, columns)
        new = {name: self._bound(name, number) for number, name in enumerate(columns)}
        statement = sa.update(self._table).where(*self._found_by(len(columns))).values(new)
        return self._executed(statement, len(columns) + len(self._keys))

    def _found_by(self, number: int) -> list[sa.ColumnElement[bool]]:
        """The key of a row, as parameters from this number on."""
        return [
            self._table.c[name] == self._bound(name, number + place) for place, name in enumerate(self._keys)
        ]

    def _bound(self, name: str, number: int) -> sa.BindParameter[Any]:
        return sa.bindparam(_parameter(number), type_=self._table.c[name].type)

    def _executed(self, statement: sa.Delete | sa.Update, parameters: int) -> Loader:
        if self._dialect.name == "sqlite":
            return SqliteRows(str(statement.compile(dialect=self._dialect)), (), self._batch_rows)
        names = [_parameter(number) for number in range(parameters)]
        return CoreRows(statement, names, (), self._batch_rows)


def _parameter(number: int) -> str:
    return f"streamcore_{number}"
