"""Queries in SQL text to the plans that the DataFrame API makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.analysis import (
    AnalysisSettings,
    distinct_rows,
    filter_rows,
    limit_rows,
    project,
    sort_rows,
)
from streamcore.plan.attributes import passed_through, reference
from streamcore.plan.conditions import conjuncts
from streamcore.plan.grouping import contains_aggregate
from streamcore.plan.logical import Filter, LogicalPlan, Project, Sort, SortOrder
from streamcore.plan.ordering import directed, is_by_all
from streamcore.plan.set_operations import set_operation, union
from streamcore.plan.sql_aggregation import GroupedQuery, group_keys
from streamcore.plan.sql_tables import QueryScope, from_plan, table_plan
from streamcore.plan.sql_with import with_named
from streamcore.plan.stars import expand_star, with_stars_as_arguments
from streamcore.plan.whole_numbers import whole_number


def query_plan(
    node: exp.Expression,
    settings: AnalysisSettings,
    table: Callable[[Sequence[str]], LogicalPlan | None],
    numbers: Callable[[int, int, int], LogicalPlan],
) -> LogicalPlan:
    """The plan of a parsed query.

    Parameters
    ----------
    table
        The plan of a view by its name parts; None when there is none.
    numbers
        The plan of `range(start, end, step)`.

    Raises AnalysisException for what cannot be resolved, UnsupportedOperationException for clauses that are
    not offered.
    """
    return query_scope(settings, table, numbers).query(node)


def query_scope(
    settings: AnalysisSettings,
    table: Callable[[Sequence[str]], LogicalPlan | None],
    numbers: Callable[[int, int, int], LogicalPlan],
) -> QueryScope:
    """What a query without another around it may refer to; the parameters are those of `query_plan`."""
    return QueryScope(settings, table, numbers, _plan)


def _plan(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    scope = with_named(node.args.get("with_"), scope)
    if isinstance(node, exp.Select):
        return _select(node, scope)
    if isinstance(node, exp.SetOperation):
        return _ordered_limited(_set_operation(node, scope), node, scope)
    if isinstance(node, exp.Subquery):
        return _ordered_limited(scope.query(node.this), node, scope)
    if isinstance(node, exp.Values):
        return _ordered_limited(table_plan(node, scope), node, scope)
    raise UnsupportedOperationException(f"The query {node.sql(dialect='spark')!r} is not offered.")


def _set_operation(node: exp.SetOperation, scope: QueryScope) -> LogicalPlan:
    left, right = scope.query(node.this), scope.query(node.expression)
    is_all = not node.args.get("distinct")
    if isinstance(node, exp.Union):
        both = union(left, right, scope.settings.modes)
        return both if is_all else distinct_rows(both, None, scope.settings)
    kind = "intersect" if isinstance(node, exp.Intersect) else "except"
    return set_operation(left, right, kind, scope.settings.modes, is_all=is_all)


def _ordered_limited(plan: LogicalPlan, node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """ORDER BY and LIMIT of a query whose output is already there."""
    return _limited(_sorted(plan, node.args.get("order"), scope), node)


def _sorted(plan: LogicalPlan, order: exp.Expression | None, scope: QueryScope) -> LogicalPlan:
    if order is None:
        return plan
    terms = order.expressions
    reach = [scope.settings.names(p) for p in (plan, *(plan.children if isinstance(plan, Project) else ()))]
    if all(is_by_all(order, names) for names in reach):
        terms = [directed(order, reference(column)) for column in plan.output]
    return sort_rows(plan, terms, scope.settings)


def _limited(plan: LogicalPlan, node: exp.Expression) -> LogicalPlan:
    limit, offset = node.args.get("limit"), node.args.get("offset")
    count = None if limit is None or _is_all(limit.expression) else whole_number(limit.expression, "LIMIT")
    skipped = 0 if offset is None else whole_number(offset.expression, "OFFSET")
    return plan if count is None and not skipped else limit_rows(plan, count, skipped)


def _is_all(node: exp.Expression) -> bool:
    return isinstance(node, (exp.Column, exp.Var)) and node.name.lower() == "all"


# ---- SELECT --------------------------------------------------------------------------------------


def _select(select: exp.Select, scope: QueryScope) -> LogicalPlan:
    select = _with_windows_in_place(_with_one_order(select))
    child = from_plan(select, scope)
    where = select.args.get("where")
    if where is not None:
        condition = with_stars_as_arguments(where.this, scope.settings.names(child))
        child = filter_rows(child, condition, scope.settings)
    entries = [entry for e in select.expressions for entry in expand_star(e, scope.settings.names(child))]
    having, group = select.args.get("having"), select.args.get("group")
    if group is not None or having is not None or any(contains_aggregate(e) for e in entries):
        if select.args.get("qualify") is not None:
            raise UnsupportedOperationException(
                "QUALIFY over a grouped query is not offered; filter a subquery instead."
            )
        plan = _grouped(select, child, entries, scope)
    else:
        plan = _plain(select, child, entries, scope)
    return _limited(plan, select)


def _plain(
    select: exp.Select, child: LogicalPlan, entries: list[exp.Expression], scope: QueryScope
) -> LogicalPlan:
    qualify = select.args.get("qualify")
    if qualify is None:
        plan = project(child, entries, scope.settings)
    else:
        hidden = exp.Alias(this=qualify.this, alias=exp.to_identifier("qualify"))
        plan = project(child, [*entries, hidden], scope.settings)
        condition = reference(plan.output[-1])
        plan = Project(Filter(plan, condition), tuple(passed_through(a) for a in plan.output[:-1]))
    if select.args.get("distinct") is not None:
        plan = distinct_rows(plan, None, scope.settings)
    return _sorted(plan, select.args.get("order"), scope)


def _grouped(
    select: exp.Select, child: LogicalPlan, entries: list[exp.Expression], scope: QueryScope
) -> LogicalPlan:
    keys, sets = group_keys(select.args.get("group"), entries, scope.settings.names(child))
    grouped = GroupedQuery(child, keys, sets, entries, scope.settings)
    having, order = select.args.get("having"), select.args.get("order")
    conditions = [grouped.condition(c) for c in conjuncts(_truth(having.this))] if having is not None else []
    terms = _group_terms(grouped, order) if order is not None else []
    plan, outputs = grouped.plan()
    columns = list(outputs)
    for at in conditions:
        plan = filter_rows(plan, reference(columns[at]), scope.settings)
    kept = columns[: len(entries)]
    if select.args.get("distinct") is not None:
        plan = distinct_rows(Project(plan, tuple(map(passed_through, kept))), None, scope.settings)
    orders = tuple(SortOrder(reference(columns[at]), up, nulls) for at, up, nulls in terms)
    if orders:
        plan = Sort(plan, orders)
    if [a.id for a in plan.output] != [a.id for a in kept]:
        plan = Project(plan, tuple(map(passed_through, kept)))
    return plan


def _group_terms(grouped: GroupedQuery, order: exp.Expression) -> list[tuple[int, bool, bool]]:
    if not is_by_all(order, grouped.settings.names(grouped.child)):
        return [grouped.order_term(term) for term in order.expressions]
    places = (exp.Literal.number(at) for at in range(1, len(grouped.entries) + 1))
    return [grouped.order_term(directed(order, place)) for place in places]


def _truth(condition: exp.Expression) -> exp.Expression:
    """What HAVING asks for: a value that is no predicate is cast to a boolean."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, (exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.Subquery)):
        return condition
    return exp.Cast(this=condition, to=exp.DataType.build("boolean"))


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def _with_one_order(select: exp.Select) -> exp.Select:
    """SORT BY as ORDER BY: one partition or several, the rows that come out are in this order."""
    sort = select.args.get("sort")
    if sort is None:
        return select
    if select.args.get("order") is not None:
        raise AnalysisException(
            "[UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES] The feature is not supported: "
            "Combination of ORDER BY/SORT BY/DISTRIBUTE BY/CLUSTER BY. SQLSTATE: 0A000"
        )
    select = select.copy()
    select.set("order", exp.Order(expressions=select.args["sort"].expressions))
    select.set("sort", None)
    return select


