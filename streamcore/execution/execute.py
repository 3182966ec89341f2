"""A batch plan to its result: one fragment on all cores, or one fragment per source partition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.batch_tasks import FragmentRows, HeldRows, KnownRows, NumberRows
from streamcore.execution.computing import ComputingStep, MappingStep, step_of
from streamcore.execution.leaves import (
    BatchScan,
    LocalTable,
    NumberRange,
    Pieces,
    RddRows,
    schema_of,
    takes_filters,
)
from streamcore.execution.moving import (
    is_row_by_row,
    moved_below,
    moved_rows,
    pieces_of,
    replaced,
)
from streamcore.execution.observed import heard
from streamcore.execution.part_numbers import computed_in_parts, numbers_a_range
from streamcore.execution.parts import Parts, Split, cut_at_groups, source_rows, split_leaf
from streamcore.plan.bad_parses import with_bad_records_apart
from streamcore.plan.computed_columns import replaced_nodes, topmost_functions
from streamcore.plan.file_names import with_file_names
from streamcore.plan.logical import LogicalPlan, MappedRows, PythonNode, Relation, Repartition
from streamcore.plan.pushed_filters import pushed_filters
from streamcore.plan.python_calls import with_calls_apart
from streamcore.plan.row_order import keeps_order
from streamcore.plan.rules import narrowed, optimize
from streamcore.spi.datasource import Filter
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.batch_tasks import ComputesRows, LeafRows
    from streamcore.execution.tasks import Executor
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.translate import TranslationContext


_WORTH_A_WORKER = 100_000
"""Rows from which on starting another process is nothing beside the work."""


@dataclass(frozen=True)
class _Query:
    """What all fragments of one query share: time and randomness, its name, how much is cut of what."""

    context: TranslationContext
    name: str
    slices: int


@dataclass(frozen=True)
class Execution:
    """Where and how batch plans of one session run.

    `context` says how the expressions of one query are translated; it is asked once for each.
    """

    executor: Executor
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
        asked = with_file_names(with_bad_records_apart(plan))
        return self._parts(with_calls_apart(heard(asked)), _Query(self.context(), name, slices))

    def _parts(self, plan: LogicalPlan, query: _Query) -> Parts:
        if topmost_functions(plan):
            return self._parts(self._with_functions_as_leaves(narrowed(plan), query), query)
        if asking := computed_in_parts(plan):
            return self._parts(self._in_parts(plan, asking, query), query)
        moved = moved_below(plan)
        if moved is None:
            return self._fragment(plan, replace(query, slices=2) if numbers_a_range(plan) else query)
        pieces = pieces_of(moved, self._parts(moved_rows(moved), query))
        above = replaced(plan, moved, Relation("moved", moved.output, pieces))
        return replace(self._fragment(above, query), together=isinstance(moved, Repartition))

    def _in_parts(self, plan: LogicalPlan, asking: Sequence[LogicalPlan], query: _Query) -> LogicalPlan:
        """The plan above operators that ask for the number of a row's part: those are leaves."""
        leaves = []
        for number, node in enumerate(asking):
            below = self._parts(node, query)
            leaves.append((node, Relation(f"parts {number}", node.output, Pieces(below.count, below.tables))))
        return replaced_nodes(plan, leaves)

    def _with_functions_as_leaves(self, plan: LogicalPlan, query: _Query) -> LogicalPlan:
        """The plan above its Python functions, which run in the parts of what is below them."""
        leaves = [
            (node, Relation(f"computed {number}", node.output, self._computed(node, query)))
            for number, node in enumerate(topmost_functions(plan))
        ]
        return replaced_nodes(plan, leaves)

    def _computed(self, node: PythonNode, query: _Query) -> Pieces:
        step = step_of(node)
        if isinstance(node, MappedRows) and node.group is not None:
            return self._of_groups(node, node.group, step, query)
        slices = max(query.slices, _worth_slices(node.child, self.executor.most_threads))
        below = self._parts(node.child, replace(query, slices=slices))
        return Pieces(below.count, lambda wanted: below.compute(wanted, step.of_part))

    def _of_groups(
        self, node: MappedRows, group: Attribute, step: ComputingStep | MappingStep, query: _Query
    ) -> Pieces:
        """The function over as many parts as there are slots, each of whole groups."""
        below, count = self._parts(node.child, query), self.executor.most_threads
        place = [column.id for column in node.child.output].index(group.id)

        def tables(wanted: Sequence[int]) -> list[pa.Table]:
            parts = cut_at_groups(_whole(below.tables(), below.schema), place, count)
            grouped = Parts(
                count,
                lambda numbers: [KnownRows(node.child, parts[number]) for number in numbers],
                below.schema,
                self.executor,
                query.name,
            )
            return grouped.compute(wanted, step.of_part)

        return Pieces(count, tables)

    def _fragment(self, plan: LogicalPlan, query: _Query) -> Parts:
        optimized, context, slices, name = optimize(plan), query.context, query.slices, query.name
        schema = to_arrow_schema(schema_of(plan.output))
        local = _local_result(optimized)
        if slices == 1 and local is not None:
            return Parts(1, lambda wanted: [local for _ in wanted], schema, self.executor, name)
        leaf = _mapped_leaf(optimized)
        split = (
            None if leaf is None else split_leaf(leaf, slices, pushed_filters(optimized).get(leaf.key, ()))
        )
        if leaf is None or split is None:
            count, computing = 1, partial(self._whole, optimized, context)
        else:
            count, computing = split.count, partial(_mapped, optimized, leaf.key, split, context)
        return Parts(count, computing, schema, self.executor, name)

    def _whole(
        self, plan: LogicalPlan, context: TranslationContext, wanted: Sequence[int]
    ) -> list[ComputesRows]:
        threads = 1 if keeps_order(plan) else self.executor.most_threads
        # RDDs are computed before a slot is taken: their own work may need it.
        return [FragmentRows(plan, context, _leaves(plan), threads) for _ in wanted]


