"""The tasks of batch plans, as values: a fragment over what its leaves read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform, conform_batches
from streamcore.duck.statements import Statement
from streamcore.execution.engines import engine_of
from streamcore.execution.partitions import PartitionInput, ReadsPartitions, addressable, partition_input
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.observed_rows import observed_layout
from streamcore.spi.scan import CarefulScan
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.translate import TranslationContext
    from streamcore.spi.kept import Keeper

T = TypeVar("T")
UsesBatches: TypeAlias = "Callable[[Iterator[pa.RecordBatch]], T]"

# ---- what leaves read ----------------------------------------------------------------------------


class LeafRows(Protocol):
    """What a leaf of a fragment reads in one task."""

    def input(self, key: str) -> PartitionInput:
        """What stands for the leaf, which is called `key`."""


@dataclass(frozen=True)
class HeldRows:
    """Rows in memory."""

    table: pa.Table

    def input(self, key: str) -> PartitionInput:
        """See `LeafRows.input`."""
        return PartitionInput(identifier(key), tables={key: addressable(self.table)})


@dataclass(frozen=True)
class NumberRows:
    """The numbers from `start` up to, not including, `end`."""

    start: int
    end: int
    step: int

    def input(self, key: str) -> PartitionInput:
        """See `LeafRows.input`."""
        return PartitionInput(f"(SELECT range AS id FROM range({self.start}, {self.end}, {self.step}))")


@dataclass(frozen=True)
class SourceRows:
    """Partitions of a source, as one table of `columns`, those of its columns that the plan uses."""

    reader: ReadsPartitions
    partitions: Sequence[Any]
    schema: StructType
    columns: StructType

    def input(self, key: str) -> PartitionInput:
        """See `LeafRows.input`."""
        found = [
            partition_input(key, self.reader, partition, self.schema, self.columns.names)
            for partition in self.partitions
        ]
        return found[0] if len(found) == 1 else self._united(found, key)

    def _united(self, parts: Sequence[PartitionInput], key: str) -> PartitionInput:
        scans = [part for part in parts if not part.tables]
        tables = [table for part in parts for table in part.tables.values()]
        inputs = {key: self._concatenated(tables)} if tables or not scans else {}
        if not scans:
            return PartitionInput(identifier(key), tables=inputs)
        texts = [*(part.sql for part in scans), *(identifier(name) for name in inputs)]

        def careful() -> CarefulScan:
            found = [part.carefully() for part in scans]
            texts = [*(scan.sql for scan in found), *(identifier(name) for name in inputs)]
            streams = {name: stream for scan in found for name, stream in scan.inputs.items()}
            return CarefulScan(self._union_all(texts), streams)

        return PartitionInput(f"({self._union_all(texts)})", careful, inputs)

    def _union_all(self, texts: Sequence[str]) -> str:
        columns = ", ".join(identifier(name) for name in self.columns.names) or "*"
        return " UNION ALL ".join(f"SELECT {columns} FROM {text}" for text in texts)

    def _concatenated(self, tables: Sequence[pa.Table]) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables(tables) if tables else to_arrow_schema(self.columns).empty_table()


# ---- tasks ---------------------------------------------------------------------------------------


class ComputesRows(Protocol):
    """What computes one part of a result."""

    def rows(self, place: Keeper) -> pa.Table:
        """The rows; behind them stands what the plan observes."""

    def in_batches(self, place: Keeper, use: UsesBatches[T]) -> T:
        """What `use` makes of the rows, which it may take while they are computed; it may be called again."""

    @property
    def plan(self) -> LogicalPlan:
        """Whose rows these are."""


@dataclass(frozen=True)
class KnownRows:
    """A result that is there already."""

    plan: LogicalPlan
    table: pa.Table

    def rows(self, place: Keeper) -> pa.Table:
        """See `ComputesRows.rows`."""
        return self.table

    def in_batches(self, place: Keeper, use: UsesBatches[T]) -> T:
        """See `ComputesRows.in_batches`."""
        return use(iter(self.table.to_batches()))


@dataclass(frozen=True)
class FragmentRows:
    """A plan as one statement over what its leaves read, on so many cores."""

    plan: LogicalPlan
    context: TranslationContext
    leaves: Mapping[str, LeafRows]
    threads: int = 1

    def rows(self, place: Keeper) -> pa.Table:
        """See `ComputesRows.rows`."""
        statement, careful = self._statements()
        return engine_of(place, self.threads).run(statement.sql, statement.inputs, careful)

    def in_batches(self, place: Keeper, use: UsesBatches[T]) -> T:
        """See `ComputesRows.in_batches`."""
        statement, careful = self._statements()
        engine = engine_of(place, self.threads)
        return engine.run_in_batches(statement.sql, statement.inputs, use, careful)

    def _statements(self) -> tuple[Statement, Callable[[], Statement]]:
        """The fast statement, and what makes the careful one."""
        leaves = {key: leaf.input(key) for key, leaf in self.leaves.items()}
        fast = fragment_sql(self.plan, {key: leaf.sql for key, leaf in leaves.items()}, self.context)
        tables = {name: table for leaf in leaves.values() for name, table in leaf.tables.items()}

        def careful() -> Statement:
            scans = {key: leaf.carefully() for key, leaf in leaves.items()}
            texts = {key: scan.sql for key, scan in scans.items()}
            streams = {name: stream for scan in scans.values() for name, stream in scan.inputs.items()}
            return Statement(fragment_sql(self.plan, texts, self.context.carefully()), streams)

        return Statement(fast, tables), careful


@dataclass(frozen=True)
class PartDone(Generic[T]):
    """What was made of a part, and what was observed in it: the place in the plan, and a row."""

    value: T
    measured: Sequence[tuple[int, pa.Table]]


@dataclass(frozen=True)
class PartTask(Generic[T]):
    """One part of a result, conformed to `schema`, and what `use` makes of it where it was computed."""

    number: int
    computes: ComputesRows
    schema: pa.Schema
    use: Callable[[int, pa.Table], T]

    def run(self, place: Keeper) -> PartDone[T]:
        """See `streamcore.execution.tasks.Task`."""
        rows, measured = self.computes.rows(place), list[tuple[int, Any]]()
        layout = observed_layout(self.computes.plan)
        if layout is not None:
            rows, measured = layout.taken_apart(rows)
        return PartDone(self.use(self.number, conform(rows, self.schema)), measured)


@dataclass(frozen=True)
class WrittenPart(Generic[T]):
    """One part of a result that is handed on in batches, and what `use` makes of them."""

    number: int
    computes: ComputesRows
    schema: pa.Schema
    use: UsesBatches[T]

    def run(self, place: Keeper) -> PartDone[T]:
        """See `streamcore.execution.tasks.Task`."""
        if observed_layout(self.computes.plan) is not None:
            # What was observed stands behind the last row.
            whole = PartTask(self.number, self.computes, self.schema, lambda _, rows: rows.to_batches())
            done = whole.run(place)
            return PartDone(self.use(iter(done.value)), done.measured)

        def used(batches: Iterator[pa.RecordBatch]) -> T:
            return self.use(conform_batches(batches, self.schema))

        return PartDone(self.computes.in_batches(place, used), [])
