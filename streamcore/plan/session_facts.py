"""What a query may ask of its session (`current_user()`), known when the call is resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlglot import exp

NAMES: Final = {
    "current_user": "user", "session_user": "user", "user": "user", "current_database": "database",
    "current_schema": "database", "current_catalog": "catalog", "version": "version",
}  # fmt: skip
"""Functions without arguments -> the fact that they give."""

_META: Final = "session_fact"


def noted(call: exp.Expression, name: str, fact: Callable[[str], str] | None) -> exp.Expression:
    """The call, which bears what the function gives in the session that `fact` asks."""
    asked = NAMES.get(name)
    if asked is not None and fact is not None and not call.expressions:
        call.meta[_META] = fact(asked)
    return call


def fact_of(call: exp.Expression) -> str:
    """What a call gives; nothing of one that was never resolved in a session."""
    return str(call.meta_get(_META, ""))
