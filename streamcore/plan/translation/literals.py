"""Literals, column references, aliases and parentheses."""

from __future__ import annotations

import decimal
import math
import sys

from sqlglot import exp

from streamcore.duck.quoting import identifier, string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.attributes import outer_column, referenced_id
from streamcore.plan.literal_nodes import is_typed_literal
from streamcore.plan.translation.coercion import (
    BINARY,
    BOOLEAN,
    DOUBLE,
    INT,
    LONG,
    NULL,
    STRING,
)
from streamcore.plan.translation.core import Compiled, Translator, node_rule, spark_type
from streamcore.plan.translation.lenient_casts import limit
from streamcore.spi.sized_texts import char_length
from streamcore.spi.types import DataType, DecimalType, IntegralType


@node_rule(exp.Literal)
def _literal(node: exp.Literal, _: Translator) -> Compiled:
    if node.is_string:
        return Compiled(string(node.name), STRING, nullable=False, value=node.name)
    return number(node.name)


def number(text: str) -> Compiled:
    """The literal that SQL text such as `1`, `1.50` or `1e3` writes."""
    if "e" in text.lower():
        if math.isinf(float(text)):
            most = sys.float_info.max
            raise _out_of_range(text, DOUBLE, -most, most)
        return Compiled(f"CAST({text} AS DOUBLE)", DOUBLE, nullable=False, value=float(text))
    if "." in text:
        return exact_literal(decimal.Decimal(text))
    value = int(text)
    if -(2**31) <= value < 2**31:
        return Compiled(f"CAST({value} AS INTEGER)", INT, nullable=False, value=value)
    if -(2**63) <= value < 2**63:
        return Compiled(f"CAST({value} AS BIGINT)", LONG, nullable=False, value=value)
    return exact_literal(decimal.Decimal(text))


def typed_number(node: exp.Expression) -> Compiled | None:
    """The number that is written with the letters of its type, such as `5L`; None for all else.

    A minus before it belongs to it: `-128Y` is one, `-CAST(128 AS TINYINT)` is not.
    """
    sign, inner = ("-", node.this) if isinstance(node, exp.Neg) else ("", node)
    if not isinstance(inner, exp.Cast) or not is_typed_literal(inner) or not _is_number(inner.this):
        return None
    digits, data_type = sign + inner.this.name, spark_type(inner.args["to"])
    if isinstance(data_type, DecimalType):
        return exact_literal(decimal.Decimal(digits))
    value = int(digits) if isinstance(data_type, IntegralType) else float(digits)
    if isinstance(value, int) and not -limit(data_type) <= value < limit(data_type):
        raise _out_of_range(digits, data_type, -limit(data_type), limit(data_type) - 1)
    sql = f"CAST('{digits}' AS {type_text(data_type)})"
    return Compiled(sql, data_type, nullable=False, value=value)


def _is_number(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _out_of_range(digits: str, data_type: DataType, least: float, most: float) -> ParseException:
    return ParseException(
        f"[INVALID_NUMERIC_LITERAL_RANGE] Numeric literal {digits} is outside the valid range for "
        f"{data_type.simpleString()} with minimum value of {least} and maximum value of {most}. "
        "Please adjust the value accordingly. SQLSTATE: 22003"
    )


def exact_literal(value: decimal.Decimal) -> Compiled:
    """A decimal literal with as many digits as it is written with."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    precision = max(len(digits) + max(exponent, 0), scale, 1)
    if precision > DecimalType.MAX_PRECISION:
        raise AnalysisException(f"A decimal literal has at most 38 digits: {value}.")
    data_type = DecimalType(precision, scale)
    return Compiled(
        f"CAST('{value:f}' AS DECIMAL({precision},{scale}))", data_type, nullable=False, value=value
    )


@node_rule(exp.Boolean)
def _boolean(node: exp.Boolean, _: Translator) -> Compiled:
    return Compiled("true" if node.this else "false", BOOLEAN, nullable=False, value=bool(node.this))


@node_rule(exp.Null)
def _null(_: exp.Null, __: Translator) -> Compiled:
    return Compiled("NULL", NULL, nullable=True, value=None)


@node_rule(exp.HexString)
def _hex(node: exp.HexString, _: Translator) -> Compiled:
    digits = node.name if len(node.name) % 2 == 0 else f"0{node.name}"
    return Compiled(f"unhex('{digits}')", BINARY, nullable=False, value=bytes.fromhex(digits))


@node_rule(exp.Column)
def _column(node: exp.Column, translator: Translator) -> Compiled:
    if node.name in translator.variables and referenced_id(node) is None:
        return translator.variables[node.name]
    attribute = translator.scope.get(node.name) or outer_column(node)
    if attribute is None:
        raise AnalysisException(f"[UNRESOLVED_COLUMN] The column `{node.name}` is not in reach here.")
    return Compiled(
        identifier(attribute.physical),
        attribute.data_type,
        attribute.nullable,
        name=attribute.name,
        char_length=char_length(attribute.metadata) if attribute.metadata else None,
    )


@node_rule(exp.Identifier)
def _variable(node: exp.Identifier, translator: Translator) -> Compiled:
    if node.name not in translator.variables:
        raise AnalysisException(f"[UNRESOLVED_COLUMN] The name `{node.name}` is not in reach here.")
    return translator.variables[node.name]


@node_rule(exp.Paren)
def _paren(node: exp.Paren, translator: Translator) -> Compiled:
    return translator.compile(node.this)


@node_rule(exp.Alias)
def _alias(node: exp.Alias, translator: Translator) -> Compiled:
    inner = translator.compile(node.this)
    return Compiled(inner.sql, inner.type, inner.nullable, value=inner.value, name=node.alias)
