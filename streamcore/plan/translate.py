"""Resolved expressions as DuckDB SQL text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.plan.translation import families as _families
from streamcore.plan.translation.core import TranslationContext, Translator
from streamcore.plan.translation.sort_keys import sort_key

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.attributes import Scope

__all__ = ["TranslationContext", "to_duckdb", "to_sort_key"]

_families.load()


def to_duckdb(expression: exp.Expression, scope: Scope, context: TranslationContext) -> str:
    """DuckDB SQL with Spark's meaning (ANSI mode) for a resolved expression.

    The text depends on nothing but the arguments.  Errors that the rows cause (overflow, a failed cast)
    surface when the text runs; `streamcore.duck.errors.translate_error` gives them Spark's conditions.

    Raises AnalysisException for types that do not fit and UnsupportedOperationException for functions
    that are not offered.

    >>> from sqlglot import exp
    >>> to_duckdb(exp.Boolean(this=True), {}, TranslationContext())
    'true'
    """
    return Translator(scope, context).compile(expression).sql


def to_sort_key(expression: exp.Expression, scope: Scope, context: TranslationContext) -> str:
    """DuckDB SQL of what ORDER BY names so that rows are sorted by the expression as Spark sorts them."""
    return sort_key(Translator(scope, context).compile(expression))
