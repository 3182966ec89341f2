"""Aggregates of distinct values: the values are kept, and folded when the answer is asked for."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from streamcore.plan.attributes import reference
from streamcore.plan.expressions import call
from streamcore.plan.merging import Folded
from streamcore.plan.partials.core import Parts, SplitAggregate, all_elements, of_one


def over_distinct_values(parts: Parts) -> SplitAggregate:
    """The call without its DISTINCT, over the set of the values of the arguments that vary."""
    first, *others = parts.arguments
    read = [first, *(argument for argument in others if argument.find(exp.Column) is not None)]
    constants = [argument.copy() for argument in others if argument.find(exp.Column) is None]
    # Only count() takes several values that vary, and does not look into them.
    value = first if len(read) == 1 else _row(read)
    partial = parts.partial("values", parts.folded("collect_set", value))
    merge = call("array_distinct", all_elements(partial.attribute))
    folded = call(parts.name, exp.to_identifier("e"), *constants)
    return of_one(partial, merge, Folded(this=reference(partial.attribute), expression=folded))


def _row(values: list[exp.Expression]) -> exp.Expression:
    """One value of several, null where one of them is."""
    named = [part for at, v in enumerate(values) for part in (exp.Literal.string(f"c{at}"), v.copy())]
    tests: list[exp.Expression] = [exp.Is(this=v.copy(), expression=exp.Null()) for v in values]
    missing = reduce(lambda one, other: exp.Or(this=one, expression=other), tests)
    return exp.If(this=missing, true=exp.Null(), false=call("named_struct", *named))
