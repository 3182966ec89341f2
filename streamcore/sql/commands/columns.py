"""Columns as CREATE TABLE and ALTER TABLE define them."""

from __future__ import annotations

from streamcore.errors import UnsupportedOperationException
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.tables.creating import NewColumn

_BEHIND_TYPE = (
    "not null", "comment", "default", "generated", "collate", "constraint", "primary", "unique", "check",
    "references", "first", "after",
)  # fmt: skip


def columns_in(cursor: Cursor) -> list[NewColumn]:
    """The definitions in the brackets that come next."""
    return [column_in(item) for item in cursor.items()]


def column_in(cursor: Cursor, name: str | None = None) -> NewColumn:
    """One definition, read to its end: a name unless it is read already, a type, and what else is said."""
    column = NewColumn(cursor.identifier() if name is None else name)
    cursor.take(":")
    column.type_text = cursor.until(*_BEHIND_TYPE)
    if not column.type_text:
        raise cursor.error(f"the column {column.name} needs a type")
    read_about(cursor, column)
    cursor.end()
    return column


def read_about(cursor: Cursor, column: NewColumn) -> None:
    """What stands behind a column's type."""
    while not cursor.is_done and not cursor.sees("first") and not cursor.sees("after"):
        match cursor.take_one("not null", "comment", "default", "collate utf8_binary"):
            case "collate utf8_binary":
                pass  # the only one that there is, and that of every column
            case "not null":
                column.nullable = False
            case "comment":
                column.comment = cursor.string()
            case "default":
                column.default = cursor.until(*_BEHIND_TYPE)
            case _:
                raise UnsupportedOperationException(
                    f"a column with {cursor.peek_rest()} is not offered; NOT NULL, DEFAULT and COMMENT are"
                )
