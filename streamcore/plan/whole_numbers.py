"""Constants that clauses take (LIMIT, OFFSET, range()): whole numbers, and sums and products of them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from streamcore.errors import AnalysisException

_OPERATORS: dict[type[exp.Expression], Callable[[int, int], int]] = {
    exp.Add: lambda a, b: a + b, exp.Sub: lambda a, b: a - b, exp.Mul: lambda a, b: a * b,
}  # fmt: skip


def whole_number(node: exp.Expression, clause: str) -> int:
    """The number that a constant is; `clause` is named where it is none.

    >>> from streamcore.plan.expressions import parse_expression
    >>> whole_number(parse_expression("-(1 + 2) * 3L"), "LIMIT")
    -9
    """
    if isinstance(node, (exp.Paren, exp.Cast)):
        return whole_number(node.this, clause)
    if isinstance(node, exp.Neg):
        return -whole_number(node.this, clause)
    operator = _OPERATORS.get(type(node))
    if operator is not None:
        return operator(whole_number(node.this, clause), whole_number(node.expression, clause))
    if isinstance(node, exp.Literal) and not node.args.get("is_string") and node.name.isdigit():
        return int(node.name)
    raise AnalysisException(
        f"[INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE] {clause} takes whole numbers that are constants, not "
        f'"{node.sql(dialect="spark")}". SQLSTATE: 42K0E'
    )
