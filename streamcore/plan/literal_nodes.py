"""Literals with a type of their own, as `25Y` or `DATE '2020-01-05'`: casts that nobody wrote as casts."""

from __future__ import annotations

import decimal
import re

from sqlglot import exp

_MARK = "typed_literal"
_NUMBER = re.compile(r"(?P<digits>[\d.]+(?:[eE][+-]?\d+)?)(?P<suffix>BD|[YSLDF])?", re.IGNORECASE)
_SUFFIXES = {"Y": "TINYINT", "S": "SMALLINT", "L": "BIGINT", "F": "FLOAT", "D": "DOUBLE"}


def typed_literal(value: exp.Expression, to: exp.DataType) -> exp.Cast:
    """The literal `value` of the type `to`."""
    node = exp.Cast(this=value, to=to)
    node.meta[_MARK] = True
    return node


def is_typed_literal(node: exp.Expression) -> bool:
    """Whether the node stands for a literal, and not for a cast that was written."""
    return bool(node.meta.get(_MARK))


def number_node(text: str) -> exp.Expression:
    """The literal that digits with or without one of Spark's suffixes are.

    >>> number_node("25Y").sql(), number_node("1.5BD").sql(), number_node("1e3BD").sql()
    ('CAST(25 AS TINYINT)', '1.5', 'CAST(1000 AS DECIMAL(4, 0))')
    """
    match = _NUMBER.fullmatch(text)
    digits, suffix = (match["digits"], match["suffix"]) if match else (text, None)
    if suffix is None:
        return exp.Literal.number(digits)
    if suffix.upper() == "BD":
        return decimal_node(decimal.Decimal(digits))
    return typed_literal(exp.Literal.number(digits), exp.DataType.build(_SUFFIXES[suffix.upper()], "spark"))


def decimal_node(value: decimal.Decimal) -> exp.Expression:
    """The literal of a decimal number that is not negative, with its own precision and scale."""
    text = f"{value:f}"
    number = exp.Literal.number(text)
    return number if "." in text else typed_literal(number, exp.DataType.build(f"decimal({len(text)},0)"))


def of_leading_literal(value: exp.Expression, to: exp.DataType) -> exp.Expression:
    """`value`, which begins with a literal (`'2020-01-05'::string`), with that literal of the type `to`."""
    first = value
    while not isinstance(first, exp.Literal):
        first = first.this
    made = typed_literal(first.copy(), to)
    if first is value:
        return made
    first.replace(made)
    return value
