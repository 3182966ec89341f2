"""Python functions that aggregate over whole partitions of a window: called once for each of these."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.expressions import parse_expression
from streamcore.plan.python_functions import called


def once_each(expression: exp.Expression) -> exp.Expression:
    """The expression in which the first row of a partition has the list of its rows, and all have the result.

    A list for each row would take the square of the rows of a partition.
    """

    def rule(node: exp.Expression) -> exp.Expression:
        function = called(node) if isinstance(node, exp.Anonymous) else None
        if function is None or not function.aggregates or not _is_whole(node.expressions[0]):
            return node
        window = node.expressions[0].copy()
        number = _over(window, parse_expression("row_number()"), in_order=True)
        is_first = exp.EQ(this=number, expression=exp.Literal.number(1))
        call = node.copy()
        call.set("expressions", [exp.Case(ifs=[exp.If(this=is_first, true=window.copy())])])
        found = parse_expression("max(x)")
        found.set("this", call)
        window.set("order", None)
        window.set("spec", None)
        return _over(window, found)

    changed: exp.Expression = expression.copy().transform(rule)
    return changed


def _is_whole(gathered: exp.Expression) -> bool:
    if not isinstance(gathered, exp.Window):
        return False
    spec = gathered.args.get("spec")
    if spec is None:
        return gathered.args.get("order") is None
    return all(str(spec.args.get(side)).upper() == "UNBOUNDED" for side in ("start", "end"))


def _over(window: exp.Window, function: exp.Expression, *, in_order: bool = False) -> exp.Window:
    made = window.copy()
    made.set("this", function)
    made.set("spec", None)
    if in_order:
        terms = [exp.Ordered(this=exp.Literal.number(1), desc=False, nulls_first=True)]
        made.set("order", exp.Order(expressions=terms))
    return made
