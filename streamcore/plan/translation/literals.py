"""Literals, column references, aliases and parentheses."""

from __future__ import annotations

import decimal

from sqlglot import exp

from streamcore.duck.quoting import identifier, string
from streamcore.errors import AnalysisException
from streamcore.plan.attributes import outer_column, referenced_id
from streamcore.plan.translation.coercion import BINARY, BOOLEAN, DOUBLE, INT, LONG, NULL, STRING
from streamcore.plan.translation.core import Compiled, Translator, node_rule
from streamcore.spi.types import DecimalType


@node_rule(exp.Literal)
def _literal(node: exp.Literal, _: Translator) -> Compiled:
    if node.is_string:
        return Compiled(string(node.name), STRING, nullable=False, value=node.name)
    return number(node.name)


def number(text: str) -> Compiled:
    """The literal that SQL text such as `1`, `1.50` or `1e3` writes."""
    if "e" in text.lower():
        return Compiled(f"CAST({text} AS DOUBLE)", DOUBLE, nullable=False, value=float(text))
    if "." in text:
        return exact_literal(decimal.Decimal(text))
    value = int(text)
    if -(2**31) <= value < 2**31:
        return Compiled(f"CAST({value} AS INTEGER)", INT, nullable=False, value=value)
    if -(2**63) <= value < 2**63:
        return Compiled(f"CAST({value} AS BIGINT)", LONG, nullable=False, value=value)
    return exact_literal(decimal.Decimal(text))


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
        identifier(attribute.physical), attribute.data_type, attribute.nullable, name=attribute.name
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
