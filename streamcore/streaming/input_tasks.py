"""The first half of a micro-batch: source partitions through their input fragment, one task each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.duck.quoting import identifier
from streamcore.duck.statements import Statement
from streamcore.execution.engines import slot_engine, wide_engine
from streamcore.execution.partitions import PartitionInput, partition_input
from streamcore.plan.rules import optimize
from streamcore.spi.capabilities import KnowsItsSize
from streamcore.streaming.fragments import BatchValues, ContextFactory, FragmentText
from streamcore.streaming.observed_text import ObservedText

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.plan.logical import LogicalPlan, Relation
    from streamcore.plan.stages import Fragment
    from streamcore.scheduler.slots import Slot
    from streamcore.streaming.stream_source import SourceReader
    from streamcore.streaming.watermark import EventTimeStats

# Below this many bytes neither more cores nor filters within the scan are worth what they cost.
_WORTH_SHARING = 1 << 20


@dataclass(frozen=True)
class InputRows:
    """What one partition became: the fragment's rows, and how many were read from the source.


    `leaf` is the position of the source's leaf; None for rows of a stage.  `event_times` are those that
    reached `withWatermark`, where the fragment does not carry them in its rows.
    """

    leaf: int | None
    rows: pa.Table
    rows_read: int
    event_times: EventTimeStats | None = None


class LeafTasks:
    """One streaming leaf of a query: its reader and its input fragment."""

    def __init__(
        self,
        position: int,
        fragment: Fragment,
        plan: LogicalPlan,
        reader: SourceReader,
        statics: Mapping[str, pa.Table],
        context: ContextFactory,
    ) -> None:
        self.position = position
        self.fragment = fragment
        self.reader = reader
        optimized = optimize(plan)
        self._statics = statics
        self._leaf = _relation(optimized, fragment.origin.key)
        self._static_keys = [n.key for n in _relations(optimized) if n.key in statics]
        self._text = (
            ObservedText(optimized, context) if fragment.observes_apart else FragmentText(optimized, context)
        )
        self._columns = [a.name for a in self._leaf.columns]
        self._text.check([self._leaf.key, *self._static_keys])

    def run(self, partition: Any, values: BatchValues, slot: Slot, threads: int) -> InputRows:
        """Reads one partition and runs the fragment over it, on `threads` cores."""
        found = partition_input(
            self._leaf.key, self.reader, partition, self.reader.source.schema, self._columns
        )
        engine = slot_engine(slot) if threads == 1 else wide_engine(slot, threads)
        rows, read = self._compute(found, values, engine, is_small=_is_small(partition))
        if isinstance(self._text, ObservedText):
            rows, seen = self._text.taken_apart(rows)
            return InputRows(self.position, rows, read, seen)
        return InputRows(self.position, rows, read)

    def _compute(
        self, found: PartitionInput, values: BatchValues, engine: SlotEngine, *, is_small: bool
    ) -> tuple[pa.Table, int]:
        statics = {key: self._statics[key] for key in self._static_keys}

        def careful() -> Statement:
            scan = found.carefully()
            return Statement(self._sql(scan.sql, values, careful=True), scan.inputs)

        if found.tables:
            fast = self._sql(found.sql, values, careful=False)
            rows = engine.run(fast, {**found.tables, **statics}, careful)
            return rows, sum(table.num_rows for table in found.tables.values())
        if is_small and found.split is not None:
            read = f"{self._leaf.key} as read"
            fast = self._sql(f"({found.split.over(identifier(read))})", values, careful=False)
            return engine.run_split(found.split.rows, read, fast, statics, careful)
        return engine.run_counting(self._sql(found.sql, values, careful=False), statics, careful)

    def _sql(self, leaf_sql: str, values: BatchValues, *, careful: bool) -> str:
        relations = {key: f'"{key}"' for key in self._static_keys}
        relations[self._leaf.key] = leaf_sql
        return self._text.sql(relations, values, careful=careful)


def _relations(plan: LogicalPlan) -> list[Relation]:
    from streamcore.plan.logical import Relation

    return [node for node in plan.walk() if isinstance(node, Relation)]


def _relation(plan: LogicalPlan, key: str) -> Relation:
    return next(node for node in _relations(plan) if node.key == key)


def threads_per_task(partitions: Sequence[Any], slots: int) -> int:
    """How many cores one task may use: all of them when it is alone and has enough to do, else one.

    A partition that knows its `size` (bytes) may be too small for the handing out of work to pay.
    """
    return 1 if len(partitions) != 1 or _is_small(partitions[0]) else slots


def _is_small(partition: Any) -> bool:
    size = partition.size if isinstance(partition, KnowsItsSize) else None
    return size is not None and size < _WORTH_SHARING
