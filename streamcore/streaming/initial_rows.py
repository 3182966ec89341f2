"""A static part that an operator reads before all other rows: in the first batch, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.plan.rules import names_in_relation
from streamcore.streaming.fragments import FragmentText
from streamcore.streaming.tasks import FragmentTask, StageCode

if TYPE_CHECKING:
    from streamcore.execution.sharing import Sharing
    from streamcore.execution.tasks import Shared
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.fragments import BatchValues, ContextFactory
    from streamcore.streaming.static_sides import StaticSides
    from streamcore.streaming.tasks import Delivery, FragmentCode


class InitialRows:
    """The rows of the static part, and the task that hands them to the operator."""

    def __init__(
        self, fragment: Fragment, initial: StaticSides, contexts: ContextFactory, sharing: Sharing
    ) -> None:
        relation = fragment.origin
        self._key = relation.key
        self._initial = initial
        self._text = FragmentText(fragment.plan, contexts, [relation.key])
        names = names_in_relation(relation.columns)
        self._code: Shared[FragmentCode] = sharing.share(
            StageCode(relation.key, names, list(range(len(names))), None)
        )

    def task(self, values: BatchValues, delivery: Delivery) -> FragmentTask:
        """All rows, as they are."""
        rows = [self._initial[self._key].value]
        return FragmentTask(self._code, self._text.sql(values), rows, {}, delivery)
