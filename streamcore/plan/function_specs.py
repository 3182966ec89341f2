"""What is known of a function besides its rule, stated once: arguments, kind, column name, why it is refused.

The decorators that register rules (`function`, `simple`, `aggregate_rule`) state it; naming, grouping, the
catalog, the namespace of functions and the documentation read it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

AS_CALL = "{name}({args})"
IN_CAPITALS = "{NAME}({args})"
Shown: TypeAlias = "str | Mapping[int, str]"


class Kind(Enum):
    """What a function makes of its rows."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    GENERATOR = "generator"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Parameter:
    """One parameter; `default` is SQL, shown in the column's name where the argument is left out."""

    name: str
    default: str | None = None
    is_optional: bool = False
    is_variadic: bool = False


@dataclass(frozen=True)
class FunctionSpec:
    """The facts of one function.

    Parameters
    ----------
    name
        Spark's name for it, in lower case.
    kind
        What it makes of its rows.
    parameters
        In their order; None where only the rule knows them.
    takes_names
        Whether a call may name its arguments (`mask(s, lowerChar => 'q')`).
    shown
        How a call shows in the name of a column, by its number of arguments where that matters: `{0}` is the
        first argument, `{args}` are all, `{name}` is the name and `{NAME}` the name in capitals.
    refused
        Why the function is not offered; None when it is.
    is_internal
        Whether no SQL text of users calls it: other parts of the plan and of the API do.
    """

    name: str
    kind: Kind = Kind.SCALAR
    parameters: tuple[Parameter, ...] | None = None
    takes_names: bool = False
    shown: Shown = AS_CALL
    refused: str | None = None
    is_internal: bool = False

    @property
    def least(self) -> int:
        """The fewest arguments of a call."""
        return sum(
            not (p.is_optional or p.is_variadic or p.default is not None) for p in self.parameters or ()
        )

    @property
    def most(self) -> int | None:
        """The most arguments of a call; None for any number."""
        if self.parameters is None or any(p.is_variadic for p in self.parameters):
            return None
        return len(self.parameters)

    def takes(self, given: int) -> bool:
        """Whether a call may have so many arguments, as far as the parameters are stated."""
        return self.parameters is None or (self.least <= given and (self.most is None or given <= self.most))

    def defaults(self, given: int) -> list[str]:
        """The SQL of the arguments that a call of `given` arguments leaves to their defaults."""
        left_out = (self.parameters or ())[given:]
        return [p.default for p in left_out if p.default is not None]

    def text(self, arguments: Sequence[str]) -> str:
        """A call with these arguments as the name of a column shows it.

        >>> FunctionSpec("power", shown="{NAME}({args})").text(["a", "2"])
        'POWER(a, 2)'
        """
        shown = self.shown
        if not isinstance(shown, str):
            shown = shown.get(len(arguments), AS_CALL)
        return shown.format(*arguments, name=self.name, NAME=self.name.upper(), args=", ".join(arguments))


_SPECS: dict[str, FunctionSpec] = {}
# A parameter ends where the next one begins: a default may hold commas.
_BETWEEN_PARAMETERS = re.compile(r",\s*(?=[A-Za-z_]\w*\s*(?:=|\?|\.\.\.|,|$))")


def parameters_of(text: str) -> tuple[Parameter, ...]:
    """The parameters that a text states: `name`, `name = default`, `name?` (may be left out), `names...`.

    >>> [p.name for p in parameters_of("text, pairDelim = ',', more...")]
    ['text', 'pairDelim', 'more']
    """
    return tuple(_parameter(part) for part in _BETWEEN_PARAMETERS.split(text)) if text else ()


def _parameter(text: str) -> Parameter:
    name, equals, default = (part.strip() for part in text.partition("="))
    if equals:
        return Parameter(name, default)
    bare = name.rstrip("?.")
    return Parameter(bare, is_optional=name.endswith("?"), is_variadic=name.endswith("..."))


def declare(
    *names: str,
    kind: Kind = Kind.SCALAR,
    takes: str | None = None,
    takes_names: bool = False,
    shown: Shown = AS_CALL,
    refused: str | None = None,
    is_internal: bool = False,
) -> None:
    """State the facts of functions under each of their names; `takes` is a text for `parameters_of`."""
    parameters = None if takes is None else parameters_of(takes)
    for name in names:
        _SPECS[name] = FunctionSpec(name, kind, parameters, takes_names, shown, refused, is_internal)


def spec_of(name: str) -> FunctionSpec | None:
    """What is known of the function; None when there is none of this name."""
    return _SPECS.get(name)


def specs() -> Mapping[str, FunctionSpec]:
    """All functions that are offered, or known and refused, by name."""
    return dict(sorted(_SPECS.items()))


def function_names() -> frozenset[str]:
    """The functions that are offered."""
    return frozenset(name for name, spec in _SPECS.items() if spec.refused is None and not spec.is_internal)


def refused_functions() -> Mapping[str, str]:
    """The functions that are known and not offered, with the reason."""
    return {name: spec.refused for name, spec in _SPECS.items() if spec.refused is not None}
