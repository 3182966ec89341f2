"""Where an input fragment sees event times: beside its partial aggregates, or before it loses rows.

A watermark moves by all rows that reach `withWatermark`.  Where every one of them also reaches the end of
the fragment, their event times are aggregated there, with what is computed anyway.  Where a join, an
explode or a filter in between may drop or repeat rows, they are observed at `withWatermark`
(`streamcore.plan.observed_rows`).
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.logical import (
    Alias,
    Coalesce,
    Filter,
    LogicalPlan,
    Observe,
    Project,
    Repartition,
    Watermark,
)
from streamcore.plan.partial_aggregates import event_time_measures

EVENT_TIMES = -1
"""The place of the Observe that sees event times; those of the user's count from 0."""


def keeps_all_rows(plan: LogicalPlan, watermark: Watermark) -> bool:
    """Whether each row that reaches `watermark` reaches the top of `plan`, and none comes twice."""
    node = plan
    while node is not watermark:
        match node:
            case Project() | Alias() | Repartition() | Coalesce() | Watermark() | Observe():
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


def with_watermark_observed(plan: LogicalPlan) -> LogicalPlan:
    """A plan that gives, besides its rows, the event times that reach its topmost `withWatermark`."""
    watermark = next(node for node in plan.walk() if isinstance(node, Watermark))
    measures = event_time_measures(watermark.event_time)
    seen = Observe(watermark.child, "event times", measures, place=EVENT_TIMES)
    return _replaced(plan, watermark, replace(watermark, child=seen))


def _replaced(plan: LogicalPlan, old: LogicalPlan, new: LogicalPlan) -> LogicalPlan:
    if plan is old:
        return new
    children = tuple(_replaced(child, old, new) for child in plan.children)
    return plan.with_children(children) if children else plan
