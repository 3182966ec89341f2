"""Percentiles and modes: how often each value of a group occurs is kept, as in Spark's percentile()."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.attributes import reference
from streamcore.plan.expressions import call
from streamcore.plan.merging import ModeOfTally, PercentileOfTally, Tally
from streamcore.plan.partials.core import Parts, SplitAggregate, all_elements, of_one, partial_rule, type_node
from streamcore.spi.types import DecimalType, NumericType


@partial_rule("percentile", "median")
def _percentile(parts: Parts) -> SplitAggregate:
    shares = parts.arguments[1] if len(parts.arguments) > 1 else exp.Literal.number("0.5e0")
    return _tallied(parts, _as_double(parts), shares, "continuous")


@partial_rule("percentile_approx", "approx_percentile")
def _approximate(parts: Parts) -> SplitAggregate:
    return _tallied(parts, parts.arguments[0], parts.arguments[1], "discrete")


def _tallied(parts: Parts, value: exp.Expression, shares: exp.Expression, kind: str) -> SplitAggregate:
    partial = parts.partial("tally", Tally(this=parts.folded("collect_list", value)))
    final = PercentileOfTally(this=reference(partial.attribute), expression=shares.copy(), kind=kind)
    return of_one(partial, Tally(this=all_elements(partial.attribute), weighted=True), final)


def _as_double(parts: Parts) -> exp.Expression:
    return exp.Cast(this=parts.arguments[0].copy(), to=type_node("double"))


@partial_rule("mode")
def _mode(parts: Parts) -> SplitAggregate:
    partial = parts.partial("tally", Tally(this=parts.folded("collect_list", parts.arguments[0])))
    merge = Tally(this=all_elements(partial.attribute), weighted=True)
    return of_one(partial, merge, ModeOfTally(this=reference(partial.attribute)))
