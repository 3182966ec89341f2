"""Calls that name their arguments, as `mask(s, lowerChar => 'q')`, put into the order of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import refusals
from streamcore.plan.function_specs import FunctionSpec, Parameter, spec_of
from streamcore.plan.translation import families
from streamcore.plan.translation.core import as_call

Parse = Callable[[str], exp.Expression]


def name_by_position(root: exp.Expression, parse: Parse) -> None:
    """Replace the named arguments of every call of Spark's functions by positional ones, in place.

    `parse` reads the defaults of parameters that are left out.  Calls of other functions keep their names:
    what these mean is known to who made the function.

    Raises AnalysisException for names that the function does not have, or that are given twice.
    """
    families.load()
    calls = {id(named.parent): named.parent for named in root.find_all(exp.Kwarg)}
    for call in calls.values():
        if not (isinstance(call, exp.Expression) and isinstance(call, exp.Func)):
            continue
        name, arguments = as_call(call)
        spec = spec_of(name)
        if spec is not None:
            _set(call, positional(spec, arguments, parse))


def positional(spec: FunctionSpec, arguments: Sequence[exp.Expression], parse: Parse) -> list[exp.Expression]:
    """The arguments of a call in the order of the function's parameters, with defaults in the gaps."""
    if not spec.takes_names or spec.parameters is None:
        raise refusals.named_arguments_not_supported(spec.name)
    given = _assigned(spec, spec.parameters, arguments)
    last = max(at for at, parameter in enumerate(spec.parameters) if parameter.name in given)
    return [
        given.get(parameter.name) or _default(spec, at, parameter, parse)
        for at, parameter in enumerate(spec.parameters[: last + 1])
    ]


def _assigned(
    spec: FunctionSpec, parameters: Sequence[Parameter], arguments: Sequence[exp.Expression]
) -> dict[str, exp.Expression]:
    """The arguments by the names of their parameters."""
    names = {parameter.name.lower(): parameter.name for parameter in parameters}
    found: dict[str, exp.Expression] = {}
    places: set[str] = set()
    latest: str | None = None
    for argument, parameter in zip(arguments, [*parameters, *[None] * len(arguments)], strict=False):
        if not isinstance(argument, exp.Kwarg):
            if latest is not None:
                raise refusals.positional_after_named(spec.name, latest)
            if parameter is None:
                raise refusals.wrong_number_of_arguments(spec.name, spec.least, spec.most, len(arguments))
            found[parameter.name] = argument
            places.add(parameter.name)
            continue
        latest = argument.this.name
        name = names.get(latest.lower())
        if name is None:
            raise refusals.unknown_parameter(spec.name, latest, names.values())
        if name in found:
            raise refusals.parameter_given_twice(spec.name, name, is_positional=name in places)
        found[name] = argument.expression
    return found


def _default(spec: FunctionSpec, at: int, parameter: Parameter, parse: Parse) -> exp.Expression:
    if parameter.default is None:
        raise refusals.required_parameter(spec.name, parameter.name, at)
    return parse(parameter.default)


def _set(call: exp.Expression, arguments: list[exp.Expression]) -> None:
    """Give the call these arguments."""
    if isinstance(call, exp.Anonymous):
        call.set("expressions", arguments)
    elif len(arguments) == 1:
        call.set("this", arguments[0])
    else:
        raise AnalysisException(f"The call {call.sql(dialect='spark')!r} takes no named arguments.")
