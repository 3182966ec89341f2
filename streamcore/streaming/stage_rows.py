"""A fragment over what a stage has given: on to the next stateful operator, or to the sink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.plan.computed_columns import steps_of
from streamcore.plan.logical import Limit, LogicalPlan, Relation, Sort
from streamcore.plan.observed_rows import observed_layout
from streamcore.plan.rules import names_in_relation
from streamcore.streaming.fragments import BatchValues, FragmentText
from streamcore.streaming.function_steps import with_functions
from streamcore.streaming.picked_columns import picked_columns
from streamcore.streaming.tasks import FragmentCode, FragmentTask, StageCode

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.sharing import Sharing
    from streamcore.execution.tasks import Shared
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.stateful.operator import StatefulOperator
    from streamcore.streaming.static_sides import StaticSides
    from streamcore.streaming.tasks import Delivery

_NEEDS_ALL_ROWS = (Sort, Limit)


class StageRows:
    """A fragment over the rows of a stage, and the tasks over its partitions.

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
        statics: StaticSides,
        contexts: ContextFactory,
        sharing: Sharing,
    ) -> None:
        self.stage = stage.name
        self.fragment = fragment
        key = fragment.origin.key
        rows = Relation(key, stage.output_columns, source=None)
        plan = _over(plan, key, stage.output_plan(rows))
        keys = {node.key for node in plan.walk() if isinstance(node, Relation)}
        self._text = FragmentText(plan, contexts, keys)
        self.needs_all_rows = any(isinstance(node, _NEEDS_ALL_ROWS) for node in plan.walk())
        """Whether the fragment may not be run per partition (it sorts or limits)."""
        self._statics = statics
        self._static_keys = [name for name in statics if name in keys]
        steps = steps_of(plan)
        names, picked = names_in_relation(rows.columns), picked_columns(steps.first, key)
        code = StageCode(key, names, picked, observed_layout(steps.first))
        self._code: Shared[FragmentCode] = sharing.share(with_functions(code, steps))

    def task(self, pieces: Sequence[pa.Table], values: BatchValues, delivery: Delivery) -> FragmentTask:
        """The fragment's columns, in order, for these rows of the stage."""
        statics = {key: self._statics[key] for key in self._static_keys}
        return FragmentTask(self._code, self._text.sql(values), pieces, statics, delivery)


def _over(plan: LogicalPlan, key: str, rows: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, Relation):
        return rows if plan.key == key else plan
    return plan.with_children(tuple(_over(child, key, rows) for child in plan.children))
