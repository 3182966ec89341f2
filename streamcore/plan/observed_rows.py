"""What a fragment that holds an Observe gives besides its rows: one row more, with all that was observed.

The rows that reach an Observe are computed once and read twice: by what stands above it, and by its
measures.  The fragment's rows have more columns for that: the measures of every Observe, in the order of
`observations`, and one that tells the row of the measures, which is mostly the last, from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamcore.plan.attributes import NamedExpression, attribute, reference, scope_of
from streamcore.plan.grouping import is_aggregate_call
from streamcore.plan.logical import Aggregate, LogicalPlan, Observe, Project
from streamcore.plan.typing import infer

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp


def observations(plan: LogicalPlan) -> list[Observe]:
    """Every Observe of a plan, those below first."""
    below = [found for child in plan.children for found in observations(child)]
    return [*below, plan] if isinstance(plan, Observe) else below


def of_calls(measures: Sequence[NamedExpression], rows: LogicalPlan) -> LogicalPlan:
    """The one row of these measures over `rows`, also where they are constants, or there are no rows."""
    scope = scope_of(rows.output)
    calls: dict[exp.Expression, NamedExpression] = {}

    def column(call: exp.Expression) -> exp.Expression:
        if call not in calls:
            data_type, nullable = infer(call, scope)
            # An id that follows from the place: the same plan has the same text.
            made = replace(attribute(f"call~{len(calls)}", data_type, nullable), id=-1 - len(calls))
            calls[call.copy()] = NamedExpression(call.copy(), made)
        return reference(calls[call].attribute)

    def over_columns(node: exp.Expression) -> exp.Expression:
        return column(node) if is_aggregate_call(node) else node

    made = tuple(NamedExpression(m.expression.copy().transform(over_columns), m.attribute) for m in measures)
    return Project(Aggregate(rows, (), tuple(calls.values())), made)


@dataclass(frozen=True)
class ObservedLayout:
    """Where the measures stand in the rows of a fragment: behind so many `columns`, so many at each place."""

    columns: int
    places: tuple[tuple[int, int], ...]

    def taken_apart(self, rows: pa.Table) -> tuple[pa.Table, list[tuple[int, pa.Table]]]:
        """The fragment's rows, and the one row of the measures of each place."""
        import pyarrow.compute as pc

        marks = rows.column(rows.num_columns - 1)
        row = rows.num_rows - 1
        kept = rows.select(range(self.columns))
        if marks[row].as_py():
            kept = kept.slice(0, row)
        else:
            row = pc.index(marks, value=True).as_py()
            kept = kept.filter(pc.invert(marks))
        measured, start = [], self.columns
        for place, count in self.places:
            measured.append((place, rows.slice(row, 1).select(range(start, start + count))))
            start += count
        return kept, measured


def observed_layout(plan: LogicalPlan) -> ObservedLayout | None:
    """Where what a plan observes stands in its rows; None when it observes nothing."""
    places = tuple((node.place, len(node.measures)) for node in observations(plan))
    return ObservedLayout(max(len(plan.output), 1), places) if places else None
