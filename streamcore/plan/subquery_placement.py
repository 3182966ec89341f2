"""Where the subqueries of an operator's expressions are computed: by joins below the operator.

A condition of WHERE that is nothing but EXISTS or IN becomes a semi or anti join where its subquery reads
the outer rows in conditions alone; streams have no other way.  Everything else becomes a column of a
`SubqueryColumn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    outer_column,
    outer_reference,
    passed_through,
    reference,
    referenced_ids,
    scope_of,
)
from streamcore.plan.conditions import conjuncts
from streamcore.plan.dependent import LateralJoin, SubqueryColumn
from streamcore.plan.distinct_ids import with_distinct_ids
from streamcore.plan.expressions import call, type_node
from streamcore.plan.logical import (
    Aggregate,
    Filter,
    Generate,
    Join,
    LogicalPlan,
    Project,
    Sort,
)
from streamcore.plan.naming import expression_text
from streamcore.plan.node_expressions import expressions_of, with_expressions
from streamcore.plan.subqueries import EXISTS, IN, SCALAR, SubqueryValue, subquery_values
from streamcore.plan.subquery_ties import tied_rows
from streamcore.plan.typing import infer
from streamcore.spi.types import BooleanType, DataType


def placed(node: LogicalPlan) -> LogicalPlan:
    """The operator with its subqueries computed below it; its output stays as it is."""
    if not any(subquery_values(e) for e in expressions_of(node)):
        return node
    match node:
        case Filter():
            return _filter(node)
        case Join() | LateralJoin():
            return _join(node)
        case Project() | Aggregate() | Sort() | Generate():
            return _above_columns(node)
        case _:
            raise UnsupportedOperationException(
                f"A subquery within {type(node).__name__.lower()} is not offered; compute its value first, "
                "by withColumn or in a query of its own."
            )


def _above_columns(node: Project | Aggregate | Sort | Generate) -> LogicalPlan:
    below, found = _moved_below(node.child, list(expressions_of(node)))
    expressions = iter(found)
    above = with_expressions(node, lambda _: next(expressions)).with_children((below,))
    return above if isinstance(node, (Project, Aggregate)) else _only(above, node.output)


def _only(plan: LogicalPlan, columns: Sequence[Attribute]) -> LogicalPlan:
    if [a.id for a in plan.output] == [a.id for a in columns]:
        return plan
    return Project(plan, tuple(map(passed_through, columns)))


# ---- as columns ----------------------------------------------------------------------------------


def _moved_below(
    child: LogicalPlan, expressions: Sequence[exp.Expression]
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """The child with a column for each subquery, and the expressions that read these instead."""
    found = [e.copy() for e in expressions]
    for value in dict.fromkeys(v for e in found for v in reversed(subquery_values(e))):
        # What is nested in the arguments of another comes first, and is a column in these from then on.
        current = next((v for e in found for v in reversed(subquery_values(e)) if not _nests(v)), value)
        child, column = _with_column(child, current)
        found = [_replaced(e, current, column) for e in found]
    return child, found


def _nests(value: SubqueryValue) -> bool:
    return len(subquery_values(value)) > 1


def _replaced(expression: exp.Expression, value: SubqueryValue, by: exp.Expression) -> exp.Expression:
    changed: exp.Expression = expression.transform(lambda node: by.copy() if node == value else node)
    return changed


def _with_column(child: LogicalPlan, value: SubqueryValue) -> tuple[LogicalPlan, exp.Expression]:
    """The child with the value as a column, and what stands for the value over it."""
    joined = _column(child, value)
    read = reference(joined.column)
    if value.args["kind"] != IN:
        return joined, read
    if len(value.values) > 1:
        return joined, read
    answer = exp.Not(this=read) if value.args.get("negated") else read
    return joined, call("coalesce", answer, exp.false())


def _column(child: LogicalPlan, value: SubqueryValue) -> SubqueryColumn:
    plan, kind = value.planned.plan, value.args["kind"]
    _require_static(plan, kind)
    given = zip(value.expressions, value.planned.parameters, strict=True)
    parameters = tuple(NamedExpression(e.copy(), column) for e, column in given)
    if kind == IN and len(value.values) > 1:
        return _row_among(child, value, parameters)
    data_type = plan.output[0].data_type if kind == SCALAR else BooleanType()
    column = _hidden(data_type, nullable=kind != EXISTS)
    looked_for = _sought(child, value)[0] if kind == IN else None
    return SubqueryColumn(child, plan, kind, column, parameters, looked_for)


def _sought(child: LogicalPlan, value: SubqueryValue) -> list[exp.Expression]:
    """What IN looks for, of the types of the subquery's columns, which hold both."""
    scope, found = scope_of(child.output), list[exp.Expression]()
    for each, column in zip(value.values, value.planned.plan.output, strict=True):
        is_alike = infer(each, scope)[0] == column.data_type
        cast = exp.Cast(this=each.copy(), to=type_node(column.data_type))
        found.append(each.copy() if is_alike else cast)
    return found


