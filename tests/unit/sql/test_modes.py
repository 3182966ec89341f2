"""An expression has the mode of the session at the moment it is made, as in Spark."""

from __future__ import annotations

import pytest

from streamcore import Session

ANSI = "spark.sql.ansi.enabled"


@pytest.fixture
def lenient(session: Session) -> Session:
    """A session of the same application whose mode is not ANSI."""
    other = session.newSession()
    other.conf.set(ANSI, False)
    return other


def test_the_types_that_text_and_numbers_meet_in_are_those_of_the_mode(
    session: Session, lenient: Session
) -> None:
    query = "SELECT '1' + 1 AS a, coalesce('1', 2) AS b"
    assert session.sql(query).schema.simpleString() == "struct<a:bigint,b:bigint>"
    assert lenient.sql(query).schema.simpleString() == "struct<a:double,b:string>"
    assert [tuple(row) for row in lenient.sql(query).collect()] == [(2.0, "1")]


def test_an_expression_keeps_the_mode_under_which_it_was_made(lenient: Session) -> None:
    made = lenient.sql("SELECT '1' + 1 AS a")
    lenient.conf.set(ANSI, True)
    made.createOrReplaceTempView("made_before")
    found = lenient.sql("SELECT a, '1' + 1 AS b FROM made_before")
    assert found.schema.simpleString() == "struct<a:double,b:bigint>"
    assert [tuple(row) for row in found.collect()] == [(2.0, 2)]


def test_a_union_widens_by_the_mode(lenient: Session) -> None:
    for query in ("SELECT 1 AS a UNION ALL SELECT 'x'", "SELECT * FROM VALUES (1), ('x') AS t(a)"):
        assert sorted(row.a for row in lenient.sql(query).collect()) == ["1", "x"]
