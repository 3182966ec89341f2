"""What a query keeps of a source's rows, as predicates that its reader is offered before it plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from streamcore.plan.attributes import Attribute, referenced_id
from streamcore.plan.conditions import conjuncts
from streamcore.plan.logical import Alias, Filter, LogicalPlan, Relation
from streamcore.spi import filters
from streamcore.spi.datasource import Filter as Predicate
from streamcore.spi.types import BooleanType, DataType, DoubleType, IntegralType, StringType

_COMPARED: dict[type[exp.Expr], type[Any]] = {
    exp.EQ: filters.EqualTo, exp.NullSafeEQ: filters.EqualNullSafe,
    exp.GT: filters.GreaterThan, exp.GTE: filters.GreaterThanOrEqual,
    exp.LT: filters.LessThan, exp.LTE: filters.LessThanOrEqual,
}  # fmt: skip
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
}
_OF_TEXT: dict[str, type[Any]] = {
    "startswith": filters.StringStartsWith,
    "endswith": filters.StringEndsWith,
    "contains": filters.StringContains,
}


def pushed_filters(plan: LogicalPlan) -> dict[str, tuple[Predicate, ...]]:
    """The predicates on the rows of each leaf, by its key; a leaf that stands twice has none.

    What has no predicate of its own is left out. The query applies all its conditions in any case: a reader
    takes of them what it can.
    """
    found = dict(_by_leaf(plan))
    keys = [leaf.key for leaf in plan.walk() if isinstance(leaf, Relation)]
    return {key: kept for key, kept in found.items() if keys.count(key) == 1}


def _by_leaf(plan: LogicalPlan) -> Iterator[tuple[str, tuple[Predicate, ...]]]:
    for node in plan.walk():
        if isinstance(node, Filter):
            conditions, below = _conditions_over(node)
            if isinstance(below, Relation):
                columns = {column.id: column for column in below.columns}
                pushed = [predicate(condition, columns) for condition in conditions]
                kept = tuple(one for one in pushed if one is not None)
                if kept:
                    yield below.key, kept


def _conditions_over(plan: LogicalPlan) -> tuple[list[exp.Expression], LogicalPlan]:
    """The conditions of filters that stand one on another, and what is below them."""
    if isinstance(plan, Filter):
        conditions, below = _conditions_over(plan.child)
        return [*conjuncts(plan.condition), *conditions], below
    return _conditions_over(plan.child) if isinstance(plan, Alias) else ([], plan)


def predicate(condition: exp.Expression, columns: dict[int, Attribute]) -> Predicate | None:
    """A condition on one column and constants of its type as a predicate; None for any other."""
    bare = condition.unnest()
    if isinstance(bare, exp.Not):
        child = predicate(bare.this, columns)
        return None if child is None else filters.Not(child)
    if isinstance(bare, exp.Is) and isinstance(bare.expression, exp.Null):
        column = _column(bare.this, columns)
        return None if column is None else filters.IsNull((column.name,))
    if type(bare) in _COMPARED:
        return _comparison(bare, columns)
    if isinstance(bare, exp.In) and not bare.args.get("query"):
        return _membership(bare, columns)
    if isinstance(bare, exp.Anonymous) and bare.name.lower() in _OF_TEXT and len(bare.expressions) == 2:
        return _part_of_text(bare, columns)
    return None


def _part_of_text(call: exp.Anonymous, columns: dict[int, Attribute]) -> Predicate | None:
    column, value = _column(call.expressions[0], columns), _constant(call.expressions[1], StringType())
    if column is None or not isinstance(column.data_type, StringType) or not isinstance(value, str):
        return None
    made: Predicate = _OF_TEXT[call.name.lower()]((column.name,), value)
    return made


def _comparison(node: exp.Expr, columns: dict[int, Attribute]) -> Predicate | None:
    kind: type[exp.Expr] = type(node)
    column, written = _column(node.this, columns), node.expression
    if column is None:
        kind, column, written = _MIRRORED.get(kind, kind), _column(node.expression, columns), node.this
    value = None if column is None else _constant(written, column.data_type)
    if column is None or value is None:
        return None
    made: Predicate = _COMPARED[kind]((column.name,), value)
    return made


def _membership(node: exp.In, columns: dict[int, Attribute]) -> Predicate | None:
    column = _column(node.this, columns)
    if column is None:
        return None
    values = [_constant(one, column.data_type) for one in node.expressions]
    return None if None in values else filters.In((column.name,), tuple(values))


def _column(node: exp.Expression, columns: dict[int, Attribute]) -> Attribute | None:
    bare = node.unnest()
    id_ = referenced_id(bare) if isinstance(bare, exp.Expression) else None
    return None if id_ is None else columns.get(id_)


def _constant(node: exp.Expression, data_type: DataType) -> object | None:
    """The value of a literal of a column's own kind; None for what would be converted first."""
    bare = node.unnest()
    if isinstance(bare, exp.Boolean):
        return bool(bare.this) if isinstance(data_type, BooleanType) else None
    sign = 1
    if isinstance(bare, exp.Neg):
        sign, bare = -1, bare.this.unnest()
    if not isinstance(bare, exp.Literal):
        return None
    if bare.is_string:
        return bare.name if isinstance(data_type, StringType) and sign == 1 else None
    if isinstance(data_type, IntegralType):
        return sign * int(bare.name) if bare.name.isdigit() else None
    is_plain = bare.name.replace(".", "", 1).isdigit()
    return sign * float(bare.name) if isinstance(data_type, DoubleType) and is_plain else None
