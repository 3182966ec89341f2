"""Columns and names, as users give them, to the expressions that analysis takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ArgumentTypeError

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def expression_of(value: Any) -> exp.Expression:
    """The expression of a Column, or the reference that a name stands for."""
    if isinstance(value, str):
        return dotted(value)
    # A Column may stand in several expressions; sqlglot's nodes know one parent only.
    return named_after_cast(column_of(value, "column").expression.copy())


def column_of(value: Any, what: str) -> Column:
    """The value as a Column; an error that names the argument when it is none."""
    from streamcore.sql.column import Column

    if not isinstance(value, Column):
        raise ArgumentTypeError(
            f"[NOT_EXPECTED_TYPE] Argument `{what}` should be Column or str, got {type(value).__name__}."
        )
    return value


def dotted(text: str) -> exp.Expression:
    """A reference such as `a`, `t.a`, `struct.field`, `*`, `t.*`; backticks keep dots inside a name."""
    parts = _parts(text)
    if parts == ["*"]:
        return exp.Star()
    last: exp.Expression = exp.Star() if parts[-1] == "*" else exp.to_identifier(parts[-1], quoted=True)
    outer = [exp.to_identifier(part, quoted=True) for part in parts[:-1]]
    if len(outer) > 3:
        head: exp.Expression = exp.Column(
            **dict(zip(("this", "table", "db", "catalog"), reversed(outer[:4]), strict=False))
        )
        for field in [*outer[4:], last]:
            head = exp.Dot(this=head, expression=field)
        return head
    return exp.Column(this=last, **dict(zip(("table", "db", "catalog"), reversed(outer), strict=False)))


def named_after_cast(expression: exp.Expression) -> exp.Expression:
    """However often a plain column is cast, as a Column or in `expr`, it keeps its name."""
    inner = expression
    while isinstance(inner, (exp.Cast, exp.TryCast)):
        inner = inner.this
    if inner is expression or not isinstance(inner, exp.Column) or len(inner.parts) > 1:
        return expression
    from streamcore.plan.naming import output_name

    return exp.Alias(this=expression, alias=exp.to_identifier(output_name(inner), quoted=True))


def _parts(text: str) -> list[str]:
    """The parts of a dotted name.

    >>> _parts("t.`a.b`.c")
    ['t', 'a.b', 'c']
    """
    parts, current, at = [], "", 0
    while at < len(text):
        if text[at] == "`":
            end = _closing(text, at)
            current += text[at + 1 : end].replace("``", "`")
            at = end + 1
        elif text[at] == ".":
            parts.append(current)
            current, at = "", at + 1
        else:
            current += text[at]
            at += 1
    return [*parts, current]


def _closing(text: str, at: int) -> int:
    end = text.find("`", at + 1)
    while end != -1 and text[end : end + 2] == "``":
        end = text.find("`", end + 2)
    if end == -1:
        raise AnalysisException(
            f"[INVALID_ATTRIBUTE_NAME_SYNTAX] Syntax error in the attribute name: {text}. Check that "
            "backticks appear "
            "in pairs. SQLSTATE: 42601"
        )
    return end
