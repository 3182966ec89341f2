"""Settings that bring back older ways of Spark hold for what is made while they are set."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException


@pytest.fixture
def own(session: Session) -> Session:
    """A session of the same application with settings of its own."""
    return session.newSession()


def _row(session: Session, query: str) -> tuple[object, ...]:
    found = session.sql(query).first()
    assert found is not None
    return tuple(found)


@pytest.mark.parametrize(
    ("setting", "query", "before", "after"),
    [
        ("function.concatBinaryAsString", "concat(x'41', x'42')", bytearray(b"AB"), "AB"),
        ("function.eltOutputAsString", "elt(2, x'41', x'42')", bytearray(b"B"), "B"),
        ("legacy.negativeIndexInArrayInsert", "array_insert(array(1, 3), -1, 2)", [1, 3, 2], [1, 2, 3]),
        (
            "legacy.negativeIndexInArrayInsert",
            "array_insert(array(1), -3, 2)",
            [2, None, 1],
            [2, None, None, 1],
        ),
        ("legacy.consecutiveStringLiterals.enabled", "'a''b'", "a'b", "ab"),
    ],
)
def test_an_older_way_holds_while_it_is_set(
    own: Session, setting: str, query: str, before: object, after: object
) -> None:
    made = own.sql(f"SELECT {query} AS a")
    own.sql(f"SET spark.sql.{setting}=true")
    assert _row(own, f"SELECT {query} AS a") == (after,)
    assert [tuple(row) for row in made.collect()] == [(before,)]
    own.sql(f"SET spark.sql.{setting}=false")
    assert _row(own, f"SELECT {query} AS a") == (before,)


def test_set_operations_are_computed_from_left_to_right_where_that_is_asked(own: Session) -> None:
    query = "SELECT 1 AS a UNION ALL SELECT 2 INTERSECT SELECT 2"
    own.conf.set("spark.sql.legacy.setopsPrecedence.enabled", True)
    own.sql(f"CREATE TEMPORARY VIEW as_they_stand AS {query}")
    assert _rows(own, query) == [2]
    own.conf.set("spark.sql.legacy.setopsPrecedence.enabled", False)
    assert _rows(own, query) == [1, 2]
    assert _rows(own, "SELECT * FROM as_they_stand") == [2]


def _rows(session: Session, query: str) -> list[int]:
    return sorted(row.a for row in session.sql(query).collect())


def test_what_a_character_set_has_not_is_an_error_or_is_replaced(own: Session) -> None:
    query = "SELECT encode('aß', 'us-ascii'), decode(x'61ff', 'utf-8')"
    with pytest.raises(QueryExecutionException, match="MALFORMED_CHARACTER_CODING"):
        own.sql(query).collect()
    own.conf.set("spark.sql.legacy.codingErrorAction", True)
    assert _row(own, query) == (bytearray(b"a?"), "a\ufffd")
    with pytest.raises(IllegalArgumentException, match="expects one of the iso-8859-1, us-ascii"):
        own.sql("SELECT encode('a', 'latin-9')").collect()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("abcd=", "wrong 4-byte ending unit"),
        ("ab=", "wrong 4-byte ending unit"),
        ("ab==f", "incorrect ending byte at 5"),
        ("a", "Last unit does not have enough valid bits"),
    ],
)
def test_base64_with_wrong_pads_is_an_error(session: Session, text: str, why: str) -> None:
    with pytest.raises(IllegalArgumentException, match=why):
        session.sql(f"SELECT unbase64('{text}')").collect()


def test_a_part_with_the_number_zero_is_an_error(session: Session) -> None:
    with pytest.raises(IllegalArgumentException, match="INVALID_INDEX_OF_ZERO"):
        session.sql("SELECT split_part('a.b', '.', 0)").collect()
