"""Expressions answer as PySpark does (its frozen answers): over constants and over columns, by both texts.

A statement evaluates many cases at once; the cases on which PySpark fails stand alone, and so does every case
of a statement that fails.  Whatever disagrees is named.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp

from streamcore.duck.engine import SlotEngine
from streamcore.duck.quoting import identifier
from streamcore.duck.statements import Statement
from streamcore.errors import AnalysisException, StreamcoreError, UnsupportedOperationException
from streamcore.plan.attributes import Attribute, attribute, reference, scope_of
from streamcore.plan.expressions import parse_expression
from streamcore.plan.resolution import Names
from streamcore.plan.translate import TranslationContext
from streamcore.plan.translation.casts import to_string
from streamcore.plan.translation.core import Translator
from tests.oracle.function_cases import TEMPLATES, VALUES, filled
from tests.oracle.function_differences import DIFFERENCES, LITERAL_ARGUMENTS, ONLY_AS_CONSTANTS

Answer = list[str | None]
ANSWERS: dict[str, Answer] = json.loads(
    (Path(__file__).parent / "data" / "functions.json").read_text(encoding="utf-8")
)
FAST, CAREFUL = TranslationContext(), TranslationContext(careful=True)
AT_ONCE = 60
# As queries are run: the fast text, and the careful one where rows make the fast one fail; or that one alone.
both_texts = pytest.mark.parametrize("texts", [(FAST, CAREFUL), (CAREFUL,)], ids=["fast", "careful"])
Texts = tuple[TranslationContext, ...]


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


@dataclass(frozen=True)
class Rows:
    """Values in columns, one choice a row."""

    columns: tuple[Attribute, ...]
    table: pa.Table


@dataclass(frozen=True)
class Question:
    """An expression over rows, and the name of the case that each row is."""

    expression: str
    names: Mapping[int, str]

    def asked(self, rows: Rows, context: TranslationContext) -> tuple[str, str]:
        """The SQL of the value's text, and the type; the rows that PySpark fails on are passed over."""
        text, data_type = self.compiled(rows, context)
        kept = ", ".join(str(row) for row, name in self.names.items() if ANSWERS[name][0] != "error")
        return f"CASE WHEN r IN ({kept}) THEN {text} END", data_type

    def compiled(self, rows: Rows, context: TranslationContext) -> tuple[str, str]:
        resolved = Names(rows.columns).resolve(parse_expression(self.expression))
        compiled = Translator(scope_of(rows.columns), context).compile(resolved)
        return to_string(compiled, context), compiled.type.simpleString()


def run(engine: SlotEngine, statements: Sequence[str], table: pa.Table) -> pa.Table:
    return engine.run(statements[0], {"t": table}, lambda: Statement(statements[-1], {}))


def answers(engine: SlotEngine, rows: Rows, questions: Sequence[Question], texts: Texts) -> dict[str, Answer]:
    """The type and the text of the value of every case that PySpark answers, or `error`."""
    try:
        statements = []
        for context in texts if len(questions) == 1 else texts[:1]:
            asked = [question.asked(rows, context) for question in questions]
            listed = ", ".join(f"{sql} AS c{at}" for at, (sql, _) in enumerate(asked))
            statements.append(f"SELECT {listed} FROM t ORDER BY r")
        found = run(engine, statements, rows.table)
    except StreamcoreError as error:
        if len(questions) == 1:
            return {name: ["error", str(error)] for name in questions[0].names.values()}
        half = len(questions) // 2
        parts = (questions[:half], questions[half:])
        return {k: v for part in parts for k, v in answers(engine, rows, part, texts).items()}
    return {
        name: [data_type, column[row].as_py()]
        for question, (_, data_type), column in zip(questions, asked, found.columns, strict=True)
        for row, name in question.names.items()
    }


