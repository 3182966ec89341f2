"""The name that Spark gives to a column which the user did not name, such as `(a + 1)` or `count(1)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from streamcore.plan.attributes import referenced_id
from streamcore.plan.expressions import parse_expression
from streamcore.plan.function_specs import FunctionSpec, spec_of
from streamcore.plan.grammar import WRITTEN_AS
from streamcore.plan.python_functions import called, keywords_of
from streamcore.plan.resolution import name_parts, written_name
from streamcore.plan.translation import families as _families
from streamcore.plan.translation.core import as_call

_families.load()

_OPERATORS: dict[type[exp.Expression], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.IntDiv: "div",
    exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.NullSafeEQ: "<=>",
    exp.And: "AND", exp.Or: "OR",
    exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^",
}  # fmt: skip


def output_name(expression: exp.Expression, resolved: exp.Expression | None = None) -> str:
    """The output column's name: the alias, the last part of a plain reference, or the expression's text.

    A cast of a column keeps the column's name; with `resolved` that is also seen where a qualifier, and no
    struct, stands before the name.
    """
    if isinstance(expression, exp.Alias):
        return expression.alias
    if isinstance(expression, exp.Column) and not isinstance(expression.this, exp.Star):
        return expression_text(expression) if referenced_id(expression) else name_parts(expression)[-1]
    if isinstance(expression, exp.Anonymous) and expression.name.lower() in ("window", "session_window"):
        return expression.name.lower()
    if isinstance(expression, (exp.Cast, exp.TryCast)) and _is_column(expression, resolved):
        return output_name(expression.this)
    if resolved is not None and expression.find(exp.Bracket) is not None:
        # Only the type of what stands before the bracket tells a field from an item.
        return expression_text(resolved)
    return expression_text(expression)


def _is_column(cast: exp.Expression, resolved: exp.Expression | None) -> bool:
    inner = cast.this
    if not isinstance(inner, exp.Column):
        return False
    if resolved is not None and isinstance(resolved, (exp.Cast, exp.TryCast)):
        return referenced_id(resolved.this) is not None
    return referenced_id(inner) is not None or len(name_parts(inner)) == 1


def expression_text(node: exp.Expression) -> str:
    """The expression as Spark's column names show it."""
    operator = _OPERATORS.get(type(node))
    if operator is not None:
        text = f"{expression_text(node.this)} {operator} {expression_text(node.expression)}"
        return text if isinstance(node.expression, exp.Interval) else f"({text})"
    special = _SPECIAL.get(type(node))
    return special(node) if special is not None else _function(node)


def _column(node: exp.Expression) -> str:
    assert isinstance(node, exp.Column)
    if isinstance(node.this, exp.Star):
        return "1"
    if referenced_id(node) is not None:
        return written_name(node)
    return ".".join(name_parts(node))


def _literal(node: exp.Expression) -> str:
    text = str(node.this)
    if node.args.get("is_string"):
        return text
    return _java_double(float(text)) if "e" in text.lower() else text


def _java_double(value: float) -> str:
    """A double as Java writes it.

    >>> _java_double(1e10), _java_double(1.5e-9), _java_double(20.0)
    ('1.0E10', '1.5E-9', '20.0')
    """
    if 1e-3 <= value < 1e7 or value == 0:
        return str(value)
    shortest = next(f"{value:.{n}e}" for n in range(1, 18) if float(f"{value:.{n}e}") == value)
    digits, _, exponent = shortest.partition("e")
    return f"{digits}E{int(exponent)}"


def _cast(node: exp.Expression) -> str:
    kind = node.args["to"].sql(dialect="spark").upper()
    inner = node.this
    if kind in ("DATE", "TIMESTAMP") and isinstance(inner, exp.Literal) and inner.is_string:
        return f"{kind} '{inner.name.removesuffix('+00:00')}'"
    word = "TRY_CAST" if type(node) is exp.TryCast and node.args.get("requires_string") else "CAST"
    return f"{word}({expression_text(inner)} AS {kind})"


def _negation(node: exp.Expression) -> str:
    if isinstance(node.this, exp.Literal) and not node.this.is_string:
        return f"-{_literal(node.this)}"
    return f"(- {expression_text(node.this)})"


