"""Columns, fields, items, aliases and subqueries in the names of columns."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.naming.calls import call_text
from streamcore.plan.naming.text import VARIABLE, Text, shown_by
from streamcore.plan.resolution import name_parts, shown_field, written_name
from streamcore.plan.subqueries import EXISTS, IN, FrameQuery, SubqueryValue
from streamcore.plan.translation.core import as_call

# The calls whose column goes by their name alone.
WINDOWS = ("window", "session_window")


def register() -> None:
    """Make these rules known."""
    shown_by(_column, exp.Column)
    shown_by(_identifier, exp.Identifier)
    shown_by(lambda node, _: str(node.this), exp.Var)
    shown_by(lambda _, __: "1", exp.Star)
    shown_by(lambda node, text: f"{text(node.this)} AS {node.alias}", exp.Alias)
    shown_by(_item, exp.Bracket)
    shown_by(_dot, exp.Dot)
    shown_by(_ordered, exp.Ordered)
    shown_by(lambda node, text: text.of_all(node.expressions), exp.Order)
    shown_by(lambda _, __: "scalarsubquery()", exp.Subquery)
    shown_by(_exists, exp.Exists)
    shown_by(_subquery, SubqueryValue)
    shown_by(lambda _, __: "scalarsubquery()", FrameQuery)


def _column(node: exp.Expression, text: Text) -> str:
    assert isinstance(node, exp.Column)
    if isinstance(node.this, exp.Star):
        return "1"
    if referenced_id(node) is not None:
        return written_name(node)
    first, *rest = name_parts(node)
    return ".".join([VARIABLE if first in text.variables else first, *rest])


def _identifier(node: exp.Expression, text: Text) -> str:
    return VARIABLE if node.name in text.variables else str(node.name)


def _item(node: exp.Expression, text: Text) -> str:
    base, keys = text(node.this), text.of_all(node.expressions)
    # A field or a key of a map: which of the two is known, and the quotes are gone, once names are resolved.
    return f"{base}['{keys}']" if text.is_written and _is_open_name(node) else f"{base}[{keys}]"


def _is_open_name(node: exp.Expression) -> bool:
    """Whether an item is asked for by a name, of what no query gives yet."""
    is_resolved = any(referenced_id(column) is not None for column in node.this.find_all(exp.Column))
    return not is_resolved and all(isinstance(key, exp.Literal) and key.is_string for key in node.expressions)


def _dot(node: exp.Expression, text: Text) -> str:
    field = node.args["expression"]
    name = shown_field(field) if isinstance(field, exp.Identifier) else text(field)
    is_window = isinstance(node.this, exp.Anonymous) and node.this.name.lower() in WINDOWS
    return f"{node.this.name.lower() if is_window else text(node.this)}.{name}"


def _ordered(node: exp.Expression, text: Text) -> str:
    is_descending = bool(node.args.get("desc"))
    given = node.args.get("nulls_first")
    is_first = (not is_descending) if given is None else bool(given)
    return f"{text(node.this)} {'DESC' if is_descending else 'ASC'} NULLS {'FIRST' if is_first else 'LAST'}"


def _exists(node: exp.Expression, text: Text) -> str:
    if isinstance(node.this, exp.Query | FrameQuery):
        return "exists()"
    name, arguments = as_call(node)
    return call_text(name, [text(argument) for argument in arguments], text)


def _subquery(node: exp.Expression, text: Text) -> str:
    """A subquery with what it reads of the query around it."""
    assert isinstance(node, SubqueryValue)
    read = text.of_all(node.expressions)
    if node.args["kind"] != IN:
        return f"{'exists' if node.args['kind'] == EXISTS else 'scalarsubquery'}({read})"
    values = [text(value) for value in node.values]
    fields = ", ".join(f"'{value}', {value}" for value in values)
    sought = values[0] if len(values) == 1 else f"named_struct({fields})"
    found = f"({sought} IN (listquery({read})))"
    return f"(NOT {found})" if node.args.get("negated") else found
