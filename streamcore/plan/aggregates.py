"""Aggregates taken apart for incremental queries: partial results that can be kept, merged and finished.

    rows --partials--> state columns --merges--> state columns --final--> the aggregate's value

For every way to split the rows into parts, merging the parts' partial results and then taking `final`
gives the aggregate over all rows (floating point rounding aside).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import Attribute, NamedExpression, Scope, attribute, reference, scope_of
from streamcore.plan.exact_sums import AverageOfLimbs, HighLimb, LowLimb, SumOfLimbs
from streamcore.plan.expressions import call, parse_expression
from streamcore.plan.translation.core import as_call
from streamcore.plan.translation.sums import needs_limbs
from streamcore.plan.typing import infer
from streamcore.spi.types import DataType, DecimalType, IntegralType, LongType


@dataclass(frozen=True)
class SplitAggregate:
    """One aggregate call, taken apart.

    Parameters
    ----------
    partials
        Aggregate expressions over the input; each defines one state column.
    merges
        Aggregate expressions over state columns, in the order of `partials`; each defines the state
        column of the same attribute again, so the output of a merge can be merged.
    final
        The aggregate's value: an expression (no aggregate) over the state columns of one group.
    """

    partials: tuple[NamedExpression, ...]
    merges: tuple[NamedExpression, ...]
    final: exp.Expression

    @property
    def state(self) -> tuple[Attribute, ...]:
        """The state columns."""
        return tuple(partial.attribute for partial in self.partials)


def split(aggregate: exp.Expression, scope: Scope) -> SplitAggregate:
    """Take a resolved aggregate call (with FILTER or IGNORE NULLS, if any) apart; `scope` is its input.

    Raises UnsupportedOperationException for aggregates whose partial results cannot be merged in bounded
    state (count(DISTINCT x), percentiles, ...); the message says so.
    """
    bare, rewrap = _unwrapped(aggregate)
    name, arguments = as_call(bare)
    if any(isinstance(argument, exp.Distinct) for argument in arguments):
        raise _refusal(f"{name}(DISTINCT ...)")
    rule = _RULES.get(name)
    if rule is None:
        raise _refusal(f"{name}()")
    return rule(_Parts(name, bare, arguments, rewrap, scope, infer(aggregate, scope)[0]))


def _refusal(what: str) -> UnsupportedOperationException:
    return UnsupportedOperationException(
        f"{what} cannot be kept up incrementally in a streaming aggregation: its partial results do not "
        "merge. Deduplicate first (dropDuplicates), or compute it inside foreachBatch."
    )


_FIRSTS = ("first", "last", "any_value", "first_value", "last_value")
_Wrap = Callable[[exp.Expression], exp.Expression]


def _unwrapped(aggregate: exp.Expression) -> tuple[exp.Expression, _Wrap]:
    """The call without FILTER and IGNORE NULLS, and how to put these around another call."""
    if isinstance(aggregate, exp.Filter):
        inner, wrap = _unwrapped(aggregate.this)
        where = aggregate.expression
        return inner, lambda node: exp.Filter(this=wrap(node), expression=where.copy())
    if isinstance(aggregate, (exp.IgnoreNulls, exp.RespectNulls)):
        inner, wrap = _unwrapped(aggregate.this)
        kind = type(aggregate)
        is_first = as_call(inner)[0] in _FIRSTS
        return inner, (lambda node: kind(this=wrap(node))) if is_first else wrap
    return aggregate, lambda node: node


@dataclass(frozen=True)
class _Parts:
    """What a rule sees of a call."""

    name: str
    bare: exp.Expression
    arguments: list[exp.Expression]
    rewrap: _Wrap
    scope: Scope
    type: DataType

    def partial(self, label: str, expression: exp.Expression) -> NamedExpression:
        """A partial result with the call's FILTER around every aggregate in it."""
        data_type, nullable = infer(expression, self.scope)
        return NamedExpression(expression, attribute(f"{self.name}~{label}", data_type, nullable))

    def folded(self, name: str, *arguments: exp.Expression) -> exp.Expression:
        """An aggregate call over the input, under the call's FILTER."""
        return self.rewrap(call(name, *(argument.copy() for argument in arguments)))


