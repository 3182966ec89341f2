"""Conditions on a table's columns, as pyiceberg plans with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression


def condition(kind: str, column: str, *value: Any) -> BooleanExpression:
    """One condition by the name of its class, on a top-level column; pyiceberg binds the name later."""
    from pyiceberg import expressions

    # Its classes take names and plain values, which their annotations do not say.
    make: Any = getattr(expressions, kind)
    made: BooleanExpression = make(column, *value)
    return made
