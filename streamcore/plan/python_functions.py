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
    """

    name: str
    returns: DataType
    deterministic: bool
    runs: RunsCalls


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
    return exp.Anonymous(
        this=function.name, expressions=list(arguments), **{_PYTHON: function, "keywords": names}
    )


def make_python(call: exp.Anonymous, function: PythonFunction) -> exp.Anonymous:
    """A call by name made one of a Python function, in place."""
    arguments = call.expressions
    call.set("keywords", tuple(a.this.name if isinstance(a, exp.Kwarg) else None for a in arguments))
    call.set("expressions", [a.expression if isinstance(a, exp.Kwarg) else a for a in arguments])
    call.set(_PYTHON, function)
    return call


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