def _merge(state: Attribute, expression: exp.Expression, scope: Scope) -> NamedExpression:
    """The merge that defines `state` again, cast to its type where the aggregate widens it."""
    if infer(expression, scope)[0] != state.data_type:
        to = exp.DataType.build(state.data_type.simpleString(), dialect="spark")
        expression = exp.Cast(this=expression, to=to)
    return NamedExpression(expression, state)


def _of_one(
    partial: NamedExpression, merged: exp.Expression, final: exp.Expression | None = None
) -> SplitAggregate:
    scope = scope_of([partial.attribute])
    finished = reference(partial.attribute) if final is None else final
    return SplitAggregate((partial,), (_merge(partial.attribute, merged, scope),), finished)


def _count(parts: _Parts) -> SplitAggregate:
    partial = parts.partial("count", parts.rewrap(parts.bare.copy()))
    zero = exp.Literal.number(0)
    merged = call(
        "coalesce", call("sum", reference(partial.attribute)), exp.Cast(this=zero, to=_type("bigint"))
    )
    return _of_one(replace(partial, attribute=replace(partial.attribute, data_type=LongType())), merged)


def _sum(parts: _Parts) -> SplitAggregate:
    safe, argument = parts.name == "try_sum", parts.arguments[0]
    of = infer(argument, parts.scope)[0]
    if needs_limbs(of):
        high, low = _limbs(parts)
        columns = {"this": reference(high.attribute), "expression": reference(low.attribute)}
        whole = SumOfLimbs(**columns, of=_type_of(of), safe=safe)
        return SplitAggregate((high, low), _summed(high, low), whole)
    if safe and isinstance(of, IntegralType):
        # A part may overflow where the whole does not; the sum of the parts decides.
        partial = parts.partial("sum", parts.folded("sum", _wide(argument)))
        final = exp.TryCast(this=reference(partial.attribute), to=_type("bigint"), safe=True)
        return SplitAggregate((partial,), _summed(partial), final)
    partial = parts.partial("sum", parts.rewrap(parts.bare.copy()))
    return _of_one(partial, call(parts.name, reference(partial.attribute)))


def _limbs(parts: _Parts) -> tuple[NamedExpression, NamedExpression]:
    high, low = (limb(this=parts.arguments[0].copy()) for limb in (HighLimb, LowLimb))
    return parts.partial("high", parts.folded("sum", high)), parts.partial("low", parts.folded("sum", low))


def _wide(integer: exp.Expression) -> exp.Expression:
    return exp.Cast(this=integer.copy(), to=_type("decimal(19,0)"))


def _summed(*partials: NamedExpression) -> tuple[NamedExpression, ...]:
    """The merges of states that are sums."""
    scope = scope_of([partial.attribute for partial in partials])
    return tuple(_merge(p.attribute, call("sum", reference(p.attribute)), scope) for p in partials)


def _avg(parts: _Parts) -> SplitAggregate:
    argument = parts.arguments[0]
    of = infer(argument, parts.scope)[0]
    count = parts.partial("count", parts.folded("count", argument))
    if isinstance(of, DecimalType):
        high, low = _limbs(parts)
        columns = [reference(part.attribute) for part in (high, low, count)]
        keys = ("this", "expression", "count")
        safe = parts.name == "try_avg"
        average = AverageOfLimbs(**dict(zip(keys, columns, strict=True)), of=_type_of(of), safe=safe)
        return SplitAggregate((high, low, count), _summed(high, low, count), average)
    summed = _wide(argument) if isinstance(of, IntegralType) else argument
    total = parts.partial("sum", parts.folded("sum", summed))
    dividend = exp.Cast(this=reference(total.attribute), to=_type("double"))
    final = exp.Cast(this=call("try_divide", dividend, reference(count.attribute)), to=_type("double"))
    return SplitAggregate((total, count), _summed(total, count), final)