def fails(engine: SlotEngine, rows: Rows, question: Question, row: int, texts: Texts) -> bool:
    try:
        statements = [f"SELECT {question.compiled(rows, context)[0]} AS x FROM t" for context in texts]
        run(engine, statements, rows.table.slice(row, 1))
    except StreamcoreError:
        return True
    return False


def disagreements(
    engine: SlotEngine, rows: Rows, questions: Sequence[Question], texts: Texts
) -> dict[str, tuple[Answer, Answer]]:
    found: dict[str, tuple[Answer, Answer]] = {}
    answered = [q for q in questions if any(ANSWERS[name][0] != "error" for name in q.names.values())]
    for at in range(0, len(answered), AT_ONCE):
        for name, answer in answers(engine, rows, answered[at : at + AT_ONCE], texts).items():
            if ANSWERS[name][0] != "error" and not agrees(answer, ANSWERS[name]):
                found[name] = (answer, ANSWERS[name])
    for question in questions:
        for row, name in question.names.items():
            if ANSWERS[name][0] == "error" and not fails(engine, rows, question, row, texts):
                found[name] = (["no error"], ANSWERS[name])
    return found


def agrees(found: Answer, expected: Answer) -> bool:
    if found[0] == "error":
        return False
    return found[0] == expected[0] and (found[1] == expected[1] or _nearly(found[1], expected[1]))


def _nearly(found: str | None, expected: str | None) -> bool:
    """Equal numbers but for the last digits of a transcendental function."""
    if found is None or expected is None or not re.fullmatch(r"-?\d[\d.]*(E-?\d+)?", expected):
        return False
    try:
        return abs(float(found) - float(expected)) <= 1e-14 * abs(float(expected))
    except ValueError:
        return False


# ---- the cases -----------------------------------------------------------------------------------

NO_COLUMNS = Rows((), pa.table({"r": [0]}))
CONSTANTS = [Question(text, {0: text}) for text in ANSWERS if text not in DIFFERENCES]


def over_columns(engine: SlotEngine, without: Mapping[str, str]) -> list[tuple[Rows, list[Question]]]:
    """The templates, each kind of value in a column; values of several types are in several tables."""
    by_kinds: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for template in filter(None, map(str.strip, TEMPLATES)):
        kinds = tuple(kind for kind in VALUES if "{" + kind + "}" in template)
        if kinds and not template.endswith("_placeholder"):
            by_kinds[kinds].append(template)
    return [
        (rows, list(_questions(templates, kinds, choices, without)))
        for kinds, templates in by_kinds.items()
        for rows, choices in _tables(engine, kinds)
    ]


def _questions(
    templates: list[str],
    kinds: tuple[str, ...],
    choices: list[tuple[str, ...]],
    without: Mapping[str, str],
) -> Iterator[Question]:
    for template in templates:
        names = [filled(template, dict(zip(kinds, values, strict=True))) for values in choices]
        asked = {row: name for row, name in enumerate(names) if name in ANSWERS and name not in without}
        yield Question(_over(template, kinds), asked)


def _over(template: str, kinds: tuple[str, ...]) -> str:
    for kind in kinds:
        template = template.replace("{" + kind + "}", f"{kind}_column")
    return template


def _tables(engine: SlotEngine, kinds: tuple[str, ...]) -> Iterator[tuple[Rows, list[tuple[str, ...]]]]:
    """The choices of values of these kinds, in one table for each choice of types."""
    by_types: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    held = {text: Translator({}, FAST).compile(parse_expression(text)) for k in kinds for text in VALUES[k]}
    for values in product(*(VALUES[kind] for kind in kinds)):
        by_types[tuple(held[value].type.simpleString() for value in values)].append(values)
    for choices in by_types.values():
        types = [held[value].type for value in choices[0]]
        columns = tuple(attribute(f"{k}_column", t) for k, t in zip(kinds, types, strict=True))
        selects = [
            f"SELECT {row} AS r, "
            + ", ".join(
                f"{held[v].sql} AS {identifier(c.physical)}" for v, c in zip(values, columns, strict=True)
            )
            for row, values in enumerate(choices)
        ]
        yield Rows(columns, engine.run(" UNION ALL ".join(selects) + " ORDER BY r", {})), choices


