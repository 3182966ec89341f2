"""Takes a call apart by the rule of its name."""

from __future__ import annotations

import importlib

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import Scope
from streamcore.plan.modes import Modes, bearing, modes_of
from streamcore.plan.partials.core import Parts, SplitAggregate, Wrap, rule_of
from streamcore.plan.partials.distinct import over_distinct_values
from streamcore.plan.translation.aggregates import reads_distinct
from streamcore.plan.translation.core import as_call
from streamcore.plan.typing import infer

for _family in ("simple", "sums", "moments", "collected", "tallies", "estimates", "sketches"):
    importlib.import_module(f"streamcore.plan.partials.{_family}")


def split(aggregate: exp.Expression, scope: Scope) -> SplitAggregate:
    """Take a resolved aggregate call (with FILTER or IGNORE NULLS, if any) apart; `scope` is its input.

    Raises UnsupportedOperationException for an aggregate whose partial results do not merge.
    """
    data_type = infer(aggregate, scope)[0]
    bare, rewrap, ignores_nulls = _unwrapped(aggregate)
    name, arguments = as_call(bare)
    if arguments and isinstance(arguments[0], exp.Distinct):
        arguments = [*arguments[0].expressions, *arguments[1:]]
        bare = exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])
        if reads_distinct(name):
            return over_distinct_values(Parts(name, bare, arguments, rewrap, scope, data_type))
    rule = rule_of(name)
    if rule is None:
        raise UnsupportedOperationException(
            f"{name}() cannot be kept up incrementally in a streaming aggregation: its partial results do "
            "not merge. Compute it inside foreachBatch."
        )
    return _under(
        modes_of(aggregate), rule(Parts(name, bare, arguments, rewrap, scope, data_type, ignores_nulls))
    )


def _under(modes: Modes, split: SplitAggregate) -> SplitAggregate:
    """The parts under the modes of the aggregate that was taken apart."""
    for named in (*split.partials, *split.merges):
        bearing(named.expression, modes)
    bearing(split.final, modes)
    return split


def _unwrapped(aggregate: exp.Expression) -> tuple[exp.Expression, Wrap, bool]:
    """The call without FILTER and IGNORE NULLS, how to put these around another call, and the latter."""
    if isinstance(aggregate, exp.Filter):
        inner, wrap, ignores_nulls = _unwrapped(aggregate.this)
        where = aggregate.expression
        return inner, lambda node: exp.Filter(this=wrap(node), expression=where.copy()), ignores_nulls
    if isinstance(aggregate, (exp.IgnoreNulls, exp.RespectNulls)):
        inner, wrap, _ = _unwrapped(aggregate.this)
        return inner, wrap, isinstance(aggregate, exp.IgnoreNulls)
    return aggregate, lambda node: node, False
