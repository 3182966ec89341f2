"""Session windows over a stream: what a batch brings is joined with the kept sessions that it touches.

Sessions are kept under the hash of the other keys alone, so that all sessions of a key are found; the
merge joins those that overlap or touch.  Rows reach the operator with their own windows: a row is late by
its own window, whatever session it would have joined.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.execution.stores.layout import ShownColumn, ShownRow
from streamcore.plan.attributes import NamedExpression, next_id, passed_through, reference, referenced_id
from streamcore.plan.logical import Aggregate, Filter, LogicalPlan, Project, Sessions
from streamcore.streaming.stateful.aggregation import StreamingAggregation

if TYPE_CHECKING:
    from streamcore.plan.stages import Fragment


class StreamingSessions(StreamingAggregation):
    """groupBy(session_window(...), keys).agg() over a stream, in append or complete mode."""

    kind = "sessionWindowStateStoreSaveExec"

    def __init__(self, name: str, node: Aggregate, output_mode: str) -> None:
        assert isinstance(node.child, Sessions)
        session = node.child.window.attribute.id
        self._session_key = next(
            place for place, key in enumerate(node.keys) if referenced_id(key.expression) == session
        )
        super().__init__(name, node, output_mode)

    def _shown(self) -> ShownRow:
        """As Spark shows it: a session's key ends in the time at which it begins."""
        shown = super()._shown()
        others = tuple(column for column in shown.key if column.column != self._session_key)
        window = shown.key[self._session_key]
        start = ShownColumn("sessionStartTime", window.column, "start")
        return ShownRow((*others, start), (window, *others, *shown.value))

    def _told_apart_by(self) -> tuple[int, ...]:
        return tuple(place for place in range(len(self._node.keys)) if place != self._session_key)

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """Partial aggregates by key and own window: nothing is joined yet."""
        return super().input_plan(replace(fragment, plan=_not_joined(fragment.plan)))

    def merge_plan(self) -> LogicalPlan:
        """As of an aggregation, over windows that are joined first."""
        merged = super().merge_plan()
        assert isinstance(merged, Aggregate)
        own = merged.keys[self._session_key].attribute
        others = tuple(key for key in merged.keys if key.attribute.id != own.id)
        joined = replace(own, id=next_id())
        sessions = Sessions(merged.child, others, NamedExpression(reference(own), joined))
        keys = tuple(
            NamedExpression(reference(joined), own) if key.attribute.id == own.id else key
            for key in merged.keys
        )
        return replace(merged, child=sessions, keys=keys)


def _not_joined(plan: LogicalPlan) -> LogicalPlan:
    """The rows of a fragment with their own windows in the place of their sessions."""
    if isinstance(plan, Sessions):
        own = Project(plan.child, (*map(passed_through, plan.child.output), plan.window))
        start, end = (
            exp.Dot(this=reference(plan.window.attribute), expression=exp.to_identifier(bound, quoted=True))
            for bound in ("start", "end")
        )
        return Filter(own, exp.LT(this=start, expression=end))
    return plan.with_children(tuple(_not_joined(child) for child in plan.children))
