"""What a plan makes of the order and the position of its rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.translation.core import as_call

_IN_ORDER = frozenset(
    [
        "collect_list", "array_agg", "listagg", "string_agg", "first", "last", "first_value", "last_value",
        "collect_union", "histogram_numeric",
    ]
)  # fmt: skip


def keeps_order(plan: LogicalPlan) -> bool:
    """Whether an aggregate answers by the order in which its rows arrive, as collect_list does.

    Such a plan is run by one thread: several would bring the rows of one source in any order.
    """
    return any(_is_in_order(node) for node in every_node(plan))


def draw_numbers(plan: LogicalPlan) -> dict[int, int]:
    """The calls of random functions without a seed, by the number of their making, counted from 1.

    The numbers depend on the plan alone, so that a program that is started again draws the same values.
    """
    made = [node.meta["draw"] for node in every_node(plan) if "draw" in node.meta]
    return {draw: at for at, draw in enumerate(dict.fromkeys(made), 1)}


def _is_in_order(node: exp.Expression) -> bool:
    if not isinstance(node, (exp.AggFunc, exp.Anonymous)):
        return False
    try:
        return as_call(node)[0] in _IN_ORDER
    except UnsupportedOperationException:
        return False


def every_node(plan: LogicalPlan) -> Iterator[exp.Expression]:
    """Every node of every expression of a plan, parents before children."""
    for operator in plan.walk():
        for expression in expressions_of(operator):
            yield from (node for node in expression.walk() if isinstance(node, exp.Expression))
