"""Which rows Python functions are called for: filters and limits moved below calls, as Spark moves them.

A function may fail for the rows that a filter drops, and is dear for those that nobody reads: where the
filter or limit was written does not count.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from sqlglot import exp

from streamcore.plan.attributes import referenced_ids, substituted
from streamcore.plan.conditions import conjuncts, is_volatile
from streamcore.plan.logical import Alias, Filter, Generate, Join, Limit, LogicalPlan, Project, Sort
from streamcore.plan.python_functions import calls_python

_LEFT_FILTERED = ("inner", "cross", "left", "leftsemi", "leftanti")
_RIGHT_FILTERED = ("inner", "cross", "right")


def with_fewer_rows_for_calls(plan: LogicalPlan) -> LogicalPlan:
    """The same rows from a plan whose calls see no row that a filter or limit above them drops."""
    return plan.transform_up(_sooner)


def _sooner(node: LogicalPlan) -> LogicalPlan:
    match node:
        case Filter():
            return _filtered(node)
        case Limit(child=Project() as rows) if _calls(rows) and _is_row_by_row(rows):
            return replace(rows, child=_sooner(replace(node, child=rows.child)))
        case _:
            return node


def _filtered(node: Filter) -> LogicalPlan:
    """What can go below calls put there; of the rest, what calls nothing comes first."""
    conditions, plan = conjuncts(node.condition), node.child
    if any(map(is_volatile, conditions)):
        return node
    plain: list[exp.Expression] = []
    with_calls = [condition for condition in conditions if calls_python(condition)]
    for condition in (c for c in conditions if not calls_python(c)):
        below = _below_calls(plan, condition)
        if below is None:
            plain.append(condition)
        else:
            plan = below
    if plan is node.child and not (plain and with_calls):
        return node
    for group in (plain, with_calls):
        plan = Filter(plan, reduce(_and, group)) if group else plan
    return plan


def _and(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.And(this=left.copy(), expression=right.copy())


def _below_calls(plan: LogicalPlan, condition: exp.Expression) -> LogicalPlan | None:
    """The plan with `condition` below its calls; None where there are none, or it may not go there."""
    match plan:
        case Project() if _is_row_by_row(plan):
            made = {entry.attribute.id: entry.expression for entry in plan.expressions}
            return _in_child(plan, substituted(condition, made), calls=_calls(plan))
        case Filter() if not is_volatile(plan.condition):
            return _in_child(plan, condition, calls=calls_python(plan.condition))
        case Generate() if not referenced_ids(condition) & {a.id for a in plan.columns}:
            calls = calls_python(plan.generator)
            return None if is_volatile(plan.generator) else _in_child(plan, condition, calls=calls)
        case Sort():
            return _in_child(plan, condition, calls=any(calls_python(o.expression) for o in plan.orders))
        case Alias():
            return _in_child(plan, condition, calls=False)
        case Join():
            return _below_join(plan, condition)
        case _:
            return None


def _in_child(
    plan: Project | Filter | Generate | Sort | Alias, condition: exp.Expression, *, calls: bool
) -> LogicalPlan | None:
    """The plan with `condition` below its child's calls, or else below its own, where it has `calls`."""
    if calls_python(condition):
        return None
    below = _below_calls(plan.child, condition)
    if below is None and calls:
        below = Filter(plan.child, condition)
    return None if below is None else replace(plan, child=below)


def _below_join(plan: Join, condition: exp.Expression) -> LogicalPlan | None:
    """One side filtered, where the rows of that side alone decide and calls are made for them."""
    reads = referenced_ids(condition)
    left, right = ({a.id for a in side.output} for side in (plan.left, plan.right))
    if reads and reads <= left and plan.how in _LEFT_FILTERED:
        below = _below_calls(plan.left, condition)
        return None if below is None else replace(plan, left=below)
    if reads and reads <= right and plan.how in _RIGHT_FILTERED:
        below = _below_calls(plan.right, condition)
        return None if below is None else replace(plan, right=below)
    return None


def _calls(plan: Project) -> bool:
    return any(calls_python(entry.expression) for entry in plan.expressions)


def _is_row_by_row(plan: Project) -> bool:
    """Whether what it gives for a row depends on that row alone, and is the same each time."""
    return not any(e.expression.find(exp.Window) or is_volatile(e.expression) for e in plan.expressions)