def _not(node: exp.Expression) -> str:
    inner = node.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"({expression_text(inner.this)} IS NOT NULL)"
    return f"(NOT {expression_text(inner)})"


def _not_equal(node: exp.Expression) -> str:
    return f"(NOT ({expression_text(node.this)} = {expression_text(node.expression)}))"


def _is(node: exp.Expression) -> str:
    return f"({expression_text(node.this)} IS {expression_text(node.expression)})"


def _in(node: exp.Expression) -> str:
    return f"({expression_text(node.this)} IN ({_list(node.expressions)}))"


def _between(node: exp.Expression) -> str:
    value, low, high = (expression_text(node.args[key]) for key in ("this", "low", "high"))
    return f"between({value}, {low}, {high})"


def _like(node: exp.Expression) -> str:
    return f"{expression_text(node.this)} LIKE {expression_text(node.expression)}"


def _ilike(node: exp.Expression) -> str:
    return f"ilike({expression_text(node.this)}, {expression_text(node.expression)})"


def _escaped(node: exp.Expression) -> str:
    character = node.expression.name
    if isinstance(node.this, exp.ILike):
        return f"ilike({_list([node.this.this, node.this.expression])}, {character})"
    return f"{expression_text(node.this)} ESCAPE '{character}'"


def _trim(node: exp.Expression) -> str:
    value, characters = expression_text(node.this), node.args.get("expression")
    side = str(node.args.get("position") or "BOTH").upper()
    if characters is None:
        word = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "trim")
        return f"{word}({value})"
    return f"TRIM({side} {expression_text(characters)} FROM {value})"


def _case(node: exp.Expression) -> str:
    operand = node.args.get("this")
    parts = []
    for branch in node.args["ifs"]:
        condition = expression_text(branch.this)
        if operand is not None:
            condition = f"({expression_text(operand)} = {condition})"
        parts.append(f"WHEN {condition} THEN {expression_text(branch.args['true'])}")
    default = node.args.get("default")
    if default is not None:
        parts.append(f"ELSE {expression_text(default)}")
    return f"CASE {' '.join(parts)} END"


def _bracket(node: exp.Expression) -> str:
    return f"{expression_text(node.this)}[{_list(node.expressions)}]"


def _dot(node: exp.Expression) -> str:
    field = node.args["expression"]
    name = field.name if isinstance(field, exp.Identifier) else expression_text(field)
    return f"{expression_text(node.this)}.{name}"


def _alias(node: exp.Expression) -> str:
    return f"{expression_text(node.this)} AS {node.alias}"


def _count(node: exp.Expression) -> str:
    return f"count({'1' if isinstance(node.this, exp.Star) else expression_text(node.this)})"


def _distinct(node: exp.Expression) -> str:
    return f"DISTINCT {_list(node.expressions)}"


def _filtered(node: exp.Expression) -> str:
    return f"{expression_text(node.this)} FILTER (WHERE {expression_text(node.expression.this)})"


def _paren(node: exp.Expression) -> str:
    return expression_text(node.this)


def _struct(node: exp.Expression) -> str:
    return f"struct({', '.join(_struct_field(field) for field in node.expressions)})"


def _struct_field(field: exp.Expression) -> str:
    if not isinstance(field, exp.PropertyEQ):
        return expression_text(field)
    value = expression_text(field.expression)
    return value if value == field.this.name else f"{value} AS {field.this.name}"


def _interval(node: exp.Expression) -> str:
    unit = node.args["unit"].sql(dialect="spark").upper().removesuffix("S") if node.args.get("unit") else ""
    return f"INTERVAL '{node.this.name}' {unit}".rstrip()


