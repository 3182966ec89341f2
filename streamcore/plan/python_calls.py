"""Calls of Python functions within expressions: how they are written, and how they leave a plan's SQL.

A call stands in an expression like any other function. Before a plan runs, every call is moved into a
`ComputedColumns` below the operator that holds it, and a column takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    outer_column,
    passed_through,
    reference,
    referenced_id,
    referenced_ids,
    scope_of,
)
from streamcore.plan.conditions import conjuncts
from streamcore.plan.dependent import LateralJoin, SubqueryColumn, parameters_of
from streamcore.plan.logical import (
    Aggregate,
    ComputedColumns,
    Filter,
    Generate,
    Join,
    LogicalPlan,
    Observe,
    Project,
    PythonNode,
    Sessions,
    Sort,
)
from streamcore.plan.naming import expression_text
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.python_functions import PlacedCall, PythonFunction, called, calls_python, keywords_of
from streamcore.plan.python_rows import with_fewer_rows_for_calls
from streamcore.plan.python_windows import once_each
from streamcore.plan.rules import narrowed
from streamcore.plan.typing import infer
from streamcore.spi.types import StructField, StructType


def with_calls_apart(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which no expression calls a Python function.

    Raises AnalysisException for a call where Spark has none either, UnsupportedOperationException for one
    that is not offered there.
    """
    if not any(_any_call(_expressions(node)) for node in plan.walk()):
        return plan
    apart = with_fewer_rows_for_calls(narrowed(plan)).transform_up(_apart)
    _refuse_dependent_calls(apart)
    return apart


def _expressions(node: LogicalPlan) -> list[exp.Expression]:
    """Those of an operator that may call functions."""
    if isinstance(node, Sessions):
        return _of_named((*node.keys, node.window))
    return list(expressions_of(node))


def _apart(node: LogicalPlan) -> LogicalPlan:
    if not _any_call(_expressions(node)):
        return node
    match node:
        case Project():
            below, moved = _moved_below(node.child, list(map(once_each, _of_named(node.expressions))))
            return replace(node, child=below, expressions=_renamed(node.expressions, moved))
        case Filter():
            below, (condition,) = _moved_below(node.child, [node.condition])
            return _only(Filter(below, condition), node.output)
        case Sort():
            below, moved = _moved_below(node.child, _expressions(node))
            orders = tuple(replace(o, expression=e) for o, e in zip(node.orders, moved, strict=True))
            return _only(Sort(below, orders), node.output)
        case Aggregate():
            return _aggregate(node)
        case Generate():
            below, (generator,) = _moved_below(node.child, [node.generator])
            return _only(replace(node, child=below, generator=generator), node.output)
        case Join():
            return _join(node)
        case LateralJoin() | SubqueryColumn():
            return _dependent(node)
        case Sessions() | Observe():
            place = "session_window" if isinstance(node, Sessions) else "observe()"
            raise UnsupportedOperationException(
                f"a Python function in {place} is not offered; compute its column first, by withColumn"
            )
        case _:
            return node


def _any_call(expressions: Sequence[exp.Expression]) -> bool:
    return any(map(calls_python, expressions))


def _of_named(named: Sequence[NamedExpression]) -> list[exp.Expression]:
    return [entry.expression for entry in named]


def _renamed(
    named: Sequence[NamedExpression], expressions: Sequence[exp.Expression]
) -> tuple[NamedExpression, ...]:
    return tuple(replace(entry, expression=e) for entry, e in zip(named, expressions, strict=True))


def _only(plan: LogicalPlan, columns: Sequence[Attribute]) -> LogicalPlan:
    return Project(plan, tuple(map(passed_through, columns)))


# ---- calls below an operator ---------------------------------------------------------------------


