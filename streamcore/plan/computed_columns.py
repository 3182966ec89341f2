"""A plan cut at the Python functions that rows are handed to: SQL below, the function, SQL above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamcore.plan.logical import LogicalPlan, PythonNode, Relation


@dataclass(frozen=True)
class FunctionStep:
    """A function over the rows of what came before, and what follows it.

    Parameters
    ----------
    node
        The call; its child is what came before.
    rows
        The relation that stands for the function's rows in `plan`.
    plan
        What is computed from them.
    """

    node: PythonNode
    rows: Relation
    plan: LogicalPlan


@dataclass(frozen=True)
class Steps:
    """A plan as what comes before its first function, and a step for each function, in order."""

    first: LogicalPlan
    functions: tuple[FunctionStep, ...]


def steps_of(plan: LogicalPlan) -> Steps:
    """A plan over one input, cut at its functions; those that lie on another path are not its own."""
    node = next((found for found in plan.walk() if isinstance(found, PythonNode)), None)
    if node is None:
        return Steps(plan, ())
    below = steps_of(node.child)
    rows = Relation(f"computed {len(below.functions)}", node.output, source=None)
    step = FunctionStep(node, rows, replaced_nodes(plan, [(node, rows)]))
    return Steps(below.first, (*below.functions, step))


def topmost_functions(plan: LogicalPlan) -> list[PythonNode]:
    """The functions of a plan with no other function above them, in order."""
    if isinstance(plan, PythonNode):
        return [plan]
    return [found for child in plan.children for found in topmost_functions(child)]


def replaced_nodes(plan: LogicalPlan, pairs: Sequence[tuple[LogicalPlan, LogicalPlan]]) -> LogicalPlan:
    """The plan with each first of `pairs` replaced by its second; what stands below is not looked at."""
    for old, new in pairs:
        if plan is old:
            return new
    children = tuple(replaced_nodes(child, pairs) for child in plan.children)
    return plan.with_children(children) if children else plan
