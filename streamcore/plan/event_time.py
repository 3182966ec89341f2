"""Event time in a plan: which key a watermark closes, and the column that carries the time."""

from __future__ import annotations

from dataclasses import replace

from streamcore.plan.attributes import Attribute, NamedExpression, passed_through
from streamcore.plan.logical import LogicalPlan, Project
from streamcore.plan.time_windows import time_column
from streamcore.spi.types import StructType


def carry_column(plan: LogicalPlan, column: Attribute) -> LogicalPlan:
    """The plan with `column`, which exists somewhere below, kept in its output."""
    if any(a.id == column.id for a in plan.output):
        return plan
    children = tuple(
        carry_column(child, column) if any(column.id in _ids(node) for node in child.walk()) else child
        for child in plan.children
    )
    carried = plan.with_children(children)
    if isinstance(carried, Project):
        source = next(a for a in carried.child.output if a.id == column.id)
        return replace(carried, expressions=(*carried.expressions, passed_through(source)))
    return carried


def _ids(plan: LogicalPlan) -> set[int]:
    return {a.id for a in plan.output}


def event_time_key(keys: tuple[NamedExpression, ...], child: LogicalPlan) -> int | None:
    """The position of the key that a watermark can close: an event-time column or a window over one."""
    marked = {a.id for a in child.output if a.watermark_delay_ms is not None}
    for position, key in enumerate(keys):
        over_event_time = time_column(key.expression) in marked
        is_event_time = key.attribute.watermark_delay_ms is not None or over_event_time
        if is_event_time and _closes_with_time(key):
            return position
    return None


def _closes_with_time(key: NamedExpression) -> bool:
    kind = key.attribute.data_type
    is_window = isinstance(kind, StructType) and kind.fieldNames() == ["start", "end"]
    return is_window or kind.typeName() in ("timestamp", "timestamp_ntz")
