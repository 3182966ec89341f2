"""Conditions taken apart: what is joined by AND, what may change from call to call, what null fails."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.python_functions import called

_VOLATILE = frozenset(
    {
        "asserttrue", "inputfilename", "monotonicallyincreasingid", "raiseerror", "rand", "randn", "random",
        "randstr", "shuffle", "sparkpartitionid", "uniform", "uuid",
    }
)  # fmt: skip
_BY_ROW = frozenset(
    {"monotonicallyincreasingid", "rand", "randn", "random", "randstr", "shuffle", "uniform", "uuid"}
)
_COMPARISONS = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_NULL_IN_NULL_OUT = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Cast, *_COMPARISONS)


def conjuncts(condition: exp.Expression) -> list[exp.Expression]:
    """The conditions that one made with AND, or BETWEEN, is made of."""
    bare = condition.unnest()
    if isinstance(bare, exp.And):
        return [*conjuncts(bare.this), *conjuncts(bare.expression)]
    if isinstance(bare, exp.Between) and not bare.args.get("symmetric"):
        low, high = bare.args["low"], bare.args["high"]
        return [
            exp.GTE(this=bare.this.copy(), expression=low.copy()),
            exp.LTE(this=bare.this.copy(), expression=high.copy()),
        ]
    return [condition]


def is_volatile(expression: exp.Expression) -> bool:
    """Whether it may give another value for the same row."""
    return any(map(_is_volatile_call, expression.find_all(exp.Func)))


def draws_by_row(expression: exp.Expression) -> bool:
    """Whether a built-in function in it gives each row a value by the row's number, such as rand()."""
    return any(_function_name(call) in _BY_ROW for call in expression.find_all(exp.Func))


def _is_volatile_call(call: exp.Func) -> bool:
    function = called(call) if isinstance(call, exp.Anonymous) else None
    return _function_name(call) in _VOLATILE if function is None else not function.deterministic


def _function_name(call: exp.Func) -> str:
    name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
    return str(name).replace("_", "").lower()


def refuses_null(condition: exp.Expression) -> set[int]:
    """The ids of columns that make the condition not true wherever one of them is null."""
    bare = condition.unnest()
    return set(_certain_reads(bare)) if isinstance(bare, _COMPARISONS) else set()


def _certain_reads(node: exp.Expression) -> Iterator[int]:
    """The columns whose null makes the value null."""
    id_ = referenced_id(node)
    if id_ is not None:
        yield id_
    elif isinstance(node, _NULL_IN_NULL_OUT):
        for operand in (node.this, node.args.get("expression")):
            if isinstance(operand, exp.Expression):
                yield from _certain_reads(operand)
