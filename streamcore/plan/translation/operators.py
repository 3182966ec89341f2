"""Arithmetic, bit and logical operators under ANSI rules."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import is_cheap, let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.translation import exact, mismatches
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    BINARY,
    BOOLEAN,
    DOUBLE,
    INT,
    INTERVALS,
    LONG,
    STRING,
    as_decimal,
    common_number,
    decimal_result,
    is_string,
)
from streamcore.plan.translation.comparisons import widened
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    TranslationContext,
    Translator,
    function,
    node_rule,
)
from streamcore.plan.translation.lenient_casts import limit, wider_than, wrapped
from streamcore.plan.translation.literals import exact_literal, number, typed_number
from streamcore.plan.translation.time_arithmetic import with_time
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DecimalType,
    FractionalType,
    IntegralType,
    MapType,
    NullType,
    NumericType,
    StructType,
)

_OF_NOTHING: dict[str, DataType] = {"div": LONG, "&": INT, "|": INT, "^": INT}
"""What NULL is beside NULL, where that is no double."""
_BITS = {exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^"}
_SYMBOLS: dict[type[exp.Binary], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip
_ADVICE = (
    "to tolerate divisor being 0 and return NULL instead. If necessary set "
    '"spark.sql.ansi.enabled" to "false" to bypass this error. SQLSTATE: 22012'
)
_DIVIDE_BY_ZERO = raise_sql("DIVIDE_BY_ZERO", string(f"Division by zero. Use `try_divide` {_ADVICE}"))
_REMAINDER_BY_ZERO = raise_sql("REMAINDER_BY_ZERO", string(f"Remainder by zero. Use `try_mod` {_ADVICE}"))


@node_rule(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def _arithmetic(node: exp.Binary, translator: Translator) -> Compiled:
    left, right = translator.compile(node.this), translator.compile(node.expression)
    return arithmetic(_SYMBOLS[type(node)], left, right, translator)


def arithmetic(
    symbol: str, left: Compiled, right: Compiled, translator: Translator, *, safe: bool = False
) -> Compiled:
    """`left symbol right`.

    Overflow and division by zero fail, or give null when `safe`; outside ANSI mode whole numbers wrap around
    and the others give null.
    """
    special = with_time(symbol, left, right, translator.context, safe=safe)
    if special is not None:
        return special
    left, right = _numbers(symbol, left, right, translator)
    lenient = not translator.context.ansi
    if isinstance(left.type, DecimalType):
        return _decimal_arithmetic(symbol, left, right, translator.context, safe=safe or lenient)
    if symbol == "/":
        left, right = cast(left, DOUBLE, translator.context), cast(right, DOUBLE, translator.context)
    if symbol in "/%":
        return _divided(symbol, left, right, left.type, safe or lenient)
    if lenient and not safe and isinstance(left.type, IntegralType):
        wide = wider_than(left.type)
        sql = wrapped(f"(CAST({left.sql} AS {wide}) {symbol} {right.sql})", left.type)
        return Compiled(sql, left.type, left.nullable or right.nullable)
    if safe:
        sql = _held(left, right, lambda one, other: f"TRY({one.sql} {symbol} {other.sql})")
        return Compiled(sql, left.type, nullable=True)
    sql = f"({left.sql} {symbol} {right.sql})"
    return Compiled(sql, left.type, left.nullable or right.nullable)


def _held(left: Compiled, right: Compiled, made: Callable[[Compiled, Compiled], str]) -> str:
    """`made` over operands by name where they may fail by themselves: TRY is not for their errors."""
    direct = made(left, right)
    if "TRY(" not in direct or (is_cheap(left.sql) and is_cheap(right.sql)):
        return direct

    def body(v: str) -> str:
        return made(replace(left, sql=f"{v}.l"), replace(right, sql=f"{v}.r"))

    return let(f"struct_pack(l := {left.sql}, r := {right.sql})", body)


def _numbers(
    symbol: str, left: Compiled, right: Compiled, translator: Translator
) -> tuple[Compiled, Compiled]:
    """Both operands as numbers of one type (decimals keep their own precisions)."""
    if translator.context.ansi and _are_only_text(left.type, right.type):
        raise mismatches.operands(symbol, left.type, right.type)
    left, right = _from_text(left, right, translator), _from_text(right, left, translator)
    for operand in (left, right):
        if not isinstance(operand.type, (NumericType, NullType)):
            raise mismatches.operands(symbol, left.type, right.type)
    if isinstance(left.type, NullType) or isinstance(right.type, NullType):
        other = right.type if isinstance(left.type, NullType) else left.type
        is_unknown = isinstance(other, NullType) or (symbol == "/" and isinstance(left.type, NullType))
        wanted = _OF_NOTHING.get(symbol, DOUBLE) if is_unknown else other
        return cast(left, wanted, translator.context), cast(right, wanted, translator.context)
    common = common_number(left.type, right.type, ansi=translator.context.ansi)
    if isinstance(common, DecimalType):
        return _as_decimal(left, translator), _as_decimal(right, translator)
    return cast(left, common, translator.context), cast(right, common, translator.context)


def _are_only_text(left: DataType, right: DataType) -> bool:
    """Whether one is text and the other tells nothing of the number that it is meant to be."""
    is_told = any(not is_string(one) and not isinstance(one, NullType) for one in (left, right))
    return not is_told and (is_string(left) or is_string(right))


def _from_text(operand: Compiled, other: Compiled, translator: Translator) -> Compiled:
    if not is_string(operand.type):
        return operand
    wanted = LONG if translator.context.ansi and isinstance(other.type, IntegralType) else DOUBLE
    return cast(operand, wanted, translator.context)


def _as_decimal(operand: Compiled, translator: Translator) -> Compiled:
    if isinstance(operand.type, DecimalType):
        return operand
    # Of a tinyint, Spark does not look at the literal.
    if operand.is_literal and isinstance(operand.value, int) and not isinstance(operand.type, ByteType):
        return exact_literal(decimal.Decimal(operand.value))
    return cast(operand, as_decimal(operand.type), translator.context)


def _divided(symbol: str, left: Compiled, right: Compiled, data_type: DataType, safe: bool) -> Compiled:
    quotient = f"({left.sql} {symbol} {right.sql})"
    kind = type_text(data_type)
    if symbol == "//" and isinstance(left.type, DecimalType):
        quotient = f"TRY_CAST({quotient} AS {kind})" if safe else f"CAST({quotient} AS {kind})"
    if right.is_literal and right.value and right.value != -1:
        return Compiled(quotient, data_type, left.nullable)
    # Of the least number the engine would divide by -1 with an overflow.
    least = ""
    if symbol == "%" and isinstance(data_type, IntegralType):
        least = f" WHEN {right.sql} = -1 AND {left.sql} IS NOT NULL THEN CAST(0 AS {kind})"
    if symbol == "//" and safe and isinstance(left.type, IntegralType):
        least = f" WHEN {right.sql} = -1 THEN {wrapped(f'(-CAST({left.sql} AS HUGEINT))', LONG)}"
    if safe:
        return Compiled(f"CASE{least} WHEN {right.sql} <> 0 THEN {quotient} END", data_type, nullable=True)
    # The failing branch must have the type of the quotient, and must not be reached for a null dividend.
    zero = f"{right.sql} = 0" + (f" AND {left.sql} IS NOT NULL" if left.nullable else "")
    failing = _REMAINDER_BY_ZERO if symbol == "%" else _DIVIDE_BY_ZERO
    sql = f"CASE WHEN {zero} THEN CAST({failing} AS {kind}){least} ELSE {quotient} END"
    return Compiled(sql, data_type, left.nullable or right.nullable)


def _decimal_arithmetic(
    symbol: str, left: Compiled, right: Compiled, context: TranslationContext, *, safe: bool
) -> Compiled:
    assert isinstance(left.type, DecimalType)
    assert isinstance(right.type, DecimalType)
    data_type = decimal_result(symbol, left.type, right.type, precision_loss=context.modes.precision_loss)
    if symbol == "/":
        return _divided_exactly(left, right, data_type, safe)
    if symbol == "%":
        return _divided("%", left, right, data_type, safe)

    if not (safe or context.careful) and _own_scale(symbol, left, right) <= DecimalType.MAX_PRECISION:
        return _in_own_type(symbol, left, right, data_type)

    def made(one: Compiled, other: Compiled) -> str:
        if symbol == "*":
            sql = _product(one, other, data_type, safe=safe)
        else:
            sql = _sum(symbol, one, other, data_type)
        return f"TRY({sql})" if safe else sql

    sql = _held(left, right, made)
    return Compiled(sql, data_type, safe or left.nullable or right.nullable)


def _own_scale(symbol: str, left: Compiled, right: Compiled) -> int:
    """The digits after the point in DuckDB's own result."""
    one, other = _decimal(left).scale, _decimal(right).scale
    return one + other if symbol == "*" else max(one, other)


