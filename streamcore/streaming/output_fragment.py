"""The last fragment of a stateful query: from the operator's rows to the query's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.plan.incremental import STATE_INPUT, names_in_relation
from streamcore.plan.logical import Distinct, Limit, LogicalPlan, Relation, Sort
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

    def run(self, rows: pa.Table, values: BatchValues, engine: SlotEngine) -> pa.Table:
        """The query's columns for these rows of the operator."""
        named = rows.select(range(len(self._names))).rename_columns(self._names)
        sql = self._text.sql(self._relations, values, careful=True)
        return engine.run(sql, {STATE_INPUT: named, **self._statics})


def _over(plan: LogicalPlan, rows: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, Relation):
        return rows if plan.key == STATE_INPUT else plan
    return plan.with_children(tuple(_over(child, rows) for child in plan.children))