def _hidden(data_type: DataType, *, nullable: bool) -> Attribute:
    """A column that no name reaches."""
    return replace(attribute("subquery", data_type, nullable), qualified_only=True)


def _row_among(
    child: LogicalPlan, value: SubqueryValue, parameters: tuple[NamedExpression, ...]
) -> SubqueryColumn:
    """IN of several columns: whether some row equals, or for NOT IN may equal, the values."""
    plan, scope = value.planned.plan, scope_of(child.output)
    given = [NamedExpression(v, attribute("value", *infer(v, scope))) for v in _sought(child, value)]
    pairs: list[exp.Expression] = [
        exp.EQ(this=outer_reference(entry.attribute), expression=reference(column))
        for entry, column in zip(given, plan.output, strict=True)
    ]
    equal = reduce(_and, pairs)
    if value.args.get("negated"):
        equal = call("coalesce", equal, exp.true())
    some: exp.Expression = call("coalesce", call("bool_or", equal), exp.false())
    answer = attribute("answer", BooleanType(), nullable=False)
    any_row = Aggregate(plan, (), (NamedExpression(some, answer),))
    shown = exp.Not(this=reference(answer)) if value.args.get("negated") else reference(answer)
    told = attribute("told", BooleanType(), nullable=False)
    right = Project(any_row, (NamedExpression(shown, told),))
    column = _hidden(BooleanType(), nullable=False)
    return SubqueryColumn(child, right, SCALAR, column, (*parameters, *given))


def _require_static(plan: LogicalPlan, kind: str) -> None:
    if plan.is_streaming:
        raise UnsupportedOperationException(
            f"A stream within a subquery is offered as EXISTS or IN in WHERE, joined to other conditions by "
            f"AND, where the subquery is FROM and WHERE alone; not in this {kind} subquery. Join the streams."
        )


# ---- WHERE ---------------------------------------------------------------------------------------


def _filter(node: Filter) -> LogicalPlan:
    child: LogicalPlan = node.child
    kept: list[exp.Expression] = []
    for condition in conjuncts(node.condition):
        value, is_negated = _alone(condition)
        joined = None if value is None else _joined(child, value, is_negated=is_negated)
        if joined is not None:
            child = joined
        elif value is not None and len(value.values) < 2:
            child = column = _column(child, value)
            kept.append(exp.Not(this=reference(column.column)) if is_negated else reference(column.column))
        else:
            kept.append(condition)
    if kept:
        condition = reduce(_and, [c.copy() for c in kept])
        below, (condition,) = _moved_below(child, [condition])
        child = Filter(below, condition)
    return _only(child, node.output)


def _alone(condition: exp.Expression) -> tuple[SubqueryValue | None, bool]:
    """The EXISTS or IN that a condition is, and whether it is negated."""
    is_negated = False
    while isinstance(condition, (exp.Not, exp.Paren)):
        is_negated = is_negated != isinstance(condition, exp.Not)
        condition = condition.this
    if not isinstance(condition, SubqueryValue) or condition.args["kind"] == SCALAR or _nests(condition):
        return None, False
    if is_negated and condition.args["kind"] == IN:
        return None, False
    return condition, is_negated or bool(condition.args.get("negated"))


