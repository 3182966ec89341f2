"""What a subquery reads of the query around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    outer_reference,
    reference,
    scope_of,
)
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.resolution import Names, name_parts, written_name
from streamcore.plan.typing import infer


@dataclass(eq=False)
class Outer:
    """The columns around a subquery that it may read, and those that it reads: its parameters.

    `aliases` are the entries of the select list that HAVING and ORDER BY may name, by lower-case name.
    """

    names: Names
    aliases: Mapping[str, exp.Expression] = field(default_factory=dict)
    parameters: list[NamedExpression] = field(default_factory=list)

    def find(self, parts: Sequence[str]) -> exp.Expression | None:
        """The reference to what `parts` mean outside; None when they mean nothing there."""
        found = self.names.find(parts)
        if found is None and len(parts) == 1 and parts[0].lower() in self.aliases:
            found = self.names.resolve(self.aliases[parts[0].lower()])
        return None if found is None else self.parameter(found)

    def by_id(self, id_: int) -> exp.Expression | None:
        """The reference to the column outside that has this id; None when there is none."""
        column = self.names.by_id(id_)
        return None if column is None else self.parameter(reference(column))

    def starred(self, qualifiers: Sequence[str]) -> list[tuple[Attribute, exp.Expression]]:
        """The columns outside that `t.*` stands for, and what reads them."""
        found = [column for column in self.names.columns if self.names.is_of(column, qualifiers)]
        return [(column, self.parameter(reference(column))) for column in found]

    def parameter(self, expression: exp.Expression) -> exp.Expression:
        """The reference to a parameter that stands for a resolved expression outside."""
        for known in self.parameters:
            if known.expression == expression:
                return outer_reference(known.attribute)
        data_type, nullable = infer(expression, scope_of(self.names.columns))
        name = written_name(expression) if isinstance(expression, exp.Column) else "outer"
        made = NamedExpression(expression, attribute(name, data_type, nullable))
        self.parameters.append(made)
        return outer_reference(made.attribute)


SubqueryPlanner = Callable[[exp.Expression, Outer], LogicalPlan]
"""How the query of a subquery becomes a plan, which reads what it needs of the outside."""


def with_outer_aggregates(condition: exp.Expression, names: Names) -> exp.Expression:
    """The condition with the aggregates that only the query around can compute as parameters."""
    outer = names.outer
    if not isinstance(outer, Outer):
        return condition
    changed = condition.copy()
    for call in aggregate_calls(changed):
        if not _is_of(names, call) and _is_of(outer.names, call):
            parameter = outer.parameter(outer.names.resolve(call))
            if call is changed:
                return parameter
            call.replace(parameter)
    return changed


def _is_of(names: Names, call: exp.Expression) -> bool:
    """Whether these columns are all that a call names."""
    columns = [column for column in call.find_all(exp.Column) if not isinstance(column.this, exp.Star)]
    return bool(columns) and all(names.find(name_parts(column)) is not None for column in columns)
