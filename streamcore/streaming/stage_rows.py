"""A fragment over what a stage has given: on to the next stateful operator, or to the sink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.plan.attributes import referenced_id
from streamcore.plan.logical import Alias, Limit, LogicalPlan, Project, Relation, Sort, Watermark
from streamcore.plan.rules import names_in_relation
from streamcore.streaming.fragments import BatchValues, FragmentText

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.stateful.operator import StatefulOperator

_NEEDS_ALL_ROWS = (Sort, Limit)


class StageRows:
    """Runs a fragment over the rows of one partition of a stage.

    Parameters
    ----------
    stage
        The operator whose rows these are.
    fragment, plan
        The fragment of the plan, and what is to be computed with it: the fragment itself on the way to
        the sink, or what the next operator makes of it.
    """

    def __init__(
        self,
        stage: StatefulOperator,
        fragment: Fragment,
        plan: LogicalPlan,
        statics: Mapping[str, pa.Table],
        contexts: ContextFactory,
    ) -> None:
        self.stage = stage.name
        self._key = fragment.origin.key
        rows = Relation(self._key, stage.output_columns, source=None)
        plan = _over(plan, self._key, stage.output_plan(rows))
        self._text = FragmentText(plan, contexts)
        self._text.check(node.key for node in plan.walk() if isinstance(node, Relation))
        self._names = names_in_relation(rows.columns)
        used = {node.key for node in plan.walk() if isinstance(node, Relation)}
        self._statics = statics
        self._static_keys = [key for key in statics if key in used]
        self._relations = {key: f'"{key}"' for key in (self._key, *self._static_keys)}
        self.needs_all_rows = any(isinstance(node, _NEEDS_ALL_ROWS) for node in plan.walk())
        """Whether the fragment may not be run per partition (it sorts or limits)."""
        self._picked = picked_columns(plan, self._key)

    def run(self, rows: pa.Table, values: BatchValues, engine: SlotEngine) -> pa.Table:
        """The fragment's columns, in order, for these rows of the stage."""
        if self._picked is not None:
            return rows.select(self._picked)
        named = rows.select(range(len(self._names))).rename_columns(self._names)
        sql = self._text.sql(self._relations, values, careful=True)
        return engine.run(sql, {self._key: named, **{key: self._statics[key] for key in self._static_keys}})


def picked_columns(plan: LogicalPlan, key: str) -> list[int] | None:
    """Positions in the stage's rows, where the fragment only chooses and renames columns; else None.

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


def _over(plan: LogicalPlan, key: str, rows: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, Relation):
        return rows if plan.key == key else plan
    return plan.with_children(tuple(_over(child, key, rows) for child in plan.children))
