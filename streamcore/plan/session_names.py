"""What names in a query may mean besides columns and built-in functions: what its session has by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from sqlglot import exp

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.resolution import Names
    from streamcore.plan.sql_tables import QueryScope

_SHOWN: Final = "shown"


class SessionNames(Protocol):
    """The variables of a session, and the functions that are kept as SQL text."""

    def variable(self, parts: Sequence[str], names: Names) -> exp.Expression | None:
        """The value of a variable, or a field of it; None when there is none of this name."""

    def function(self, parts: Sequence[str], call: exp.Anonymous, names: Names) -> exp.Expression | None:
        """The resolved expression that a call stands for; None when there is no such function."""

    def table_function(
        self, parts: Sequence[str], call: exp.Anonymous, scope: QueryScope
    ) -> LogicalPlan | None:
        """The plan that a call in FROM stands for; None when there is no such function."""


def shown_as(node: exp.Expression, text: str) -> exp.Expression:
    """The expression, which names of columns show by this text."""
    node.meta[_SHOWN] = text
    return node


def shown_text(node: exp.Expression) -> str | None:
    """The text that an expression was given by `shown_as`."""
    found: str | None = node.meta_get(_SHOWN)
    return found


def call_parts(node: exp.Expression) -> list[str] | None:
    """The parts of a call's name, `db.f(x)` among them; None for what is no call."""
    if isinstance(node, exp.Anonymous):
        return [node.name]
    if not isinstance(node, exp.Dot) or not isinstance(node.expression, exp.Anonymous):
        return None
    before: exp.Expression = node.this
    parts = [node.expression.name]
    while isinstance(before, exp.Dot):
        parts.append(before.expression.name)
        before = before.this
    if isinstance(before, exp.Column):
        return [*(part.name for part in before.parts), *reversed(parts)]
    return [before.name, *reversed(parts)] if isinstance(before, exp.Identifier) else None
