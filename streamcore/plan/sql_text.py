"""Queries in SQL text to the plans that the DataFrame API makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.analysis import (
    AnalysisSettings,
    distinct_rows,
    expand_star,
    filter_rows,
    limit_rows,
    project,
    sort_rows,
)
from streamcore.plan.attributes import passed_through, reference
from streamcore.plan.grouping import contains_aggregate
from streamcore.plan.logical import Filter, LogicalPlan, Project, Sort, SortOrder
from streamcore.plan.resolution import Names
from streamcore.plan.set_operations import set_operation, union
from streamcore.plan.sql_aggregation import GroupedQuery, group_keys
from streamcore.plan.sql_subqueries import filtered, without_scalar_subqueries
from streamcore.plan.sql_tables import QueryScope, from_plan, values_plan


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
    return _plan(node, QueryScope(settings, table, numbers, _plan))


def _plan(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    scope = scope.with_named(node.args.get("with_"))
    if isinstance(node, exp.Select):
        return _select(node, scope)
    if isinstance(node, exp.SetOperation):
        return _ordered_limited(_set_operation(node, scope), node, scope)
    if isinstance(node, exp.Subquery):
        return _ordered_limited(scope.query(node.this), node, scope)
    if isinstance(node, exp.Values):
        return values_plan(node, scope)
    raise UnsupportedOperationException(f"The query {node.sql(dialect='spark')!r} is not offered.")


def _set_operation(node: exp.SetOperation, scope: QueryScope) -> LogicalPlan:
    left, right = scope.query(node.this), scope.query(node.expression)
    is_all = not node.args.get("distinct")
    if isinstance(node, exp.Union):
        both = union(left, right)
        return both if is_all else distinct_rows(both, None, scope.settings)
    kind = "intersect" if isinstance(node, exp.Intersect) else "except"
    return set_operation(left, right, kind, is_all=is_all)


def _ordered_limited(plan: LogicalPlan, node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """ORDER BY and LIMIT of a query whose output is already there."""
    order = node.args.get("order")
    if order is not None:
        plan = sort_rows(plan, _with_positions(order.expressions, plan), scope.settings)
    return _limited(plan, node)


def _limited(plan: LogicalPlan, node: exp.Expression) -> LogicalPlan:
    limit, offset = node.args.get("limit"), node.args.get("offset")
    count = None if limit is None or _is_all(limit.expression) else _count(limit.expression)
    skipped = 0 if offset is None else _count(offset.expression)
    return plan if count is None and not skipped else limit_rows(plan, count, skipped)


def _is_all(node: exp.Expression) -> bool:
    return isinstance(node, (exp.Column, exp.Var)) and node.name.lower() == "all"


def _count(node: exp.Expression) -> int:
    sign = 1
    while isinstance(node, (exp.Neg, exp.Paren, exp.Cast)):
        sign = -sign if isinstance(node, exp.Neg) else sign
        node = node.this
    if not isinstance(node, exp.Literal) or not node.name.isdigit():
        raise AnalysisException(
            "[INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE] The limit or offset expression "
            f'"{node.sql(dialect="spark")}" must be an integer. SQLSTATE: 42K0E'
        )
    return sign * int(node.name)


# ---- SELECT --------------------------------------------------------------------------------------


def _select(select: exp.Select, scope: QueryScope) -> LogicalPlan:
    _refuse_clauses(select)
    select = _with_windows_in_place(select)
    child = from_plan(select, scope)
    where = select.args.get("where")
    if where is not None:
        child = filtered(child, where.this, scope)
    visible = child.output
    child, written = without_scalar_subqueries(child, select.expressions, scope)
    names = Names(visible, scope.settings.case_sensitive)
    entries = [entry for e in written for entry in expand_star(e, names)]
    entries = _with_lateral_aliases(entries, scope.settings.names(child))
    having, group = select.args.get("having"), select.args.get("group")
    if group is not None or having is not None or any(contains_aggregate(e) for e in entries):
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
    order = select.args.get("order") or select.args.get("sort")
    if order is None:
        return plan
    return sort_rows(plan, _with_positions(order.expressions, plan), scope.settings)


def _grouped(
    select: exp.Select, child: LogicalPlan, entries: list[exp.Expression], scope: QueryScope
) -> LogicalPlan:
    keys, sets = group_keys(select.args.get("group"), entries, scope.settings.names(child))
    grouped = GroupedQuery(child, keys, sets, entries, scope.settings)
    having = select.args.get("having")
    condition = grouped.hidden(having.this) if having is not None else None
    order = select.args.get("order")
    terms = [grouped.order_term(term) for term in order.expressions] if order is not None else []
    plan, columns = grouped.plan()
    if condition is not None:
        plan = filter_rows(plan, reference(columns[condition]), scope.settings)
    kept = columns[: len(entries)]
    if select.args.get("distinct") is not None:
        plan = distinct_rows(Project(plan, tuple(map(passed_through, kept))), None, scope.settings)
    orders = tuple(SortOrder(reference(columns[at]), up, nulls) for at, up, nulls in terms)
    if orders:
        plan = Sort(plan, orders)
    if len(plan.output) != len(kept):
        plan = Project(plan, tuple(map(passed_through, kept)))
    return plan


def _with_positions(terms: Sequence[exp.Expression], plan: LogicalPlan) -> list[exp.Expression]:
    """ORDER BY terms with positions such as `2` replaced by the columns they mean."""
    found: list[exp.Expression] = []
    for term in terms:
        key = term.this
        if isinstance(key, exp.Literal) and not key.args.get("is_string"):
            position = int(key.name)
            if not 1 <= position <= len(plan.output):
                raise AnalysisException(
                    f"[ORDER_BY_POS_OUT_OF_RANGE] ORDER BY position {position} is not in select list (valid "
                    "range is "
                    f"[1, {len(plan.output)}]). SQLSTATE: 42805"
                )
            moved = term.copy()
            moved.set("this", reference(plan.output[position - 1]))
            found.append(moved)
        else:
            found.append(term)
    return found


def _with_lateral_aliases(entries: list[exp.Expression], names: Names) -> list[exp.Expression]:
    """Entries in which the alias of an earlier entry, where no column has that name, stands for its text."""
    known: dict[str, exp.Expression] = {}
    found = []
    for entry in entries:
        replaced = entry.transform(lambda node: _alias_text(node, known, names)) if known else entry
        found.append(replaced)
        if isinstance(replaced, exp.Alias):
            known[replaced.alias.lower()] = replaced.this
    return found


def _alias_text(node: exp.Expression, known: dict[str, exp.Expression], names: Names) -> exp.Expression:
    if not isinstance(node, exp.Column) or len(node.parts) != 1 or node.name.lower() not in known:
        return node
    return node if names.find([node.name]) is not None else exp.Paren(this=known[node.name.lower()].copy())


def _with_windows_in_place(select: exp.Select) -> exp.Select:
    """`OVER w` replaced by the definition of `w` in the WINDOW clause."""
    definitions = {window.name.lower(): window for window in select.args.get("windows") or []}
    if not definitions:
        return select
    select = select.copy()
    for window in list(select.find_all(exp.Window)):
        alias = window.args.get("alias")
        if alias is not None and alias.name.lower() in definitions:
            definition = definitions[alias.name.lower()]
            for key in ("partition_by", "order", "spec"):
                value = definition.args.get(key)
                window.set(
                    key, [v.copy() for v in value] if isinstance(value, list) else value and value.copy()
                )
            window.set("alias", None)
    return select


_REFUSED = {
    "connect": "CONNECT BY", "match": "MATCH_RECOGNIZE", "into": "SELECT INTO", "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY", "prewhere": "PREWHERE",
}  # fmt: skip


def _refuse_clauses(select: exp.Select) -> None:
    for key, clause in _REFUSED.items():
        if select.args.get(key):
            raise UnsupportedOperationException(f"{clause} is not offered.")
