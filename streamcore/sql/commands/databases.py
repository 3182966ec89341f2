"""CREATE, ALTER and DROP of databases, and comments on what is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from streamcore.errors import UnsupportedOperationException
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import pairs_in
from streamcore.sql.tables.metadata import DatabaseMetadata
from streamcore.sql.tables.names import quoted

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement


def _create(cursor: Cursor) -> Callable[[Statement], None]:
    is_lenient = cursor.take("if not exists")
    name = cursor.name()
    comment, location, properties = None, None, dict[str, str]()
    while not cursor.is_done:
        match cursor.expect("comment", "location", "with dbproperties", "with properties"):
            case "comment":
                comment = cursor.string()
            case "location":
                location = cursor.string()
            case _:
                properties = pairs_in(cursor)

    def run(statement: Statement) -> None:
        tables = statement.session.tables
        database = DatabaseMetadata(tables.database_name(name), location, comment, properties)
        tables.create_database(database, ignore=is_lenient)

    return run


def _drop(cursor: Cursor) -> Callable[[Statement], None]:
    is_lenient = cursor.take("if exists")
    name = cursor.name()
    is_cascade = cursor.take_one("cascade", "restrict") == "cascade"

    def run(statement: Statement) -> None:
        session = statement.session
        if not is_lenient or session.catalog.databaseExists(quoted(name)):
            session.tables.drop_database(quoted(name), cascade=is_cascade)

    return run


def _alter(cursor: Cursor) -> Callable[[Statement], None]:
    name = cursor.name()
    what = cursor.expect("set dbproperties", "set properties", "set location", "default collation", "unset")
    if what in ("default collation", "unset"):
        raise UnsupportedOperationException(
            f"ALTER DATABASE ... {what.upper()} is not offered; SET DBPROPERTIES and SET LOCATION are"
        )
    location = cursor.string() if what == "set location" else None
    added = {} if what == "set location" else pairs_in(cursor)

    def change(database: DatabaseMetadata) -> DatabaseMetadata:
        properties = {**database.properties, **added}
        return replace(database, properties=properties, location=location or database.location)

    return lambda at: at.session.tables.alter_database(quoted(name), change)


def _comment(cursor: Cursor) -> Callable[[Statement], None]:
    name = cursor.name()
    cursor.expect("is")
    text = None if cursor.take("null") else cursor.string()
    return lambda at: at.session.tables.alter_database(quoted(name), lambda one: replace(one, comment=text))


_WORDS: Final = ("database", "schema", "namespace")
READERS: Final = {
    **{f"create {word}": _create for word in _WORDS},
    **{f"drop {word}": _drop for word in _WORDS},
    **{f"alter {word}": _alter for word in _WORDS},
    **{f"comment on {word}": _comment for word in _WORDS},
}