def _window(node: exp.Expression) -> str:
    terms = []
    partition = node.args.get("partition_by")
    if partition:
        terms.append(f"PARTITION BY {_list(partition)}")
    order = node.args.get("order")
    if order is not None:
        terms.append(f"ORDER BY {_list(order.expressions)}")
    spec = node.args.get("spec")
    if isinstance(node.this, (exp.Lag, exp.Lead)):
        offset = expression_text(node.this.args["offset"]) if node.this.args.get("offset") else "1"
        bound = f"{'-' if isinstance(node.this, exp.Lag) else ''}{offset} FOLLOWING"
        terms.append(f"ROWS BETWEEN {bound} AND {bound}")
    elif spec is not None:
        terms.append(_frame(spec))
    elif order is not None:
        kind = (
            "ROWS"
            if isinstance(node.this, (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.Ntile))
            else "RANGE"
        )
        terms.append(f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW")
    else:
        terms.append("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    nulls = (
        " ignore nulls"
        if isinstance(node.this, exp.IgnoreNulls) and isinstance(node.this.this, exp.NthValue)
        else ""
    )
    return f"{expression_text(node.this)}{nulls} OVER ({' '.join(terms)})"


def _frame(spec: exp.Expression) -> str:
    bounds = []
    for end in ("start", "end"):
        value = spec.args.get(end)
        value = value if isinstance(value, str) else "" if value is None else expression_text(value)
        bounds.append(f"{value} {spec.args.get(f'{end}_side') or ''}".strip())
    return f"{spec.args.get('kind')} BETWEEN {bounds[0]} AND {bounds[1]}"


def _ordered(node: exp.Expression) -> str:
    direction = "DESC" if node.args.get("desc") else "ASC"
    nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
    return f"{expression_text(node.this)} {direction} NULLS {nulls}"


def _lambda(node: exp.Expression) -> str:
    body = expression_text(node.this)
    for parameter in node.expressions:
        body = re.sub(rf"\b{re.escape(parameter.name)}\b", "namedlambdavariable()", body)
    return f"lambdafunction({body}, {', '.join('namedlambdavariable()' for _ in node.expressions)})"


def _function(node: exp.Expression) -> str:
    if called(node) is not None:
        return _python(node)
    operator = node.meta.get(WRITTEN_AS)
    if operator is not None:
        return f"({f' {operator} '.join(map(expression_text, node.expressions))})"
    name, arguments = as_call(node)
    shown = [_argument(argument) for argument in arguments]
    spec = spec_of(name)
    if spec is None:
        return f"{name}({', '.join(shown)})"
    return spec.text([*shown, *_defaults(spec, len(shown))])


def _defaults(spec: FunctionSpec, given: int) -> Iterator[str]:
    """The arguments that Spark shows although they were left out."""
    return (expression_text(parse_expression(default)) for default in spec.defaults(given))


def _python(node: exp.Expression) -> str:
    shown = [
        expression_text(argument) if keyword is None else f"{keyword} => {expression_text(argument)}"
        for argument, keyword in zip(node.expressions, keywords_of(node), strict=True)
    ]
    return f"{node.name}({', '.join(shown)})"


def _argument(node: exp.Expression) -> str:
    """An argument's text; a window of time that was named goes by its name."""
    if isinstance(node, exp.Alias) and isinstance(node.this, exp.Anonymous) and node.this.name == "window":
        return node.alias
    return expression_text(node)


def _list(nodes: list[exp.Expression]) -> str:
    return ", ".join(expression_text(node) for node in nodes)


_SPECIAL: dict[type[exp.Expression], Callable[[exp.Expression], str]] = {
    exp.Column: _column,
    exp.Identifier: lambda node: str(node.name),
    exp.Var: lambda node: str(node.this),
    exp.Literal: _literal,
    exp.Boolean: lambda node: "true" if node.this else "false",
    exp.Null: lambda _: "NULL",
    exp.Star: lambda _: "1",
    exp.Paren: _paren,
    exp.Alias: _alias,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.BitwiseNot: lambda node: f"~{expression_text(node.this)}",
    exp.Neg: _negation,
    exp.Not: _not,
    exp.NEQ: _not_equal,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Trim: _trim,
    exp.ILike: _ilike,
    exp.Escape: _escaped,
    exp.Case: _case,
    exp.Bracket: _bracket,
    exp.Dot: _dot,
    exp.Count: _count,
    exp.Distinct: _distinct,
    exp.Filter: _filtered,
    exp.IgnoreNulls: _paren,
    exp.RespectNulls: _paren,
    exp.Struct: _struct,
    exp.Kwarg: lambda node: f"{node.name} => {expression_text(node.expression)}",
    exp.Interval: _interval,
    exp.Window: _window,
    exp.Ordered: _ordered,
    exp.Lambda: _lambda,
    exp.Subquery: lambda _: "scalarsubquery()",
    exp.Exists: lambda node: "exists()" if isinstance(node.this, exp.Query) else _function(node),
}
