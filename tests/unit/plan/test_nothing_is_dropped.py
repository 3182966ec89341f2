"""Whatever stands in a parsed tree makes a difference: set or take away any argument, the answer is another.

The trees of a corpus of queries are changed one argument at a time. What comes out must be refused, or be
another plan; an argument whose change nobody notices would be dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from sqlglot import exp

from streamcore import Session
from streamcore.errors import StreamcoreError
from streamcore.execution.leaves import range_relation
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.expressions import parse_statement
from streamcore.plan.read_arguments import refuse_unread
from streamcore.plan.sql_text import query_plan
from tests.oracle.query_texts import QUERIES

_JOINS = (
    "SELECT * FROM VALUES (1), (2) a(x) LEFT SEMI JOIN VALUES (1) b(y) ON x = y",
    "SELECT * FROM VALUES (1), (2) a(x) LEFT JOIN VALUES (1) b(y) ON x = y",
)
_ADDED = (exp.Literal.number(7), exp.true(), [exp.column("zz")], exp.Order(expressions=[exp.column("zz")]))
_WITHOUT_MEANING = {
    # What the parser notes down for other dialects, or says twice.
    ("Pivot", "columns"), ("Pivot", "identify_pivot_strings"), ("Pivot", "pivot_column_naming"),
    ("Pivot", "prefixed_pivot_columns"), ("Pivot", "value_columns_first"), ("Select", "hint"),
    ("Lateral", "view"), ("Window", "over"), ("Count", "big_int"), ("Div", "safe"), ("Div", "typed"),
    ("DataType", "nested"), ("DPipe", "safe"),
    # A name that is given to what has none, or quoted in another way.
    ("Identifier", "this"), ("Identifier", "quoted"),
}  # fmt: skip


@pytest.fixture(scope="module")
def settings() -> AnalysisSettings:
    return Session.builder.master("local[2]").getOrCreate().newSession().analysis_settings


def answer(tree: exp.Expression, settings: AnalysisSettings) -> str:
    """The plan of a tree, in which no two runs differ; of a refusal its class."""
    try:
        refuse_unread([tree], "a changed tree")
        plan = query_plan(tree, settings, lambda _: None, lambda a, b, c: range_relation(a, b, c, 1))
    except (
        StreamcoreError,
        AssertionError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        ArithmeticError,
    ) as error:
        return type(error).__name__
    return re.sub(r"0x[0-9a-f]+|#-?\d+|id=-?\d+|key='[^']*'", "#", repr(plan))


@cache
def corpus() -> list[exp.Expression]:
    found = []
    for query in (*QUERIES, *_JOINS):
        try:
            found.append(parse_statement(query))
        except StreamcoreError:
            continue
    return found


def changed(tree: exp.Expression, place: int, name: str, value: object) -> exp.Expression:
    copied = tree.copy()
    node = list(copied.walk())[place]
    node.set(name, [v.copy() for v in value] if isinstance(value, list) else value)
    return copied


def unnoticed(settings: AnalysisSettings, *, added: bool) -> set[tuple[str, str]]:
    """The arguments, by class, that no tree takes notice of when they are added (or taken away)."""
    noticed: set[tuple[str, str]] = set()
    tried: set[tuple[str, str]] = set()
    for tree in corpus():
        base = answer(tree.copy(), settings)
        if base.endswith(("Exception", "Error")):
            continue
        for place, node in enumerate(list(tree.walk())):
            for name in _arguments(node, added=added):
                key = (type(node).__name__, name)
                if key in noticed or key in _WITHOUT_MEANING:
                    continue
                tried.add(key)
                values = _ADDED if added else (None,)
                if any(answer(changed(tree, place, name, value), settings) != base for value in values):
                    noticed.add(key)
    assert len(tried) > 50
    return tried - noticed


def _arguments(node: exp.Expr, *, added: bool) -> Iterator[str]:
    return (name for name in node.arg_types if bool(node.args.get(name)) is not added)


def test_an_argument_that_is_added_is_noticed(settings: AnalysisSettings) -> None:
    assert unnoticed(settings, added=True) == set()


def test_an_argument_that_is_taken_away_is_noticed(settings: AnalysisSettings) -> None:
    assert unnoticed(settings, added=False) == set()