def _in_own_type(symbol: str, left: Compiled, right: Compiled, data_type: DecimalType) -> Compiled:
    """DuckDB's own result, which fails where it has more digits than its type holds; most have not."""
    own = f"({left.in_own_type} {symbol} {right.in_own_type})"
    is_whole = _own_scale(symbol, left, right) == data_type.scale
    sql = f"CAST({own} AS {type_text(data_type)})"
    return Compiled(sql, data_type, left.nullable or right.nullable, own=own if is_whole else None)


def _sum(symbol: str, left: Compiled, right: Compiled, data_type: DecimalType) -> str:
    target = type_text(data_type)
    at_target = f"CAST(CAST({left.sql} AS {target}) {symbol} CAST({right.sql} AS {target}) AS {target})"
    scale = max(_decimal(left).scale, _decimal(right).scale)
    if scale == data_type.scale:
        return at_target
    # The sum is rounded once, where all its digits have room before.
    wide = f"DECIMAL({DecimalType.MAX_PRECISION},{scale})"
    at_once = f"TRY(CAST({left.sql} AS {wide}) {symbol} CAST({right.sql} AS {wide}))"
    return f"coalesce(CAST({at_once} AS {target}), {at_target})"


def _product(left: Compiled, right: Compiled, data_type: DecimalType, *, safe: bool) -> str:
    one, other = _decimal(left), _decimal(right)
    if one.precision + other.precision <= DecimalType.MAX_PRECISION:
        wide = f"DECIMAL({one.precision + other.precision},{one.scale})"
        return f"CAST(CAST({left.sql} AS {wide}) * {right.sql} AS {type_text(data_type)})"
    dropped = one.scale + other.scale - data_type.scale

    def multiplied(v: str) -> str:
        known = f"{v}.l IS NOT NULL AND {v}.r IS NOT NULL"
        return f"CASE WHEN {known} THEN {exact.product(f'{v}.l', f'{v}.r', dropped)} END"

    digits = let(f"struct_pack(l := {exact.unscaled(left)}, r := {exact.unscaled(right)})", multiplied)
    whole = exact.scaled(digits, data_type, safe=safe)
    if one.scale + other.scale > DecimalType.MAX_PRECISION:
        return whole
    # Most products of wide types are of short numbers, for which the engine's own are many times faster.
    wide = f"DECIMAL({DecimalType.MAX_PRECISION},{one.scale})"
    return f"coalesce(CAST(TRY(CAST({left.sql} AS {wide}) * {right.sql}) AS {type_text(data_type)}), {whole})"


