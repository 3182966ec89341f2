"""PIVOT: rows to columns, one per value and measure, made of one aggregation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.analysis import AnalysisSettings, aggregate
from streamcore.plan.attributes import reference, referenced_ids, scope_of
from streamcore.plan.expressions import call, type_node
from streamcore.plan.grouping import aggregate_calls, contains_aggregate
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.naming import expression_text, output_name
from streamcore.plan.resolution import Names
from streamcore.plan.typing import infer
from streamcore.spi.types import BooleanType, NumericType


@dataclass(frozen=True)
class PivotValue:
    """One value of the pivot columns, and the name of the columns that it makes."""

    condition: exp.Expression
    name: str


def pivot_rows(
    child: LogicalPlan,
    columns: Sequence[exp.Expression],
    values: Sequence[tuple[exp.Expression, str | None]],
    measures: Sequence[exp.Expression],
    settings: AnalysisSettings,
) -> LogicalPlan:
    """The child grouped by what neither the pivot columns nor the measures read.

    Parameters
    ----------
    columns, values
        What is pivoted on, and its values (a tuple for several columns) with the names given to them.
    measures
        Aggregates, perhaps with aliases; behind each value's name when there are several.
    """
    names = settings.names(child)
    pivots = [names.resolve(column) for column in columns]
    resolved = [names.resolve(_unaliased(measure)) for measure in measures]
    for measure in measures:
        _require_aggregate(_unaliased(measure))
    used = set().union(*(referenced_ids(expression) for expression in (*pivots, *resolved)))
    keys = [reference(a) for a in child.output if a.id not in used and not a.qualified_only]
    wanted = [_value(pivots, value, name, names) for value, name in values]
    is_counted = all(_has_place(measure, names) for measure in resolved)
    outputs: list[exp.Expression] = [*keys]
    for value in wanted:
        for measure, found in zip(measures, resolved, strict=True):
            title = value.name if len(measures) == 1 else f"{value.name}_{output_name(measure)}"
            outputs.append(_alias(_restricted(found, value.condition, is_counted=is_counted), title))
    return aggregate(child, keys, outputs, settings)


def _require_aggregate(measure: exp.Expression) -> None:
    if not contains_aggregate(measure) and measure.find(exp.Column) is not None:
        raise AnalysisException(
            f"Aggregate expression required for pivot, but '{expression_text(measure)}' did not appear in "
            "any aggregate function."
        )


def _value(
    pivots: Sequence[exp.Expression], value: exp.Expression, name: str | None, names: Names
) -> PivotValue:
    parts = value.expressions if isinstance(value, exp.Tuple) and len(pivots) > 1 else [value]
    if len(parts) != len(pivots):
        raise AnalysisException(
            f"[PIVOT_VALUE_DATA_TYPE_MISMATCH] Invalid pivot value '{expression_text(value)}': it must have "
            f"one part for each of the {len(pivots)} pivot columns. SQLSTATE: 42K09"
        )
    if value.find(exp.Column) is not None:
        raise AnalysisException(
            "[NON_LITERAL_PIVOT_VALUES] Literal expressions required for pivot values, found "
            f'"{expression_text(value)}". SQLSTATE: 42K08'
        )
    scope = scope_of(names.columns)
    tests: list[exp.Expression] = [
        exp.NullSafeEQ(
            this=pivot.copy(),
            expression=exp.Cast(this=names.resolve(part), to=type_node(infer(pivot, scope)[0])),
        )
        for pivot, part in zip(pivots, parts, strict=True)
    ]
    return PivotValue(reduce(_both, tests), value_title(value) if name is None else name)


def _both(one: exp.Expression, other: exp.Expression) -> exp.Expression:
    return exp.And(this=one, expression=other)


def value_title(value: exp.Expression) -> str:
    """A constant as a cast to a text shows it: the name of the columns that it makes.

    >>> from streamcore.plan.expressions import parse_expression
    >>> [value_title(parse_expression(text)) for text in ("1.5", "array(1, null)", "(true, 'x')")]
    ['1.5', '[1, null]', '{true, x}']
    """
    while isinstance(value, (exp.Paren, exp.Cast)):
        value = value.this
    if isinstance(value, exp.Null):
        return "null"
    if isinstance(value, (exp.Literal, exp.Boolean, exp.Neg)):
        return expression_text(value)
    if isinstance(value, exp.Array):
        return f"[{', '.join(map(value_title, value.expressions))}]"
    if isinstance(value, (exp.Tuple, exp.Struct)):
        return f"{{{', '.join(map(value_title, value.expressions))}}}"
    if isinstance(value, exp.Anonymous) and value.name.lower() in ("struct", "named_struct"):
        step = 2 if value.name.lower() == "named_struct" else 1
        return f"{{{', '.join(map(value_title, value.expressions[step - 1 :: step]))}}}"
    raise UnsupportedOperationException(
        f"The pivot value {expression_text(value)} has no name that is known before it is computed: give it "
        "one, as in FOR x IN (value AS name)."
    )


def _has_place(measure: exp.Expression, names: Names) -> bool:
    """Whether Spark computes this measure per group and value first, and null where a value has no rows."""
    kind, _ = infer(measure, scope_of(names.columns))
    return isinstance(kind, (NumericType, BooleanType))


def _restricted(measure: exp.Expression, condition: exp.Expression, *, is_counted: bool) -> exp.Expression:
    """The measure over the rows for which the condition holds."""
    changed = exp.Paren(this=measure.copy())
    for folded in aggregate_calls(changed):
        folded.replace(_filtered(folded.copy(), condition, skips_nulls=not is_counted))
    restricted: exp.Expression = changed.this
    if not is_counted:
        return restricted
    rows = _filtered(call("count", exp.Literal.number(1)), condition, skips_nulls=False)
    exists = exp.GT(this=rows, expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=exists, true=restricted)])


_FIRSTS = (exp.First, exp.Last)


def _filtered(folded: exp.Expression, condition: exp.Expression, *, skips_nulls: bool) -> exp.Expression:
    where = condition.copy()
    if isinstance(folded, exp.Filter):
        where = exp.And(this=folded.expression.this, expression=where)
        folded = folded.this
    if skips_nulls and isinstance(folded, _FIRSTS):
        folded = exp.IgnoreNulls(this=folded)
    return exp.Filter(this=folded, expression=exp.Where(this=where))


def _unaliased(entry: exp.Expression) -> exp.Expression:
    inner: exp.Expression = entry.this if isinstance(entry, exp.Alias) else entry
    return inner


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))
