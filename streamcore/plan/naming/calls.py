"""Calls in the names of columns, as the specs of the functions state it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from sqlglot import exp

from streamcore.plan.expressions import parse_expression
from streamcore.plan.function_specs import FunctionSpec, spec_of
from streamcore.plan.grammar import WRITTEN_AS
from streamcore.plan.naming.text import VARIABLE, Text, shown_by
from streamcore.plan.python_functions import called, keywords_of, written_arguments
from streamcore.plan.translation.core import as_call


def register() -> None:
    """Make these rules known."""
    shown_by(_function, exp.Func)
    shown_by(_count, exp.Count)
    shown_by(lambda node, text: f"DISTINCT {text.of_all(node.expressions)}", exp.Distinct)
    shown_by(_filtered, exp.Filter)
    shown_by(_ignoring_nulls, exp.IgnoreNulls)
    shown_by(lambda node, text: text(node.this), exp.RespectNulls)
    shown_by(_trim, exp.Trim)
    shown_by(lambda node, text: f"extract({text(node.this)} FROM {text(node.expression)})", exp.Extract)
    shown_by(_struct, exp.Struct)
    shown_by(_tuple, exp.Tuple)
    shown_by(lambda node, text: f"{node.name} => {text(node.expression)}", exp.Kwarg)
    shown_by(_lambda, exp.Lambda)


def _function(node: exp.Expression, text: Text) -> str:
    if called(node) is not None:
        return _python(node, text)
    operator = node.meta.get(WRITTEN_AS)
    if operator is not None:
        return f"({f' {operator} '.join(text(argument) for argument in node.expressions)})"
    name, arguments = as_call(node)
    if name == "mode" and isinstance(arguments[-1], exp.Boolean) and not arguments[-1].this:
        # Not to be deterministic is what mode() does anyway.
        arguments = arguments[:1]
    if name in _LAMBDAS:
        return call_text(name, list(_with_lambdas(name, arguments, text)), text)
    given = sum(len(a.expressions) if isinstance(a, exp.Distinct) else 1 for a in arguments)
    return call_text(name, [_argument(argument, text) for argument in arguments], text, given)


# How many parameters the functions have that these functions take, by the place of the argument.
_LAMBDAS = {
    "transform": {1: 1}, "filter": {1: 1}, "exists": {1: 1}, "forall": {1: 1}, "array_sort": {1: 2},
    "aggregate": {2: 2, 3: 1}, "reduce": {2: 2, 3: 1},
}  # fmt: skip


def _with_lambdas(name: str, arguments: Sequence[exp.Expression], text: Text) -> Iterator[str]:
    """The arguments; a value where a function may stand is shown as the function that gives it."""
    for at, argument in enumerate(arguments):
        parameters = _LAMBDAS[name].get(at)
        if parameters is None or isinstance(argument, exp.Lambda):
            yield text(argument)
        else:
            variables = ", ".join([VARIABLE] * parameters)
            yield f"lambdafunction({text(argument)}, {variables})"


def call_text(name: str, shown: list[str], text: Text, given: int | None = None) -> str:
    """The call of a function with these arguments, and those that Spark shows although they were left out.

    `given` is the number of arguments where a DISTINCT shows several as one.
    """
    spec = spec_of(name)
    if spec is None:
        return f"{name}({', '.join(shown)})"
    return spec.text([*shown, *_defaults(spec, len(shown) if given is None else given, text)])


def _defaults(spec: FunctionSpec, given: int, text: Text) -> Iterator[str]:
    return (text(_default(default)) for default in spec.defaults(given))


@cache
def _default(sql: str) -> exp.Expression:
    """A parameter's default, read as an argument: a lambda alone would be taken for something else."""
    read: exp.Expression = parse_expression(f"array({sql})").expressions[0]
    return read


def _python(node: exp.Expression, text: Text) -> str:
    function = called(node)
    name = node.name if function is None else function.name
    if function is not None and function.aggregates:
        return f"{name}({text.of_all(written_arguments(node))}){_over(node.expressions[0], text)}"
    shown = [
        text(argument) if keyword is None else f"{keyword} => {text(argument)}"
        for argument, keyword in zip(node.expressions, keywords_of(node), strict=True)
    ]
    return f"{name}({', '.join(shown)})"


def _over(gathered: exp.Expression, text: Text) -> str:
    """The window whose rows a function that aggregates is called with."""
    if not isinstance(gathered, exp.Window):
        return ""
    window = gathered.copy()
    window.set("this", exp.Null())
    return text(window).removeprefix("NULL")


def _argument(node: exp.Expression, text: Text) -> str:
    """An argument's text; a window of time that was named goes by its name."""
    if isinstance(node, exp.Alias) and isinstance(node.this, exp.Anonymous) and node.this.name == "window":
        return node.alias
    return text(node)


def _count(node: exp.Expression, text: Text) -> str:
    arguments = [node.this, *node.expressions]
    return f"count({', '.join('1' if isinstance(a, exp.Star) else text(a) for a in arguments)})"


def _filtered(node: exp.Expression, text: Text) -> str:
    return f"{text(node.this)} FILTER (WHERE {text(node.expression.this)})"


def _ignoring_nulls(node: exp.Expression, text: Text) -> str:
    shown = text(node.this)
    if WRITTEN_AS in node.meta:
        return shown
    # The clause makes a new call, which the name by which it was written does not reach.
    for word in ("first", "last"):
        shown = shown.replace(f"{word}_value(", f"{word}(", 1) if shown.startswith(word) else shown
    return shown


def _trim(node: exp.Expression, text: Text) -> str:
    value, characters = text(node.this), node.args.get("expression")
    side = str(node.args.get("position") or "BOTH").upper()
    if characters is None:
        word = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "trim")
        return f"{word}({value})"
    return f"TRIM({side} {text(characters)} FROM {value})"


def _struct(node: exp.Expression, text: Text) -> str:
    return f"struct({', '.join(_struct_field(field, text) for field in node.expressions)})"


def _struct_field(field: exp.Expression, text: Text) -> str:
    if not isinstance(field, exp.PropertyEQ):
        return text(field)
    value = text(field.expression)
    return value if value == field.this.name else f"{value} AS {field.this.name}"


def _tuple(node: exp.Expression, text: Text) -> str:
    """`(a, 1)` is a struct whose fields are named after columns, or by their place."""
    parts = []
    for at, field in enumerate(node.expressions, 1):
        is_column = isinstance(field, exp.Column)
        parts += [text(field).rpartition(".")[2] if is_column else f"col{at}", text(field)]
    return f"named_struct({', '.join(parts)})"


def _lambda(node: exp.Expression, text: Text) -> str:
    inside = text.inside_lambda(parameter.name for parameter in node.expressions)
    return f"lambdafunction({inside(node.this)}, {inside.of_all(node.expressions)})"