def _decimal(value: Compiled) -> DecimalType:
    assert isinstance(value.type, DecimalType)
    return value.type


def _divided_exactly(left: Compiled, right: Compiled, data_type: DecimalType, safe: bool) -> Compiled:
    """Division of decimals by whole numbers, rounding half up."""
    shift = data_type.scale - _decimal(left).scale + _decimal(right).scale
    lengths = {"dividend_digits": _decimal(left).precision, "divisor_digits": _decimal(right).precision}

    def made(one: Compiled, other: Compiled) -> str:
        digits = exact.quotient(exact.unscaled(one), exact.unscaled(other), shift, **lengths)
        sql = exact.scaled(f"CASE WHEN {other.sql} <> 0 THEN {digits} END", data_type, safe=safe)
        return f"TRY({sql})" if safe else sql

    sql = _held(left, right, made)
    zero = f"{right.sql} = 0" + (f" AND {left.sql} IS NOT NULL" if left.nullable else "")
    if safe:
        return Compiled(sql, data_type, nullable=True)
    if right.is_literal and right.value:
        return Compiled(sql, data_type, left.nullable)
    failing = f"CAST({_DIVIDE_BY_ZERO} AS {type_text(data_type)})"
    return Compiled(
        f"CASE WHEN {zero} THEN {failing} ELSE {sql} END", data_type, left.nullable or right.nullable
    )


