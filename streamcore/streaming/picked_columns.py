"""Fragments that compute nothing: which columns they choose."""

from __future__ import annotations

from streamcore.plan.attributes import referenced_id
from streamcore.plan.logical import Alias, LogicalPlan, Project, Relation, Watermark


def picked_columns(plan: LogicalPlan, key: str) -> list[int] | None:
    """Positions in the rows of `key`, where the fragment only chooses and renames columns; else None.

    Such a fragment, the usual one of a count or a sum, needs no SQL: a millisecond of a small batch.
    """
    if isinstance(plan, Relation):
        return list(range(len(plan.columns))) if plan.key == key else None
    if isinstance(plan, Alias | Watermark):
        return picked_columns(plan.child, key)
    if not isinstance(plan, Project):
        return None
    below = picked_columns(plan.child, key)
    if below is None:
        return None
    places = {a.id: place for a, place in zip(plan.child.output, below, strict=True)}
    wanted = [referenced_id(entry.expression) for entry in plan.expressions]
    picked = [places[id_] for id_ in wanted if id_ is not None and id_ in places]
    return picked if len(picked) == len(wanted) else None
