"""Calls that tell in which part a row is: what they stand in is computed part by part, deep in a plan too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.execution.leaves import NumberRange
from streamcore.execution.moving import is_row_by_row, moved_below
from streamcore.plan.logical import LogicalPlan, Project, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS = frozenset(["spark_partition_id", "monotonically_increasing_id"])


def computed_in_parts(plan: LogicalPlan) -> list[LogicalPlan]:
    """The topmost operators below others than row by row ones that ask for the number of their part.

    Those without such an operator above are computed part by part anyway.
    """
    while is_row_by_row(plan):
        plan = plan.children[0]
    return [found for child in plan.children for found in _topmost(child)]


def numbers_a_range(plan: LogicalPlan) -> bool:
    """Whether a chain of row by row operators asks for the parts of a range of numbers, which has several."""
    asked = False
    while is_row_by_row(plan):
        asked = asked or _asks(plan)
        plan = plan.children[0]
    return asked and _is_divided_range(plan)


def _topmost(plan: LogicalPlan) -> Iterator[LogicalPlan]:
    if _asks(plan) and is_row_by_row(plan) and _has_parts(plan):
        yield plan
        return
    for child in plan.children:
        yield from _topmost(child)


def _asks(plan: LogicalPlan) -> bool:
    return isinstance(plan, Project) and any(
        node.name.lower() in _CALLS
        for entry in plan.expressions
        for node in entry.expression.find_all(exp.Anonymous)
    )


def _has_parts(plan: LogicalPlan) -> bool:
    if moved_below(plan) is not None:
        return True
    while is_row_by_row(plan):
        plan = plan.children[0]
    return isinstance(plan, Relation) and (_is_divided_range(plan) or hasattr(plan.source, "count"))


def _is_divided_range(plan: LogicalPlan) -> bool:
    return isinstance(plan, Relation) and isinstance(plan.source, NumberRange) and plan.source.partitions > 1
