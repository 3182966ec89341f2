"""Python functions as expressions call them: a call by name that carries the function itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

if TYPE_CHECKING:
    from streamcore.spi.computed import ColumnsFunction
    from streamcore.spi.types import DataType, StructType

_PYTHON = "python"
"""The argument of a call by name that makes it a call of a Python function."""


NO_ARGUMENT = "~"
"""The field of a gathered row where a function is called without arguments."""


class RunsCalls(Protocol):
    """What runs a Python function; opaque to the plan."""

    def together(self, calls: Sequence[PlacedCall], inputs: StructType) -> ColumnsFunction:
        """One function for several calls, each of a function of this kind, over columns of `inputs`."""


@dataclass(frozen=True, eq=False)
class PythonFunction:
    """A Python function that expressions may call.

    Parameters
    ----------
    name
        What columns are named by.
    returns
        The type of its values.
    deterministic
        Whether it gives the same for the same arguments.
    runs
        What the engine runs.
    aggregates
        Whether it is called with all rows of a group; a call then has one argument, the list of the rows
        (see `rows_gathered`), whatever it was written with.
    """

    name: str
    returns: DataType
    deterministic: bool
    runs: RunsCalls
    aggregates: bool = False


@dataclass(frozen=True)
class PlacedCall:
    """A call as a worker sees it: where among the inputs its arguments stand, and their keywords."""

    function: PythonFunction
    arguments: tuple[int, ...]
    keywords: tuple[str | None, ...]


def python_call(
    function: PythonFunction, arguments: Sequence[exp.Expression], keywords: Sequence[str | None] = ()
) -> exp.Expression:
    """The expression that calls `function`; `keywords` name arguments, None those given by position."""
    names = tuple(keywords) or (None,) * len(arguments)
    if function.aggregates:
        arguments, names = [rows_gathered(arguments, names)], (None,)
    return exp.Anonymous(
        this=function.name, expressions=list(arguments), **{_PYTHON: function, "keywords": names}
    )


def make_python(call: exp.Anonymous, function: PythonFunction) -> exp.Anonymous:
    """A call by name made one of a Python function, in place."""
    arguments = call.expressions
    keywords = tuple(a.this.name if isinstance(a, exp.Kwarg) else None for a in arguments)
    given = [a.expression if isinstance(a, exp.Kwarg) else a for a in arguments]
    if function.aggregates:
        given, keywords = [rows_gathered(given, keywords)], (None,)
    call.set("keywords", keywords)
    call.set("expressions", given)
    call.set(_PYTHON, function)
    return call


def rows_gathered(arguments: Sequence[exp.Expression], keywords: Sequence[str | None]) -> exp.Expression:
    """The list of what the rows give for these arguments: structs of fields named by number or keyword."""
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(keyword or str(place), quoted=True), expression=argument.copy())
        for place, (argument, keyword) in enumerate(zip(arguments, keywords, strict=True))
    ]
    none = exp.PropertyEQ(this=exp.to_identifier(NO_ARGUMENT, quoted=True), expression=exp.Null())
    return exp.ArrayAgg(this=exp.Struct(expressions=fields or [none]), nulls_excluded=True)


def over_window(window: exp.Expression) -> exp.Expression:
    """A function that aggregates over a window: it is called with the list of the rows of the window."""
    call: exp.Expression = window.this.copy()
    gathered = window.copy()
    gathered.set("this", call.expressions[0])
    call.set("expressions", [gathered])
    return call


def written_arguments(call: exp.Expression) -> tuple[exp.Expression, ...]:
    """What a call of a function that aggregates was written with."""
    gathered = call.expressions[0].find(exp.ArrayAgg)
    if gathered is None:  # the list was computed below
        return tuple(call.expressions)
    struct = gathered.this
    return tuple(
        field.expression
        if field.name.isdigit()
        else exp.Kwarg(this=exp.var(field.name), expression=field.expression)
        for field in struct.expressions
        if field.name != NO_ARGUMENT
    )


def called(node: exp.Expression) -> PythonFunction | None:
    """The Python function that a node calls; None for any other node."""
    found: PythonFunction | None = node.args.get(_PYTHON)
    return found


def calls_python(expression: exp.Expression) -> bool:
    """Whether an expression holds a call of a Python function."""
    return any(called(node) is not None for node in expression.find_all(exp.Anonymous))


def keywords_of(node: exp.Expression) -> tuple[str | None, ...]:
    """The keywords of a call of a Python function."""
    found: tuple[str | None, ...] = node.args["keywords"]
    return found
