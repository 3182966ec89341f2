"""Numbers that are written out."""

from __future__ import annotations

from sqlglot import exp


def constant_number(node: exp.Expression) -> float | None:
    """The number that a literal stands for, under casts and signs; None for all else.

    >>> constant_number(exp.Neg(this=exp.Literal.number("0.5")))
    -0.5
    """
    if isinstance(node, (exp.Cast, exp.Paren)):
        return constant_number(node.this)
    if isinstance(node, exp.Neg):
        inner = constant_number(node.this)
        return None if inner is None else -inner
    return float(node.name) if isinstance(node, exp.Literal) and not node.is_string else None
