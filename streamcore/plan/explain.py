"""A plan as an indented tree, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.plan.attributes import Attribute, NamedExpression
from streamcore.plan.logical import LogicalPlan, Relation, SortOrder
from streamcore.plan.naming import expression_text

if TYPE_CHECKING:
    from streamcore.plan.stages import Fragment, StagePlan


def plan_text(plan: LogicalPlan) -> str:
    """One line per operator, children indented below their parent.

    >>> from streamcore.plan.attributes import Attribute
    >>> from streamcore.plan.logical import Limit, Relation
    >>> from streamcore.spi.types import LongType
    >>> print(plan_text(Limit(Relation("t", (Attribute("id", LongType(), False, 7),), None), 3)))
    Limit 3
    +- Relation t [id#7]
    """
    return "\n".join(_lines(plan, 0))


def stages_text(plan: StagePlan) -> str:
    """The fragments of a streaming query, under the stage or the sink that they feed."""
    parts = [_stage_text(f"Stage {stage.id}", stage.inputs) for stage in plan.stages]
    return "\n".join([*parts, _stage_text("Sink", plan.output)])


def _stage_text(title: str, fragments: Sequence[Fragment]) -> str:
    return "\n".join([title, *(line for f in fragments for line in _lines(f.plan, 1))])


def extended_text(logical: LogicalPlan, optimized: LogicalPlan, physical: str) -> str:
    """All plans of a query under PySpark's headings; names are resolved while the first is built."""
    shown = plan_text(logical)
    sections = {
        "Parsed Logical Plan": shown,
        "Analyzed Logical Plan": shown,
        "Optimized Logical Plan": plan_text(optimized),
        "Physical Plan": physical,
    }
    return "\n\n".join(f"== {title} ==\n{text}" for title, text in sections.items())


def _lines(plan: LogicalPlan, depth: int) -> Iterator[str]:
    prefix = "" if depth == 0 else "   " * (depth - 1) + "+- "
    yield f"{prefix}{type(plan).__name__} {_details(plan)}".rstrip()
    for child in plan.children:
        yield from _lines(child, depth + 1)


def _details(plan: LogicalPlan) -> str:
    if isinstance(plan, Relation):
        stream = "streaming " if plan.is_stream else ""
        return f"{stream}{plan.key} {_value(plan.columns)}"
    shown = []
    for value in vars(plan).values():
        if isinstance(value, LogicalPlan) or (
            value and isinstance(value, tuple) and isinstance(value[0], LogicalPlan)
        ):
            continue
        if value is not None and value is not False and value != 0:
            shown.append(_value(value))
    return ", ".join(shown)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Attribute):
        return value.physical
    if isinstance(value, NamedExpression):
        if value.is_reference:
            return value.attribute.physical
        return f"{expression_text(value.expression)} AS {value.attribute.physical}"
    if isinstance(value, SortOrder):
        return f"{expression_text(value.expression)} {'ASC' if value.ascending else 'DESC'}"
    if isinstance(value, exp.Expression):
        return expression_text(value)
    # What a function holds (weights, dictionaries) is no part of a plan that people read.
    return type(value).__name__ if callable(value) else str(value)
