"""Sums and averages: exact for integers and decimals, whatever the order and the split of the rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.plan.exact_sums import AverageOfLimbs, HighLimb, LowLimb, SumOfLimbs
from streamcore.plan.translation import exact
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, INTERVALS, LONG
from streamcore.plan.translation.core import Compiled, Translator, node_rule, spark_type
from streamcore.plan.translation.interval_casts import is_interval
from streamcore.plan.translation.intervals import half_up_quotient
from streamcore.plan.translation.lenient_casts import wrapped
from streamcore.spi.types import DataType, DecimalType, IntegralType

if TYPE_CHECKING:
    from sqlglot import exp


def sum_type(data_type: DataType) -> DataType:
    """The type of a sum of values of this type."""
    if isinstance(data_type, DecimalType):
        return _at_most_38(data_type.precision + 10, data_type.scale)
    if is_interval(data_type):
        return data_type
    return LONG if isinstance(data_type, IntegralType) else DOUBLE


def _average_type(data_type: DecimalType) -> DecimalType:
    return _at_most_38(data_type.precision + 4, data_type.scale + 4)


def _at_most_38(precision: int, scale: int) -> DecimalType:
    return DecimalType(min(precision, DecimalType.MAX_PRECISION), min(scale, DecimalType.MAX_PRECISION))


def _summed(call: AggregateCall) -> Compiled:
    return call.args[0] if is_interval(call.args[0].type) else call.number()


@aggregate_rule("sum", "try_sum", distinct="read")
def _sum(call: AggregateCall) -> Compiled:
    value = _summed(call)
    data_type = sum_type(value.type)
    if data_type == DOUBLE:
        return Compiled(call.raw(f"sum({call.distinct}{cast(value, DOUBLE, call.context).sql})"), DOUBLE)
    lenient = not call.context.ansi
    safe = call.name == "try_sum" or (lenient and isinstance(data_type, DecimalType))
    if isinstance(data_type, DecimalType) and needs_limbs(value.type):
        if not call.context.careful and not safe:
            return Compiled(_sum_at_once(call, value, data_type), data_type)
        return Compiled(exact.scaled(_total(call, value, safe=safe), data_type, safe=safe), data_type)
    word = "TRY_CAST" if safe else "CAST"
    summed = call.raw(f"sum({call.distinct}{value.in_own_type})")
    if lenient and not safe and data_type == LONG:
        return Compiled(wrapped(f"CAST({summed} AS HUGEINT)", LONG), data_type)
    return Compiled(f"{word}({summed} AS {type_text(data_type)})", data_type)


def _sum_at_once(call: AggregateCall, value: Compiled, data_type: DecimalType) -> str:
    """The engine's own sum, which fails where it has more than 38 digits, on its way or at the end.

    The addition of nothing is what looks at the digits of the end.
    """
    return f"({call.raw(f'sum({call.distinct}{value.in_own_type})')} + CAST('0' AS {type_text(data_type)}))"


def needs_limbs(data_type: DataType) -> bool:
    """Whether a sum of such decimals may, on its way, have more digits than a HUGEINT."""
    return isinstance(data_type, DecimalType) and data_type.precision > _SUMMED_AT_ONCE


_SUMMED_AT_ONCE = 29


def _total(call: AggregateCall, value: Compiled, *, safe: bool) -> str:
    """The digits of the exact sum of decimals, as a HUGEINT; over 38 are an error, or null when `safe`."""
    data_type = sum_type(value.type)
    if needs_limbs(value.type) and not call.context.careful and not safe:
        assert isinstance(data_type, DecimalType)
        return exact.unscaled(Compiled(_sum_at_once(call, value, data_type), data_type))
    if not needs_limbs(value.type):
        summed = f"CAST({call.raw(f'sum({call.distinct}{value.in_own_type})')} AS {type_text(data_type)})"
        return exact.unscaled(Compiled(summed, data_type))
    if call.is_distinct:
        values = call.raw(f"list(DISTINCT {exact.unscaled(value)})", f"{value.sql} IS NOT NULL")
        sums = [f"list_sum(list_transform({values}, lambda n: {limb}))" for limb in exact.limbs("n")]
        return exact.whole_of_limbs(sums[0], sums[1], sum_overflow(safe=safe))
    # Short numbers, which most are, are summed as they are; only long ones are cut.
    short, long = _short_and_long(value)
    total = exact.unscaled(Compiled(f"coalesce({call.raw(f'sum({short.sql})')}, 0)", value.type))
    cut = [f"coalesce({call.raw(f'sum({limb})')}, 0)" for limb in exact.limbs(exact.unscaled(long))]
    high, low = (f"({one} + {other})" for one, other in zip(cut, exact.limbs(total), strict=True))
    known = call.raw(f"count({value.sql})")
    return f"CASE WHEN {known} > 0 THEN {exact.whole_of_limbs(high, low, sum_overflow(safe=safe))} END"


def _short_and_long(value: Compiled) -> tuple[Compiled, Compiled]:
    """The value where it is of few digits, and where it is not; null elsewhere."""
    assert isinstance(value.type, DecimalType)
    limit = f"CAST('{Decimal(1).scaleb(_SUMMED_AT_ONCE - value.type.scale):f}' AS {type_text(value.type)})"
    is_short = f"{value.sql} BETWEEN -{limit} AND {limit}"
    return (
        Compiled(f"CASE WHEN {is_short} THEN {value.sql} END", value.type),
        Compiled(f"CASE WHEN {is_short} THEN NULL ELSE {value.sql} END", value.type),
    )


def sum_overflow(*, safe: bool) -> str:
    """What stands for a sum of decimals of more than 38 digits."""
    return "NULL" if safe else raise_sql("ARITHMETIC_OVERFLOW", _SUM_OVERFLOW)


_SUM_OVERFLOW = string(
    "Overflow in sum of decimals. Use 'try_sum' to tolerate overflow and return NULL instead."
)


@aggregate_rule("avg", "mean", "try_avg", distinct="read")
def _avg(call: AggregateCall) -> Compiled:
    value = _summed(call)
    count = call.raw(f"count({call.distinct}{value.sql})")
    if isinstance(value.type, INTERVALS):
        total = call.raw(f"sum({call.distinct}{value.sql})")
        widest = type(value.type)()
        word = "TRY_CAST" if call.name == "try_avg" else "CAST"
        return Compiled(f"{word}({half_up_quotient(total, count)} AS {type_text(widest)})", widest)
    if isinstance(value.type, DecimalType):
        safe = call.name == "try_avg" or not call.context.ansi
        data_type = _average_type(value.type)
        total = _total(call, value, safe=safe)
        return Compiled(exact_average(total, count, value.type, safe=safe), data_type)
    if isinstance(value.type, IntegralType):
        # The sum is exact however large it grows, and so the same for every order of the rows.
        total = call.raw(f"sum({call.distinct}{value.sql})")
        return Compiled(f"(CAST({total} AS DOUBLE) / {count})", DOUBLE)
    return Compiled(call.raw(f"avg({call.distinct}{cast(value, DOUBLE, call.context).sql})"), DOUBLE)


def exact_average(total: str, count: str, value_type: DecimalType, *, safe: bool) -> str:
    """SQL of the average of decimals from the digits of their sum and their number."""
    data_type = _average_type(value_type)
    shift = data_type.scale - value_type.scale

    def divided(s: str) -> str:
        lengths = {"dividend_digits": DecimalType.MAX_PRECISION, "divisor_digits": 19}
        average = exact.quotient(f"{s}.t", f"{s}.c", shift, **lengths)
        has_room = f"abs({s}.t // {s}.c) < {exact.power(DecimalType.MAX_PRECISION - shift)}"
        failing = f"CAST({exact.overflow(data_type, safe=safe)} AS HUGEINT)"
        return f"CASE WHEN {s}.c > 0 THEN CASE WHEN {has_room} THEN {average} ELSE {failing} END END"

    digits = let(f"struct_pack(t := {total}, c := CAST({count} AS HUGEINT))", divided)
    return exact.scaled(digits, data_type, safe=safe)


# ---- sums kept in parts --------------------------------------------------------------------------


@node_rule(HighLimb, LowLimb)
def _limb(node: exp.Expression, translator: Translator) -> Compiled:
    value = translator.compile(node.this)
    high, low = exact.limbs(exact.unscaled(value))
    limb = high if isinstance(node, HighLimb) else low
    return Compiled(f"CAST({limb} AS DECIMAL(19,0))", DecimalType(19, 0), value.nullable)


@node_rule(SumOfLimbs)
def _sum_of_limbs(node: SumOfLimbs, translator: Translator) -> Compiled:
    data_type = sum_type(spark_type(node.args["of"]))
    safe = bool(node.args.get("safe")) or not translator.context.ansi
    assert isinstance(data_type, DecimalType)
    return Compiled(exact.scaled(_whole(node, translator, safe=safe), data_type, safe=safe), data_type)


@node_rule(AverageOfLimbs)
def _average_of_limbs(node: AverageOfLimbs, translator: Translator) -> Compiled:
    value_type = spark_type(node.args["of"])
    safe = bool(node.args.get("safe")) or not translator.context.ansi
    assert isinstance(value_type, DecimalType)
    count = translator.compile(node.args["count"]).sql
    total = _whole(node, translator, safe=safe)
    return Compiled(exact_average(total, count, value_type, safe=safe), _average_type(value_type))


def _whole(node: exp.Expression, translator: Translator, *, safe: bool) -> str:
    high, low = (f"CAST({translator.compile(node.args[k]).sql} AS HUGEINT)" for k in ("this", "expression"))
    return exact.whole_of_limbs(high, low, sum_overflow(safe=safe))
