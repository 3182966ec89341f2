"""How an expression becomes the text that names its column: one rule for every class of nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlglot import exp

from streamcore.errors import StreamcoreError
from streamcore.plan.attributes import Scope
from streamcore.plan.session_names import shown_text
from streamcore.plan.typing import infer
from streamcore.spi.types import DataType

VARIABLE = "namedlambdavariable()"
"""How every parameter of a lambda is shown."""


@dataclass(frozen=True)
class Text:
    """Shows expressions; over a scope types are known, and `variables` are the parameters of lambdas.

    Where `is_written` the text is not a name but what the user wrote, whose names may stand for nothing yet.
    """

    scope: Scope | None = None
    fact: Callable[[str], str] | None = None
    variables: frozenset[str] = frozenset()
    is_written: bool = False

    def __call__(self, node: exp.Expression) -> str:
        """The text of one expression."""
        given = shown_text(node)
        return _RULES.get(type(node), _RULES[exp.Func])(node, self) if given is None else given

    def of_all(self, nodes: Iterable[exp.Expression]) -> str:
        """The texts of several expressions, parted by commas."""
        return ", ".join(self(node) for node in nodes)

    def inside_lambda(self, parameters: Iterable[str]) -> Text:
        """The same for the body of a lambda."""
        return replace(self, variables=self.variables.union(parameters))

    @property
    def time_zone(self) -> str | None:
        """The session's zone; None where no session is known."""
        return None if self.fact is None else self.fact("time_zone")

    def type_of(self, node: exp.Expression) -> DataType | None:
        """The type of an expression; None where it is not known (unresolved names, a lambda's variable)."""
        if self.scope is None:
            return None
        try:
            return infer(node, self.scope)[0]
        except StreamcoreError:
            return None


Rule: TypeAlias = "Callable[[exp.Expression, Text], str]"
_RULES: dict[type[exp.Expr], Rule] = {}


def shown_by(rule: Rule, *classes: type[exp.Expr]) -> None:
    """Register how nodes of these classes are shown; the rule of `exp.Func` is for those that have none."""
    for class_ in classes:
        _RULES[class_] = rule
