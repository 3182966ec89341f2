"""Joins whose right side is computed for each row of the left: LATERAL, and subqueries as values.

Both are one thing: the right side reads `parameters`, columns that the left side's rows give values to.  A
parameter is an attribute of its own, made when the subquery is resolved, so that nothing inside the right
side can be mistaken for it; DuckDB takes the dependence apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from streamcore.plan.attributes import Attribute, NamedExpression, outer_column
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.node_expressions import expressions_of


@dataclass(frozen=True)
class LateralJoin(LogicalPlan):
    """Each row of the left with the rows of the right, which are computed for it.

    `how` is inner or left; `parameters` are what the right reads of the left: expressions over its columns.
    """

    left: LogicalPlan
    right: LogicalPlan
    how: str
    condition: exp.Expression | None
    parameters: tuple[NamedExpression, ...] = ()

    @property
    def output(self) -> tuple[Attribute, ...]:
        right = self.right.output
        if self.how == "left":
            right = tuple(replace(a, nullable=True) for a in right)
        return (*self.left.output, *right)


@dataclass(frozen=True)
class SubqueryColumn(LogicalPlan):
    """The left's rows, each with one value more, which the rows of the right for it decide.

    `kind` is scalar (the value of the one row of the right, null without a row, an error with several),
    exists (whether there is a row) or in (whether `value` is among the rows' first column: true, false or
    null).
    """

    left: LogicalPlan
    right: LogicalPlan
    kind: str
    column: Attribute
    parameters: tuple[NamedExpression, ...] = ()
    value: exp.Expression | None = None

    @property
    def output(self) -> tuple[Attribute, ...]:
        return (*self.left.output, self.column)


def parameters_read(expressions: Iterable[exp.Expression]) -> list[Attribute]:
    """The parameters that expressions read, in the order of their first reading."""
    columns = (outer_column(node) for e in expressions for node in e.find_all(exp.Column, bfs=False))
    return list({column.id: column for column in columns if column is not None}.values())


def parameters_of(plan: LogicalPlan) -> list[Attribute]:
    """The parameters that are read anywhere in a plan, from its top."""
    return parameters_read(e for node in plan.walk() for e in expressions_of(node))
