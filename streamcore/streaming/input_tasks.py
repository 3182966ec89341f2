"""A fragment over a source: from each of its partitions the rows go through it, one task each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.execution.partitions import is_small
from streamcore.plan.computed_columns import steps_of
from streamcore.plan.logical import Relation
from streamcore.plan.observation import with_watermark_observed
from streamcore.plan.observed_rows import observed_layout
from streamcore.plan.rules import optimize
from streamcore.streaming.fragments import BatchValues, ContextFactory, FragmentText
from streamcore.streaming.function_steps import with_functions
from streamcore.streaming.picked_columns import picked_columns
from streamcore.streaming.tasks import FragmentCode, FragmentTask, LeafCode

if TYPE_CHECKING:
    from streamcore.execution.sharing import Sharing
    from streamcore.execution.tasks import Shared
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.static_sides import StaticSides
    from streamcore.streaming.stream_source import SourceReader
    from streamcore.streaming.tasks import Delivery


class LeafTasks:
    """One streaming leaf of a query: its reader, its fragment, and the tasks over its partitions."""

    def __init__(
        self,
        position: int,
        fragment: Fragment,
        plan: LogicalPlan,
        reader: SourceReader,
        statics: StaticSides,
        context: ContextFactory,
        sharing: Sharing,
    ) -> None:
        self.position = position
        self.fragment = fragment
        self.reader = reader
        optimized = optimize(plan)
        leaves = {node.key: node for node in optimized.walk() if isinstance(node, Relation)}
        leaf = leaves[fragment.origin.key]
        self._statics = statics
        self._static_keys = [key for key in leaves if key in statics]
        keys = [leaf.key, *self._static_keys]
        observed = with_watermark_observed(optimized) if fragment.observes_apart else optimized
        self._text = FragmentText(observed, context, keys)
        steps = steps_of(observed)
        code = LeafCode(
            key=leaf.key,
            columns=[column.name for column in leaf.columns],
            schema=reader.source.schema,
            reader=reader.of_partitions,
            observed=observed_layout(steps.first),
            picked=picked_columns(steps.first, leaf.key),
        )
        self._code: Shared[FragmentCode] = sharing.share(with_functions(code, steps))

    def task(self, partition: Any, values: BatchValues, threads: int, delivery: Delivery) -> FragmentTask:
        """Reads one partition and runs the fragment over it, on `threads` cores."""
        statics = {key: self._statics[key] for key in self._static_keys}
        return FragmentTask(self._code, self._text.sql(values), partition, statics, delivery, threads)


def threads_per_task(partitions: Sequence[Any], most: int) -> int:
    """How many cores one task may use: all of them when it is alone and has enough to do, else one.

    A partition that knows its `size` (bytes) may be too small for the handing out of work to pay.
    """
    return 1 if len(partitions) != 1 or is_small(partitions[0]) else most
