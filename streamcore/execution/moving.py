"""repartition and coalesce: rows moved between parts, below operators that look at every row by itself.

Deeper inside a plan they change nothing: how a fragment is split over cores is the engine's choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING

from streamcore.execution.leaves import Pieces
from streamcore.execution.parts import cut
from streamcore.plan.attributes import passed_through
from streamcore.plan.logical import Alias, Coalesce, Filter, LogicalPlan, Project, Repartition, Watermark

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.parts import Parts


def is_row_by_row(plan: LogicalPlan) -> bool:
    """Whether an operator looks at every row by itself."""
    from sqlglot import exp

    if isinstance(plan, Project):
        return not any(entry.expression.find(exp.Window) for entry in plan.expressions)
    return isinstance(plan, (Filter, Alias, Watermark))


def moved_below(plan: LogicalPlan) -> Repartition | Coalesce | None:
    """The repartition or coalesce that decides the parts of a plan's result."""
    while is_row_by_row(plan):
        plan = plan.children[0]
    return plan if isinstance(plan, (Repartition, Coalesce)) else None


def moved_rows(moved: Repartition | Coalesce) -> LogicalPlan:
    """The rows below, with the number of each row's part as the last column where it is given."""
    if isinstance(moved, Coalesce) or moved.number is None:
        return moved.child
    return Project(moved.child, (*(passed_through(column) for column in moved.output), moved.number))


def replaced(plan: LogicalPlan, moved: LogicalPlan, leaf: LogicalPlan) -> LogicalPlan:
    """A plan that is a chain down to `moved`, with `leaf` in its place."""
    if plan is moved:
        return leaf
    return plan.with_children((replaced(plan.children[0], moved, leaf),))


def pieces_of(moved: Repartition | Coalesce, below: Parts) -> Pieces:
    """The parts that a repartition or coalesce makes of the parts of `moved_rows`."""
    if isinstance(moved, Coalesce):
        return _merged(below, min(moved.count, below.count))
    count, by_number = moved.count, moved.number is not None

    def tables(wanted: Sequence[int]) -> list[pa.Table]:
        whole = _one(below.tables())
        spread = _numbered(whole, count) if by_number else cut(whole, count)
        return [spread[number] for number in wanted]

    return Pieces(count, tables)


def _merged(below: Parts, count: int) -> Pieces:
    def group(number: int) -> range:
        return range(number * below.count // count, (number + 1) * below.count // count)

    def tables(wanted: Sequence[int]) -> list[pa.Table]:
        found = iter(below.tables(list(chain.from_iterable(map(group, wanted)))))
        return [_one([next(found) for _ in group(number)]) for number in wanted]

    return Pieces(count, tables)


def _numbered(table: pa.Table, count: int) -> list[pa.Table]:
    """The rows of each number, in their order, without the column of numbers."""
    import pyarrow.compute as pc

    numbers = table.column(table.num_columns - 1)
    rows = table.select(list(range(table.num_columns - 1))).take(pc.sort_indices(numbers))
    sizes = {entry["values"]: entry["counts"] for entry in pc.value_counts(numbers).to_pylist()}
    bounds = list(accumulate((sizes.get(number, 0) for number in range(count)), initial=0))
    return [rows.slice(low, high - low) for low, high in pairwise(bounds)]


def _one(tables: Sequence[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return tables[0] if len(tables) == 1 else pa.concat_tables(tables)
