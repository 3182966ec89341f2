"""The static parts of a query, each as of the batch that reads it.

Every batch asks anew what a static part reads, as Spark does.  What cannot change is read once, and so are
files as long as they are the same; anything else is read in each batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from streamcore.execution.leaves import BatchScan, LocalTable, NumberRange
from streamcore.execution.partitions import addressable
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.computed_columns import topmost_functions
from streamcore.plan.logical import Relation
from streamcore.plan.rules import optimize
from streamcore.spi.capabilities import KnowsItsVersion
from streamcore.streaming.fragments import BatchValues

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.execute import Execution
    from streamcore.execution.sharing import Sharing
    from streamcore.execution.tasks import Shared
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.translate import TranslationContext
    from streamcore.streaming.fragments import ContextFactory


class StaticSides(Mapping[str, "Shared[pa.Table]"]):
    """The tables of a query's static parts, by the keys of their relations; the same while a batch runs."""

    def __init__(
        self,
        plans: Mapping[str, LogicalPlan],
        execution: Execution,
        contexts: ContextFactory,
        sharing: Sharing,
    ) -> None:
        self._sides = {key: _Side(plan, execution, contexts, sharing) for key, plan in plans.items()}

    def read(self, batch_time_ms: int) -> None:
        """Reads what may have changed since the batch before, at the time of this batch."""
        for side in self._sides.values():
            side.read(batch_time_ms)

    def read_ahead(self) -> None:
        """Reads what no batch would read again, so that a start fails where the first batch would."""
        for side in self._sides.values():
            if not side.is_read_by_each_batch:
                side.read(0)

    def __getitem__(self, key: str) -> Shared[pa.Table]:
        return self._sides[key].table

    def __contains__(self, key: object) -> bool:
        return key in self._sides

    def __iter__(self) -> Iterator[str]:
        return iter(self._sides)

    def __len__(self) -> int:
        return len(self._sides)


class _Side:
    """One static part."""

    table: Shared[pa.Table]

    def __init__(
        self, plan: LogicalPlan, execution: Execution, contexts: ContextFactory, sharing: Sharing
    ) -> None:
        self._plan = plan
        self._sharing = sharing
        self._execution = execution
        self._contexts = contexts
        leaves = [node.source for node in plan.walk() if isinstance(node, Relation)]
        self._scans = [source for source in leaves if isinstance(source, BatchScan)]
        may_change = [s for s in leaves if not isinstance(s, LocalTable | NumberRange | BatchScan)]
        calls_python = bool(topmost_functions(plan))  # which may look at anything
        self._is_of_its_time = bool(may_change) or calls_python or self._asks_for_the_time()
        self._read_at: object | None = None
        self._is_read = False

    @property
    def is_read_by_each_batch(self) -> bool:
        """Whether nobody can say that the rows are still the same."""
        return self._version() is None

    def read(self, batch_time_ms: int) -> None:
        # Before the rows: what changes while they are read is found by the next batch.
        version = self._version()
        if version is None or version != self._read_at:
            execution = replace(self._execution, context=lambda: self._context(batch_time_ms))
            table = addressable(execution.table(self._plan, "static side"))
            if self._is_read:
                self._sharing.drop(self.table)
            self.table, self._is_read = self._sharing.share(table), True
            self._read_at = version

    def _version(self) -> object | None:
        """Equal as long as the rows are the same; None when nobody knows."""
        if self._is_of_its_time:
            return None
        versions = [_version_of(scan) for scan in self._scans]
        return None if None in versions else tuple(versions)

    def _asks_for_the_time(self) -> bool:
        plan = optimize(self._plan)
        leaves = {node.key: f'"{node.key}"' for node in plan.walk() if isinstance(node, Relation)}
        times = (1, 90_000_000)
        return len({fragment_sql(plan, leaves, self._context(time)) for time in times}) > 1

    def _context(self, batch_time_ms: int) -> TranslationContext:
        """That of any batch at this time: random values of a static part are the same in all of them."""
        careful = False
        return self._contexts(BatchValues(0, batch_time_ms), careful)


def _version_of(scan: BatchScan) -> object | None:
    source = scan.data_source
    return source.rows_version() if isinstance(source, KnowsItsVersion) else None
