"""Subqueries as written to values with a plan; what Spark refuses of them is refused in its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import refusals
from streamcore.plan.attributes import (
    NamedExpression,
    outer_column,
    passed_through,
    reference,
    scope_of,
)
from streamcore.plan.dependent import parameters_of, parameters_read
from streamcore.plan.expressions import type_node
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.logical import Aggregate, Join, LogicalPlan, Project, Sort
from streamcore.plan.naming import expression_text
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.outer import Outer, SubqueryPlanner
from streamcore.plan.recursive_rows import Recursion
from streamcore.plan.resolution import Names
from streamcore.plan.subqueries import EXISTS, IN, SCALAR, FrameQuery, PlannedQuery, SubqueryValue
from streamcore.plan.typing import common_type, infer


def resolved_subquery(node: exp.Expression, names: Names, planner: SubqueryPlanner) -> SubqueryValue:
    """The value of a subquery, as written, over the columns that `names` has.

    Raises AnalysisException for what Spark refuses: see the functions below.
    """
    if node.find_ancestor(exp.Lambda) is not None:
        raise refusals.subquery_in_lambda()
    if isinstance(node, exp.Not):
        return _in(node.this.unnest(), names, planner, is_negated=True)
    if isinstance(node, exp.In):
        return _in(node, names, planner, is_negated=False)
    if isinstance(node, exp.Exists):
        return _value(EXISTS, *_planned(node.this, names, planner))
    query, expressions = _planned(node, names, planner)
    _require_columns(query.plan, 1)
    return _value(SCALAR, query, expressions)


def _value(kind: str, query: PlannedQuery, expressions: Sequence[exp.Expression]) -> SubqueryValue:
    return SubqueryValue(kind=kind, query=query, expressions=list(expressions))


def _planned(
    node: exp.Expression, names: Names, planner: SubqueryPlanner
) -> tuple[PlannedQuery, list[exp.Expression]]:
    """The query, and what its parameters stand for."""
    outer = Outer(names, names.aliases)
    query = _unwrapped(node)
    plan = query.args["plan"](outer) if isinstance(query, FrameQuery) else planner(query, outer)
    check_places(plan)
    known = {entry.attribute.id: entry for entry in outer.parameters}
    read = [known[column.id] for column in parameters_of(plan) if column.id in known]
    text = f"DataFrame {id(plan)}" if isinstance(query, FrameQuery) else node.sql(dialect="spark")
    planned = PlannedQuery(text, plan, tuple(entry.attribute for entry in read))
    return planned, [entry.expression.copy() for entry in read]


def _unwrapped(query: exp.Expression) -> exp.Expression:
    """The query without parentheses around it; those that bear clauses of their own stay."""
    while isinstance(query, exp.Paren) or (
        isinstance(query, exp.Subquery)
        and not any(value for name, value in query.args.items() if name not in ("this", "alias"))
    ):
        query = query.this
    return query


# ---- IN ------------------------------------------------------------------------------------------


def _in(node: exp.Expression, names: Names, planner: SubqueryPlanner, *, is_negated: bool) -> SubqueryValue:
    written: exp.Expression = node.this
    while isinstance(written, exp.Paren):
        written = written.this
    values = [names.resolve(each) for each in _compared(written)]
    query, expressions = _planned(node.args["query"], names, planner)
    if len(values) != len(query.plan.output):
        raise refusals.in_subquery_of_other_length(
            [expression_text(v) for v in values], [a.name for a in query.plan.output]
        )
    plan = _comparable(values, query.plan, names)
    value = _value(IN, PlannedQuery(query.text, plan, query.parameters), expressions)
    value.set("values", values)
    value.set("negated", is_negated)
    return value


def _compared(written: exp.Expression) -> Sequence[exp.Expression]:
    """The values beside IN: those of `(a, b)`, which `struct(a, b)` is another spelling of."""
    is_struct = isinstance(written, exp.Anonymous) and written.name.lower() == "struct"
    if is_struct or isinstance(written, exp.Struct | exp.Tuple):
        return [each.unalias() for each in written.expressions]
    return [written]


def _comparable(values: Sequence[exp.Expression], plan: LogicalPlan, names: Names) -> LogicalPlan:
    """The subquery with its columns cast to the types by which they are compared with the values."""
    scope, entries = scope_of(names.columns), [*map(passed_through, plan.output)]
    for at, (value, column) in enumerate(zip(values, plan.output, strict=True)):
        own, _ = infer(value, scope)
        common = common_type(own, column.data_type)
        if common is None:
            raise refusals.in_subquery_of_other_type(
                expression_text(value), own.simpleString(), column.name, column.data_type.simpleString()
            )
        if column.data_type != common:
            cast = exp.Cast(this=reference(column), to=type_node(common))
            entries[at] = NamedExpression(cast, replace(column.renewed(), data_type=common))
    return plan if all(e.is_reference for e in entries) else Project(plan, tuple(entries))


# ---- what is refused -----------------------------------------------------------------------------


def _require_columns(plan: LogicalPlan, count: int) -> None:
    if len(plan.output) != count:
        raise AnalysisException(
            "[INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN] Invalid "
            f"subquery: Scalar subquery must return only one column, but got {len(plan.output)}. "
            "SQLSTATE: 42823"
        )


def check_places(plan: LogicalPlan) -> None:
    """Spark reads the outer query in filters, select lists and conditions of joins alone."""
    for node in plan.walk():
        if isinstance(node, Aggregate):
            _check_aggregate(node)
        elif isinstance(node, Sort) and parameters_read(expressions_of(node)):
            raise refusals.outer_reference_not_allowed("ORDER BY")
        elif isinstance(node, Recursion) and parameters_of(node):
            raise refusals.outer_reference_not_allowed("WITH RECURSIVE")
        elif isinstance(node, Join) and node.how == "full" and parameters_of(node):
            raise refusals.outer_reference_not_allowed("FULL OUTER JOIN")


def _check_aggregate(node: Aggregate) -> None:
    for entry in (*node.keys, *node.measures):
        if not parameters_read([entry.expression]):
            continue
        text = expression_text(entry.expression)
        for call in aggregate_calls(entry.expression):
            columns = list(call.find_all(exp.Column))
            outer = sum(outer_column(column) is not None for column in columns)
            if 0 < outer < len(columns):
                raise refusals.mixed_outer_references(expression_text(call))
        raise refusals.outer_reference_outside_where(text)
