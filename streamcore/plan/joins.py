"""Joins: their kinds, columns joined by name, and the same DataFrame on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan import refusals
from streamcore.plan.analysis import AnalysisSettings, require_boolean
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    passed_through,
    reference,
    referenced_id,
    scope_of,
)
from streamcore.plan.distinct_ids import with_distinct_ids
from streamcore.plan.expressions import call
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.logical import Join, LogicalPlan, Project
from streamcore.plan.naming import expression_text
from streamcore.plan.resolution import written_name
from streamcore.plan.subquery_placement import placed
from streamcore.plan.typing import infer

_KINDS = {
    "inner": "inner", "cross": "cross",
    "left": "left", "leftouter": "left", "right": "right", "rightouter": "right",
    "full": "full", "outer": "full", "fullouter": "full",
    "semi": "leftsemi", "leftsemi": "leftsemi", "anti": "leftanti", "leftanti": "leftanti",
}  # fmt: skip


def join_kind(how: str) -> str:
    """The plan's name of a join type as PySpark spells it ("left_outer", "outer", "anti", ...)."""
    found = _KINDS.get(how.lower().replace("_", "").replace(" ", ""))
    if found is None:
        raise IllegalArgumentException(
            f"[UNSUPPORTED_JOIN_TYPE] Unsupported join type '{how}'. Supported join types include: "
            f"{', '.join(repr(name) for name in sorted(_KINDS))}."
        )
    return found


def join_on(
    left: LogicalPlan,
    right: LogicalPlan,
    condition: exp.Expression | None,
    how: str,
    settings: AnalysisSettings,
) -> LogicalPlan:
    """A join whose condition is written over the columns of both sides; None joins every pair."""
    kind = join_kind(how)
    right, renewed = with_distinct_ids(left, right)
    if condition is None:
        return Join(left, right, "cross" if kind in ("inner", "cross") else kind, None)
    refuse_aggregates_in_join(condition)
    condition = _told_apart(condition, renewed)
    names = settings.names_among((*left.output, *right.output))
    resolved = names.resolve(condition)
    require_boolean(resolved, left, right)
    return placed(Join(left, right, "inner" if kind == "cross" else kind, resolved))


def refuse_aggregates_in_join(condition: exp.Expression) -> None:
    """Raises AnalysisException for a condition of a join that holds an aggregate."""
    calls = aggregate_calls(condition)
    if calls:
        raise refusals.unsupported_in_join(", ".join(f'"{expression_text(call)}"' for call in calls))


def join_using(
    left: LogicalPlan, right: LogicalPlan, columns: Sequence[str], how: str, settings: AnalysisSettings
) -> Project:
    """A join by equal values of columns that both sides have; each appears once in the output, first."""
    kind = join_kind(how)
    right, _ = with_distinct_ids(left, right)
    pairs = [
        (_using_column(left, "left", name, settings), _using_column(right, "right", name, settings))
        for name in columns
    ]
    condition: exp.Expression | None = None
    for a, b in pairs:
        equal = exp.EQ(this=reference(a), expression=reference(b))
        condition = equal if condition is None else exp.And(this=condition, expression=equal)
    joined = Join(left, right, "inner" if kind == "cross" and condition is not None else kind, condition)
    keys = [_using_output(a, b, kind, joined) for a, b in pairs]
    used = {column.id for pair in pairs for column in pair}
    rest = [passed_through(a) for a in joined.output if a.id not in used]
    return Project(joined, (*keys, *rest))


def join_using_in_from(
    left: LogicalPlan, right: LogicalPlan, columns: Sequence[str], how: str, settings: AnalysisSettings
) -> Project:
    """`join_using` whose merged columns stay in reach of `t.k` and `t.*`, for a FROM clause in SQL text."""
    plan = join_using(left, right, columns, how, settings)
    shown = {a.id for a in plan.output}
    merged = [
        NamedExpression(reference(a), replace(a, qualified_only=True))
        for a in plan.child.output
        if a.id not in shown
    ]
    return replace(plan, expressions=(*plan.expressions, *merged))


def _told_apart(condition: exp.Expression, renewed: dict[int, Attribute]) -> exp.Expression:
    """`df.a == df.a` between two sides of a self-join: the second stands for the right side.

    Any other use of such a column through a DataFrame cannot be told apart and is refused.
    """
    if not renewed:
        return condition

    def rule(node: exp.Expression) -> exp.Expression:
        if isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            left_id, right_id = referenced_id(node.this), referenced_id(node.expression)
            if left_id is not None and left_id == right_id and left_id in renewed:
                return type(node)(this=node.this.copy(), expression=reference(renewed[left_id]))
        return node

    changed: exp.Expression = condition.transform(rule)
    paired = {
        id(column)
        for node in changed.find_all(exp.EQ, exp.NullSafeEQ)
        if referenced_id(node.expression) in {a.id for a in renewed.values()}
        for column in node.find_all(exp.Column)
    }
    for column in changed.find_all(exp.Column):
        if referenced_id(column) in renewed and id(column) not in paired:
            raise refusals.ambiguous_self_join(written_name(column))
    return changed


def _using_column(plan: LogicalPlan, side: str, name: str, settings: AnalysisSettings) -> Attribute:
    names = settings.names(plan)
    found = [a for a in plan.output if names.same(a.name, name) and not a.qualified_only]
    if not found:
        listed = ", ".join(refusals.backticked(a.name) for a in plan.output)
        raise AnalysisException(
            f"[UNRESOLVED_USING_COLUMN_FOR_JOIN] USING column {refusals.backticked(name)} cannot be "
            "resolved on the "
            f"{side} side of the join. The {side}-side columns: [{listed}]. SQLSTATE: 42703"
        )
    if len(found) > 1:
        raise refusals.ambiguous_reference([name], [refusals.backticked(a.name) for a in found])
    return found[0]


def _using_output(left: Attribute, right: Attribute, kind: str, joined: Join) -> NamedExpression:
    if kind == "right":
        return passed_through(right)
    if kind != "full":
        return passed_through(left)
    both = call("coalesce", reference(left), reference(right))
    data_type, _ = infer(both, scope_of(joined.output))
    nullable = left.nullable or right.nullable
    return NamedExpression(both, replace(attribute(left.name, data_type, nullable), qualifier=None))
