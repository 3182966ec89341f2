"""Rules that follow from frequent itemsets: who has these items has that one too."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Items = tuple[Any, ...]


@dataclass(frozen=True)
class Rule:
    """Rows with the antecedent have the consequent too: `confidence` of them, which are `support` of all.

    `lift` compares the confidence with how frequent the consequent is anyway; None where that is not known.
    """

    antecedent: Items
    consequent: Hashable
    confidence: float
    lift: float | None
    support: float


def association_rules(itemsets: Iterable[tuple[Items, int]], rows: int, minConfidence: float) -> list[Rule]:
    """The rules with one item as consequent; `rows` is how many rows the itemsets were counted in.

    >>> rules = association_rules([(("a",), 2), (("b",), 2), (("a", "b"), 1)], 4, 0.5)
    >>> [(rule.antecedent, rule.consequent, rule.confidence, rule.lift) for rule in rules]
    [(('b',), 'a', 0.5, 1.0), (('a',), 'b', 0.5, 1.0)]
    """
    found = {frozenset(items): (items, freq) for items, freq in itemsets}
    rules = []
    for items, freq in found.values():
        for consequent in items if len(items) > 1 else ():
            rest = frozenset(items) - {consequent}
            if rest in found and freq / found[rest][1] >= minConfidence:
                antecedent = tuple(item for item in items if item != consequent)
                rules.append(_rule(antecedent, consequent, freq, found, rows))
    return rules


def _rule(
    antecedent: Items,
    consequent: Hashable,
    freq: int,
    found: Mapping[frozenset[Any], tuple[Items, int]],
    rows: int,
) -> Rule:
    confidence = freq / found[frozenset(antecedent)][1]
    alone = found.get(frozenset({consequent}))
    lift = None if alone is None or not rows else confidence / (alone[1] / rows)
    return Rule(antecedent, consequent, confidence, lift, freq / rows if rows else 0.0)


@dataclass(frozen=True)
class Consequents:
    """What rules say of a row: the consequents that it does not have, of the antecedents that it has."""

    rules: tuple[Rule, ...]

    @cached_property
    def _by_first(self) -> dict[Hashable, list[Rule]]:
        found: dict[Hashable, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.antecedent[0], []).append(rule)
        return found

    def of(self, items: Sequence[Hashable] | None) -> list[Any]:
        """The consequents for a row, none twice; a row without items has none."""
        own = set(items or ())
        found = {
            rule.consequent: None
            for item in items or ()
            for rule in self._by_first.get(item, ())
            if rule.consequent not in own and own.issuperset(rule.antecedent)
        }
        return list(found)
