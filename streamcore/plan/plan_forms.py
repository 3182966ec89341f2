"""What a plan computes, apart from names: two plans of the same form answer the same."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields
from typing import Any

from sqlglot import exp

from streamcore.plan.attributes import Attribute, NamedExpression, referenced_id
from streamcore.plan.canonical import canonical
from streamcore.plan.logical import Alias, LogicalPlan, Observe, Project, Relation, SortOrder


def plan_form(plan: LogicalPlan) -> Hashable:
    """The form of a plan: columns are numbers in the order of their appearance, names do not count.

    Equal forms mean equal answers; the answers of different forms may still be the same.
    """
    return _Form().of_plan(plan)


class _Form:
    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def of_plan(self, plan: LogicalPlan) -> Hashable:
        if isinstance(plan, Alias | Observe):  # a name for people, or for a listener
            return self.of_plan(plan.child)
        if isinstance(plan, Relation):
            columns = tuple(self._of_value(column) for column in plan.columns)
            return ("Relation", _source(plan.source), columns)
        below = tuple(self.of_plan(child) for child in plan.children)
        if isinstance(plan, Project) and _passes_all(plan):
            self._of_value(plan.expressions)
            return below[0]
        own = tuple(
            self._of_value(getattr(plan, field.name))
            for field in fields(plan)
            if not _holds_plans(getattr(plan, field.name))
        )
        return (type(plan).__name__, below, own)

    def _of_value(self, value: Any) -> Hashable:
        if isinstance(value, tuple):
            return tuple(map(self._of_value, value))
        if isinstance(value, NamedExpression):
            return self._of_named(value)
        if isinstance(value, SortOrder):
            return (self._of_value(value.expression), value.ascending, value.nulls_first)
        if isinstance(value, Attribute):
            return (self._number(value.id), value.data_type)
        if isinstance(value, exp.Expression):
            return self._of_expression(value)
        return value if isinstance(value, Hashable) else id(value)

    def _of_named(self, entry: NamedExpression) -> Hashable:
        """A column that is passed on keeps its number under any name."""
        form, passed = self._of_expression(entry.expression), referenced_id(entry.expression)
        if passed is not None:
            self._numbers[entry.attribute.id] = self._number(passed)
            return form
        return (form, self._number(entry.attribute.id))

    def _of_expression(self, expression: exp.Expression) -> str:
        def rule(node: exp.Expression) -> exp.Expression:
            found = referenced_id(node)
            return node if found is None else exp.Placeholder(this=str(self._number(found)))

        return repr(canonical(expression.copy().transform(rule)))

    def _number(self, column: int) -> int:
        return self._numbers.setdefault(column, len(self._numbers))


def _passes_all(plan: Project) -> bool:
    """Whether a projection does nothing but give other names to all columns."""
    passed = [referenced_id(entry.expression) for entry in plan.expressions]
    return passed == [column.id for column in plan.child.output]


def _holds_plans(value: Any) -> bool:
    return isinstance(value, LogicalPlan) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], LogicalPlan)
    )


def _source(source: Any) -> Hashable:
    """What is read: the same object, or an equal value such as a range of numbers."""
    return source if isinstance(source, Hashable) else id(source)
