"""Formulas of R: which terms there are, and which columns each is made of. Nothing in a formula is ever run.

formulaic reads the text; what is admitted of it are names, the numbers 0 and 1, and the operators
`~ . : * ^ + -`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.needs import needed

DOT = "."
"""All columns but the label."""

Term: TypeAlias = "tuple[str, ...]"
"""The columns (or DOT) whose product a term is."""


@dataclass(frozen=True)
class Step:
    """One part of a formula: a term is added or taken away; without a column it is the intercept."""

    term: Term
    adds: bool = True


@dataclass(frozen=True)
class Formula:
    """A formula as it is written: what is to be explained ("" for nothing), and the steps to the terms."""

    label: str
    steps: tuple[Step, ...]

    @property
    def hasIntercept(self) -> bool:
        """Whether there is an intercept: there is, unless the last step that tells of it takes it away."""
        told = [step.adds for step in self.steps if not step.term]
        return told[-1] if told else True

    def terms(self, columns: Sequence[str]) -> list[Term]:
        """The terms over a dataset with these columns, each once, in their order.

        >>> parsed("y ~ . + a:b - c").terms(["y", "a", "b", "c"])
        [('a',), ('b',), ('a', 'b')]
        """
        others = [column for column in columns if column != self.label]
        terms: list[Term] = []
        for step in self.steps:
            meant = _expanded(step.term, others)
            if step.adds:
                known = {frozenset(term) for term in terms}
                terms += [term for term in meant if frozenset(term) not in known]
            else:
                gone = {frozenset(term) for term in meant}
                terms = [term for term in terms if frozenset(term) not in gone]
        return terms


def _expanded(term: Term, others: Sequence[str]) -> list[Term]:
    """The terms that one with DOT stands for, each once, those of fewer columns first."""
    if not term:
        return []
    spread: list[Term] = [()]
    for part in term:
        names = others if part == DOT else [part]
        spread = _each_once((*known, name) for known in spread for name in names)
    return sorted(spread, key=len)


def _each_once(terms: Iterable[Term]) -> list[Term]:
    """The terms of different columns, each column once."""
    distinct: dict[frozenset[str], Term] = {}
    for term in terms:
        distinct.setdefault(frozenset(term), tuple(dict.fromkeys(term)))
    return list(distinct.values())


def parsed(text: str) -> Formula:
    """The formula of a text; IllegalArgumentException for one that has more in it than is admitted.

    >>> parsed("y ~ a + b - 1").hasIntercept
    False
    >>> parsed("y ~ open('secrets')")
    Traceback (most recent call last):
    ...
    streamcore.errors.IllegalArgumentException: Could not parse formula: y ~ open('secrets')
    """
    try:
        tree = _tree(text)
        if not _is(tree, "~") or not 1 <= len(tree.args) <= 2:
            raise _NotAdmittedError
        label = _name(tree.args[0]) if len(tree.args) == 2 else ""
        return Formula(label, tuple(_steps(tree.args[-1])))
    except _NotAdmittedError as error:
        raise IllegalArgumentException(f"Could not parse formula: {text}") from error


class _NotAdmittedError(Exception):
    """There is something in a formula that is not admitted."""


_NAME = re.compile(r"([a-zA-Z]|\.[a-zA-Z_])[a-zA-Z0-9._]*")
_POWER = re.compile(r"[1-9][0-9]*")
_MOST_DOTS = 4


def _tree(text: str) -> Any:
    """The tree of operators that formulaic reads; its leaves are tokens. No token is evaluated."""
    kinds = needed("formulaic.parser.types", "RFormula").Token.Kind
    errors = needed("formulaic.errors", "RFormula")
    if "`" in text:
        raise _NotAdmittedError
    try:
        tokens = list(needed("formulaic.parser.algos.tokenize", "RFormula").tokenize(text))
        if any(token.kind is kinds.PYTHON for token in tokens):
            raise _NotAdmittedError
        resolver = needed("formulaic.parser", "RFormula").DefaultFormulaParser().operator_resolver
        return needed("formulaic.parser.algos.tokens_to_ast", "RFormula").tokens_to_ast(tokens, resolver)
    except errors.FormulaSyntaxError as error:
        raise _NotAdmittedError from error


def _is(node: Any, operator: str) -> bool:
    return str(getattr(getattr(node, "operator", None), "symbol", None)) == operator


def _name(node: Any) -> str:
    name = str(getattr(node, "token", ""))
    if not _NAME.fullmatch(name):
        raise _NotAdmittedError
    return name


def _steps(node: Any) -> list[Step]:
    if hasattr(node, "token"):
        return [_leaf(node)]
    operator = _OPERATORS.get(str(getattr(getattr(node, "operator", None), "symbol", None)))
    if operator is None or len(node.args) != 2:
        raise _NotAdmittedError
    return operator(*node.args)


def _leaf(token: Any) -> Step:
    if token.token in ("0", "1"):
        return Step((), adds=token.token == "1")  # noqa: S105 - no password
    return Step((DOT if token.token == DOT else _name(token),))


def _sum(left: Any, right: Any) -> list[Step]:
    return _steps(left) + _steps(right)


def _difference(left: Any, right: Any) -> list[Step]:
    return _steps(left) + [Step(step.term, adds=not step.adds) for step in _steps(right)]


def _products(left: Iterable[Step], right: Iterable[Step]) -> list[Step]:
    """Every term of the one with every term of the other; what concerns the intercept falls out."""
    others = [step for step in right if step.term]
    return [Step(one.term + other.term) for one in left if one.term for other in others]


def _interaction(left: Any, right: Any) -> list[Step]:
    return _products(_steps(left), _steps(right))


def _cross(left: Any, right: Any) -> list[Step]:
    return _sum(left, right) + _interaction(left, right)


def _power(base: Any, exponent: Any) -> list[Step]:
    if not _POWER.fullmatch(str(getattr(exponent, "token", ""))):
        raise _NotAdmittedError
    steps = _steps(base)
    found = {_key(step.term): step for step in steps}
    latest: Sequence[Step] = steps
    for _ in range(1, int(exponent.token)):
        latest = [step for step in _products(latest, steps) if _key(step.term) not in found]
        if not latest:
            break
        for step in latest:
            found.setdefault(_key(step.term), step)
    return [*found.values()]


def _key(term: Term) -> tuple[frozenset[str], int]:
    """What tells terms apart: their columns, and how often there is DOT, each time for another column."""
    dots = term.count(DOT)
    if dots > _MOST_DOTS:
        raise IllegalArgumentException(f"A formula multiplies `.` with itself at most {_MOST_DOTS} times")
    return frozenset(term) - {DOT}, dots


_OPERATORS: dict[str, Callable[[Any, Any], list[Step]]] = {
    "+": _sum,
    "-": _difference,
    ":": _interaction,
    "*": _cross,
    "^": _power,
}
