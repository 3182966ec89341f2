"""The name that Spark gives to a column which the user did not name, such as `(a + 1)` or `count(1)`."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from streamcore.plan.attributes import Scope, referenced_id
from streamcore.plan.naming import calls, clauses, literals, operators, windows
from streamcore.plan.naming.text import Text
from streamcore.plan.resolution import name_parts
from streamcore.plan.translation import families as _families

__all__ = ["expression_text", "output_name"]

_families.load()
for _family in (literals, operators, calls, clauses, windows):
    _family.register()


def output_name(
    expression: exp.Expression,
    resolved: exp.Expression | None = None,
    scope: Scope | None = None,
    fact: Callable[[str], str] | None = None,
) -> str:
    """The output column's name: the alias, the last part of a plain reference, or the expression's text.

    A cast of a column keeps the column's name.  With `resolved` it is known which names are columns and
    which are fields; with `scope`, the columns in reach, the types by which some operators are shown; with
    `fact`, what may be asked of the session, the zone in which times are shown.
    """
    if isinstance(expression, exp.Alias):
        return expression.alias
    if isinstance(expression, exp.Column) and not isinstance(expression.this, exp.Star):
        return expression_text(expression) if referenced_id(expression) else name_parts(expression)[-1]
    if isinstance(expression, exp.Anonymous) and expression.name.lower() in clauses.WINDOWS:
        return expression.name.lower()
    if isinstance(expression, (exp.Cast, exp.TryCast)) and _is_column(expression, resolved):
        return output_name(expression.this)
    return Text(scope, fact)(expression if resolved is None else resolved)


def expression_text(node: exp.Expression, scope: Scope | None = None) -> str:
    """The expression as Spark's column names show it."""
    return Text(scope, is_written=True)(node)


def _is_column(cast: exp.Expression, resolved: exp.Expression | None) -> bool:
    inner = cast.this
    if not isinstance(inner, exp.Column):
        return False
    if resolved is not None and isinstance(resolved, (exp.Cast, exp.TryCast)):
        return referenced_id(resolved.this) is not None
    return referenced_id(inner) is not None or len(name_parts(inner)) == 1
