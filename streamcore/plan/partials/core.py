"""What it is to take an aggregate apart, and the registry of the rules that do it.

    rows --partials--> state columns --merges--> state columns --final--> the aggregate's value

For every way to split the rows into parts, merging the parts' partial results and then taking `final`
gives the aggregate over all rows (floating point rounding aside).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from streamcore.plan import expressions
from streamcore.plan.attributes import Attribute, NamedExpression, Scope, attribute, reference, scope_of
from streamcore.plan.expressions import call
from streamcore.plan.typing import infer
from streamcore.spi.types import DataType


@dataclass(frozen=True)
class SplitAggregate:
    """One aggregate call, taken apart.

    Parameters
    ----------
    partials
        Aggregate expressions over the input; each defines one state column.
    merges
        Aggregate expressions over state columns, in the order of `partials`; each defines the state
        column of the same attribute again, so the output of a merge can be merged.
    final
        The aggregate's value: an expression (no aggregate) over the state columns of one group.
    """

    partials: tuple[NamedExpression, ...]
    merges: tuple[NamedExpression, ...]
    final: exp.Expression

    @property
    def state(self) -> tuple[Attribute, ...]:
        """The state columns."""
        return tuple(partial.attribute for partial in self.partials)


Wrap = Callable[[exp.Expression], exp.Expression]


@dataclass(frozen=True)
class Parts:
    """What a rule sees of a call: `bare` is the call without what `rewrap` puts around it (its FILTER)."""

    name: str
    bare: exp.Expression
    arguments: list[exp.Expression]
    rewrap: Wrap
    scope: Scope
    type: DataType
    ignores_nulls: bool = False

    def partial(self, label: str, expression: exp.Expression) -> NamedExpression:
        """A partial result with the call's FILTER around every aggregate in it."""
        data_type, nullable = infer(expression, self.scope)
        return NamedExpression(expression, attribute(f"{self.name}~{label}", data_type, nullable))

    def folded(self, name: str, *arguments: exp.Expression) -> exp.Expression:
        """An aggregate call over the input, under the call's FILTER."""
        return self.rewrap(call(name, *(argument.copy() for argument in arguments)))

    def whole(self) -> exp.Expression:
        """The call itself, under its FILTER."""
        return self.rewrap(self.bare.copy())

    def type_of(self, expression: exp.Expression) -> DataType:
        """The data type of an expression over the input."""
        return infer(expression, self.scope)[0]


Rule = Callable[[Parts], SplitAggregate]

_RULES: dict[str, Rule] = {}


def partial_rule(*names: str) -> Callable[[Rule], Rule]:
    """Register how the aggregates of these names are taken apart."""

    def register(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return register


def rule_of(name: str) -> Rule | None:
    """The registered rule of an aggregate."""
    return _RULES.get(name)


def merged(state: Attribute, expression: exp.Expression, scope: Scope) -> NamedExpression:
    """The merge that defines `state` again, cast to its type where the aggregate widens it."""
    if infer(expression, scope)[0] != state.data_type:
        expression = exp.Cast(this=expression, to=expressions.type_node(state.data_type))
    return NamedExpression(expression, state)


def of_one(
    partial: NamedExpression, merge: exp.Expression, final: exp.Expression | None = None
) -> SplitAggregate:
    """An aggregate with one state column; without `final` that is its value."""
    scope = scope_of([partial.attribute])
    finished = reference(partial.attribute) if final is None else final
    return SplitAggregate((partial,), (merged(partial.attribute, merge, scope),), finished)


def summed(*partials: NamedExpression) -> tuple[NamedExpression, ...]:
    """The merges of states that are sums."""
    scope = scope_of([partial.attribute for partial in partials])
    return tuple(merged(p.attribute, call("sum", reference(p.attribute)), scope) for p in partials)


def all_elements(state: Attribute) -> exp.Expression:
    """The elements of the arrays of all rows that are merged, older rows first."""
    return call("flatten", call("collect_list", reference(state)))


def over(template: exp.Expression, state: Attribute) -> exp.Expression:
    """The template with its column `s` (and fields `s.x`) read from `state`."""

    def rule(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.table == "s":
            return exp.Dot(this=reference(state), expression=exp.to_identifier(node.name, quoted=True))
        if isinstance(node, exp.Column) and not node.table and node.name == "s":
            return reference(state)
        return node

    found: exp.Expression = template.transform(rule)
    return found


def type_node(text: str) -> exp.DataType:
    """The parser's node of a type in Spark's words."""
    return exp.DataType.build(text, dialect="spark")
