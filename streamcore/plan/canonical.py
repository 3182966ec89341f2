"""Expressions that are the same in another order: `1 + a` is the key `a + 1` of a grouping."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.naming import expression_text
from streamcore.plan.subqueries import SubqueryValue

_COMMUTATIVE = (
    exp.Add, exp.Mul, exp.And, exp.Or, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.EQ, exp.NullSafeEQ,
)  # fmt: skip


def same_value(one: exp.Expression, other: exp.Expression) -> bool:
    """Whether two resolved expressions differ in nothing but the order in which operands are written.

    >>> from streamcore.plan.expressions import parse_expression
    >>> same_value(parse_expression("1 + (a + b)"), parse_expression("b + a + 1"))
    True
    """
    if one == other:
        return True
    is_open = isinstance(one, exp.Paren) or type(one) is type(other)
    return is_open and one.find(*_COMMUTATIVE) is not None and canonical(one) == canonical(other)


def canonical(expression: exp.Expression) -> exp.Expression:
    """The expression without parentheses, operands of commutative operators in the order of their texts."""
    found: exp.Expression = expression.transform(_ordered)
    return found


def _ordered(node: exp.Expression) -> exp.Expression:
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, _COMMUTATIVE):
        return node
    operands = [canonical(operand) for operand in _operands(node, type(node))]
    first, *rest = sorted(operands, key=_text)
    for operand in rest:
        first = type(node)(this=first, expression=operand)
    return first


def _operands(node: exp.Expression, class_: type[exp.Expression]) -> list[exp.Expression]:
    """The operands of a chain of one operator; a comparison is no chain."""
    while isinstance(node, exp.Paren):
        node = node.this
    if type(node) is not class_:
        return [node]
    if class_ in (exp.EQ, exp.NullSafeEQ):
        return [node.this, node.expression]
    return [*_operands(node.this, class_), *_operands(node.expression, class_)]


def _text(operand: exp.Expression) -> str:
    return operand.sql() if operand.find(SubqueryValue) is None else expression_text(operand)
