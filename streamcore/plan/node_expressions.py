"""The expressions of any operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from sqlglot import exp

from streamcore.plan.attributes import NamedExpression
from streamcore.plan.logical import LogicalPlan, SortOrder

Rewrite = Callable[[exp.Expression], exp.Expression]


def expressions_of(plan: LogicalPlan) -> Iterator[exp.Expression]:
    """All expressions of one operator."""
    for value in _own_values(plan).values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, NamedExpression | SortOrder):
                yield item.expression
            elif isinstance(item, exp.Expression):
                yield item


def with_expressions(plan: LogicalPlan, rewrite: Rewrite) -> LogicalPlan:
    """The same operator with every expression rewritten."""

    def rewritten(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(rewritten, value))
        if isinstance(value, NamedExpression | SortOrder):
            return replace(value, expression=rewrite(value.expression))
        return rewrite(value) if isinstance(value, exp.Expression) else value

    old = _own_values(plan)
    new = {name: rewritten(value) for name, value in old.items()}
    return plan if new == old else replace(plan, **new)


def _own_values(plan: LogicalPlan) -> dict[str, Any]:
    """The fields of an operator that can hold expressions."""
    values = {f.name: getattr(plan, f.name) for f in fields(plan)}
    return {name: value for name, value in values.items() if isinstance(value, tuple | exp.Expression)}