@function("try_add", "try_subtract", "try_multiply", "try_divide", "try_mod")
def _try_arithmetic(call: Call) -> Compiled:
    call.expect(2)
    symbol = {"try_add": "+", "try_subtract": "-", "try_multiply": "*", "try_divide": "/", "try_mod": "%"}[
        call.name
    ]
    return arithmetic(symbol, call.arg(0), call.arg(1), call.translator, safe=True)


@node_rule(exp.BitwiseNot)
def _bitwise_not(node: exp.BitwiseNot, translator: Translator) -> Compiled:
    value = translator.compile(node.this)
    if not isinstance(value.type, IntegralType):
        raise AnalysisException(
            '[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] Cannot resolve "~" due to data type mismatch: The '
            'first parameter requires the "INTEGRAL" type, however it has the type '
            f"{mismatches.shown(value.type)}. SQLSTATE: 42K09"
        )
    return Compiled(f"(~{value.sql})", value.type, value.nullable)


@function("mod")
def _mod(call: Call) -> Compiled:
    call.expect(2)
    return arithmetic("%", call.arg(0), call.arg(1), call.translator)


@function("pmod")
def _pmod(call: Call) -> Compiled:
    call.expect(2)
    right = call.arg(1)
    once = arithmetic("%", call.arg(0), right, call.translator)
    sql = f"(({once.sql} + {right.sql}) % {right.sql})"
    return Compiled(f"CASE WHEN {once.sql} < 0 THEN {sql} ELSE {once.sql} END", once.type, once.nullable)


@node_rule(exp.IntDiv)
def _whole_division(node: exp.IntDiv, translator: Translator) -> Compiled:
    left, right = _numbers(
        "div", translator.compile(node.this), translator.compile(node.expression), translator
    )
    if any(isinstance(x.type, FractionalType) and not isinstance(x.type, DecimalType) for x in (left, right)):
        raise mismatches.operands("div", left.type, right.type)
    if isinstance(left.type, DecimalType) and isinstance(right.type, DecimalType):
        left, right = _at_one_scale(left, right)
    else:
        left, right = cast(left, LONG, translator.context), cast(right, LONG, translator.context)
    return _divided("//", left, right, LONG, safe=not translator.context.ansi)


def _at_one_scale(left: Compiled, right: Compiled) -> tuple[Compiled, Compiled]:
    """The digits of two decimals, to as many places after the point."""
    scale = max(_decimal(left).scale, _decimal(right).scale)
    sides = []
    for side in (left, right):
        moved = scale - _decimal(side).scale
        digits = exact.unscaled(side) + (f" * {exact.power(moved)}" if moved else "")
        sides.append(Compiled(f"({digits})", side.type, side.nullable, value=side.value))
    return sides[0], sides[1]


