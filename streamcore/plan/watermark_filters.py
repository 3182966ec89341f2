"""Filters moved below `withWatermark`, as Spark's optimizer moves them.

Which rows a watermark sees is part of what a query means: Spark lets it see what is left by filters that
are deterministic and do not read the event time, wherever these were written, and by the requirement of a
join that its keys are not null.  All other rows count, whether or not a later filter, join or explode
drops them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from sqlglot import exp

from streamcore.plan.attributes import (
    Attribute,
    passed_through,
    reference,
    referenced_id,
    referenced_ids,
    substituted,
)
from streamcore.plan.conditions import conjuncts, is_volatile
from streamcore.plan.logical import (
    Alias,
    Coalesce,
    Filter,
    Generate,
    Join,
    LogicalPlan,
    Project,
    Repartition,
    Union,
    Watermark,
)
from streamcore.plan.stream_joins import StreamJoin, joins_streams

_LEFT_FILTERED = ("inner", "cross", "left", "leftsemi", "leftanti")
_RIGHT_FILTERED = ("inner", "cross", "right")
_NEEDS_KEYS = ("inner", "leftsemi")
_KEEPS_PAIRS = ("inner", "cross")


def settle_filters(plan: LogicalPlan) -> LogicalPlan:
    """The same rows from a plan whose watermarks, and joins of streams, see the rows that Spark's see."""
    if not any(isinstance(node, Watermark) or joins_streams(node) for node in plan.walk()):
        return plan
    return plan.transform_up(_settled)


def _settled(node: LogicalPlan) -> LogicalPlan:
    match node:
        case Filter() if joins_streams(node.child) and node.child.how in _KEEPS_PAIRS:
            return _joined_where(node.child, conjuncts(node.condition))
        case Filter():
            return _with_conditions(node.child, conjuncts(node.condition))
        case Join() if joins_streams(node):
            return _with_filtered_sides(node)
        case Join() if node.how in _NEEDS_KEYS and node.condition is not None:
            left, right = (_with_keys(side, node.condition) for side in (node.left, node.right))
            return replace(node, left=left, right=right)
        case _:
            return node


def _with_conditions(child: LogicalPlan, conditions: Sequence[exp.Expression]) -> LogicalPlan:
    """A filter, taken apart: what can go below a watermark goes there, the rest stays."""
    staying: list[exp.Expression] = []
    for condition in conditions:
        moved = None if is_volatile(condition) else _below_watermark(child, condition)
        if moved is None:
            staying.append(condition)
        else:
            child = moved
    return Filter(child, reduce(_and, staying)) if staying else child


