"""How functions make expressions of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from inspect import Parameter, signature
from typing import Any, TypeAlias

from sqlglot import exp

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.plan.expressions import call
from streamcore.plan.grammar import WRITTEN_AS
from streamcore.spi.options import option_text
from streamcore.sql.column import Column
from streamcore.sql.expressions import expression_of
from streamcore.sql.literals import literal_expression

ColumnOrName: TypeAlias = "Column | str"

# How many lambdas are being built around this one: each level's parameters have names of their own.
_DEPTH: ContextVar[int] = ContextVar("_DEPTH", default=0)


def expression(column: ColumnOrName) -> exp.Expression:
    """A Column's expression, or the reference that a name stands for."""
    if not isinstance(column, Column | str):
        raise ArgumentTypeError(
            f"[NOT_EXPECTED_TYPE] Expected a Column or the name of one, got {type(column).__name__}: "
            f"{column!r}; a value is written lit({column!r})."
        )
    return column.expression if isinstance(column, Column) else expression_of(column)


def literal(argument: Any) -> exp.Expression:
    """A Column's expression, or the literal of anything else."""
    return argument.expression if isinstance(argument, Column) else literal_expression(argument)


def operand(argument: Any) -> exp.Expression:
    """A Column's expression, the reference that a name stands for, or the literal of a number."""
    return literal(argument) if isinstance(argument, int | float) else expression(argument)


def many(columns: Sequence[Any]) -> list[exp.Expression]:
    """Columns or names, one by one or as one list."""
    given = columns[0] if len(columns) == 1 and isinstance(columns[0], list | tuple | set) else columns
    return [expression(column) for column in given]


def given_columns(*arguments: ColumnOrName | None) -> list[exp.Expression]:
    """The columns among trailing arguments that were given."""
    return [expression(argument) for argument in arguments if argument is not None]


def given_literals(*arguments: Any) -> list[exp.Expression]:
    """The literals among trailing arguments that were given."""
    return [literal(argument) for argument in arguments if argument is not None]


def given_operands(*arguments: Any) -> list[exp.Expression]:
    """The columns and numbers among trailing arguments that were given."""
    return [operand(argument) for argument in arguments if argument is not None]


def function(name: str, *arguments: exp.Expression) -> Column:
    """The call of a function by its SQL name."""
    return Column(call(name, *arguments))


def ignoring_nulls(made: exp.Expression, ignores: bool | Column | None) -> Column:
    """The call with IGNORE NULLS, when that is wished."""
    wished = bool(ignores.expression.this) if isinstance(ignores, Column) else bool(ignores)
    if not wished:
        return Column(made)
    found = exp.IgnoreNulls(this=made)
    found.meta[WRITTEN_AS] = "argument"
    return Column(found)


def lambda_of(body: Callable[..., Column], least: int, most: int | None = None) -> exp.Expression:
    """A Python function of `least` to `most` columns as a SQL lambda."""
    parameters = signature(body).parameters.values()
    if any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD, p.KEYWORD_ONLY) for p in parameters):
        raise IllegalArgumentException(
            "[UNSUPPORTED_PARAM_TYPE_FOR_HIGHER_ORDER_FUNCTION] A function of columns takes positional "
            "parameters only."
        )
    if not least <= len(parameters) <= (most or least):
        raise IllegalArgumentException(
            "[WRONG_NUM_ARGS_FOR_HIGHER_ORDER_FUNCTION] The function should take "
            f"{least if most is None else f'{least} to {most}'} parameters, not {len(parameters)}."
        )
    depth = _DEPTH.get()
    names = [f"{letter}_{depth}" for letter in "xyz"[: len(parameters)]]
    token = _DEPTH.set(depth + 1)
    try:
        result = body(*(Column(exp.Column(this=exp.to_identifier(name))) for name in names))
    finally:
        _DEPTH.reset(token)
    if not isinstance(result, Column):
        raise IllegalArgumentException(
            "[HIGHER_ORDER_FUNCTION_SHOULD_RETURN_COLUMN] The function should return a Column, got "
            f"{type(result).__name__}."
        )
    return exp.Lambda(this=result.expression, expressions=[exp.to_identifier(name) for name in names])


def options_map(options: Mapping[str, str] | None) -> list[exp.Expression]:
    """Options as the map that a call takes them in; nothing for none."""
    said = [literal(option_text(part)) for pair in (options or {}).items() for part in pair]
    return [call("map", *said)] if said else []
