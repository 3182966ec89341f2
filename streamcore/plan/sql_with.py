"""WITH: named queries, and those that refer to themselves."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan import recursion
from streamcore.plan.attributes import Attribute, next_id
from streamcore.plan.expressions import MOST_LEVELS
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.recursive_rows import Recursion, RecursiveRows
from streamcore.plan.refusals import backticked
from streamcore.plan.sql_tables import QueryScope, with_column_names


def with_named(clause: exp.Expression | None, scope: QueryScope) -> QueryScope:
    """The scope in which the queries of a WITH clause are known too, each to those behind it."""
    if clause is None:
        return scope
    _require_distinct([entry.alias for entry in clause.expressions])
    is_recursive = bool(clause.args.get("recursive"))
    for entry in clause.expressions:
        if is_recursive and recursion.refers_to(entry.this, entry.alias):
            plan = _recursive(entry, scope)
        else:
            plan = with_column_names(scope.query(entry.this), entry.args.get("alias"))
        scope = replace(scope, named={**scope.named, entry.alias.lower(): plan})
    return scope


def _require_distinct(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise ParseException(
                f"[DUPLICATED_CTE_NAMES] CTE definition can't have duplicate names: {backticked(name)}. "
                "SQLSTATE: 42602"
            )
        seen.add(name.lower())


def _recursive(entry: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """The rows of a query that refers to itself: those of its anchor, then of its step, again and again."""
    name, query = entry.alias, entry.this
    scope = with_named(query.args.get("with_"), scope)
    while isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query):
        query = query.this
    tail = any(query.args.get(clause) for clause in ("order", "limit", "offset"))
    if not isinstance(query, exp.Union) or tail or recursion.refers_to(query.this, name):
        raise recursion.invalid_recursion()
    if query.args.get("distinct"):
        raise AnalysisException(
            "[UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE] The UNION operator is not yet supported within recursive "
            "common table expressions (WITH clauses that refer to themselves, directly or indirectly). "
            "Please use UNION ALL instead. SQLSTATE: 42836"
        )
    anchor = with_column_names(scope.query(query.this), entry.args.get("alias"))
    columns = tuple(_of_any_row(column) for column in anchor.output)
    key = f"~{name.lower()} {next_id()}"
    before = RecursiveRows(key, tuple(column.renewed() for column in columns))
    inside = replace(scope, named={**scope.named, name.lower(): before})
    step = recursion.step_like_anchor(inside.query(query.expression), columns)
    recursion.check_places(step)
    levels, rows = scope.session.recursion_limits
    most_levels = entry.meta.get(MOST_LEVELS, levels)
    return Recursion(anchor, step, key, columns, _bound(most_levels), _bound(rows))


def _of_any_row(column: Attribute) -> Attribute:
    return replace(column.renewed(), nullable=True, qualifier=None, watermark_delay_ms=None)


def _bound(limit: int) -> int | None:
    """A limit of -1 is none."""
    return None if limit < 0 else limit
