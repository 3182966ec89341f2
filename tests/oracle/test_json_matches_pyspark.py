"""from_json answers as PySpark does, malformed and ill-typed text included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from streamcore.duck.engine import SlotEngine
from streamcore.plan.attributes import attribute, reference, scope_of
from streamcore.plan.expressions import call
from streamcore.plan.translate import TranslationContext
from streamcore.plan.translation.casts import to_string
from streamcore.plan.translation.core import Translator
from streamcore.plan.translation.nested import field_of
from streamcore.spi.types import StringType
from tests.oracle.freeze_json_answers import TOP

FROZEN = json.loads((Path(__file__).parent / "data" / "from_json.json").read_text(encoding="utf-8"))

# (kind of the field, text): where the answers differ, and why.
DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    (r".*", r".*\} ?(x|\{.*|/\*c\*/)", "text after the first value makes the record malformed"),
    (r".*", r"\{'.*", "strings in single quotes make the record malformed"),
    (r".*", r'\{"a":1,"a":2\}', "of two equal keys the first counts"),
    (r".*", r'\{"a":1,\}', "a comma before the closing bracket is allowed"),
    (r"string|map.*|TOP map", r'\{"a":(NaN|Infinity|1e400)\}', "bare words are kept as they are written"),
    (
        r"string|struct.*|map.*|TOP map",
        r".*(1e-7|90071992547409\.93).*",
        "doubles in text are written shorter",
    ),
    (r"float", r'\{"a":[\d.]{9,}\}', "Java 17 writes more digits of a float than it takes to tell it apart"),
    (r"decimal.*", r'\{"a":" 12 "\}', "blanks around a number in a string are allowed"),
    (
        r"struct.*",
        r'(?!.*"a":(\{|null)).*"a".*',
        "a plain value gives a struct of nulls in a malformed record",
    ),
    (r"date", r'\{"a":"12"\}', "a number in a string is not a count of days"),
    (r"timestamp", r'\{"a":(1577836800123|"10:11:12")\}', "years after 9999; times without a day"),
    (r"timestamp_ntz", r'\{"a":"2020.*(Z|\+02:?00)"\}', "a zone is ignored"),
    (r"binary", r'.*"a":"(x|Infinity)".*', "base64 is checked; bytes that are not UTF-8 show one mark each"),
    (r"TOP array.*", r"\[1\]", "an element of another kind gives a struct of nulls"),
)


def differs(kind: str, text: str) -> bool:
    return any(re.fullmatch(k, kind) and re.fullmatch(t, text, re.DOTALL) for k, t, _ in DIFFERENCES)


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def answers(engine: SlotEngine, kind: str, texts: list[str], *, careful: bool) -> list[Any]:
    context = TranslationContext(careful=careful)
    column = attribute("j", StringType())
    translator = Translator(scope_of([column]), context)
    schema = TOP.get(kind, f"a {kind}, b string, _corrupt_record string")
    parsed = translator.compile(call("from_json", reference(column), exp.Literal.string(schema)))
    if kind in TOP:
        selected = f"{to_string(parsed, context)} AS r"
    else:
        a = to_string(field_of(parsed, "a", translator), context)
        b, corrupt = (field_of(parsed, name, translator).sql for name in ("b", "_corrupt_record"))
        selected = f"{parsed.sql} IS NULL AS n, {a} AS a, {b} AS b, {corrupt} AS c"
    table = pa.table({column.physical: pa.array(texts, pa.string())})
    found = engine.run(f"SELECT {selected} FROM t", {"t": table}).to_pylist()
    return [row["r"] if kind in TOP else list(row.values()) for row in found]


@pytest.mark.parametrize("kind", FROZEN["types"])
def test_from_json_answers_as_pyspark(engine: SlotEngine, kind: str) -> None:
    pairs = zip(FROZEN["cases"], FROZEN["types"][kind], strict=True)
    expected = {text: row for text, row in pairs if not differs(kind, text)}
    found = answers(engine, kind, list(expected), careful=True)
    assert dict(zip(expected, found, strict=True)) == expected


@pytest.mark.parametrize("kind", FROZEN["types"])
def test_the_fast_text_answers_as_the_careful_one_wherever_it_answers(engine: SlotEngine, kind: str) -> None:
    import contextlib

    from streamcore.errors import StreamcoreError

    # A map with two equal keys is kept as it is by the fast text, and null in the careful one.
    texts = [text for text in FROZEN["cases"] if not (kind.endswith("map") and text == '{"a":1,"a":2}')]
    careful = answers(engine, kind, texts, careful=True)
    compared = 0
    for text, slow in zip(texts, careful, strict=True):
        with contextlib.suppress(StreamcoreError):
            assert answers(engine, kind, [text], careful=False) == [slow]
            compared += 1
    assert compared > 35