def _moved_below(
    child: LogicalPlan, expressions: Sequence[exp.Expression]
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """A plan that computes the calls of `expressions` from the rows of `child`, and these without calls.

    Calls whose arguments hold no other call are computed first, all together; then those around them.
    """
    found = [e.copy() for e in expressions]
    _tell_apart(found)
    while _any_call(found):
        calls = _innermost(found)
        child, columns = _computed(child, calls)
        by_call = dict(zip(calls, columns, strict=True))
        found = [_with_columns(e, by_call) for e in found]
    return child, found


def _tell_apart(expressions: Sequence[exp.Expression]) -> None:
    """Makes calls differ that may give different values for the same arguments."""
    calls = [node for e in expressions for node in e.find_all(exp.Anonymous) if called(node) is not None]
    for place, call in enumerate(calls):
        if not _function(call).deterministic:
            call.set("place", place)


def _innermost(expressions: Sequence[exp.Expression]) -> list[exp.Expression]:
    """The calls without calls in their arguments, each once; of a kind with the first of them."""
    calls = [
        node
        for e in expressions
        for node in e.find_all(exp.Anonymous)
        if called(node) is not None and not _any_call(node.expressions)
    ]
    kind = type(_function(calls[0]).runs)
    distinct: dict[exp.Expression, exp.Expression] = {}
    for call in calls:
        if type(_function(call).runs) is kind:
            distinct.setdefault(call, call.copy())
    return list(distinct.values())


def _function(call: exp.Expression) -> PythonFunction:
    function = called(call)
    assert function is not None
    return function


def _with_columns(expression: exp.Expression, by_call: dict[exp.Expression, Attribute]) -> exp.Expression:
    def column(node: exp.Expression) -> exp.Expression:
        made = by_call.get(node) if isinstance(node, exp.Anonymous) and called(node) is not None else None
        return node if made is None else reference(made)

    return expression.transform(column)


def _computed(
    child: LogicalPlan, calls: Sequence[exp.Expression]
) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """The child's columns and those of the calls."""
    scope, known = scope_of(child.output), {a.id: a for a in child.output}
    arguments: dict[exp.Expression, Attribute] = {}
    computed: list[NamedExpression] = []
    for argument in (a for call in calls for a in call.expressions if a not in arguments):
        id_ = referenced_id(argument)
        if id_ is not None and outer_column(argument) is None:
            arguments[argument] = known[id_]
            continue
        data_type, nullable = infer(argument, scope)
        arguments[argument] = attribute("argument", data_type, nullable)
        computed.append(NamedExpression(argument, arguments[argument]))
    inputs = tuple({a.id: a for a in arguments.values()}.values())
    places = {a.id: place for place, a in enumerate(inputs)}
    placed = [
        PlacedCall(_function(c), tuple(places[arguments[a].id] for a in c.expressions), keywords_of(c))
        for c in calls
    ]
    schema = StructType([StructField(a.name, a.data_type, a.nullable) for a in inputs])
    columns = tuple(
        attribute(expression_text(call), c.function.returns) for call, c in zip(calls, placed, strict=True)
    )
    below = Project(child, (*map(passed_through, child.output), *computed)) if computed else child
    run = placed[0].function.runs.together(placed, schema)
    return ComputedColumns(below, inputs, run, columns), columns


# ---- operators that are more than rows and expressions -------------------------------------------


def _aggregate(node: Aggregate) -> LogicalPlan:
    """Calls over aggregates stand above it (see `aggregate_outputs`): these are computed from the rows."""
    below, moved = _moved_below(node.child, _of_named((*node.keys, *node.measures)))
    keys = _renamed(node.keys, moved[: len(node.keys)])
    return Aggregate(below, keys, _renamed(node.measures, moved[len(node.keys) :]))


_JOINS = {
    "left": "LEFT OUTER", "right": "RIGHT OUTER", "full": "FULL OUTER", "leftsemi": "LEFT SEMI",
    "leftanti": "LEFT ANTI",
}  # fmt: skip


def _join(node: Join) -> LogicalPlan:
    """Conditions of one side are computed there; those of both sides filter the pairs of an inner join."""
    assert node.condition is not None
    terms = conjuncts(node.condition)
    calls = [c for t in terms for c in t.find_all(exp.Anonymous) if called(c) is not None]
    left, right = ({a.id for a in side.output} for side in (node.left, node.right))
    if all(referenced_ids(call) <= left or referenced_ids(call) <= right for call in calls):
        return _join_of_sides(node, calls)
    if node.how not in ("inner", "cross"):
        raise AnalysisException(
            "[UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE] The feature is not supported: Python UDF in the "
            f"ON clause of a {_JOINS[node.how]} JOIN. In case of an INNER JOIN consider rewriting to a CROSS "
            "JOIN with a WHERE clause. SQLSTATE: 0A000"
        )
    kept = [term for term in terms if not _any_call([term])]
    after = [term for term in terms if _any_call([term])]
    pairs = Join(node.left, node.right, "inner", _all(kept))
    filtered = _all(after)
    assert filtered is not None
    return _apart(Filter(pairs, filtered))


def _dependent(node: LateralJoin | SubqueryColumn) -> LogicalPlan:
    """What the right side is given, and IN looks for, is computed from the left."""
    if isinstance(node, LateralJoin):
        if node.condition is not None and calls_python(node.condition):
            raise UnsupportedOperationException(
                "a Python function in the condition of a LATERAL join is not offered; filter with WHERE"
            )
        below, moved = _moved_below(node.left, _of_named(node.parameters))
        return _only(replace(node, left=below, parameters=_renamed(node.parameters, moved)), node.output)
    below, moved = _moved_below(node.left, _expressions(node))
    parameters = _renamed(node.parameters, moved[: len(node.parameters)])
    value = None if node.value is None else moved[-1]
    return _only(replace(node, left=below, parameters=parameters, value=value), node.output)


def _refuse_dependent_calls(plan: LogicalPlan) -> None:
    """Rows are handed to Python all at once, not anew for each row of another plan."""
    for node in plan.walk():
        if isinstance(node, PythonNode) and parameters_of(node):
            raise UnsupportedOperationException(
                "a Python function over columns of the outer query is not offered within a subquery; call it "
                "in the outer query"
            )


def _join_of_sides(node: Join, calls: Sequence[exp.Expression]) -> LogicalPlan:
    assert node.condition is not None
    condition, sides = node.condition.copy(), []
    for side in (node.left, node.right):
        ids = {a.id for a in side.output}
        own = list(dict.fromkeys(c for c in calls if referenced_ids(c) <= ids))
        below, moved = _moved_below(side, own)
        by_call = {
            call: column
            for call, e in zip(own, moved, strict=True)
            for column in below.output
            if column.id == referenced_id(e)
        }
        condition = _with_columns(condition, by_call)
        sides.append(below)
    return _only(Join(sides[0], sides[1], node.how, condition), node.output)


def _all(terms: Sequence[exp.Expression]) -> exp.Expression | None:
    joined: exp.Expression | None = None
    for term in terms:
        joined = term.copy() if joined is None else exp.And(this=joined, expression=term.copy())
    return joined
