"""approx_count_distinct: HyperLogLog++ over XXH64, with as many registers as Spark takes.

Few values are counted by the registers that are empty, many by the harmonic mean of all.  In between that
mean is too large by a known amount; where the algorithm's authors measured it, it is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from streamcore.duck.once import let
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.merging import DistinctEstimate, RegisterCode, Registers
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import INT, LONG, STRING
from streamcore.plan.translation.constants import constant_number
from streamcore.plan.translation.core import Compiled, TranslationContext, Translator, node_rule
from streamcore.plan.translation.exact import unscaled
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    TimestampNTZType,
    TimestampType,
)

if TYPE_CHECKING:
    from sqlglot import exp

_DEFAULT_DEVIATION = 0.05
_LEAST, _MOST = 4, 18
_COUNTED_BY_EMPTY = (
    10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11500, 20000, 50000, 120000, 350000,
)  # fmt: skip
"""By precision, from 4: up to this many values the empty registers count better (Heule et al., 2013)."""
_LONG_DIGITS = 18


@aggregate_rule("approx_count_distinct", most=2, shown="{name}({0})", distinct="without meaning")
def _approximate_count(call: AggregateCall) -> Compiled:
    precision = precision_of(call.nodes[1] if len(call.nodes) > 1 else None)
    code = _code(call.args[0], precision, call.context)
    distinct = "" if call.over else "DISTINCT "
    codes = call.raw(f"list({distinct}{code})", f"{call.args[0].sql} IS NOT NULL")
    return Compiled(_estimate(_highest(f"coalesce({codes}, [])"), precision), LONG, nullable=False)


def precision_of(deviation: exp.Expression | None) -> int:
    """How many bits of a hash name its register, for a relative standard deviation."""
    given = _DEFAULT_DEVIATION if deviation is None else constant_number(deviation)
    if given is None or given <= 0:
        raise AnalysisException("The second argument should be a double literal above 0.")
    precision = math.ceil(2 * math.log2(1.106 / given))
    if precision < _LEAST:
        raise AnalysisException(
            "[FAILED_FUNCTION_CALL] approx_count_distinct() takes a relative error of at most 39%. "
            "SQLSTATE: 38000"
        )
    if precision > _MOST:
        raise UnsupportedOperationException(
            "approx_count_distinct() with a relative error below 0.22% is not offered: count(DISTINCT x) is "
            "exact."
        )
    return precision


@node_rule(RegisterCode)
def _register_code(node: RegisterCode, translator: Translator) -> Compiled:
    precision = int(node.expression.name)
    return Compiled(_code(translator.compile(node.this), precision, translator.context), INT)


def _code(value: Compiled, precision: int, context: TranslationContext) -> str:
    """SQL of the code of a value."""
    match value.type:
        case BooleanType() | ByteType() | ShortType() | IntegerType():
            form, sql = "integer", f"CAST({value.sql} AS INTEGER)"
        case DateType():
            form, sql = "integer", f"CAST({value.sql} - DATE '1970-01-01' AS INTEGER)"
        case LongType():
            form, sql = "long", value.sql
        case TimestampType() | TimestampNTZType():
            form, sql = "long", f"epoch_us({value.sql})"
        case FloatType():
            form, sql = "float", value.sql
        case DoubleType():
            form, sql = "double", value.sql
        case DecimalType() if value.type.precision <= _LONG_DIGITS:
            form, sql = "long", f"CAST({unscaled(value)} AS BIGINT)"
        case DecimalType():
            form, sql = "digits", f"CAST({unscaled(value)} AS VARCHAR)"
        case BinaryType():
            form, sql = "bytes", value.sql
        case _:
            # What has parts is told apart by its text: Spark's hash of it has no use of its own here.
            form, sql = "bytes", f"encode({cast(value, STRING, context).sql})"
    return f"register_of_{form}({sql}, {precision})"


@node_rule(Registers)
def _registers(node: Registers, translator: Translator) -> Compiled:
    codes = translator.compile(node.this)
    return Compiled(_highest(codes.sql), ArrayType(INT, containsNull=False), nullable=False)


def _highest(codes: str) -> str:
    """SQL of the codes that no other of their register exceeds, in order."""

    def last_of_register(ordered: str) -> str:
        is_last = f"i = len({ordered}) OR ({ordered}[i + 1] >> 6) <> (c >> 6)"
        return f"list_filter({ordered}, lambda c, i: {is_last})"

    return let(f"list_sort({codes})", last_of_register)


@node_rule(DistinctEstimate)
def _distinct_estimate(node: DistinctEstimate, translator: Translator) -> Compiled:
    registers = translator.compile(node.this).sql
    return Compiled(_estimate(registers, int(node.expression.name)), LONG, nullable=False)


def _estimate(registers: str, precision: int) -> str:
    count = 1 << precision

    def from_codes(codes: str) -> str:
        empty = f"({count} - len({codes}))"
        halves = f"coalesce(list_sum(list_transform({codes}, lambda c: pow(2.0, -(c & 63)))), 0)"
        by_empty = f"({count} * ln({count} / CAST({empty} AS DOUBLE)))"
        by_mean = let(f"({_mean_factor(precision)!r} / ({empty} + {halves}))", _without_bias(precision))
        limit = _COUNTED_BY_EMPTY[precision - _LEAST]
        counts = f"CASE WHEN {empty} > 0 AND {by_empty} <= {limit} THEN {by_empty} ELSE {by_mean} END"
        return f"CAST(round({counts}) AS BIGINT)"

    return let(registers, from_codes)


def _mean_factor(precision: int) -> float:
    """What is divided by the sum of 2^-rank over all registers."""
    count = 1 << precision
    alpha = {4: 0.673, 5: 0.697, 6: 0.709}.get(precision, 0.7213 / (1 + 1.079 / count))
    return alpha * count * count


def _without_bias(precision: int) -> Callable[[str], str]:
    """SQL of the number of values for which a mean is to be expected; of large means themselves."""
    numbers, means = zip(*_expected_means(precision), strict=True)
    xs, ys = (f"[{', '.join(f'{value:.4f}' for value in values)}]" for values in (means, numbers))

    def corrected(mean: str) -> str:
        def at(place: str) -> str:
            rise = f"({ys}[{place} + 1] - {ys}[{place}]) / ({xs}[{place} + 1] - {xs}[{place}])"
            return f"greatest(0, {ys}[{place}] + ({mean} - {xs}[{place}]) * {rise})"

        below = f"len(list_filter({xs}, lambda x: x <= {mean}))"
        line = let(f"least(greatest({below}, 1), {len(numbers) - 1})", at)
        return f"CASE WHEN {mean} < {means[-1]!r} THEN {line} ELSE {mean} END"

    return corrected


_POINTS = 100
_BIASED_UP_TO = 5


@lru_cache
def _expected_means(precision: int) -> tuple[tuple[float, float], ...]:
    """(number of distinct values, mean to be expected), up to five values per register."""
    count = 1 << precision
    numbers = (point * _BIASED_UP_TO * count / _POINTS for point in range(_POINTS + 1))
    return tuple((number, _expected_mean(precision, number)) for number in numbers)


def _expected_mean(precision: int, number: float) -> float:
    """The mean that so many distinct values give on average.

    A register's rank is at most k with probability exp(-values per register / 2^k); the expectation of the
    inverse of the registers' sum is taken to the second order of its spread.
    """
    count = 1 << precision
    first = second = before = 0.0
    for rank in range(64 - precision + 2):
        upto = math.exp(-number / count / 2.0**rank) if rank <= 64 - precision else 1.0
        first += (upto - before) * 2.0**-rank
        second += (upto - before) * 4.0**-rank
        before = upto
    spread = (second - first * first) / (count * first * first)
    return _mean_factor(precision) / (count * first) * (1 + spread)
