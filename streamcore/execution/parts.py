"""A result in parts, each of which can be computed by itself, and the leaves that make that possible."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform
from streamcore.execution.leaves import BatchScan, LocalTable, NumberRange, Pieces, RddRows, schema_of
from streamcore.execution.partitions import PartitionInput, addressable, partition_input
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.logical import Relation
    from streamcore.scheduler.slots import Slot, ThreadSlots
    from streamcore.spi.row import Row
    from streamcore.spi.types import StructType

T = TypeVar("T")
Task = Callable[["Slot"], "pa.Table"]
Input = Callable[[], PartitionInput]


@dataclass(frozen=True)
class Parts:
    """A result that is computed a part at a time.

    Parameters
    ----------
    count
        How many parts there are.
    tasks
        Returns, for some of the parts, what computes each on a slot.
    schema
        What every part's table conforms to.
    slots, name
        Where tasks run, and what the status API shows.
    together
        Whether one part takes as much work as all of them.
    """

    count: int
    tasks: Callable[[Sequence[int]], Sequence[Task]]
    schema: pa.Schema
    slots: ThreadSlots
    name: str
    together: bool = False

    def compute(self, wanted: Sequence[int], use: Callable[[int, pa.Table], T]) -> list[T]:
        """Compute some parts, at once; return what `use` makes of each, still on the slot."""

        def run(number: int, task: Task, slot: Slot) -> T:
            return use(number, conform(task(slot), self.schema))

        made = [partial(run, number, task) for number, task in zip(wanted, self.tasks(wanted), strict=True)]
        return self.slots.run(made, name=self.name)

    def tables(self, wanted: Sequence[int] | None = None) -> list[pa.Table]:
        """Some parts (default: all)."""
        return self.compute(range(self.count) if wanted is None else wanted, lambda _, table: table)


def iterate_parts(parts: Parts, schema: StructType, *, ahead: int) -> Iterator[Row]:
    """The rows of all parts in order; `ahead` parts are computed before they are needed."""
    from streamcore.execution.rows import iterate_rows

    if parts.together:
        for table in parts.tables():
            yield from iterate_rows(table, schema)
        return
    if ahead == 0:
        for number in range(parts.count):
            yield from iterate_rows(parts.tables([number])[0], schema)
        return
    with ThreadPoolExecutor(ahead + 1) as pool:
        running: deque[Future[list[pa.Table]]] = deque()
        for number in range(parts.count):
            running.append(pool.submit(parts.tables, [number]))
            if len(running) > ahead:
                yield from iterate_rows(running.popleft().result()[0], schema)
        while running:
            yield from iterate_rows(running.popleft().result()[0], schema)


@dataclass(frozen=True)
class Split:
    """A leaf in pieces: how many, and what reads each of those that are wanted."""

    count: int
    inputs: Callable[[Sequence[int]], Sequence[Input]]


def split_leaf(leaf: Relation, slices: int) -> Split | None:
    """The pieces of a leaf: its source's partitions, or `slices` of what is in memory; None for one piece."""
    source = leaf.source
    if isinstance(source, BatchScan):
        return _split_scan(leaf)
    if isinstance(source, (RddRows, Pieces)):
        return _split_pieces(leaf)
    if slices > 1 and isinstance(source, LocalTable):
        pieces = cut(source.table, slices)
        return Split(slices, lambda wanted: [partial(_held, leaf, pieces[number]) for number in wanted])
    if slices > 1 and isinstance(source, NumberRange):
        count = source.partitions
        return Split(count, lambda wanted: [partial(_numbers, source, count, number) for number in wanted])
    return None


def cut(table: pa.Table, slices: int) -> list[pa.Table]:
    """The rows in order, in pieces whose sizes differ by one at most."""
    bounds = [number * table.num_rows // slices for number in range(slices + 1)]
    return [table.slice(low, high - low) for low, high in pairwise(bounds)]


def range_input(source: NumberRange) -> PartitionInput:
    """The numbers of a range as SQL."""
    return PartitionInput(f"(SELECT range AS id FROM range({source.start}, {source.end}, {source.step}))")


def read_partition(leaf: Relation, reader: Any, partition: Any) -> PartitionInput:
    """The input for one partition of a `BatchScan` leaf; only the leaf's (pruned) columns are read."""
    scan: BatchScan = leaf.source
    names = [column.name for column in leaf.columns]
    return partition_input(leaf.key, reader, partition, scan.schema, names)


def _split_scan(leaf: Relation) -> Split:
    reader = leaf.source.reader()
    partitions = reader.partitions()
    if not partitions:
        return _no_rows(leaf)
    return Split(
        len(partitions),
        lambda wanted: [partial(read_partition, leaf, reader, partitions[number]) for number in wanted],
    )


def _split_pieces(leaf: Relation) -> Split:
    source: RddRows | Pieces = leaf.source
    if not source.count:
        return _no_rows(leaf)
    return Split(source.count, lambda wanted: [partial(_held, leaf, t) for t in source.tables(wanted)])


def _no_rows(leaf: Relation) -> Split:
    empty = to_arrow_schema(schema_of(leaf.columns)).empty_table()
    return Split(1, lambda wanted: [partial(_held, leaf, empty) for _ in wanted])


def _held(leaf: Relation, table: pa.Table) -> PartitionInput:
    return PartitionInput(identifier(leaf.key), tables={leaf.key: addressable(table)})


def _numbers(source: NumberRange, count: int, number: int) -> PartitionInput:
    step = source.step
    total = max(0, -((source.start - source.end) // step))
    low, high = (at * total // count for at in (number, number + 1))
    return range_input(replace(source, start=source.start + low * step, end=source.start + high * step))
