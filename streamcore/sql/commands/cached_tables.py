"""CACHE, UNCACHE, CLEAR CACHE, REFRESH: what is kept of tables and views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import UnsupportedOperationException
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import pairs_in
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.resolving import lookup

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement

_LEVELS: Final = ("MEMORY_ONLY", "MEMORY_AND_DISK", "MEMORY_AND_DISK_DESER")


def _cache(cursor: Cursor) -> Callable[[Statement], None]:
    is_lazy = cursor.take("lazy")
    cursor.expect("table")
    name = cursor.name()
    if cursor.take("options"):
        _require_known(pairs_in(cursor))
    cursor.take("as")
    query = None if cursor.is_done else cursor.rest()

    def run(statement: Statement) -> None:
        if query is not None:
            statement.session.views.create(name[-1], statement.plan(query), replace=False)
        statement.session.catalog.cacheTable(quoted(name))
        if not is_lazy:
            statement.session.table(quoted(name)).count()

    return run


def _require_known(options: dict[str, str]) -> None:
    for key, value in options.items():
        if key.lower() != "storagelevel" or value.upper() not in _LEVELS:
            raise UnsupportedOperationException(
                f"CACHE TABLE with {key}={value} is not offered: results are kept in memory; leave OPTIONS "
                f"out, or say 'storageLevel' with one of {', '.join(_LEVELS)}"
            )


def _uncache(cursor: Cursor) -> Callable[[Statement], None]:
    is_lenient = cursor.take("if exists")
    name = cursor.name()

    def run(statement: Statement) -> None:
        if not is_lenient or lookup(statement.session, name) is not None:
            statement.session.catalog.uncacheTable(quoted(name))

    return run


def _clear(_: Cursor) -> Callable[[Statement], None]:
    return lambda at: at.session.catalog.clearCache()


def _refresh_table(cursor: Cursor) -> Callable[[Statement], None]:
    name = cursor.name()
    return lambda at: at.session.catalog.refreshTable(quoted(name))


def _refresh(cursor: Cursor) -> Callable[[Statement], None]:
    if not cursor.sees_string():
        return _refresh_table(cursor)
    path = cursor.string()
    return lambda at: at.session.catalog.refreshByPath(path)


READERS: Final = {
    "cache": _cache,
    "uncache table": _uncache,
    "clear cache": _clear,
    "refresh table": _refresh_table,
    "refresh": _refresh,
}