def _joined(child: LogicalPlan, value: SubqueryValue, *, is_negated: bool) -> LogicalPlan | None:
    """The child's rows for which the condition holds; None where no join tells them.

    NOT IN is an anti join whose condition holds for unknown answers too. Only streams, and rows of several
    columns, need it: the engine compares with unknown values by itself, and faster.
    """
    is_in, plan = value.args["kind"] == IN, value.planned.plan
    is_streaming = child.is_streaming or plan.is_streaming
    if is_in and is_negated and not is_streaming and len(value.values) == 1:
        return None
    rows = tied_rows(plan, value.planned.parameters, keeps_columns=is_in)
    if rows is None:
        return None
    given = {c.id: e for c, e in zip(value.planned.parameters, value.expressions, strict=True)}
    right, renewed = with_distinct_ids(child, rows.plan)
    inner: dict[int, exp.Expression] = {id_: reference(column) for id_, column in renewed.items()}
    conditions = [_bound(tie, given, inner) for tie in rows.ties]
    if is_in:
        candidates = [inner.get(a.id) or reference(a) for a in plan.output]
        for looked_for, candidate in zip(_sought(child, value), candidates, strict=True):
            conditions.append(_equal(looked_for, candidate, or_unknown=is_negated))
    how = "leftanti" if is_negated else "leftsemi"
    if any(outer_column(n) is not None for c in conditions for n in c.find_all(exp.Column)):
        return None
    both = reduce(_and, conditions) if conditions else None
    return Join(child, right, how, both)


def _bound(
    tie: exp.Expression, given: dict[int, exp.Expression], inner: dict[int, exp.Expression]
) -> exp.Expression:
    """A tie over the columns of both sides of the join."""

    def rule(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        outer = outer_column(node)
        if outer is not None:
            return exp.Paren(this=given[outer.id].copy()) if outer.id in given else node
        found = inner.get(node.meta.get("attribute_id", 0))
        return node if found is None else found.copy()

    changed: exp.Expression = tie.copy().transform(rule)
    return changed


def _equal(value: exp.Expression, candidate: exp.Expression, *, or_unknown: bool) -> exp.Expression:
    equal: exp.Expression = exp.EQ(this=value, expression=candidate)
    if not or_unknown:
        return equal
    for side in (value, candidate):
        equal = exp.Or(this=equal, expression=exp.Is(this=side.copy(), expression=exp.Null()))
    return exp.Paren(this=equal)


# ---- conditions of joins -------------------------------------------------------------------------


def _join(node: Join | LateralJoin) -> LogicalPlan:
    """Subqueries of an inner join filter its pairs; those of another are columns of the side they read."""
    assert node.condition is not None
    terms = conjuncts(node.condition)
    if node.how in ("inner", "cross"):
        plain = [term for term in terms if not subquery_values(term)]
        after = [term for term in terms if subquery_values(term)]
        for value in (v for term in after for v in subquery_values(term)):
            _side(node.children, value)
        pairs = replace(node, how="inner", condition=_all(plain))
        filtered = _all(after)
        assert filtered is not None
        return _filter(Filter(pairs, filtered))
    sides, condition = [node.left, node.right], node.condition
    if isinstance(node, LateralJoin):
        raise UnsupportedOperationException(
            "A subquery in the condition of a LEFT JOIN LATERAL is not offered; filter within the subquery."
        )
    while (inner := next((v for v in subquery_values(condition) if not _nests(v)), None)) is not None:
        at = _side(sides, inner)
        sides[at], found = _with_column(sides[at], inner)
        condition = _replaced(condition, inner, found)
    return _only(Join(sides[0], sides[1], node.how, condition), node.output)


def _side(sides: Sequence[LogicalPlan], value: SubqueryValue) -> int:
    """The input whose columns a subquery reads."""
    reads = {id_ for e in (*value.expressions, *value.values) for id_ in referenced_ids(e)}
    left, right = ({a.id for a in side.output} for side in sides)
    if reads & left and reads & right:
        raise refusals.subquery_reads_both_sides(expression_text(value))
    return 1 if reads & right else 0


def _all(terms: Sequence[exp.Expression]) -> exp.Expression | None:
    if not terms:
        return None
    return reduce(_and, [term.copy() for term in terms])


def _and(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.And(this=left, expression=right)
