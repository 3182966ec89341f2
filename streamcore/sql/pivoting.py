"""pivot, made of a plain aggregation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.analysis import aggregate
from streamcore.plan.attributes import NamedExpression, passed_through, reference
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.logical import LogicalPlan, Project
from streamcore.plan.naming import output_name
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_MAX_VALUES = 10_000


def pivot_values(frame: DataFrame, column: Any) -> list[Any]:
    """The distinct values of the pivot column, in order."""
    rows = frame.select(column).distinct().sort(1).limit(_MAX_VALUES + 1).collect()
    if len(rows) > _MAX_VALUES:
        raise AnalysisException(
            f"The pivot column {column!r} has more than {_MAX_VALUES} distinct values; give the values to "
            "pivot on."
        )
    return [row[0] for row in rows]


def pivoted(
    frame: DataFrame,
    keys: Sequence[exp.Expression],
    pivot: tuple[exp.Expression, list[Any]],
    measures: Sequence[exp.Expression],
) -> DataFrame:
    """One column per pivot value and measure: each aggregate sees the rows of its value only."""
    column, values = pivot
    outputs: list[exp.Expression] = list(keys)
    for value in values:
        for measure in measures:
            title = _title(value)
            name = title if len(measures) == 1 else f"{title}_{output_name(measure)}"
            outputs.append(_alias(_restricted(measure, column, value), name))
    plan = aggregate(frame.plan, keys, outputs, frame.session.analysis_settings)
    return frame_of(_counts_as_null(plan, len(keys), measures), frame.session)


def _restricted(measure: exp.Expression, column: exp.Expression, value: Any) -> exp.Expression:
    """The measure with every aggregate call filtered to the rows where `column` is `value`."""
    inner = measure.this.copy() if isinstance(measure, exp.Alias) else measure.copy()
    if value is None:
        condition: exp.Expression = exp.Is(this=column.copy(), expression=exp.Null())
    else:
        condition = exp.EQ(this=column.copy(), expression=literal_expression(value))
    for call in aggregate_calls(inner):
        filtered = exp.Filter(this=call.copy(), expression=exp.Where(this=condition.copy()))
        if call is inner:
            return filtered
        call.replace(filtered)
    return inner


def _counts_as_null(plan: LogicalPlan, keys: int, measures: Sequence[exp.Expression]) -> LogicalPlan:
    """A count over no rows is null in a pivoted table, as Spark has it."""
    counts = [bool(m.find(exp.Count)) for m in measures]
    if not any(counts):
        return plan
    entries = []
    for at, column in enumerate(plan.output):
        if at < keys or not counts[(at - keys) % len(measures)]:
            entries.append(passed_through(column))
        else:
            empty = exp.EQ(this=reference(column), expression=exp.Literal.number(0))
            value = exp.Case(ifs=[exp.If(this=empty, true=exp.Null())], default=reference(column))
            entries.append(NamedExpression(value, replace(column.renewed(), nullable=True)))
    return Project(plan, tuple(entries))


def _title(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))
