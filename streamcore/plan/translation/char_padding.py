"""CHAR(n) columns in comparisons: the shorter side is padded with blanks, as in Spark."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.duck.quoting import string
from streamcore.plan.translation.coercion import is_string
from streamcore.plan.translation.core import Compiled


def operand(node: exp.Expression, value: Compiled) -> Compiled:
    """The compiled operand, which knows whether it is computed from constants alone."""
    if value.is_literal or node.find(exp.Column, exp.Query) is not None:
        return value
    return replace(value, is_constant=True)


def padded(values: list[Compiled]) -> list[Compiled]:
    """What is compared with one another: a CHAR column with constants, or with other CHAR columns.

    Anything else is compared as it is: a CHAR column with a STRING column too.
    """
    lengths = [value.char_length for value in values]
    if not any(lengths) or not all(map(_is_padded, values)):
        return values
    known = [length or (len(value.value) if value.is_literal and value.value is not None else 0)
             for length, value in zip(lengths, values, strict=True)]  # fmt: skip
    width = str(max(known))
    computed = [f"length({value.sql})" for value in values if value.is_constant]
    if computed:
        # A null among the constants makes greatest() no wider.
        width = f"CAST(greatest({', '.join([width, *computed])}) AS INTEGER)"
    return [_to_width(value, width, length) for value, length in zip(values, known, strict=True)]


def _is_padded(value: Compiled) -> bool:
    if value.char_length is not None:
        return True
    if value.is_literal:
        return value.value is None or isinstance(value.value, str)
    return value.is_constant and is_string(value.type)


def _to_width(value: Compiled, width: str, length: int) -> Compiled:
    if width == str(length) or (value.is_literal and value.value is None):
        return value
    if value.is_literal and width.isdigit():
        text = value.value.ljust(int(width))
        return replace(value, sql=string(text), value=text)
    return Compiled(f"rpad({value.sql}, {width}, ' ')", value.type, value.nullable)
