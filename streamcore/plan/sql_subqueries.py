"""Subqueries in conditions and select lists, as joins: IN, EXISTS, and single values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from streamcore.errors import UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.analysis import aggregate, filter_rows, named
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    passed_through,
    reference,
    referenced_id,
)
from streamcore.plan.expressions import call
from streamcore.plan.grouping import contains_aggregate
from streamcore.plan.joins import with_distinct_ids
from streamcore.plan.logical import Aggregate, Filter, Join, Limit, LogicalPlan, Project
from streamcore.plan.resolution import Names, name_parts, qualified
from streamcore.plan.sql_tables import QueryScope, from_plan


def filtered(child: LogicalPlan, condition: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """WHERE: the rows for which the condition holds, subqueries included."""
    shape = child.output
    plain: list[exp.Expression] = []
    for conjunct in conjuncts(condition):
        negated, test = _without_not(conjunct)
        if isinstance(test, exp.Exists):
            child = _exists(child, test.this, scope, is_negated=negated)
        elif isinstance(test, exp.In) and test.args.get("query") is not None:
            child = _in(child, test, scope, is_negated=negated)
        else:
            plain.append(conjunct)
    child, rest = without_scalar_subqueries(child, plain, scope)
    for conjunct in rest:
        child = filter_rows(child, conjunct, scope.settings)
    if len(child.output) != len(shape):
        child = Project(child, tuple(passed_through(a) for a in shape))
    return child


def conjuncts(condition: exp.Expression) -> list[exp.Expression]:
    """The parts of a condition that must all hold."""
    if isinstance(condition, exp.Paren):
        return conjuncts(condition.this)
    if isinstance(condition, exp.And):
        return [*conjuncts(condition.this), *conjuncts(condition.expression)]
    return [condition]


def without_scalar_subqueries(
    child: LogicalPlan, expressions: Sequence[exp.Expression], scope: QueryScope
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """The expressions with each subquery that gives a single value replaced by a joined column."""
    found = []
    for expression in expressions:
        changed = expression
        for subquery in _subqueries(changed):
            if changed is expression:
                changed = expression.copy()
            target = next(s for s in _subqueries(changed) if s == subquery)
            child, value = _scalar(child, target, scope)
            if target is changed:
                changed = value
            else:
                target.replace(value)
        found.append(changed)
    return child, found


def _subqueries(expression: exp.Expression) -> list[exp.Expression]:
    """The subqueries of an expression, not those inside them; a nested IN is refused."""
    if isinstance(expression, exp.In) and expression.args.get("query") is not None:
        raise UnsupportedOperationException(
            "IN (SELECT ...) is offered as a condition of its own in WHERE, joined to others by AND only; "
            "rewrite "
            "it as a join."
        )
    if isinstance(expression, (exp.Subquery, exp.Exists)):
        return [expression]
    return [s for child in expression.iter_expressions() for s in _subqueries(child)]


# ---- correlation ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Correlated:
    """A subquery's rows and the conditions, resolved over both sides, that tie them to the outer row."""

    plan: LogicalPlan
    ties: tuple[exp.Expression, ...]


def _rows(child: LogicalPlan, select: exp.Expression, scope: QueryScope) -> _Correlated:
    """FROM and WHERE of a subquery, its columns under ids that the outer side has not."""
    plan, _ = with_distinct_ids(child, from_plan(select, scope))
    where = select.args.get("where")
    inner, outer = scope.settings.names(plan), scope.settings.names(child)
    own: list[exp.Expression] = []
    ties: list[exp.Expression] = []
    for conjunct in conjuncts(where.this) if where is not None else []:
        if all(inner.find(name_parts(c)) is not None for c in _free_columns(conjunct)):
            own.append(conjunct)
        else:
            ties.append(_tied(conjunct, inner, outer))
    for conjunct in own:
        plan = filtered(plan, conjunct, scope)
    return _Correlated(plan, tuple(ties))


def _free_columns(expression: exp.Expression) -> list[exp.Column]:
    """The columns that an expression names, those of its subqueries left out."""
    if isinstance(expression, (exp.Subquery, exp.Exists, exp.Select)):
        return []
    own = [expression] if isinstance(expression, exp.Column) and referenced_id(expression) is None else []
    return own + [c for child in expression.iter_expressions() for c in _free_columns(child)]


def _tied(conjunct: exp.Expression, inner: Names, outer: Names) -> exp.Expression:
    def rule(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous):
            return inner.python_call(node)
        if not isinstance(node, exp.Column) or referenced_id(node) is not None:
            return node
        parts = name_parts(node)
        found = inner.find(parts) or outer.find(parts)
        if found is None:
            raise refusals.unresolved_column(parts, [qualified(a) for a in (*inner.columns, *outer.columns)])
        return found

    tied: exp.Expression = conjunct.transform(rule)
    return tied