@node_rule(exp.Neg)
def _negation(node: exp.Neg, translator: Translator) -> Compiled:
    if isinstance(node.this, exp.Literal) and not node.this.is_string:
        return number(f"-{node.this.name}")
    written = typed_number(node)
    if written is not None:
        return written
    inner = translator.compile(node.this)
    if is_string(inner.type) or isinstance(inner.type, NullType):
        inner = cast(inner, DOUBLE, translator.context)
    if not isinstance(inner.type, (NumericType, NullType, *INTERVALS, CalendarIntervalType)):
        raise mismatches.operands("-", inner.type, inner.type)
    is_whole = isinstance(inner.type, IntegralType) and not isinstance(inner.value, bool)
    if is_whole and inner.is_literal and isinstance(inner.value, int) and -inner.value < limit(inner.type):
        return Compiled(f"(-{inner.sql})", inner.type, inner.nullable, value=-inner.value)
    if isinstance(inner.type, IntegralType) and not translator.context.ansi:
        sql = wrapped(f"(-CAST({inner.sql} AS {wider_than(inner.type)}))", inner.type)
        return Compiled(sql, inner.type, inner.nullable)
    return Compiled(f"(-{inner.sql})", inner.type, inner.nullable)


@node_rule(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor)
def _bits(node: exp.Binary, translator: Translator) -> Compiled:
    left, right = _numbers(
        _BITS[type(node)], translator.compile(node.this), translator.compile(node.expression), translator
    )
    if not isinstance(left.type, IntegralType):
        raise mismatches.operands(_BITS[type(node)], left.type, right.type)
    nullable = left.nullable or right.nullable
    if isinstance(node, exp.BitwiseXor):
        return Compiled(f"xor({left.sql}, {right.sql})", left.type, nullable)
    symbol = "&" if isinstance(node, exp.BitwiseAnd) else "|"
    return Compiled(f"({left.sql} {symbol} {right.sql})", left.type, nullable)


@node_rule(exp.And, exp.Or)
def _logical(node: exp.Connector, translator: Translator) -> Compiled:
    word = "AND" if isinstance(node, exp.And) else "OR"
    sides = [translator.compile(side).type for side in (node.this, node.expression)]
    if _are_only_text(*sides):
        raise mismatches.operands(word, *sides)
    left, right = (_condition(side, translator, word) for side in (node.this, node.expression))
    return Compiled(f"({left.sql} {word} {right.sql})", BOOLEAN, left.nullable or right.nullable)


@node_rule(exp.Not)
def _not(node: exp.Not, translator: Translator) -> Compiled:
    inner = _condition(node.this, translator, "NOT")
    return Compiled(f"(NOT {inner.sql})", BOOLEAN, inner.nullable)


def _condition(node: exp.Expression, translator: Translator, word: str) -> Compiled:
    found = translator.compile(node)
    if isinstance(found.type, NullType) or (is_string(found.type) and translator.context.ansi):
        found = cast(found, BOOLEAN, translator.context)
    if found.type != BOOLEAN:
        raise mismatches.operands(word, found.type, BOOLEAN)
    return found


def _arrays(values: list[Compiled], call: Call) -> list[Compiled]:
    """The values as arrays of one type."""
    for value in values:
        if not isinstance(value.type, ArrayType):
            array = next(one.type for one in values if isinstance(one.type, ArrayType))
            raise mismatches.inputs("concat", array, value.type)
    return widened(values, call.context, "concat")


@function("concat")
def _concat(call: Call) -> Compiled:
    values = call.args
    if any(isinstance(value.type, ArrayType) for value in values):
        values = _arrays(values, call)
    nullable = any(value.nullable for value in values)
    if values and all(isinstance(value.type, ArrayType) for value in values):
        sql = " || ".join(value.sql for value in values)
        nulls = " OR ".join(f"{value.sql} IS NULL" for value in values)
        joined = f"({sql})" if not nullable else f"CASE WHEN {nulls} THEN NULL ELSE {sql} END"
        return Compiled(joined, values[0].type, nullable)
    is_binary = bool(values) and all(isinstance(value.type, BinaryType) for value in values)
    data_type = BINARY if is_binary and not call.context.modes.concat_as_string else STRING
    for value in values:
        if isinstance(value.type, (MapType, StructType)):
            raise mismatches.inputs("concat", value.type, STRING)
    parts = [cast(value, data_type, call.context).sql for value in values]
    return Compiled(f"({' || '.join(parts)})" if parts else "''", data_type, nullable)
