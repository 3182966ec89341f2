"""Subqueries as values of expressions: resolved, with their plan, before they get a place in a plan.

What a subquery reads of the query around it are its parameters; the value's `expressions` say what they
stand for there, and are rewritten like the arguments of any call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.logical import LogicalPlan

SCALAR, EXISTS, IN = "scalar", "exists", "in"


@dataclass(frozen=True)
class PlannedQuery:
    """A subquery's plan, and its parameters; two of one text are the same within one expression."""

    text: str
    plan: LogicalPlan = field(compare=False)
    parameters: tuple[Attribute, ...] = field(compare=False)


class SubqueryValue(exp.Expression):
    """A value that a subquery decides: `kind` is scalar, exists or in.

    `query` is the PlannedQuery, `expressions` what its parameters stand for, in order; `values` are what IN
    looks for, and with `negated` it is NOT IN.
    """

    arg_types = {  # noqa: RUF012 - sqlglot's own way to say it
        "kind": True,
        "query": True,
        "expressions": False,
        "values": False,
        "negated": False,
    }

    @property
    def planned(self) -> PlannedQuery:
        """The subquery."""
        found: PlannedQuery = self.args["query"]
        return found

    @property
    def values(self) -> list[exp.Expression]:
        """What IN looks for."""
        return list(self.args.get("values") or [])


class FrameQuery(exp.Expression):
    """A DataFrame where a query stands; `plan` gives its plan within the columns around (an Outer)."""

    arg_types = {"plan": True}  # noqa: RUF012


class UnboundOuterColumn(AnalysisException):
    """A column of the query around is read, and there is none yet."""


OF_OUTER = "of_outer"
"""Where a reference has that it means a column of the query around, whatever names are nearer."""


def subquery_values(expression: exp.Expression) -> list[SubqueryValue]:
    """The subqueries of an expression, those within the arguments of others after them."""
    return list(expression.find_all(SubqueryValue, bfs=False))


def is_subquery(node: exp.Expression) -> bool:
    """Whether a node, as written, is a subquery whose value an expression uses; NOT IN is one such node."""
    if isinstance(node, (exp.Query, FrameQuery)):
        return True
    if isinstance(node, exp.Exists):
        return isinstance(node.this, (exp.Query, FrameQuery))
    if isinstance(node, exp.Not):
        inner = node.this.unnest()
        return isinstance(inner, exp.In) and inner.args.get("query") is not None
    return isinstance(node, exp.In) and node.args.get("query") is not None


def with_nots_at_subqueries(expression: exp.Expression) -> exp.Expression:
    """The same condition, in which NOT stands directly before IN (SELECT ...).

    Where the answer of IN is unknown, so is that of NOT IN; both then count as false, as in Spark.
    """
    if not any(isinstance(n, exp.In) and n.args.get("query") is not None for n in expression.walk()):
        return expression
    return expression.transform(_pushed_not)


def _pushed_not(node: exp.Expression) -> exp.Expression:
    if not isinstance(node, exp.Not) or node.find(exp.In) is None:
        return node
    inner = node.this.unnest()
    if isinstance(inner, exp.Not):
        return _pushed_not(inner.this.unnest())
    if not isinstance(inner, (exp.And, exp.Or)):
        return node
    other = exp.Or if isinstance(inner, exp.And) else exp.And
    sides = (_pushed_not(exp.Not(this=side.copy())) for side in (inner.this, inner.expression))
    left, right = (exp.Paren(this=side) for side in sides)
    return exp.Paren(this=other(this=left, expression=right))
