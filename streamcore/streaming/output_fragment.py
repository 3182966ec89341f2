"""The last fragment of a stateful query: from the operator's rows to the query's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.plan.attributes import referenced_id
from streamcore.plan.incremental import STATE_INPUT, names_in_relation
from streamcore.plan.logical import Alias, Distinct, Limit, LogicalPlan, Project, Relation, Sort, Watermark
from streamcore.streaming.fragments import BatchValues, FragmentText

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.fragments import ContextFactory

_NEEDS_ALL_ROWS = (Sort, Limit, Distinct)


class OutputFragment:
    """Runs the part of a plan above its stateful operator."""

    def __init__(
        self, query: QueryDefinition, contexts: ContextFactory, statics: Mapping[str, pa.Table]
    ) -> None:
        assert query.operator is not None
        assert query.plan.output is not None
        rows = Relation(STATE_INPUT, query.operator.output_columns, source=None)
        plan = _over(query.plan.output, query.operator.output_plan(rows))
        self._text = FragmentText(plan, contexts)
        self._text.check(node.key for node in plan.walk() if isinstance(node, Relation))
        self._names = names_in_relation(rows.columns)
        used = {node.key for node in plan.walk() if isinstance(node, Relation)}
        self._statics = {key: table for key, table in statics.items() if key in used}
        self._relations = {key: f'"{key}"' for key in (STATE_INPUT, *self._statics)}
        self.needs_all_rows = any(isinstance(node, _NEEDS_ALL_ROWS) for node in plan.walk())
        """Whether the fragment may not be run per partition (it sorts or limits)."""
        self._picked = picked_columns(plan)

    def run(self, rows: pa.Table, values: BatchValues, engine: SlotEngine) -> pa.Table:
        """The query's columns, in order, for these rows of the operator."""
        if self._picked is not None:
            return rows.select(self._picked)
        named = rows.select(range(len(self._names))).rename_columns(self._names)
        sql = self._text.sql(self._relations, values, careful=True)
        return engine.run(sql, {STATE_INPUT: named, **self._statics})


def picked_columns(plan: LogicalPlan) -> list[int] | None:
    """Positions in the operator's rows, where the fragment only chooses and renames columns; else None.

    Such a fragment, the usual one of a count or a sum, needs no SQL: a millisecond of a small batch.
    """
    if isinstance(plan, Relation):
        return list(range(len(plan.columns))) if plan.key == STATE_INPUT else None
    if isinstance(plan, Alias | Watermark):
        return picked_columns(plan.child)
    if not isinstance(plan, Project):
        return None
    below = picked_columns(plan.child)
    if below is None:
        return None
    places = {a.id: place for a, place in zip(plan.child.output, below, strict=True)}
    wanted = [referenced_id(entry.expression) for entry in plan.expressions]
    picked = [places[id_] for id_ in wanted if id_ is not None and id_ in places]
    return picked if len(picked) == len(wanted) else None


def _over(plan: LogicalPlan, rows: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, Relation):
        return rows if plan.key == STATE_INPUT else plan
    return plan.with_children(tuple(_over(child, rows) for child in plan.children))
