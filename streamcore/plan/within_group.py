"""WITHIN GROUP (ORDER BY ...): the order becomes an argument of the aggregate, which is then a call like any.

`percentile_cont(p) WITHIN GROUP (ORDER BY v DESC)` is `percentile_cont(v, p, true)` to the plan, and
`listagg(s, d) WITHIN GROUP (ORDER BY o)` is `listagg(s, d, ORDER BY o)`; no text can call them so.
"""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.translation.core import as_call

_PERCENTILES = ("percentile_cont", "percentile_disc")
_JOINED = ("listagg", "string_agg")


def with_orders_as_arguments(root: exp.Expression) -> exp.Expression:
    """The tree without WITHIN GROUP; raises AnalysisException where a function takes none."""
    for node in list(root.find_all(exp.WithinGroup)):
        node.replace(_ordered_call(node.this, node.expression))
    return root


def require_orders(root: exp.Expression) -> None:
    """Raises AnalysisException for a percentile that is written without WITHIN GROUP."""
    for node in root.find_all(exp.Anonymous):
        name = node.name.lower()
        if name in _PERCENTILES and not isinstance(node.parent, exp.WithinGroup):
            raise _invalid(name, "WITHIN_GROUP_MISSING", "WITHIN GROUP is required for the function.")


def _ordered_call(call: exp.Expression, order: exp.Expression) -> exp.Expression:
    name, _ = as_call(call)
    if not isinstance(call, exp.Anonymous) or name not in (*_PERCENTILES, *_JOINED, "mode"):
        raise AnalysisException(
            "[INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX] Invalid SQL syntax: The function "
            f"`{name}` does not support WITHIN GROUP (ORDER BY ...). SQLSTATE: 42000"
        )
    is_distinct = any(isinstance(argument, exp.Distinct) for argument in call.expressions)
    if name in _JOINED:
        return _joined(call, order)
    if is_distinct:
        raise _invalid(
            name, "DISTINCT_UNSUPPORTED", "The function does not support DISTINCT with WITHIN GROUP."
        )
    if len(order.expressions) != 1:
        raise _invalid(
            name,
            "WRONG_NUM_ORDERINGS",
            f"The function requires 1 orderings in WITHIN GROUP but got {len(order.expressions)}.",
        )
    term = order.expressions[0]
    downwards = [exp.true()] if term.args.get("desc") else []
    if name == "mode":
        # Among equally frequent values the first in this order is taken.
        given = [term.this, exp.Boolean(this=not downwards), *call.expressions]
        return exp.Anonymous(this="mode", expressions=[*given, *downwards])
    return exp.Anonymous(this=name, expressions=[term.this, *call.expressions, *downwards])


def _joined(call: exp.Anonymous, order: exp.Expression) -> exp.Expression:
    given = list(call.expressions)
    first = given[0] if given else None
    if isinstance(first, exp.Distinct):
        if [first.expressions[0]] != [term.this for term in order.expressions]:
            raise _invalid(
                call.name.lower(),
                "MISMATCH_WITH_DISTINCT_INPUT",
                "The function is invoked with DISTINCT and WITHIN GROUP but expressions "
                f'"{first.expressions[0].sql(dialect="spark")}" and '
                f'"{order.expressions[0].this.sql(dialect="spark")}" do not match. The WITHIN GROUP ordering '
                "expression must be picked from the function inputs.",
            )
        given = [exp.Distinct(expressions=[*first.expressions, *_no_delimiter(len(first.expressions))])]
    else:
        given += _no_delimiter(len(given))
    return exp.Anonymous(
        this=call.name.lower(), expressions=[*given, exp.Order(expressions=order.expressions)]
    )


def _no_delimiter(given: int) -> list[exp.Expression]:
    return [exp.Null()] if given == 1 else []


def _invalid(name: str, case: str, reason: str) -> AnalysisException:
    return AnalysisException(
        f"[INVALID_WITHIN_GROUP_EXPRESSION.{case}] Invalid function `{name}` with WITHIN GROUP. {reason} "
        "SQLSTATE: 42K0K"
    )
