"""A streaming plan cut for micro-batches: what runs per source partition, what is remembered, what follows.

    leaf partitions --> input fragment (one per leaf) --> stateful operator --> output fragment --> sink

The input fragment is the part below the stateful operator; over a union it distributes, so each leaf
gets a plan of its own.  The output fragment is the part above.  Without a stateful operator the input
fragment is the whole plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    passed_through,
    reference,
    referenced_ids,
)
from streamcore.plan.leaves import with_streams_of_their_own
from streamcore.plan.logical import (
    Aggregate,
    Distinct,
    Join,
    LogicalPlan,
    Project,
    Relation,
    Union,
    Watermark,
)
from streamcore.plan.observation import keeps_all_rows
from streamcore.plan.rules import names_are_distinct
from streamcore.spi.types import StructType

STATE_INPUT = "operator_output"
"""The key of the relation that stands for a stateful operator's result in the output fragment."""


@dataclass(frozen=True)
class LeafFragment:
    """The input fragment over one streaming leaf.

    `watermark` is the operator (if any) through which the leaf's rows pass on their way to a stateful one;
    `observes_apart` says that not all of them get there, so that event times are not seen in the rows.
    """

    leaf: Relation
    plan: LogicalPlan
    watermark: Watermark | None
    observes_apart: bool = False

    def for_operator(self) -> LeafFragment:
        """What a stateful operator sees of it: no watermark that it would have to look for in the rows."""
        return replace(self, watermark=None) if self.observes_apart else self


@dataclass(frozen=True)
class IncrementalPlan:
    """A streaming query, cut.

    Parameters
    ----------
    leaves
        One input fragment per streaming leaf, in plan order.
    operator
        The stateful node of the original plan, or None.
    output
        The output fragment, over a `Relation` with key STATE_INPUT; None without an operator.
    statics
        Relations that stand for the static parts: key -> plan to be computed once at the start.
    columns
        The query's output.
    """

    leaves: tuple[LeafFragment, ...]
    operator: Aggregate | Distinct | None
    output: LogicalPlan | None
    statics: dict[str, LogicalPlan]
    columns: tuple[Attribute, ...]


def cut(plan: LogicalPlan) -> IncrementalPlan:
    """Cuts a supported streaming plan (see `streamcore.plan.streaming_checks`) for micro-batches."""
    statics: dict[str, LogicalPlan] = {}
    plan = with_streams_of_their_own(_static_parts_as_relations(plan, statics))
    operator = stateful_operator(plan)
    below = plan if operator is None else operator.child
    leaves = tuple(_leaf_fragment(below, leaf, operator) for leaf in streaming_leaves(below))
    output = None if operator is None else _above(plan, operator)
    return IncrementalPlan(leaves, operator, output, statics, plan.output)


def streaming_leaves(plan: LogicalPlan) -> list[Relation]:
    """The streaming leaves, in plan order."""
    return [node for node in plan.walk() if isinstance(node, Relation) and node.is_stream]


def stateful_operator(plan: LogicalPlan) -> Aggregate | Distinct | None:
    """The topmost stateful node: an aggregation or deduplication over a stream."""
    for node in plan.walk():
        if isinstance(node, Aggregate | Distinct) and node.is_streaming:
            return node
    return None


def _static_parts_as_relations(plan: LogicalPlan, statics: dict[str, LogicalPlan]) -> LogicalPlan:
    """Puts a relation in the place of every largest part without a stream."""
    if not plan.is_streaming:
        key = f"static_{len(statics)}"
        statics[key] = plan
        return Relation(key, plan.output, source=None)
    children = tuple(_static_parts_as_relations(child, statics) for child in plan.children)
    return plan.with_children(children) if children else plan


def _above(plan: LogicalPlan, operator: LogicalPlan) -> LogicalPlan:
    if plan is operator:
        return Relation(STATE_INPUT, operator.output, source=None)
    children = tuple(_above(child, operator) for child in plan.children)
    return plan.with_children(children) if children else plan


def _leaf_fragment(below: LogicalPlan, leaf: Relation, operator: Aggregate | Distinct | None) -> LeafFragment:
    plan = _only(below, leaf)
    watermark = next((n for n in plan.walk() if isinstance(n, Watermark)), None)
    if operator is None or watermark is None:
        return LeafFragment(leaf, plan, watermark)
    # An aggregation carries the column by itself; a deduplication takes rows as they are.
    is_carried = isinstance(operator, Aggregate) or watermark.event_time.id in _ids(plan)
    return LeafFragment(leaf, plan, watermark, not (is_carried and keeps_all_rows(plan, watermark)))


def _only(plan: LogicalPlan, leaf: Relation) -> LogicalPlan:
    """The plan when every other stream is empty: a union becomes the branch that holds the leaf."""
    if isinstance(plan, Union):
        branch = next(child for child in plan.inputs if _holds(child, leaf))
        kept = _only(branch, leaf)
        pairs = zip(kept.output, plan.columns, strict=True)
        return Project(kept, tuple(NamedExpression(reference(a), column) for a, column in pairs))
    children = tuple(_only(child, leaf) if _holds(child, leaf) else child for child in plan.children)
    return plan.with_children(children) if children else plan


def _holds(plan: LogicalPlan, leaf: Relation) -> bool:
    return any(node is leaf for node in plan.walk())


# ---- event time ----------------------------------------------------------------------------------


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
        over_event_time = bool(referenced_ids(key.expression) & marked)
        is_event_time = key.attribute.watermark_delay_ms is not None or over_event_time
        if is_event_time and _closes_with_time(key):
            return position
    return None


def _closes_with_time(key: NamedExpression) -> bool:
    kind = key.attribute.data_type
    is_window = isinstance(kind, StructType) and kind.fieldNames() == ["start", "end"]
    return is_window or kind.typeName() in ("timestamp", "timestamp_ntz")


def names_in_relation(columns: tuple[Attribute, ...]) -> list[str]:
    """The names that a table standing for a relation of these columns needs: no two the same."""
    if names_are_distinct(columns):
        return [a.name for a in columns]
    return [a.physical for a in columns]


def join_sides_streaming(join: Join) -> tuple[bool, bool]:
    """Whether the left and the right side of a join hold a stream."""
    return join.left.is_streaming, join.right.is_streaming