def _with_windows_in_place(select: exp.Select) -> exp.Select:
    """`OVER w` replaced by the definition of `w` in the WINDOW clause."""
    written = list(select.args.get("windows") or [])
    used = [w for w in select.find_all(exp.Window) if w.args.get("alias") and w.parent_select is select]
    if not used:
        return select
    definitions = {window.name.lower(): window for window in written}
    select = select.copy()
    for window in list(select.find_all(exp.Window)):
        if window.args.get("alias") is not None and window.parent_select is select:
            _define(window, definitions)
    return select


_WINDOW_PARTS = ("partition_by", "order", "spec")


def _define(window: exp.Expression, definitions: Mapping[str, exp.Expression]) -> None:
    name = window.args["alias"].name
    definition = definitions.get(name.lower())
    if definition is None:
        raise refusals.unknown_window(name)
    if any(window.args.get(part) for part in _WINDOW_PARTS):
        raise ParseException(
            f"[PARSE_SYNTAX_ERROR] The window {refusals.backticked(name)} cannot be extended: write "
            "PARTITION BY, ORDER BY and the frame in one place. SQLSTATE: 42601"
        )
    if definition.args.get("alias") is not None:
        window.set("alias", definition.args["alias"].copy())
        _define(window, {key: value for key, value in definitions.items() if key != name.lower()})
        return
    for part in _WINDOW_PARTS:
        value = definition.args.get(part)
        window.set(part, [v.copy() for v in value] if isinstance(value, list) else value and value.copy())
    window.set("alias", None)
