"""Sums and averages: exact for integers and decimals, whatever the split."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import NamedExpression, reference
from streamcore.plan.exact_sums import AverageOfLimbs, HighLimb, LowLimb, SumOfLimbs
from streamcore.plan.expressions import call
from streamcore.plan.partials.core import Parts, SplitAggregate, of_one, partial_rule, summed, type_node
from streamcore.plan.translation.interval_casts import is_interval
from streamcore.plan.translation.sums import needs_limbs
from streamcore.spi.types import DataType, DecimalType, IntegralType


@partial_rule("sum", "try_sum")
def _sum(parts: Parts) -> SplitAggregate:
    safe, argument = parts.name == "try_sum", parts.arguments[0]
    of = parts.type_of(argument)
    if needs_limbs(of):
        high, low = _limbs(parts)
        columns = {"this": reference(high.attribute), "expression": reference(low.attribute)}
        whole = SumOfLimbs(**columns, of=_node_of(of), safe=safe)
        return SplitAggregate((high, low), summed(high, low), whole)
    if safe and isinstance(of, IntegralType):
        # A part may overflow where the whole does not; the sum of the parts decides.
        partial = parts.partial("sum", parts.folded("sum", _wide(argument)))
        final = exp.TryCast(this=reference(partial.attribute), to=type_node("bigint"), safe=True)
        return SplitAggregate((partial,), summed(partial), final)
    if safe and is_interval(of):
        raise UnsupportedOperationException(
            "try_sum() of intervals is not offered over streams: the sum of a part may overflow where that "
            "of all rows does not. Use sum(), or try_sum() of the interval's microseconds."
        )
    partial = parts.partial("sum", parts.whole())
    return of_one(partial, call(parts.name, reference(partial.attribute)))


@partial_rule("avg", "mean", "try_avg")
def _avg(parts: Parts) -> SplitAggregate:
    argument = parts.arguments[0]
    of = parts.type_of(argument)
    count = parts.partial("count", parts.folded("count", argument))
    if isinstance(of, DecimalType):
        high, low = _limbs(parts)
        columns = [reference(part.attribute) for part in (high, low, count)]
        keys = ("this", "expression", "count")
        safe = parts.name == "try_avg"
        average = AverageOfLimbs(**dict(zip(keys, columns, strict=True)), of=_node_of(of), safe=safe)
        return SplitAggregate((high, low, count), summed(high, low, count), average)
    added = _wide(argument) if isinstance(of, IntegralType) else argument
    total = parts.partial("sum", parts.folded("sum", added))
    if is_interval(of):
        quotient = call("try_divide", reference(total.attribute), reference(count.attribute))
        return SplitAggregate((total, count), summed(total, count), quotient)
    dividend = exp.Cast(this=reference(total.attribute), to=type_node("double"))
    final = exp.Cast(this=call("try_divide", dividend, reference(count.attribute)), to=type_node("double"))
    return SplitAggregate((total, count), summed(total, count), final)


@partial_rule("regr_avgx", "regr_avgy")
def _average_of_pairs(parts: Parts) -> SplitAggregate:
    """The average of one argument over the rows that have both: as such it may be infinite."""
    dependent, independent = parts.arguments
    averaged = [independent, dependent] if parts.name == "regr_avgx" else [dependent, independent]
    value, other = (argument.copy() for argument in averaged)
    is_missing = exp.Is(this=other, expression=exp.Null())
    number = exp.Cast(this=value, to=type_node("double"))
    return _avg(replace(parts, arguments=[exp.If(this=is_missing, true=exp.Null(), false=number)]))


def _limbs(parts: Parts) -> tuple[NamedExpression, NamedExpression]:
    high, low = (limb(this=parts.arguments[0].copy()) for limb in (HighLimb, LowLimb))
    return parts.partial("high", parts.folded("sum", high)), parts.partial("low", parts.folded("sum", low))


def _wide(integer: exp.Expression) -> exp.Expression:
    return exp.Cast(this=integer.copy(), to=type_node("decimal(19,0)"))


def _node_of(data_type: DataType) -> exp.DataType:
    return type_node(data_type.simpleString())
