"""Counts, extremes, first and last, texts put together: aggregates that merge by themselves."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import reference, scope_of
from streamcore.plan.expressions import call
from streamcore.plan.merging import Folded
from streamcore.plan.partials.core import (
    Parts,
    SplitAggregate,
    all_elements,
    merged,
    of_one,
    partial_rule,
    type_node,
)
from streamcore.spi.types import LongType


@partial_rule("count", "count_if", "regr_count")
def _count(parts: Parts) -> SplitAggregate:
    partial = parts.partial("count", parts.whole())
    zero = exp.Cast(this=exp.Literal.number(0), to=type_node("bigint"))
    merge = call("coalesce", call("sum", reference(partial.attribute)), zero)
    return of_one(replace(partial, attribute=replace(partial.attribute, data_type=LongType())), merge)


@partial_rule(
    "min", "max", "bool_and", "bool_or", "every", "any", "some", "bit_and", "bit_or", "bit_xor", "product"
)
def _same(parts: Parts) -> SplitAggregate:
    """Merging is the aggregate itself."""
    partial = parts.partial(parts.name, parts.whole())
    return of_one(partial, call(parts.name, reference(partial.attribute)))


@partial_rule("first", "last", "any_value", "first_value", "last_value")
def _first(parts: Parts) -> SplitAggregate:
    """First and last, in the order in which partial results are merged (older ones first)."""
    value, *ignoring = parts.arguments
    if parts.ignores_nulls or (ignoring and isinstance(ignoring[0], exp.Boolean) and ignoring[0].this):
        partial = parts.partial("value", parts.rewrap(_ignoring_nulls(parts.name, value)))
        return of_one(partial, _ignoring_nulls(parts.name, reference(partial.attribute)))
    # A part without rows must not be taken for one whose first value is null.
    row = call("named_struct", exp.Literal.string("v"), value.copy())
    partial = parts.partial("row", parts.folded(parts.name, row))
    taken = exp.Dot(this=reference(partial.attribute), expression=exp.to_identifier("v", quoted=True))
    return of_one(partial, _ignoring_nulls(parts.name, reference(partial.attribute)), taken)


def _ignoring_nulls(name: str, value: exp.Expression) -> exp.Expression:
    return exp.IgnoreNulls(this=call(name, value.copy()))


@partial_rule("max_by", "min_by")
def _at_extreme(parts: Parts) -> SplitAggregate:
    if len(parts.arguments) > 2:
        return _at_extremes(parts)
    value = parts.partial("value", parts.whole())
    extreme_name = parts.name.removesuffix("_by")
    extreme = parts.partial(extreme_name, parts.folded(extreme_name, parts.arguments[1]))
    scope = scope_of([value.attribute, extreme.attribute])
    best = call(parts.name, reference(value.attribute), reference(extreme.attribute))
    merges = (
        merged(value.attribute, best, scope),
        merged(extreme.attribute, call(extreme_name, reference(extreme.attribute)), scope),
    )
    return SplitAggregate((value, extreme), merges, reference(value.attribute))


def _at_extremes(parts: Parts) -> SplitAggregate:
    """The values at the k largest or smallest: kept as rows of value and order."""
    value, order, count = parts.arguments
    names = [exp.Literal.string(name) for name in ("v", "o")]
    row = call("named_struct", names[0], value.copy(), names[1], order.copy())
    partial = parts.partial("rows", parts.folded(parts.name, row, order, count))
    element = exp.to_identifier("e")
    own_order = exp.Dot(this=element.copy(), expression=exp.to_identifier("o", quoted=True))
    best = call(parts.name, element, own_order, count.copy())
    merge = Folded(this=all_elements(partial.attribute), expression=best)
    values = exp.Dot(this=reference(partial.attribute), expression=exp.to_identifier("v", quoted=True))
    return of_one(partial, merge, values)


@partial_rule("listagg", "string_agg")
def _joined(parts: Parts) -> SplitAggregate:
    if len(parts.arguments) > 2:
        raise UnsupportedOperationException(
            f"{parts.name}() WITHIN GROUP (ORDER BY ...) is not offered in streams."
        )
    partial = parts.partial("text", parts.whole())
    separator = [argument.copy() for argument in parts.arguments[1:]]
    return of_one(partial, call(parts.name, reference(partial.attribute), *separator))
