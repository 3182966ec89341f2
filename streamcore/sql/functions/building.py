"""How functions make expressions of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any, TypeAlias

from sqlglot import exp

from streamcore.plan.expressions import call
from streamcore.sql.column import Column
from streamcore.sql.expressions import expression_of
from streamcore.sql.literals import literal_expression

ColumnOrName: TypeAlias = "Column | str"


def expression(column: ColumnOrName) -> exp.Expression:
    """A Column's expression, or the reference that a name stands for."""
    return column.expression if isinstance(column, Column) else expression_of(column)


def value(argument: Any) -> exp.Expression:
    """A Column's expression, or the literal of anything else."""
    return argument.expression if isinstance(argument, Column) else literal_expression(argument)


def many(columns: Sequence[Any]) -> list[exp.Expression]:
    """Columns or names, one by one or as one list."""
    given = columns[0] if len(columns) == 1 and isinstance(columns[0], list | tuple | set) else columns
    return [expression(column) for column in given]


def function(name: str, *arguments: exp.Expression) -> Column:
    """The call of a function by its SQL name."""
    return Column(call(name, *arguments))


def optional(*arguments: Any) -> list[exp.Expression]:
    """The literals of trailing arguments, up to the first that was not given (None)."""
    given = []
    for argument in arguments:
        if argument is None:
            break
        given.append(value(argument))
    return given


def lambda_of(body: Callable[..., Column]) -> exp.Expression:
    """A Python function of columns as a SQL lambda."""
    names = ["x", "y", "z"][: len(signature(body).parameters)]
    columns = [Column(exp.Column(this=exp.to_identifier(name))) for name in names]
    result = body(*columns)
    return exp.Lambda(this=value(result), expressions=[exp.to_identifier(name) for name in names])
