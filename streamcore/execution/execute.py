"""A batch plan to its result: one fragment on all cores, or one fragment per source partition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from streamcore.duck.quoting import identifier
from streamcore.duck.statements import Statement
from streamcore.errors import AnalysisException
from streamcore.execution.engines import slot_engine, wide_engine
from streamcore.execution.leaves import BatchScan, LocalTable, NumberRange, RddRows, schema_of
from streamcore.execution.moving import (
    is_row_by_row,
    moved_below,
    moved_rows,
    pieces_of,
    replaced,
)
from streamcore.execution.observed import hand_out, heard
from streamcore.execution.partitions import PartitionInput, addressable
from streamcore.execution.parts import (
    Input,
    Parts,
    Split,
    Task,
    range_input,
    read_partition,
    split_leaf,
)
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.logical import LogicalPlan, Relation, Repartition
from streamcore.plan.row_order import keeps_order
from streamcore.plan.rules import optimize
from streamcore.spi.scan import CarefulScan
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.plan.translate import TranslationContext
    from streamcore.scheduler.slots import Slot, ThreadSlots


@dataclass(frozen=True)
class Execution:
    """Where and how batch plans of one session run.

    `context` says how the expressions of one query are translated; it is asked once for each.
    """

    slots: ThreadSlots
    context: Callable[[], TranslationContext]

    def table(self, plan: LogicalPlan, name: str = "batch query") -> pa.Table:
        """The whole result, under the user's names."""
        tables = self.partitions(plan, name)
        if len(tables) == 1:
            return tables[0]
        import pyarrow as pa

        return pa.concat_tables(tables)

    def partitions(self, plan: LogicalPlan, name: str = "batch query") -> list[pa.Table]:
        """The result in parts: one per source partition where rows need not move, else one in all."""
        return self.parts(plan, name, 1).tables()

    def parts(self, plan: LogicalPlan, name: str, slices: int) -> Parts:
        """What `partitions` returns, to be computed part by part; the source is listed now.

        What is in memory is cut into `slices` parts where rows need not move. Time and randomness are the
        same however often a part is computed.
        """
        require_batch(plan)
        plan = heard(plan)
        moved = moved_below(plan)
        if moved is None:
            return self._parts(plan, optimize(plan), name, slices)
        pieces = pieces_of(moved, self.parts(moved_rows(moved), name, slices))
        above = replaced(plan, moved, Relation("moved", moved.output, pieces))
        parts = self._parts(above, optimize(above), name, slices)
        return replace(parts, together=isinstance(moved, Repartition))

    def _parts(self, plan: LogicalPlan, optimized: LogicalPlan, name: str, slices: int) -> Parts:
        schema = to_arrow_schema(schema_of(plan.output))
        local = _local_result(optimized)
        if slices == 1 and local is not None:
            return Parts(1, lambda wanted: [lambda _: local for _ in wanted], schema, self.slots, name)
        context = self.context()
        leaf = _mapped_leaf(optimized)
        split = None if leaf is None else split_leaf(leaf, slices)
        if leaf is None or split is None:
            count, tasks = 1, partial(self._whole_tasks, optimized, context)
        else:
            count, tasks = split.count, partial(_mapped_tasks, optimized, leaf.key, split, context)
        return Parts(count, tasks, schema, self.slots, name)

    def _whole_tasks(
        self, plan: LogicalPlan, context: TranslationContext, wanted: Sequence[int]
    ) -> list[Task]:
        # RDDs are computed before a slot is taken: their own work may need it.
        ready = plan.transform_up(_computed)
        return [lambda slot: self._whole(ready, slot, context) for _ in wanted]

    def _whole(self, plan: LogicalPlan, slot: Slot, context: TranslationContext) -> pa.Table:
        engine = slot_engine(slot) if keeps_order(plan) else wide_engine(slot, self.slots.slots)
        rows = _run(plan, _inputs(plan), engine, context)
        return hand_out(plan, rows)


def _mapped_tasks(
    plan: LogicalPlan, key: str, split: Split, context: TranslationContext, wanted: Sequence[int]
) -> list[Task]:
    def task(number: int, read: Input) -> Task:
        own = replace(context, partition=number, seed=context.seed + number)
        return lambda slot: _run(plan, {key: read()}, slot_engine(slot), own)

    return [task(number, read) for number, read in zip(wanted, split.inputs(wanted), strict=True)]