def _is_plain(select: exp.Expression) -> bool:
    """Whether a subquery is nothing but SELECT ... FROM ... WHERE, so that its rows can be tied."""
    if not isinstance(select, exp.Select):
        return False
    clauses = ("group", "having", "limit", "offset", "distinct", "with_", "qualify")
    return not any(select.args.get(c) for c in clauses) and not any(
        map(contains_aggregate, select.expressions)
    )


# ---- EXISTS and IN -------------------------------------------------------------------------------


def _exists(child: LogicalPlan, query: exp.Expression, scope: QueryScope, *, is_negated: bool) -> LogicalPlan:
    query = _unwrapped(query)
    how = "leftanti" if is_negated else "leftsemi"
    if _is_plain(query):
        rows = _rows(child, query, scope)
        return Join(child, rows.plan, how, _all(rows.ties))
    plan, _ = with_distinct_ids(child, scope.query(query))
    return Join(child, plan, how, None)


def _in(child: LogicalPlan, test: exp.In, scope: QueryScope, *, is_negated: bool) -> LogicalPlan:
    query = _unwrapped(test.args["query"])
    values = test.this.expressions if isinstance(test.this, exp.Tuple) else [test.this]
    outer = scope.settings.names(child)
    resolved = [outer.resolve(value) for value in values]
    plan, candidates, ties = _candidates(child, query, scope)
    pairs = list(zip(resolved, candidates, strict=True))
    matches = [_matches(value, candidate, is_negated=is_negated) for value, candidate in pairs]
    return Join(child, plan, "leftanti" if is_negated else "leftsemi", _all((*matches, *ties)))


def _candidates(
    child: LogicalPlan, query: exp.Expression, scope: QueryScope
) -> tuple[LogicalPlan, list[exp.Expression], tuple[exp.Expression, ...]]:
    """The rows of an IN subquery, its output over them, and what ties them to the outer row."""
    if _is_plain(query):
        rows = _rows(child, query, scope)
        names = scope.settings.names(rows.plan)
        selected = [named(e, names) for e in query.expressions]
        hidden = [passed_through(a) for a in rows.plan.output]
        outputs = [
            replace(e, attribute=attribute("value", e.attribute.data_type, e.attribute.nullable))
            for e in selected
        ]
        return Project(rows.plan, (*outputs, *hidden)), [reference(e.attribute) for e in outputs], rows.ties
    plan, _ = with_distinct_ids(child, scope.query(query))
    return plan, [reference(a) for a in plan.output], ()


def _matches(value: exp.Expression, candidate: exp.Expression, *, is_negated: bool) -> exp.Expression:
    """Equality; for NOT IN a null on either side counts as a match, because the answer is then unknown."""
    equal: exp.Expression = exp.EQ(this=value, expression=candidate)
    if not is_negated:
        return equal
    for side in (value, candidate):
        equal = exp.Or(this=equal, expression=exp.Is(this=side.copy(), expression=exp.Null()))
    return exp.Paren(this=equal)


# ---- single values -------------------------------------------------------------------------------


def _scalar(
    child: LogicalPlan, subquery: exp.Expression, scope: QueryScope
) -> tuple[LogicalPlan, exp.Expression]:
    """The outer side joined with the subquery's value, and the reference to it."""
    if isinstance(subquery, exp.Exists):
        return _existence(child, _unwrapped(subquery.this), scope)
    query = _unwrapped(subquery)
    if _is_tied_aggregate(child, query, scope):
        return _tied_aggregate(child, query, scope)
    plan, _ = with_distinct_ids(child, _one_row(scope.query(query)))
    column = plan.output[0]
    return Join(child, plan, "left", None), reference(column)


def _existence(
    child: LogicalPlan, query: exp.Expression, scope: QueryScope
) -> tuple[LogicalPlan, exp.Expression]:
    """The outer side joined with whether the subquery has rows, and the value of that: true or false."""
    if _is_plain(query):
        rows = _rows(child, query, scope)
    else:
        rows = _Correlated(with_distinct_ids(child, scope.query(query))[0], ())
    some = _named(exp.GT(this=call("count", exp.Star()), expression=exp.Literal.number(0)), "exists")
    joined, (*_, found) = _joined_by_ties(child, rows, some, scope)
    return joined, call("coalesce", reference(found), exp.false())