# ---- the tests -----------------------------------------------------------------------------------


def test_constants_are_answered_as_by_pyspark(engine: SlotEngine) -> None:
    assert disagreements(engine, NO_COLUMNS, CONSTANTS, (FAST, CAREFUL)) == {}


@both_texts
def test_columns_are_answered_as_by_pyspark(engine: SlotEngine, texts: Texts) -> None:
    found = {}
    for rows, questions in over_columns(engine, {**DIFFERENCES, **ONLY_AS_CONSTANTS}):
        found.update(disagreements(engine, rows, questions, texts))
    assert found == {}


def test_what_is_known_to_differ_still_does(engine: SlotEngine) -> None:
    known = [Question(text, {0: text}) for text in DIFFERENCES]
    assert set(disagreements(engine, NO_COLUMNS, known, (FAST, CAREFUL))) == set(DIFFERENCES), (
        "take the others off"
    )


def test_what_holds_for_constants_alone_still_does(engine: SlotEngine) -> None:
    found: set[str] = set()
    for rows, questions in over_columns(engine, DIFFERENCES):
        asked = [q for q in questions if not ONLY_AS_CONSTANTS.keys().isdisjoint(q.names.values())]
        found.update(disagreements(engine, rows, asked, (FAST, CAREFUL)))
    assert found == set(ONLY_AS_CONSTANTS), "take the others off"


def without_literals(text: str) -> tuple[exp.Expression, dict[Attribute, str]]:
    """The expression with every literal argument in a column, and the SQL of the columns' values."""
    columns: dict[Attribute, str] = {}

    def rule(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Literal) or isinstance(node.parent, _TAKES_LITERALS):
            return node
        value = Translator({}, FAST).compile(node)
        column = attribute(f"literal{len(columns)}", value.type)
        columns[column] = value.sql
        return reference(column)

    return parse_expression(text).transform(rule), columns


# The digits of a number tell how wide a decimal it makes, and whether it is an INT or a BIGINT.
_TAKES_LITERALS = (exp.Interval, exp.DataTypeParam, exp.Cast, exp.Neg, exp.Div)
# Its fields are named after the columns.
_NAMED_BY_COLUMNS = "struct(1, 'a').col1"


def outcome(engine: SlotEngine, expression: exp.Expression, columns: Mapping[Attribute, str]) -> Answer:
    rows = engine.run(
        "SELECT " + ", ".join(f"{sql} AS {identifier(c.physical)}" for c, sql in columns.items()), {}
    )
    compiled = Translator(scope_of(columns), CAREFUL).compile(expression)
    found = run(engine, [f"SELECT {to_string(compiled, CAREFUL)} AS x FROM t"], rows)
    return [compiled.type.simpleString(), found["x"][0].as_py()]


def test_every_literal_may_be_a_column_or_is_refused_by_name(engine: SlotEngine) -> None:
    refused, wrong = set(), {}
    for text, expected in ANSWERS.items():
        expression, columns = without_literals(text) if expected[0] != "error" else (exp.Null(), {})
        if not columns or text in (*DIFFERENCES, _NAMED_BY_COLUMNS):
            continue
        try:
            found = outcome(engine, expression, columns)
        except (AnalysisException, UnsupportedOperationException) as error:
            known = [name for name in LITERAL_ARGUMENTS if f"{name}()" in str(error)]
            refused.update(known)
            found = expected if known else ["error", str(error)]
        if found[1] != expected[1] and not _nearly(found[1], expected[1]) and "typeof" not in text:
            wrong[text] = (found, expected)
    assert wrong == {}
    assert refused == set(LITERAL_ARGUMENTS), "take the others off"