def _run(
    plan: LogicalPlan, leaves: dict[str, PartitionInput], engine: SlotEngine, context: TranslationContext
) -> pa.Table:
    fast = fragment_sql(plan, {key: leaf.sql for key, leaf in leaves.items()}, context)
    tables = {name: table for leaf in leaves.values() for name, table in leaf.tables.items()}

    def careful() -> Statement:
        scans = {key: leaf.carefully() for key, leaf in leaves.items()}
        text = fragment_sql(plan, {key: scan.sql for key, scan in scans.items()}, context.carefully())
        return Statement(text, {name: stream for s in scans.values() for name, stream in s.inputs.items()})

    return engine.run(fast, tables, careful)


def require_batch(plan: LogicalPlan) -> None:
    """Raises for a plan with a streaming leaf."""
    if plan.is_streaming:
        raise AnalysisException(
            "Queries with streaming sources must be executed with writeStream.start(). "
            "[STREAMING_SOURCE_IN_BATCH_QUERY] Start the query with df.writeStream, or read the source with "
            "session.read instead of session.readStream."
        )


def _local_result(plan: LogicalPlan) -> pa.Table | None:
    """The answer of a plan that only hands a local table on."""
    if isinstance(plan, Relation) and isinstance(plan.source, LocalTable):
        return plan.source.read(plan.columns)
    return None


def _mapped_leaf(plan: LogicalPlan) -> Relation | None:
    """The one leaf of a plan in which every row is looked at by itself; None for other plans."""
    while is_row_by_row(plan):
        plan = plan.children[0]
    return plan if isinstance(plan, Relation) else None


def _computed(plan: LogicalPlan) -> LogicalPlan:
    """A leaf over an RDD as one over what the RDD's job returns."""
    if not isinstance(plan, Relation) or not isinstance(plan.source, RddRows):
        return plan
    import pyarrow as pa

    source: RddRows = plan.source
    tables = source.tables(range(source.count))
    whole = pa.concat_tables(tables) if tables else to_arrow_schema(source.schema).empty_table()
    return replace(plan, source=LocalTable(whole))


def _inputs(plan: LogicalPlan) -> dict[str, PartitionInput]:
    """What every leaf reads; a source that stands at several places is listed once, as of one moment."""
    leaves = {node.key: node for node in plan.walk() if isinstance(node, Relation)}
    listed: dict[int, _Listed] = {}
    return {key: _leaf_input(leaf, listed) for key, leaf in leaves.items()}


@dataclass(frozen=True)
class _Listed:
    """A reader and the partitions that it planned."""

    reader: Any
    partitions: Sequence[Any]


def _listed(scan: BatchScan) -> _Listed:
    reader = scan.reader()
    return _Listed(reader, reader.partitions())


def _leaf_input(leaf: Relation, listed: dict[int, _Listed]) -> PartitionInput:
    source = leaf.source
    if isinstance(source, LocalTable):
        return PartitionInput(identifier(leaf.key), tables={leaf.key: addressable(source.table)})
    if isinstance(source, NumberRange):
        return range_input(source)
    if isinstance(source, BatchScan):
        if id(source) not in listed:
            listed[id(source)] = _listed(source)
        found = listed[id(source)]
        return _united([read_partition(leaf, found.reader, part) for part in found.partitions], leaf)
    raise TypeError(f"a batch query cannot read {type(source).__name__}")


def _united(parts: Sequence[PartitionInput], leaf: Relation) -> PartitionInput:
    """All partitions of a source as one table."""
    scans = [part for part in parts if not part.tables]
    tables = [table for part in parts for table in part.tables.values()]
    inputs = {}
    if tables or not scans:
        inputs = {leaf.key: _concatenated(tables, leaf)}
    if not scans:
        return PartitionInput(identifier(leaf.key), tables=inputs)
    if len(scans) == 1 and not tables:
        return scans[0]
    texts = [*(part.sql for part in scans), *(identifier(key) for key in inputs)]

    def careful() -> CarefulScan:
        found = [part.carefully() for part in scans]
        texts = [*(scan.sql for scan in found), *(identifier(key) for key in inputs)]
        streams = {name: stream for scan in found for name, stream in scan.inputs.items()}
        return CarefulScan(_union_all(texts, leaf), streams)

    return PartitionInput(f"({_union_all(texts, leaf)})", careful, inputs)


def _union_all(texts: Sequence[str], leaf: Relation) -> str:
    columns = ", ".join(identifier(column.name) for column in leaf.columns) or "*"
    return " UNION ALL ".join(f"SELECT {columns} FROM {text}" for text in texts)


def _concatenated(tables: Sequence[pa.Table], leaf: Relation) -> pa.Table:
    import pyarrow as pa

    if tables:
        return pa.concat_tables(tables)
    return to_arrow_schema(schema_of(leaf.columns)).empty_table()