def _one_row(plan: LogicalPlan) -> LogicalPlan:
    """The plan as one row: no row is a null, several are an error."""
    inner = plan
    while isinstance(inner, Project):
        inner = inner.child
    if isinstance(inner, Aggregate) and not inner.keys:
        return plan
    if isinstance(plan, Limit) and plan.count == 1:
        return plan
    message = exp.Literal.string(
        "[SCALAR_SUBQUERY_TOO_MANY_ROWS] More than one row returned by a subquery used as an expression."
    )
    value = reference(plan.output[0])
    too_many = exp.GT(this=call("count", exp.Literal.number(1)), expression=exp.Literal.number(1))
    checked = exp.Case(
        ifs=[exp.If(this=too_many, true=call("raise_error", message))], default=call("first", value)
    )
    single = NamedExpression(checked, replace(plan.output[0].renewed(), nullable=True))
    return Aggregate(plan, (), (single,))


def _is_tied_aggregate(child: LogicalPlan, query: exp.Expression, scope: QueryScope) -> bool:
    if not isinstance(query, exp.Select) or query.args.get("where") is None:
        return False
    if any(query.args.get(clause) for clause in ("group", "having", "offset", "qualify")):
        return False
    if not any(map(contains_aggregate, query.expressions)):
        return False
    return bool(_rows(child, query, scope).ties)


def _tied_aggregate(
    child: LogicalPlan, query: exp.Expression, scope: QueryScope
) -> tuple[LogicalPlan, exp.Expression]:
    """`(SELECT max(x) FROM u WHERE u.k = t.k)`: aggregated by the tying columns, then joined by them."""
    rows, entry = _rows(child, query, scope), query.expressions[0]
    joined, (key, *_, value) = _joined_by_ties(child, rows, entry, scope)
    inner = entry.this if isinstance(entry, exp.Alias) else entry
    if isinstance(inner, (exp.Max, exp.Min, exp.Sum, exp.Avg)):
        return joined, reference(value)
    if isinstance(inner, exp.Count):
        return joined, call("coalesce", reference(value), exp.Literal.number(0))
    # What the outer join shows as null is, over no rows, perhaps a value: coalesce(max(x), 7), count(*) + 1.
    nothing = aggregate(Filter(rows.plan, exp.false()), (), [entry], scope.settings)
    joined = Join(joined, nothing, "left", None)
    is_without_rows = exp.Is(this=reference(key), expression=exp.Null())
    ifs = [exp.If(this=is_without_rows, true=reference(nothing.output[0]))]
    return joined, exp.Case(ifs=ifs, default=reference(value))


def _joined_by_ties(
    child: LogicalPlan, rows: _Correlated, entry: exp.Expression, scope: QueryScope
) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """The outer side joined with an aggregate of a subquery's rows, and the columns joined.

    These are the tying columns, null where no row is tied, and last the aggregate.
    """
    inner_ids = {a.id for a in rows.plan.output}
    sides = [_sides(tie, inner_ids) for tie in rows.ties]
    keys = [inner for inner, _ in sides]
    plan = aggregate(
        rows.plan, keys, [*(_named(k, f"key_{i}") for i, k in enumerate(keys)), entry], scope.settings
    )
    ties = [
        exp.EQ(this=reference(column), expression=outer)
        for column, (_, outer) in zip(plan.output[:-1], sides, strict=True)
    ]
    return Join(child, plan, "left", _all(ties)), plan.output


def _sides(tie: exp.Expression, inner_ids: set[int]) -> tuple[exp.Expression, exp.Expression]:
    """The inner and the outer side of an equality."""
    if isinstance(tie, exp.EQ):
        for inner, outer in ((tie.this, tie.expression), (tie.expression, tie.this)):
            ids = {referenced_id(c) for c in inner.find_all(exp.Column)}
            others = {referenced_id(c) for c in outer.find_all(exp.Column)}
            if ids <= inner_ids and ids and not others & inner_ids:
                return inner, outer
    raise UnsupportedOperationException(
        "A subquery with an aggregate, and EXISTS as a value, are offered when equalities alone tie them to "
        "the outer query; rewrite them as a join."
    )


def _without_not(condition: exp.Expression) -> tuple[bool, exp.Expression]:
    negated = False
    while isinstance(condition, (exp.Not, exp.Paren)):
        negated = negated != isinstance(condition, exp.Not)
        condition = condition.this
    return negated, condition


def _unwrapped(query: exp.Expression) -> exp.Expression:
    """The query without parentheses around it; those that bear clauses of their own stay."""
    while isinstance(query, exp.Paren) or (
        isinstance(query, exp.Subquery)
        and not any(value for name, value in query.args.items() if name not in ("this", "alias"))
    ):
        query = query.this
    return query


def _all(conditions: Sequence[exp.Expression]) -> exp.Expression | None:
    joined: exp.Expression | None = None
    for condition in conditions:
        joined = condition if joined is None else exp.And(this=joined, expression=condition)
    return joined


def _named(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression.copy(), alias=exp.to_identifier(name, quoted=True))