def _same(parts: _Parts) -> SplitAggregate:
    """min, max, bool_and, ...: merging is the aggregate itself."""
    partial = parts.partial(parts.name, parts.rewrap(parts.bare.copy()))
    return _of_one(partial, call(parts.name, reference(partial.attribute)))


def _first(parts: _Parts) -> SplitAggregate:
    """First and last, in the order in which partial results are merged (older ones first)."""
    partial = parts.partial(parts.name, parts.rewrap(parts.bare.copy()))
    merged = call(parts.name, reference(partial.attribute))
    ignores = parts.rewrap(exp.First(this=exp.Null())).find(exp.IgnoreNulls) is not None
    return _of_one(partial, exp.IgnoreNulls(this=merged) if ignores else merged)


def _at_extreme(parts: _Parts) -> SplitAggregate:
    if len(parts.arguments) > 2:
        raise _refusal(f"{parts.name}(..., k)")
    value = parts.partial("value", parts.rewrap(parts.bare.copy()))
    extreme_name = parts.name.removesuffix("_by")
    extreme = parts.partial(extreme_name, parts.folded(extreme_name, parts.arguments[1]))
    scope = scope_of([value.attribute, extreme.attribute])
    best = call(parts.name, reference(value.attribute), reference(extreme.attribute))
    merges = (
        _merge(value.attribute, best, scope),
        _merge(extreme.attribute, call(extreme_name, reference(extreme.attribute)), scope),
    )
    return SplitAggregate((value, extreme), merges, reference(value.attribute))


def _collected(parts: _Parts) -> SplitAggregate:
    partial = parts.partial(parts.name, parts.rewrap(parts.bare.copy()))
    merged = call("flatten", call("collect_list", reference(partial.attribute)))
    return _of_one(partial, call("array_distinct", merged) if parts.name == "collect_set" else merged)


_ONE_ZERO = "named_struct('n', 0D, 'x', 0D, 'xx', 0D)"
_ONE_COMBINE = """
    (a, b) -> if(b.n = 0D, a, named_struct(
        'n', a.n + b.n,
        'x', a.x + (b.x - a.x) * b.n / (a.n + b.n),
        'xx', a.xx + b.xx + (b.x - a.x) * (b.x - a.x) * a.n * b.n / (a.n + b.n)))
"""
_PAIR_ZERO = "named_struct('n', 0D, 'x', 0D, 'y', 0D, 'xx', 0D, 'yy', 0D, 'xy', 0D)"
_PAIR_COMBINE = """
    (a, b) -> if(b.n = 0D, a, named_struct(
        'n', a.n + b.n,
        'x', a.x + (b.x - a.x) * b.n / (a.n + b.n),
        'y', a.y + (b.y - a.y) * b.n / (a.n + b.n),
        'xx', a.xx + b.xx + (b.x - a.x) * (b.x - a.x) * a.n * b.n / (a.n + b.n),
        'yy', a.yy + b.yy + (b.y - a.y) * (b.y - a.y) * a.n * b.n / (a.n + b.n),
        'xy', a.xy + b.xy + (b.x - a.x) * (b.y - a.y) * a.n * b.n / (a.n + b.n)))
"""
_FINAL = {
    "var_pop": "if(s.n > 0D, s.xx / s.n, null)",
    "var_samp": "if(s.n > 1D, s.xx / (s.n - 1D), null)",
    "stddev_pop": "if(s.n > 0D, sqrt(s.xx / s.n), null)",
    "stddev_samp": "if(s.n > 1D, sqrt(s.xx / (s.n - 1D)), null)",
    "covar_pop": "if(s.n > 0D, s.xy / s.n, null)",
    "covar_samp": "if(s.n > 1D, s.xy / (s.n - 1D), null)",
    "corr": "if(s.n > 1D, try_divide(s.xy, sqrt(s.xx * s.yy)), null)",
}
_SYNONYMS = {"stddev": "stddev_samp", "std": "stddev_samp", "variance": "var_samp"}


