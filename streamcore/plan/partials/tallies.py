"""Percentiles and modes: how often each value of a group occurs is kept, as in Spark's percentile()."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import NamedExpression, reference
from streamcore.plan.expressions import call
from streamcore.plan.merging import Frequency, ModeOfTally, PercentileOfTally, Tally
from streamcore.plan.partials.core import Parts, SplitAggregate, all_elements, of_one, partial_rule, type_node
from streamcore.plan.translation.constants import constant_number
from streamcore.spi.types import ArrayType


@partial_rule("percentile", "median")
def _percentile(parts: Parts) -> SplitAggregate:
    value, *others = parts.arguments
    number = exp.Cast(this=value.copy(), to=type_node("double"))
    if len(others) < 2 or constant_number(others[1]) == 1:
        return _tallied(parts, number, others[0] if others else exp.Literal.number("0.5e0"), "continuous")
    shares, frequency = others
    missing = exp.Or(this=_is_null(number), expression=_is_null(frequency))
    labels = [exp.Literal.string(name) for name in ("v", "n")]
    entry = call("named_struct", labels[0], number, labels[1], Frequency(this=frequency.copy()))
    known = exp.If(this=missing, true=exp.Null(), false=entry)
    partial = parts.partial("tally", Tally(this=parts.folded("collect_list", known), weighted=True))
    return _finished(partial, shares, "continuous")


def _is_null(value: exp.Expression) -> exp.Expression:
    return exp.Is(this=value.copy(), expression=exp.Null())


@partial_rule("percentile_cont", "percentile_disc")
def _in_order(parts: Parts) -> SplitAggregate:
    value, share, *downwards = parts.arguments
    kind = "continuous" if parts.name == "percentile_cont" else "discrete"
    number: exp.Expression = exp.Cast(this=value.copy(), to=type_node("double"))
    if not downwards:
        return _tallied(parts, number, share, kind)
    if isinstance(parts.type, ArrayType):
        raise UnsupportedOperationException(
            f"{parts.name}() of several percentages WITHIN GROUP (ORDER BY ... DESC) is not offered in "
            "streams; write one call for each."
        )
    split = _tallied(parts, exp.Neg(this=exp.Paren(this=number)), share, kind)
    return replace(split, final=exp.Neg(this=exp.Paren(this=split.final)))


@partial_rule("percentile_approx", "approx_percentile")
def _approximate(parts: Parts) -> SplitAggregate:
    return _tallied(parts, parts.arguments[0], parts.arguments[1], "discrete")


def _tallied(parts: Parts, value: exp.Expression, shares: exp.Expression, kind: str) -> SplitAggregate:
    return _finished(parts.partial("tally", Tally(this=parts.folded("collect_list", value))), shares, kind)


def _finished(partial: NamedExpression, shares: exp.Expression, kind: str) -> SplitAggregate:
    final = PercentileOfTally(this=reference(partial.attribute), expression=shares.copy(), kind=kind)
    return of_one(partial, _added(partial), final)


def _added(partial: NamedExpression) -> exp.Expression:
    return Tally(this=all_elements(partial.attribute), weighted=True)


@partial_rule("mode")
def _mode(parts: Parts) -> SplitAggregate:
    if len(parts.arguments) > 2:
        raise UnsupportedOperationException(
            "mode() WITHIN GROUP (ORDER BY ... DESC) is not offered in streams."
        )
    partial = parts.partial("tally", Tally(this=parts.folded("collect_list", parts.arguments[0])))
    return of_one(partial, _added(partial), ModeOfTally(this=reference(partial.attribute)))