def _mapped(
    plan: LogicalPlan, key: str, split: Split, context: TranslationContext, wanted: Sequence[int]
) -> list[ComputesRows]:
    """Time is the same in all parts; random values are each part's own."""
    own = [replace(context, partition=number, seed=context.seed + number) for number in wanted]
    pieces = split.pieces(wanted)
    return [FragmentRows(plan, one, {key: piece}) for one, piece in zip(own, pieces, strict=True)]


def require_batch(plan: LogicalPlan) -> None:
    """Raises for a plan with a streaming leaf."""
    if plan.is_streaming:
        raise AnalysisException(
            "Queries with streaming sources must be executed with writeStream.start(). "
            "[STREAMING_SOURCE_IN_BATCH_QUERY] Start the query with df.writeStream, or read the source with "
            "session.read instead of session.readStream."
        )


def _local_result(plan: LogicalPlan) -> KnownRows | None:
    """The answer of a plan that only hands a local table on."""
    if isinstance(plan, Relation) and isinstance(plan.source, LocalTable):
        return KnownRows(plan, plan.source.read(plan.columns))
    return None


def _worth_slices(plan: LogicalPlan, most: int) -> int:
    """In how many parts what is in memory is handed to Python: a worker more pays for many rows only."""
    leaf = _mapped_leaf(optimize(plan))
    source = None if leaf is None else leaf.source
    if isinstance(source, LocalTable):
        rows = source.table.num_rows
    elif isinstance(source, NumberRange):
        rows = max(0, (source.end - source.start) // source.step)
    else:
        return 1
    return most if rows >= _WORTH_A_WORKER else 1


def _mapped_leaf(plan: LogicalPlan) -> Relation | None:
    """The one leaf of a plan in which every row is looked at by itself; None for other plans."""
    while is_row_by_row(plan):
        plan = plan.children[0]
    return plan if isinstance(plan, Relation) else None


def _leaves(plan: LogicalPlan) -> dict[str, LeafRows]:
    """What every leaf reads; a source that stands at several places is listed once, as of one moment."""
    leaves = {node.key: node for node in plan.walk() if isinstance(node, Relation)}
    offered, listed = pushed_filters(plan), _ListedScans()
    return {key: _leaf_rows(leaf, offered.get(key, ()), listed) for key, leaf in leaves.items()}


@dataclass(frozen=True)
class _Listed:
    """A reader and the partitions that it planned."""

    reader: Any
    partitions: Sequence[Any]


_ListedScans = dict[tuple[int, tuple[Filter, ...]], _Listed]


def _listed(scan: BatchScan, offered: tuple[Filter, ...], listed: _ListedScans) -> _Listed:
    """What a source has planned for these predicates; for all it is the same where it takes none."""
    reader = scan.reader()
    taken = offered if takes_filters(reader) else ()
    place = (id(scan), taken)
    if place not in listed:
        reader = scan.reader(taken) if taken else reader
        listed[place] = _Listed(reader, reader.partitions())
    return listed[place]


def _leaf_rows(leaf: Relation, offered: tuple[Filter, ...], listed: _ListedScans) -> LeafRows:
    source = leaf.source
    if isinstance(source, LocalTable):
        return HeldRows(source.table)
    if isinstance(source, NumberRange):
        return NumberRows(source.start, source.end, source.step)
    if isinstance(source, RddRows):
        return HeldRows(_whole(source.tables(range(source.count)), to_arrow_schema(source.schema)))
    if isinstance(source, Pieces):
        return HeldRows(_whole(source.tables(range(source.count)), to_arrow_schema(schema_of(leaf.columns))))
    if isinstance(source, BatchScan):
        found = _listed(source, offered, listed)
        return source_rows(leaf, found.reader, found.partitions)
    raise TypeError(f"a batch query cannot read {type(source).__name__}")


def _whole(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables) if tables else schema.empty_table()
