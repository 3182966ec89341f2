"""Columns that nobody named are called as PySpark calls them (its frozen answers)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.sql.session import Session
from tests.oracle.name_cases import DIFFERENCES, SCHEMA

NAMES: dict[str, list[str] | None] = json.loads(
    (Path(__file__).parent / "data" / "column_names.json").read_text(encoding="utf-8")
)
FAMILIES = 16


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    builder = Session.builder.master("local[1]").config("spark.sql.session.timeZone", "America/Los_Angeles")
    with builder.create() as session:
        session.createDataFrame([], SCHEMA).createOrReplaceTempView("t")
        yield session


def named(session: Session, text: str) -> list[str] | None:
    """The names; None for what is not offered."""
    try:
        return session.sql(f"SELECT {text} FROM t").columns
    except (AnalysisException, UnsupportedOperationException):
        return None


@pytest.mark.parametrize("family", range(FAMILIES))
def test_columns_are_named_as_pyspark_names_them(session: Session, family: int) -> None:
    asked = [text for text in list(NAMES)[family::FAMILIES] if NAMES[text] and text not in DIFFERENCES]
    found = {text: named(session, text) for text in asked}
    wrong = {text: (names, NAMES[text]) for text, names in found.items() if names not in (None, NAMES[text])}
    assert wrong == {}


def test_what_is_listed_as_different_is_asked() -> None:
    assert set(DIFFERENCES) <= set(NAMES)
