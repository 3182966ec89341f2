"""Where an input fragment sees event times: beside its partial aggregates, or before it loses rows.

A watermark moves by all rows that reach `withWatermark`.  Where every one of them also reaches the end of
the fragment, their event times are aggregated there, with what is computed anyway.  Where a join, an
explode or a filter in between may drop or repeat rows, the fragment is cut at `withWatermark`: its rows are
computed once, and read twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.logical import (
    Aggregate,
    Alias,
    Coalesce,
    Filter,
    LogicalPlan,
    Project,
    Relation,
    Repartition,
    Watermark,
)
from streamcore.plan.partial_aggregates import event_time_measures

OBSERVED = "observed rows"
"""The key of the relation that stands for the rows that reached `withWatermark`."""

STATS = ("event_time_min", "event_time_max", "event_time_sum", "event_time_count")


def keeps_all_rows(plan: LogicalPlan, watermark: Watermark) -> bool:
    """Whether each row that reaches `watermark` reaches the top of `plan`, and none comes twice."""
    node = plan
    while node is not watermark:
        match node:
            case Project() | Alias() | Repartition() | Coalesce() | Watermark():
                (node,) = node.children
            case Filter() if _drops_only_missing_times(node.condition, watermark):
                node = node.child
            case _:
                return False
    return True


def _drops_only_missing_times(condition: exp.Expression, watermark: Watermark) -> bool:
    """Rows without an event time do not move a watermark: grouping by `window` drops them."""
    if not isinstance(condition, exp.Not) or not isinstance(condition.this, exp.Is):
        return False
    test = condition.this
    return isinstance(test.expression, exp.Null) and referenced_id(test.this) == watermark.event_time.id


@dataclass(frozen=True)
class ObservedPlan:
    """A plan cut at its `withWatermark`.

    below
        The rows that reach it.
    above
        The plan over a relation with the key OBSERVED.
    stats
        Smallest, largest, sum and count of the event times, over the same relation.
    """

    below: LogicalPlan
    above: LogicalPlan
    stats: LogicalPlan


def cut_at_watermark(plan: LogicalPlan) -> ObservedPlan:
    """Cuts a plan (already optimized) at its topmost `withWatermark`."""
    watermark = next(node for node in plan.walk() if isinstance(node, Watermark))
    rows = Relation(OBSERVED, watermark.child.output, source=None)
    stats = Aggregate(rows, (), event_time_measures(watermark.event_time))
    return ObservedPlan(watermark.child, _replaced(plan, watermark, replace(watermark, child=rows)), stats)


def _replaced(plan: LogicalPlan, old: LogicalPlan, new: LogicalPlan) -> LogicalPlan:
    if plan is old:
        return new
    children = tuple(_replaced(child, old, new) for child in plan.children)
    return plan.with_children(children) if children else plan


def observed_sql(name: str, below: str, above: str, stats: str, columns: int) -> str:
    """The statement that gives the rows of `above` and, last, one row of `stats` behind empty columns.

    `name` is what `above` and `stats` call the rows of `below`, with the names of its columns; `columns`
    is how many columns `above` has.
    """
    no_stats = ", ".join(f"NULL::BIGINT AS {column}" for column in STATS)
    no_row = ", ".join(["NULL"] * columns)
    rows = f"SELECT *, {no_stats} FROM ({above})"
    return f"WITH {name} AS MATERIALIZED ({below}) {rows} UNION ALL SELECT {no_row}, * FROM ({stats})"
