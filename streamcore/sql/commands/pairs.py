"""Keys and values in brackets, as OPTIONS and TBLPROPERTIES have them."""

from __future__ import annotations

from streamcore.plan.expressions import parse_expression
from streamcore.sql.commands.cursor import Cursor


def pairs_in(cursor: Cursor) -> dict[str, str]:
    """`(key = value, 'key' 'value', a.b = 1)`: what the brackets that come next hold."""
    found = {}
    for item in cursor.items():
        key = key_of(item)
        item.take("=")
        found[key] = _value(item)
    return found


def keys_in(cursor: Cursor) -> list[str]:
    """`(key, 'key', a.b)`."""
    keys = []
    for item in cursor.items():
        keys.append(key_of(item))
        item.end()
    return keys


def key_of(cursor: Cursor) -> str:
    """A key: a literal or a dotted name."""
    return cursor.literal() if cursor.sees_string() else ".".join(cursor.name())


def _value(cursor: Cursor) -> str:
    if cursor.sees_string():
        value = cursor.string()
        cursor.end()
        return value
    text = cursor.rest()
    if text.lower() in ("true", "false"):
        return text.lower()
    # Whatever else is written must be one literal.
    parse_expression(text)
    return text
