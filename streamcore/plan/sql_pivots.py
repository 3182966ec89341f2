"""PIVOT and UNPIVOT behind the tables of a FROM clause."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import ParseException
from streamcore.plan.analysis import AnalysisSettings, aliased
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.pivoting import pivot_rows
from streamcore.plan.unpivoting import ColumnSet, unpivot_rows


def with_pivots(plan: LogicalPlan, node: exp.Expression, settings: AnalysisSettings) -> LogicalPlan:
    """The plan under the PIVOT and UNPIVOT clauses that a table or a join has, in their order."""
    for clause in node.args.get("pivots") or []:
        field = _only_field(clause)
        reshape = _unpivoted if clause.args.get("unpivot") else _pivoted
        plan = reshape(plan, clause, field, settings)
        alias = clause.args.get("alias")
        if alias is not None:
            if alias.args.get("columns"):
                raise ParseException(
                    "[PARSE_SYNTAX_ERROR] The alias of PIVOT and UNPIVOT takes no names of columns. "
                    "SQLSTATE: 42601"
                )
            plan = aliased(plan, alias.name)
    return plan


def _only_field(clause: exp.Expression) -> exp.In:
    fields = clause.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In):
        raise ParseException(
            "[PARSE_SYNTAX_ERROR] PIVOT and UNPIVOT take one FOR ... IN (...). SQLSTATE: 42601"
        )
    return fields[0]


def _pivoted(
    plan: LogicalPlan, clause: exp.Expression, field: exp.In, settings: AnalysisSettings
) -> LogicalPlan:
    columns = field.this.expressions if isinstance(field.this, exp.Tuple) else [field.this]
    values = [_named(value) for value in field.expressions]
    return pivot_rows(plan, columns, values, clause.expressions, settings)


def _unpivoted(
    plan: LogicalPlan, clause: exp.Expression, field: exp.In, settings: AnalysisSettings
) -> LogicalPlan:
    target = clause.expressions[0]
    targets = target.expressions if isinstance(target, exp.Tuple) else clause.expressions
    sets = []
    for value in field.expressions:
        written, name = _named(value)
        sets.append(ColumnSet(tuple(_members(written)), name))
    return unpivot_rows(
        plan,
        sets,
        field.this.name,
        [column.name for column in targets],
        settings,
        with_nulls=bool(clause.args.get("include_nulls")),
    )


def _members(written: exp.Expression) -> list[exp.Expression]:
    if isinstance(written, exp.Tuple):
        return list(written.expressions)
    return [written.this if isinstance(written, exp.Paren) else written]


def _named(value: exp.Expression) -> tuple[exp.Expression, str | None]:
    """A value, or set of columns, and the name that is given to it."""
    return (value.this, value.alias) if isinstance(value, exp.PivotAlias) else (value, None)
