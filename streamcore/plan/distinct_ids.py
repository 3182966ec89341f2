"""The two sides of a join told apart where they are the same."""

from __future__ import annotations

from streamcore.plan.attributes import Attribute, NamedExpression, passed_through, reference
from streamcore.plan.logical import LogicalPlan, Project


def with_distinct_ids(left: LogicalPlan, right: LogicalPlan) -> tuple[LogicalPlan, dict[int, Attribute]]:
    """The right side with fresh ids for the columns that the left has too; the fresh ones by old id."""
    taken = {a.id for node in left.walk() for a in node.output}
    if not any(a.id in taken for a in right.output):
        return right, {}
    entries = [
        NamedExpression(reference(a), a.renewed()) if a.id in taken else passed_through(a)
        for a in right.output
    ]
    renewed = {a.id: e.attribute for a, e in zip(right.output, entries, strict=True) if a.id in taken}
    return Project(right, tuple(entries)), renewed