def _moments(parts: _Parts) -> SplitAggregate:
    """Variances and their kin: count, means and sums of squared deviations (Chan's way to merge them)."""
    wanted = _SYNONYMS.get(parts.name, parts.name)
    is_pair = len(parts.arguments) == 2
    x = parts.arguments[0]
    y = parts.arguments[1] if is_pair else x
    known = {"n": _known_pairs(parts, x, y)}

    def only_pairs(value: exp.Expression, other: exp.Expression) -> exp.Expression:
        missing = exp.Is(this=other.copy(), expression=exp.Null())
        return exp.If(this=missing, true=exp.Null(), false=value.copy()) if is_pair else value

    x, y = only_pairs(x, y), only_pairs(y, x)
    columns: dict[str, exp.Expression] = {"n": known["n"], "x": _or_zero(parts.folded("avg", x))}
    if is_pair:
        columns["y"] = _or_zero(parts.folded("avg", y))
    for label, (first, second) in {"xx": (x, x), "yy": (y, y), "xy": (x, y)}.items():
        if is_pair or label == "xx":
            spread = parts.folded("covar_pop", first, second) if is_pair else parts.folded("var_pop", first)
            columns[label] = _or_zero(exp.Mul(this=spread, expression=known["n"].copy()))
    pairs = [part for label, value in columns.items() for part in (exp.Literal.string(label), value)]
    partial = parts.partial("moments", call("named_struct", *pairs))
    zero, combine = (_PAIR_ZERO, _PAIR_COMBINE) if is_pair else (_ONE_ZERO, _ONE_COMBINE)
    merged = parse_expression(f"aggregate(collect_list(s), {zero}, {combine})")
    final = parse_expression(_FINAL[wanted])
    return _of_one(partial, _over(merged, partial.attribute), _over(final, partial.attribute))


def _known_pairs(parts: _Parts, x: exp.Expression, y: exp.Expression) -> exp.Expression:
    return exp.Cast(this=parts.folded("count", x, *([y] if y is not x else [])), to=_type("double"))


def _or_zero(value: exp.Expression) -> exp.Expression:
    return call("coalesce", value, exp.Literal.number("0e0"))


def _over(template: exp.Expression, state: Attribute) -> exp.Expression:
    """The template with its column `s` (and fields `s.x`) read from `state`."""

    def rule(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.table == "s":
            return exp.Dot(this=reference(state), expression=exp.to_identifier(node.name, quoted=True))
        if isinstance(node, exp.Column) and not node.table and node.name == "s":
            return reference(state)
        return node

    found: exp.Expression = template.transform(rule)
    return found


def _type_of(data_type: DataType) -> exp.DataType:
    return _type(data_type.simpleString())


def _type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect="spark")


_SAME = (
    "min", "max", "bool_and", "bool_or", "every", "any", "some", "bit_and", "bit_or", "bit_xor", "product",
)  # fmt: skip
_RULES: dict[str, Callable[[_Parts], SplitAggregate]] = {
    "count": _count, "count_if": _count, "sum": _sum, "try_sum": _sum,
    **dict.fromkeys(("avg", "mean", "try_avg"), _avg),
    **dict.fromkeys(_SAME, _same),
    **dict.fromkeys(_FIRSTS, _first),
    **dict.fromkeys(("max_by", "min_by"), _at_extreme),
    **dict.fromkeys(("collect_list", "array_agg", "collect_set"), _collected),
    **dict.fromkeys((*_FINAL, *_SYNONYMS), _moments),
}  # fmt: skip
