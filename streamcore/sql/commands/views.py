"""CREATE, ALTER and DROP VIEW."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import ParseException
from streamcore.spi.types import StructType, parse_ddl
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.pairs import keys_in, pairs_in
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.view_metadata import SchemaMode
from streamcore.sql.tables.viewing import (
    NewView,
    alter_query,
    alter_view,
    create_file_view,
    create_view,
    drop_view,
    rename_view,
)

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], None]


def _creates(is_replacing: bool, kept_in: str) -> Callable[[Cursor], Command]:
    """Reads what follows CREATE [OR REPLACE] [TEMPORARY] VIEW."""

    def read(cursor: Cursor) -> Command:
        is_lenient = cursor.take("if not exists")
        name = cursor.name()
        _require_sensible(name, kept_in, is_replacing=is_replacing, is_lenient=is_lenient)
        columns, types = _columns(cursor) if cursor.sees("(") else (None, None)
        if cursor.take("using"):
            return _over_files(cursor, name, types, kept_in, is_replacing=is_replacing)
        if types is not None:
            raise cursor.error(f"the columns of a view take their types from its query: ({types})")
        new = NewView(name, kept_in, columns, is_replacing=is_replacing, is_lenient=is_lenient)
        while not cursor.take("as"):
            match cursor.expect("comment", "tblproperties", "with schema", "default collation"):
                case "comment":
                    new.comment = cursor.string()
                case "tblproperties":
                    new.properties = pairs_in(cursor)
                case "with schema":
                    new.mode = _mode(cursor)
                case _:
                    raise cursor.error("a view with a DEFAULT COLLATION is not offered")
        new.text = cursor.rest()
        if new.properties and kept_in != "catalog":
            raise ParseException(
                "[UNSUPPORTED_FEATURE.SET_PROPERTIES_AND_DBPROPERTIES] TBLPROPERTIES can't coexist with "
                "CREATE TEMPORARY VIEW. SQLSTATE: 0A000"
            )
        return lambda at: create_view(at, new)

    return read


def _require_sensible(name: list[str], kept_in: str, *, is_replacing: bool, is_lenient: bool) -> None:
    shown = ".".join(name)
    if is_lenient and is_replacing:
        raise ParseException(
            f"[CREATE_VIEW_WITH_IF_NOT_EXISTS_AND_REPLACE] CREATE VIEW {shown} with both IF NOT EXISTS and "
            "REPLACE is not allowed. SQLSTATE: 42601"
        )
    if is_lenient and kept_in != "catalog":
        raise ParseException(
            "[INVALID_SQL_SYNTAX.CREATE_TEMP_FUNC_WITH_IF_NOT_EXISTS] It is not allowed to define a "
            f"TEMPORARY view with IF NOT EXISTS: {shown}. SQLSTATE: 42000"
        )
    if len(name) > 1 and kept_in == "session":
        raise ParseException(
            "[TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS] CREATE TEMPORARY VIEW or the corresponding Dataset APIs "
            f"only accept single-part view names, but got: {quoted(name)}. SQLSTATE: 428EK"
        )


def _columns(cursor: Cursor) -> tuple[list[tuple[str, str | None]] | None, str | None]:
    """The names and comments of a view's columns; or the text of their definitions, when they have types."""
    here = cursor.items()
    found: list[tuple[str, str | None]] = []
    texts = []
    for item in here:
        texts.append(item.peek_rest())
        name = item.identifier()
        comment = item.string() if item.take("comment") else None
        found.append((name, comment))
    if all(item.is_done for item in here):
        return found, None
    return None, ", ".join(texts)


def _mode(cursor: Cursor) -> SchemaMode:
    words = cursor.expect("binding", "compensation", "type evolution", "evolution")
    return SchemaMode(words.upper())


def _over_files(
    cursor: Cursor, name: list[str], types: str | None, kept_in: str, *, is_replacing: bool
) -> Command:
    if kept_in == "catalog":
        raise cursor.error("a view with USING is a temporary one; CREATE TABLE ... USING keeps it")
    source = ".".join(cursor.name())
    options = pairs_in(cursor) if cursor.take("options") else {}
    schema: StructType | None = None if types is None else parse_ddl(types)
    return lambda at: create_file_view(
        at.session, name[-1], kept_in, source, schema, options, is_replacing=is_replacing
    )


def _drop(cursor: Cursor) -> Command:
    is_lenient = cursor.take("if exists")
    name = cursor.name()
    return lambda at: drop_view(at.session, name, ignore=is_lenient)


def _alter(cursor: Cursor) -> Command:
    name = cursor.name()
    what = cursor.expect("rename to", "as", "set tblproperties", "unset tblproperties", "with schema")
    if what == "rename to":
        new = cursor.name()
        return lambda at: rename_view(at.session, name, new)
    if what == "as":
        text = cursor.rest()
        return lambda at: alter_query(at, name, text)
    if what == "with schema":
        mode = _mode(cursor)
        return lambda at: alter_view(at.session, name, "ALTER VIEW ... WITH SCHEMA", mode=mode)
    if what == "set tblproperties":
        added = pairs_in(cursor)
        return lambda at: alter_view(at.session, name, "ALTER VIEW ... SET TBLPROPERTIES", added=added)
    cursor.take("if exists")
    gone = keys_in(cursor)
    return lambda at: alter_view(at.session, name, "ALTER VIEW ... UNSET TBLPROPERTIES", gone=gone)


_CREATE: Final = {
    f"create{replacing}{kind} view": _creates(bool(replacing), kept_in)
    for replacing in ("", " or replace")
    for kind, kept_in in (
        ("", "catalog"),
        (" temp", "session"),
        (" temporary", "session"),
        (" global temp", "global_temp"),
        (" global temporary", "global_temp"),
    )
}
READERS: Final = {**_CREATE, "drop view": _drop, "alter view": _alter}
