"""The type and nullability of resolved expressions, by Spark's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.plan.translation import families as _families
from streamcore.plan.translation.coercion import common_type, compared_type
from streamcore.plan.translation.core import TranslationContext, Translator

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.attributes import Scope
    from streamcore.spi.types import DataType

__all__ = ["common_type", "compared_type", "infer"]

_families.load()
_ANY_CONTEXT = TranslationContext()


def infer(expression: exp.Expression, scope: Scope) -> tuple[DataType, bool]:
    """The data type of a resolved expression, and whether it may be null.

    Raises AnalysisException for types that do not fit and UnsupportedOperationException for functions
    that are not offered.

    >>> from streamcore.plan.expressions import parse_expression
    >>> infer(parse_expression("1 / 2"), {})
    (DoubleType(), False)
    """
    compiled = Translator(scope, _ANY_CONTEXT).compile(expression)
    return compiled.type, compiled.nullable
