"""A result in parts, each of which can be computed by itself, and the leaves that make that possible."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.execution.batch_tasks import (
    HeldRows,
    LeafRows,
    NumberRows,
    PartTask,
    SourceRows,
    WrittenPart,
)
from streamcore.execution.leaves import BatchScan, LocalTable, NumberRange, Pieces, RddRows, schema_of
from streamcore.execution.observed import hand_out
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.batch_tasks import ComputesRows, UsesBatches
    from streamcore.execution.tasks import Executor
    from streamcore.plan.logical import Relation
    from streamcore.spi.datasource import Filter
    from streamcore.spi.row import Row
    from streamcore.spi.types import StructType

T = TypeVar("T")

_WORTH_CUTTING = 5_000
"""Rows from which on work on groups is spread over slots."""


@dataclass(frozen=True)
class Parts:
    """A result that is computed a part at a time.

    Parameters
    ----------
    count
        How many parts there are.
    computing
        Returns, for some of the parts, what computes each.
    schema
        What every part's table conforms to.
    executor, name
        Where tasks run, and what the status API shows.
    together
        Whether one part takes as much work as all of them.
    """

    count: int
    computing: Callable[[Sequence[int]], Sequence[ComputesRows]]
    schema: pa.Schema
    executor: Executor
    name: str
    together: bool = False

    def compute(self, wanted: Sequence[int], use: Callable[[int, pa.Table], T]) -> list[T]:
        """Compute some parts, at once; return what `use` makes of each, where it was computed."""
        numbered = zip(wanted, self.computing(wanted), strict=True)
        return self._run([PartTask(number, one, self.schema, use) for number, one in numbered])

    def write(self, use: UsesBatches[T]) -> list[T]:
        """Compute all parts; return what `use` makes of each, which takes its rows as they are computed.

        No part is held whole. `use` may be called again for a part, whose first rows then count for nothing.
        """
        numbered = enumerate(self.computing(range(self.count)))
        return self._run([WrittenPart(number, one, self.schema, use) for number, one in numbered])

    def _run(self, tasks: Sequence[PartTask[T] | WrittenPart[T]]) -> list[T]:
        done = self.executor.run(tasks, name=self.name)
        for task, part in zip(tasks, done, strict=True):
            hand_out(task.computes.plan, part.measured)
        return [part.value for part in done]

    def tables(self, wanted: Sequence[int] | None = None) -> list[pa.Table]:
        """Some parts (default: all)."""
        return self.compute(range(self.count) if wanted is None else wanted, _as_it_is)


def _as_it_is(_: int, table: pa.Table) -> pa.Table:
    return table


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
    """A leaf in pieces: how many, and each of those that are wanted."""

    count: int
    pieces: Callable[[Sequence[int]], Sequence[LeafRows]]


def split_leaf(leaf: Relation, slices: int, offered: Sequence[Filter] = ()) -> Split | None:
    """The pieces of a leaf: its source's partitions, or `slices` of what is in memory; None for one piece.

    A source may plan its partitions by the predicates `offered`.
    """
    source = leaf.source
    if isinstance(source, BatchScan):
        return _split_scan(leaf, offered)
    if isinstance(source, (RddRows, Pieces)):
        return _split_pieces(leaf)
    if slices > 1 and isinstance(source, LocalTable):
        pieces = cut(source.table, slices)
        return Split(slices, lambda wanted: [HeldRows(pieces[number]) for number in wanted])
    if slices > 1 and isinstance(source, NumberRange):
        count = source.partitions
        return Split(count, lambda wanted: [_numbers(source, count, number) for number in wanted])
    return None


def cut(table: pa.Table, slices: int) -> list[pa.Table]:
    """The rows in order, in pieces whose sizes differ by one at most."""
    bounds = [number * table.num_rows // slices for number in range(slices + 1)]
    return [table.slice(low, high - low) for low, high in pairwise(bounds)]


def cut_at_groups(table: pa.Table, group: int, slices: int) -> list[pa.Table]:
    """The rows, sorted by the numbers in the column `group`, in pieces of whole groups, about as long.

    Few rows stay together, in the last piece.
    """
    import numpy as np

    numbers, rows = table.column(group).to_numpy(), table.num_rows
    wished = [number * rows // slices if rows >= _WORTH_CUTTING else 0 for number in range(1, slices)]
    inner = [int(np.searchsorted(numbers, numbers[at])) if at else 0 for at in wished]
    return [table.slice(low, high - low) for low, high in pairwise([0, *inner, rows])]


def source_rows(leaf: Relation, reader: Any, partitions: Sequence[Any]) -> SourceRows:
    """Partitions of a `BatchScan` leaf; only the leaf's (pruned) columns are read."""
    scan: BatchScan = leaf.source
    return SourceRows(reader, partitions, scan.schema, schema_of(leaf.columns))


def _split_scan(leaf: Relation, offered: Sequence[Filter]) -> Split:
    reader = leaf.source.reader(offered)
    partitions = reader.partitions()
    if not partitions:
        return _no_rows(leaf)
    return Split(
        len(partitions),
        lambda wanted: [source_rows(leaf, reader, [partitions[number]]) for number in wanted],
    )


def _split_pieces(leaf: Relation) -> Split:
    source: RddRows | Pieces = leaf.source
    if not source.count:
        return _no_rows(leaf)
    return Split(source.count, lambda wanted: [HeldRows(table) for table in source.tables(wanted)])


def _no_rows(leaf: Relation) -> Split:
    empty = HeldRows(to_arrow_schema(schema_of(leaf.columns)).empty_table())
    return Split(1, lambda wanted: [empty for _ in wanted])


def _numbers(source: NumberRange, count: int, number: int) -> NumberRows:
    step = source.step
    total = max(0, -((source.start - source.end) // step))
    low, high = (at * total // count for at in (number, number + 1))
    return NumberRows(source.start + low * step, source.start + high * step, step)
