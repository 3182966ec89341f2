"""Python values as literal expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp


def literal_expression(value: Any) -> exp.Expression:
    """The expression that `functions.lit(value)` makes."""
    from streamcore.sql.functions import lit

    expression: exp.Expression = lit(value).expression
    return expression
