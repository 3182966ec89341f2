"""Estimates of how many distinct values there are: registers that merge by their maximum."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.attributes import reference
from streamcore.plan.expressions import call
from streamcore.plan.merging import DistinctEstimate, RegisterCode, Registers
from streamcore.plan.partials.core import Parts, SplitAggregate, all_elements, of_one, partial_rule
from streamcore.plan.translation.estimates import precision_of


@partial_rule("approx_count_distinct")
def _approximate_count(parts: Parts) -> SplitAggregate:
    value, *deviation = parts.arguments
    precision = exp.Literal.number(precision_of(deviation[0] if deviation else None))
    codes = parts.rewrap(call("collect_set", RegisterCode(this=value.copy(), expression=precision)))
    partial = parts.partial(f"registers {precision.name}", Registers(this=codes))
    final = DistinctEstimate(this=reference(partial.attribute), expression=precision.copy())
    return of_one(partial, Registers(this=all_elements(partial.attribute)), final)
