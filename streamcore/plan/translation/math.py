"""Mathematics."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.duck.types import type_text
from streamcore.plan.function_specs import IN_CAPITALS
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    DOUBLE,
    INT,
    INTERVALS,
    LONG,
    STRING,
    bounded_decimal,
    is_string,
)
from streamcore.plan.translation.core import Call, Compiled, TranslationContext, function
from streamcore.plan.translation.lenient_casts import wider_than, wrapped
from streamcore.plan.translation.simple import simple
from streamcore.spi.types import (
    ByteType,
    CalendarIntervalType,
    DataType,
    DecimalType,
    FloatType,
    IntegralType,
    NumericType,
)

# Where Spark answers NaN or null and DuckDB fails, the argument is checked first.
simple("sqrt", "d", DOUBLE,
       "CASE WHEN {0} >= 0 OR isnan({0}) THEN sqrt({0}) WHEN {0} < 0 THEN 'nan'::DOUBLE END",
       shown=IN_CAPITALS)  # fmt: skip
simple("sin cos tan", "d", DOUBLE, "CASE WHEN isinf({0}) THEN 'nan'::DOUBLE ELSE {name}({0}) END",
       shown=IN_CAPITALS)  # fmt: skip
simple("exp sinh cosh tanh atan asinh cbrt degrees radians", "d", DOUBLE, "{name}({0})", shown=IN_CAPITALS)
simple(
    "asin acos",
    "d",
    DOUBLE,
    "CASE WHEN abs({0}) <= 1 THEN {name}({0}) WHEN {0} IS NOT NULL THEN 'nan'::DOUBLE END",
    shown=IN_CAPITALS,
)
simple("acosh", "d", DOUBLE, "CASE WHEN {0} >= 1 THEN acosh({0}) WHEN {0} IS NOT NULL THEN 'nan'::DOUBLE END",
       shown=IN_CAPITALS)  # fmt: skip
simple(
    "atanh",
    "d",
    DOUBLE,
    "CASE WHEN abs({0}) <= 1 THEN atanh({0}) WHEN {0} IS NOT NULL THEN 'nan'::DOUBLE END",
    shown=IN_CAPITALS,
)
# Near zero the plain forms lose their digits.
simple(
    "expm1",
    "d",
    DOUBLE,
    "CASE WHEN abs({0}) < 0.5 THEN 2 * sinh({0} / 2) * exp({0} / 2) ELSE exp({0}) - 1 END",
    shown=IN_CAPITALS,
)
simple(
    "log1p",
    "d",
    DOUBLE,
    "CASE WHEN abs({0}) < 0.5 THEN 2 * atanh({0} / ({0} + 2)) WHEN {0} > -1 THEN ln(1 + {0}) END",
    nullable=True,
    shown=IN_CAPITALS,
)
simple("ln", "d", DOUBLE, "CASE WHEN {0} > 0 THEN ln({0}) END", nullable=True)
simple("log10", "d", DOUBLE, "CASE WHEN {0} > 0 THEN log10({0}) END", nullable=True, shown=IN_CAPITALS)
# By Spark's formula, whose last digit is another than that of the library's own.
simple("log2", "d", DOUBLE, "CASE WHEN {0} > 0 THEN ln({0}) / ln(2) END", nullable=True, shown=IN_CAPITALS)
simple("cot", "d", DOUBLE, "(1 / tan({0}))", shown=IN_CAPITALS)
simple("sec", "d", DOUBLE, "(1 / cos({0}))", shown=IN_CAPITALS)
simple("csc", "d", DOUBLE, "(1 / sin({0}))", shown=IN_CAPITALS)
simple("rint", "d", DOUBLE, "round_even({0}, 0)")
simple("hypot", "dd", DOUBLE, "sqrt({0} * {0} + {1} * {1})", shown=IN_CAPITALS)
simple("atan2", "dd", DOUBLE, "atan2({0}, {1})", shown=IN_CAPITALS)
simple("pow", "dd", DOUBLE, "pow({0}, {1})")
simple("power", "dd", DOUBLE, "pow({0}, {1})", shown=IN_CAPITALS)
simple(
    "factorial",
    "i",
    LONG,
    "CASE WHEN {0} BETWEEN 0 AND 20 THEN CAST(factorial({0}) AS BIGINT) END",
    nullable=True,
)
simple("bin", "l", STRING, "CAST(bin({0}) AS VARCHAR)")
simple("e", "", DOUBLE, "CAST(2.718281828459045 AS DOUBLE)", shown=IN_CAPITALS)
simple("pi", "", DOUBLE, "pi()", shown=IN_CAPITALS)
simple("bit_count", "l", INT, "CAST(bit_count({0}) AS INTEGER)")
simple("width_bucket", "dddl", LONG,
       "CASE WHEN {0} IS NULL OR {1} IS NULL OR {2} IS NULL OR {3} <= 0 OR {3} = 9223372036854775807 "
       "OR {1} = {2} THEN NULL WHEN {0} < least({1}, {2}) THEN CASE WHEN {1} < {2} THEN 0 ELSE {3} + 1 END "
       "WHEN {0} >= greatest({1}, {2}) THEN CASE WHEN {1} < {2} THEN {3} + 1 ELSE 0 END "
       "ELSE CAST(floor(({0} - {1}) / ({2} - {1}) * {3}) AS BIGINT) + 1 END", nullable=True)  # fmt: skip


@function("log", shown={1: "LOG(E(), {0})", 2: IN_CAPITALS})
def _log(call: Call) -> Compiled:
    call.expect(1, 2)
    *bases, value = (cast(argument, DOUBLE, call.context).sql for argument in call.args)
    if not bases:
        return Compiled(f"CASE WHEN {value} > 0 THEN ln({value}) END", DOUBLE)
    base = bases[0]
    return Compiled(f"CASE WHEN {value} > 0 AND {base} > 0 THEN ln({value}) / ln({base}) END", DOUBLE)


def _number(value: Compiled, context: TranslationContext) -> Compiled:
    return (
        value
        if isinstance(value.type, NumericType) and not is_string(value.type)
        else cast(value, DOUBLE, context)
    )


@function("abs")
@function("positive", shown="(+ {0})")
@function("negative")
def _signed(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if not isinstance(value.type, INTERVALS) and not _is_negated_calendar(call.name, value):
        value = _number(value, call.context)
    if isinstance(value.type, IntegralType) and not call.context.ansi and call.name != "positive":
        wide = f"CAST({value.sql} AS {wider_than(value.type)})"
        sql = wrapped(f"abs({wide})" if call.name == "abs" else f"(-{wide})", value.type)
        return Compiled(sql, value.type, value.nullable)
    sql = {"abs": f"abs({value.sql})", "positive": value.sql, "negative": f"(-{value.sql})"}[call.name]
    return Compiled(sql, value.type, value.nullable)


def _is_negated_calendar(name: str, value: Compiled) -> bool:
    return name != "abs" and isinstance(value.type, CalendarIntervalType)


@function("sign")
@function("signum", shown=IN_CAPITALS)
def _sign(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if isinstance(value.type, INTERVALS):
        return Compiled(f"CAST(sign({value.sql}) AS DOUBLE)", DOUBLE, value.nullable)
    value = cast(value, DOUBLE, call.context)
    sql = f"CASE WHEN isnan({value.sql}) THEN {value.sql} ELSE CAST(sign({value.sql}) AS DOUBLE) END"
    return Compiled(sql, DOUBLE, value.nullable)


@function("floor", "ceil", shown={1: IN_CAPITALS})
@function("ceiling")
def _whole(call: Call) -> Compiled:
    call.expect(1, 2)
    value = _number(call.arg(0), call.context)
    word = "floor" if call.name == "floor" else "ceil"
    if len(call.nodes) == 2:
        return _at_scale(call, value, word)
    if isinstance(value.type, IntegralType):
        return cast(value, LONG, call.context)
    if isinstance(value.type, DecimalType):
        data_type = bounded_decimal(value.type.precision - value.type.scale + 1, 0)
        return Compiled(f"CAST({word}({value.sql}) AS {type_text(data_type)})", data_type, value.nullable)
    sql = f"CASE WHEN isnan({value.sql}) THEN 0 ELSE CAST({word}({value.sql}) AS BIGINT) END"
    return Compiled(sql, LONG, value.nullable)


def _at_scale(call: Call, value: Compiled, word: str) -> Compiled:
    scale = call.whole_number(1)
    exact = cast(value, DecimalType(30, 15), call.context)
    data_type = DecimalType(38, max(scale, 0))
    if isinstance(value.type, DecimalType):
        kept = min(value.type.scale, max(scale, 0))
        whole = value.type.precision - value.type.scale + 1
        data_type = bounded_decimal(max(whole, -scale + 1) + kept, kept)
    factor = f"CAST(10 AS DECIMAL(38,0)) ** {abs(scale)}"
    shifted = f"{exact.sql} * {10**scale}" if scale >= 0 else f"{exact.sql} / {factor}"
    back = f"/ {10**scale}" if scale >= 0 else f"* {10**-scale}"
    return Compiled(f"CAST({word}({shifted}) {back} AS {type_text(data_type)})", data_type, value.nullable)


@function("round", "bround", takes="expr, scale = 0")
def _round(call: Call) -> Compiled:
    call.expect(1, 2)
    value = _number(call.arg(0), call.context)
    scale = call.whole_number(1) if len(call.nodes) > 1 else 0
    word = "round" if call.name == "round" else "round_even"
    if isinstance(value.type, IntegralType):
        if scale >= 0:
            return value
        wide = f"{word}(CAST({value.sql} AS DECIMAL(38,0)), {scale})"
        if not call.context.ansi:
            sql = wrapped(f"CAST({wide} AS HUGEINT)", value.type)
            return Compiled(sql, value.type, value.nullable)
        return Compiled(f"CAST({wide} AS {type_text(value.type)})", value.type, value.nullable)
    if isinstance(value.type, DecimalType):
        return _rounded_decimal(value, value.type, word, scale)
    data_type = value.type if isinstance(value.type, FloatType) else DOUBLE
    if scale < 0 or scale > 15:
        return Compiled(
            f"CAST({word}({value.sql}, {scale}) AS {type_text(data_type)})", data_type, value.nullable
        )
    return Compiled(
        let(value.sql, lambda x: _rounded_double(x, word, scale, data_type)), data_type, value.nullable
    )


def _rounded_double(x: str, word: str, scale: int, data_type: DataType) -> str:
    # Spark rounds the decimal digits that the number is written with: 1.005 becomes 1.01.
    digits = f"CAST(CAST({x} AS VARCHAR) AS DECIMAL(38,20))"
    exact = f"CAST({word}({digits}, {scale}) AS {type_text(data_type)})"
    if word == "round":
        exact = f"CAST(CAST(CAST({x} AS VARCHAR) AS DECIMAL(38,{scale})) AS {type_text(data_type)})"
    return f"CASE WHEN abs({x}) < 1e15 THEN {exact} ELSE {x} END"


def _rounded_decimal(value: Compiled, source: DecimalType, word: str, scale: int) -> Compiled:
    kept = min(source.scale, max(scale, 0))
    whole = source.precision - source.scale
    data_type = bounded_decimal(max(whole + 1, -scale + 1) + kept, kept)
    return Compiled(
        f"CAST({word}({value.sql}, {scale}) AS {type_text(data_type)})", data_type, value.nullable
    )


@function("bit_get", "getbit")
def _bit_get(call: Call) -> Compiled:
    call.expect(2)
    value, at = call.arg(0), cast(call.arg(1), INT, call.context)
    if not isinstance(value.type, IntegralType):
        raise call.error("the first argument must be a whole number")
    sql = f"CAST((CAST({value.sql} AS BIGINT) >> {at.sql}) & 1 AS TINYINT)"
    return Compiled(sql, ByteType(), value.nullable or at.nullable)


@function("shiftleft")
def _shift_left(call: Call) -> Compiled:
    call.expect(2)
    value, count = call.arg(0), cast(call.arg(1), INT, call.context)
    bits = 64 if value.type == LONG else 32
    powers = f"CAST([{', '.join(str(2**n) for n in range(bits + 1))}] AS HUGEINT[])"
    places = f"(({count.sql}) & {bits - 1})"
    # The bits that stay are moved as an unsigned number, and then read as a signed one.
    kept = f"(CAST({value.sql} AS HUGEINT) & ({powers}[{bits + 1} - {places}] - 1)) * {powers}[{places} + 1]"
    signed = let(
        f"({kept})", lambda x: f"CASE WHEN {x} >= {2 ** (bits - 1)} THEN {x} - {2**bits} ELSE {x} END"
    )
    return Compiled(
        f"CAST({signed} AS {type_text(value.type)})", value.type, value.nullable or count.nullable
    )


@function("shiftright", "shiftrightunsigned")
def _shift_right(call: Call) -> Compiled:
    call.expect(2)
    value, count = call.arg(0), cast(call.arg(1), INT, call.context)
    bits = 64 if value.type == LONG else 32
    number = value.sql
    if call.name == "shiftrightunsigned":
        number = f"(CASE WHEN {number} < 0 THEN {number}::HUGEINT + {2**bits} ELSE {number}::HUGEINT END)"
    # DuckDB shifts no negative numbers; // would bring them towards 0, and / to doubles.
    power = f"(CAST(1 AS HUGEINT) << ({count.sql} & {bits - 1}))"
    shifted = f"CASE WHEN {number} < 0 THEN -((-({number}::HUGEINT) + {power} - 1) // {power})"
    sql = f"{shifted} ELSE {number}::HUGEINT // {power} END"
    if call.name == "shiftrightunsigned":
        # A shift by nothing leaves the sign's bit where it was.
        top = 2 ** (bits - 1)
        sql = f"(({sql}) + {top}) % {2 * top} - {top}"
    return Compiled(f"CAST({sql} AS {type_text(value.type)})", value.type, value.nullable or count.nullable)