def _and(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.And(this=left, expression=right)


def _with_keys(side: LogicalPlan, condition: exp.Expression) -> LogicalPlan:
    """The side of a join without the rows whose keys are null, where a watermark stands below it."""
    own = {a.id: a for a in side.output}
    for conjunct in conjuncts(condition):
        if not isinstance(conjunct, exp.EQ):
            continue
        for operand in (conjunct.this, conjunct.expression):
            column = own.get(referenced_id(operand) or 0)
            if column is not None:
                side = _below_watermark(side, _is_not_null(column)) or side
    return side


def _joined_where(join: Join, conditions: Sequence[exp.Expression]) -> LogicalPlan:
    """A join of two streams whose pairs must meet these conditions, too: they may be its only ones."""
    moved = [condition for condition in conditions if not is_volatile(condition)]
    staying = [condition for condition in conditions if is_volatile(condition)]
    if moved:
        known = [] if join.condition is None else [join.condition]
        join = _with_filtered_sides(replace(join, how="inner", condition=reduce(_and, [*known, *moved])))
    return Filter(join, reduce(_and, staying)) if staying else join


def _with_filtered_sides(join: Join) -> Join:
    """A join of two streams that is given no row without a chance of a partner, nor has to keep it.

    Rows of a side that comes out whole stay, whatever the condition says of them.
    """
    found, sides, moved = StreamJoin(join), list(join.children), list[exp.Expression]()
    for number in (0, 1):
        if found.preserves[number]:
            continue
        own = [condition for condition in found.of_one_side(number) if not is_volatile(condition)]
        for condition in [*own, *map(_is_not_null, found.needs(number))]:
            sides[number] = _with_conditions(sides[number], [condition])
        moved += own
    left = [condition for condition in found.conditions if not any(condition is one for one in moved)]
    return replace(join, left=sides[0], right=sides[1], condition=reduce(_and, left) if left else None)


def _is_not_null(column: Attribute) -> exp.Expression:
    return exp.Not(this=exp.Is(this=reference(column), expression=exp.Null()))


def _below_watermark(plan: LogicalPlan, condition: exp.Expression) -> LogicalPlan | None:
    """The plan with `condition` below its watermark; None where it may not go there, or there is none."""
    reads = referenced_ids(condition)
    match plan:
        case Watermark():
            if plan.event_time.id in reads:
                return None
            return replace(plan, child=_filtered(plan.child, condition))
        case Project():
            return _below_project(plan, condition)
        case Alias() | Repartition() | Coalesce():
            return _in_child(plan, condition)
        case Filter():
            return None if is_volatile(plan.condition) else _in_child(plan, condition)
        case Generate():
            return None if reads & {a.id for a in plan.columns} else _in_child(plan, condition)
        case Join():
            return _below_join(plan, condition, reads)
        case Union():
            return _below_union(plan, condition)
        case _:
            return None


def _filtered(plan: LogicalPlan, condition: exp.Expression) -> LogicalPlan:
    return _below_watermark(plan, condition) or Filter(plan, condition)


def _in_child(plan: LogicalPlan, condition: exp.Expression) -> LogicalPlan | None:
    moved = _below_watermark(plan.children[0], condition)
    return None if moved is None else plan.with_children((moved,))


def _below_project(plan: Project, condition: exp.Expression) -> LogicalPlan | None:
    if any(is_volatile(entry.expression) for entry in plan.expressions):
        return None
    made = {e.attribute.id: e.expression for e in plan.expressions if not e.is_reference}
    below = substituted(condition, made)
    computed = [made[id_] for id_ in referenced_ids(condition) if id_ in made]
    if any(referenced_id(expression) is None for expression in computed):
        watermark = _lifted(plan)
        if watermark is not None:
            return _below_lifted(plan, watermark, condition, referenced_ids(below))
    return _in_child(plan, below)


def _lifted(plan: LogicalPlan) -> Watermark | None:
    """The watermark below some projections, above them: what they compute is then computed once.

    It yields what `plan` yields, and perhaps the event time besides.
    """
    match plan:
        case Watermark():
            return plan
        case Alias():
            return _lifted(plan.child)
        case Project() if not any(is_volatile(entry.expression) for entry in plan.expressions):
            inner = _lifted(plan.child)
            if inner is None:
                return None
            is_kept = any(entry.attribute.id == inner.event_time.id for entry in plan.expressions)
            carried = () if is_kept else (passed_through(inner.event_time),)
            return replace(inner, child=Project(inner.child, (*plan.expressions, *carried)))
        case _:
            return None


def _below_lifted(
    plan: Project, watermark: Watermark, condition: exp.Expression, reads: set[int]
) -> LogicalPlan | None:
    if watermark.event_time.id in reads:
        return None
    moved = replace(watermark, child=_filtered(watermark.child, condition))
    return Project(moved, tuple(passed_through(column) for column in plan.output))


def _below_join(plan: Join, condition: exp.Expression, reads: set[int]) -> LogicalPlan | None:
    if plan.how in _LEFT_FILTERED and reads <= {a.id for a in plan.left.output}:
        moved = _below_watermark(plan.left, condition)
        return None if moved is None else replace(plan, left=moved)
    if plan.how in _RIGHT_FILTERED and reads <= {a.id for a in plan.right.output}:
        moved = _below_watermark(plan.right, condition)
        return None if moved is None else replace(plan, right=moved)
    return None


def _below_union(plan: Union, condition: exp.Expression) -> LogicalPlan | None:
    inputs: list[LogicalPlan] = []
    any_moved = False
    for child in plan.inputs:
        pairs = zip(plan.columns, child.output, strict=True)
        own = substituted(condition, {column.id: reference(source) for column, source in pairs})
        moved = _below_watermark(child, own)
        any_moved = any_moved or moved is not None
        inputs.append(moved or Filter(child, own))
    return replace(plan, inputs=tuple(inputs)) if any_moved else None
