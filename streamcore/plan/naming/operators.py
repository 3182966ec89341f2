"""Operators, predicates and conditionals in the names of columns."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable

from sqlglot import exp

from streamcore.plan.grammar import WRITTEN_AS
from streamcore.plan.naming.text import Text, shown_by
from streamcore.plan.resolution import LATERAL
from streamcore.spi.types import (
    DataType,
    DateType,
    DayTimeIntervalType,
    IntegralType,
    NullType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
)

_OPERATORS: dict[type[exp.Expression], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.IntDiv: "div",
    exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.NullSafeEQ: "<=>",
    exp.And: "AND", exp.Or: "OR",
    exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^",
}  # fmt: skip
# Between a whole number and a decimal that is none Spark compares with the next whole number.
_WHOLE: dict[type[exp.Expression], Callable[[decimal.Decimal], int]] = {
    exp.GT: math.floor,
    exp.LTE: math.floor,
    exp.GTE: math.ceil,
    exp.LT: math.ceil,
}
_INTERVALS = (DayTimeIntervalType, YearMonthIntervalType)
_TIMES = (TimestampType, TimestampNTZType, DateType)


def register() -> None:
    """Make these rules known."""
    shown_by(_binary, *_OPERATORS)
    shown_by(_sum, exp.Add, exp.Sub)
    shown_by(_product, exp.Mul)
    shown_by(_comparison, *_WHOLE)
    shown_by(lambda node, text: f"~{text(node.this)}", exp.BitwiseNot)
    shown_by(_not, exp.Not)
    shown_by(lambda node, text: f"(NOT {_pair(node, '=', text)})", exp.NEQ)
    shown_by(lambda node, text: f"(NOT {_pair(node, '<=>', text)})", exp.NullSafeNEQ)
    shown_by(_is, exp.Is)
    shown_by(_in, exp.In)
    shown_by(_between, exp.Between)
    shown_by(_like, exp.Like)
    shown_by(_ilike, exp.ILike)
    shown_by(_escaped, exp.Escape)
    shown_by(_case, exp.Case)
    shown_by(_paren, exp.Paren)


def _pair(node: exp.Expression, operator: str, text: Text) -> str:
    return f"({text(node.this)} {operator} {text(node.expression)})"


def _binary(node: exp.Expression, text: Text) -> str:
    return _pair(node, _OPERATORS[type(node)], text)


def _sum(node: exp.Expression, text: Text) -> str:
    left, right = node.this, node.expression
    if not (_may_be_time(left) or _may_be_time(right)):
        return _binary(node, text)
    types = text.type_of(left), text.type_of(right)
    if isinstance(node, exp.Add) and _is_amount(types[0]) and isinstance(types[1], _TIMES):
        left, right, types = right, left, types[::-1]
    if isinstance(types[0], DateType) and isinstance(types[1], IntegralType):
        return f"date_{'add' if isinstance(node, exp.Add) else 'sub'}({text(left)}, {text(right)})"
    shown = f"{text(left)} {_OPERATORS[type(node)]} {text(right)}"
    if _is_days(types[1]) and isinstance(types[0], DateType):
        days = f"extractansiintervaldays({text(right)})"
        return f"date_add({text(left)}, {days if isinstance(node, exp.Add) else f'(- {days})'})"
    is_difference = isinstance(node, exp.Sub) and isinstance(types[1], (*_TIMES, StringType, NullType))
    is_plain = isinstance(types[0], _TIMES) and not is_difference
    # Where nothing is known of the types, an interval is most often added to a time.
    is_unknown = types[0] is None and isinstance(right, exp.Interval)
    return shown if is_plain or is_unknown else f"({shown})"


def _product(node: exp.Expression, text: Text) -> str:
    """A product; an interval stands before the number that it is multiplied by."""
    if isinstance(text.type_of(node.expression), _INTERVALS):
        return f"({text(node.expression)} * {text(node.this)})"
    return _binary(node, text)


def _may_be_time(node: exp.Expression) -> bool:
    """Whether the types must be asked: for most sums it is plain that they are of numbers."""
    if isinstance(node, exp.Paren | exp.Neg):
        return _may_be_time(node.this)
    return not isinstance(node, exp.Literal | exp.Mul | exp.Div | exp.Mod | exp.IntDiv)


def _is_amount(data_type: DataType | None) -> bool:
    return isinstance(data_type, (*_INTERVALS, IntegralType, NullType))


def _is_days(data_type: DataType | None) -> bool:
    return isinstance(data_type, DayTimeIntervalType) and data_type.simpleString() == "interval day"


def _comparison(node: exp.Expression, text: Text) -> str:
    bound = node.expression
    value = _exact(bound)
    if value is not None and value % 1 and isinstance(text.type_of(node.this), IntegralType):
        whole = _WHOLE[type(node)](value)
        return f"({text(node.this)} {_OPERATORS[type(node)]} {whole})"
    return _binary(node, text)


def _exact(node: exp.Expression) -> decimal.Decimal | None:
    """The value of a decimal literal; None for anything else."""
    if (
        isinstance(node, exp.Literal)
        and not node.is_string
        and "." in node.name
        and "e" not in node.name.lower()
    ):
        return decimal.Decimal(node.name)
    return None


def _not(node: exp.Expression, text: Text) -> str:
    inner = node.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"({text(inner.this)} IS NOT NULL)"
    return f"(NOT {text(inner)})"


def _is(node: exp.Expression, text: Text) -> str:
    if isinstance(node.expression, exp.Null):
        return f"({text(node.this)} IS NULL)"
    return _pair(node, "<=>", text)


def _in(node: exp.Expression, text: Text) -> str:
    if node.args.get("query") is not None:
        return f"({text(node.this)} IN (listquery()))"
    return f"({text(node.this)} IN ({text.of_all(node.expressions)}))"


def _between(node: exp.Expression, text: Text) -> str:
    return f"between({text.of_all(node.args[key] for key in ('this', 'low', 'high'))})"


def _like(node: exp.Expression, text: Text) -> str:
    return f"{text(node.this)} LIKE {text(node.expression)}"


def _ilike(node: exp.Expression, text: Text) -> str:
    return f"ilike({text(node.this)}, {text(node.expression)})"


def _paren(node: exp.Expression, text: Text) -> str:
    alias = node.meta.get(LATERAL)
    if alias is not None:
        return f"lateralAliasReference({alias})"
    quantified = node.meta.get(WRITTEN_AS)
    if quantified is None:
        return text(node.this)
    like = next(found for found in node.find_all(exp.Like, exp.ILike))
    subject = text(like.this)
    return f"{quantified}({f'lower({subject})' if isinstance(like, exp.ILike) else subject})"


def _escaped(node: exp.Expression, text: Text) -> str:
    character = node.expression.name
    if isinstance(node.this, exp.ILike):
        return f"ilike({text.of_all([node.this.this, node.this.expression])})"
    return text(node.this) if character == "\\" else f"{text(node.this)} ESCAPE '{character}'"


def _case(node: exp.Expression, text: Text) -> str:
    operand = node.args.get("this")
    parts = []
    for branch in node.args["ifs"]:
        condition = text(branch.this)
        if operand is not None:
            condition = f"({text(operand)} = {condition})"
        parts.append(f"WHEN {condition} THEN {text(branch.args['true'])}")
    default = node.args.get("default")
    if default is not None:
        parts.append(f"ELSE {text(default)}")
    return f"CASE {' '.join(parts)} END"
