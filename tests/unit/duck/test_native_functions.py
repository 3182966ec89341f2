"""Functions written in Python run inside statements, and their errors come out as they were raised."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.duck.native.calls import call_sql, calls_in
from streamcore.duck.quoting import string
from streamcore.errors import IllegalArgumentException
from streamcore.spi.types import StringType

TEXT = StringType()
HOST = call_sql("urls.parse_url", [("u", TEXT), ("'HOST'", TEXT)], TEXT, {"fails": True})


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def test_a_statement_calls_a_function_that_it_names(engine: SlotEngine) -> None:
    table = pa.table({"u": ["http://a.b/c", None]})
    assert engine.run(f"SELECT {HOST} AS h FROM t", {"t": table}).to_pydict() == {"h": ["a.b", None]}


def test_its_error_is_the_statements(engine: SlotEngine) -> None:
    with pytest.raises(IllegalArgumentException, match=r"\[INVALID_URL\] The url is invalid: no url"):
        engine.run(f"SELECT {HOST} AS h FROM t", {"t": pa.table({"u": ["no url"]})})


def test_an_error_that_was_tolerated_is_not_told_later(engine: SlotEngine) -> None:
    tolerated = engine.run(f"SELECT TRY({HOST}) AS h FROM t", {"t": pa.table({"u": ["no url"]})})
    assert tolerated.to_pydict() == {"h": [None]}
    with pytest.raises(Exception, match="boom"):
        engine.run("SELECT error('boom')", {})


def test_text_that_looks_like_a_call_is_text(engine: SlotEngine) -> None:
    for text in ('"sc:["(', '"sc:[1,2]"(', HOST):
        assert engine.run(f"SELECT {string(text)} AS s", {}).to_pydict() == {"s": [text]}
    assert list(calls_in('"sc:["(')) == []
