"""CHAR columns of tables: padded when written, and compared as padded; the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.spi.sized_texts import DECLARED
from streamcore.sql.session import Session


@pytest.fixture(autouse=True)
def _table(session: Session) -> None:
    session.sql("CREATE TABLE c (a CHAR(5), b CHAR(3), v VARCHAR(6), s STRING)")
    session.sql(
        "INSERT INTO c VALUES ('ab', 'ab', 'ab', 'ab'), ('cd', 'cde', 'cd  ', 'cd'), (NULL, NULL, NULL, NULL)"
    )


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("a = 'ab'", 1),
        ("'ab' = a", 1),
        ("a = 'ab      '", 1),
        ("a <=> 'ab'", 1),
        ("a > 'ab'", 1),
        ("a < 'ab '", 0),
        ("a <> 'ab'", 1),
        ("a = concat('a', 'b')", 1),
        ("a = NULL", 0),
        ("a BETWEEN 'ab' AND 'ab'", 1),
        ("equal_null(a, 'ab')", 1),
        ("nullif(a, 'ab') IS NULL", 2),
        ("CASE a WHEN 'ab' THEN true ELSE false END", 1),
        ("a IN ('ab', 'cd')", 2),
        ("a NOT IN ('ab')", 1),
        ("a = b", 1),
        ("a < b", 1),
        ("EXISTS (SELECT 1 FROM c d WHERE d.b = c.a)", 1),
        # Neither a constant nor a CHAR column stands beside it: compared as it is.
        ("a = s", 0),
        ("a = v", 0),
        ("a IN ('ab', s)", 0),
        ("upper(a) = 'AB'", 0),
        ("coalesce(a, 'q') = 'ab'", 0),
        ("CAST(a AS CHAR(5)) = 'ab'", 0),
        ("a LIKE 'ab'", 0),
        ("v = 'cd'", 0),
    ],
)
def test_a_char_column_is_compared_as_in_spark(session: Session, condition: str, kept: int) -> None:
    assert session.sql(f"SELECT * FROM c WHERE {condition}").count() == kept


def test_a_char_column_is_one_behind_names_views_joins_and_groups(session: Session) -> None:
    session.sql("CREATE VIEW w AS SELECT a AS z FROM c")
    session.sql("CREATE TABLE copied AS SELECT a, v FROM c")
    assert session.sql("SELECT * FROM w WHERE z = 'ab'").count() == 1
    assert session.sql("SELECT * FROM copied WHERE a = 'ab'").count() == 1
    assert session.sql("DESCRIBE copied").collect()[0].data_type == "char(5)"
    assert session.sql("SELECT * FROM c x JOIN c y ON x.a = y.b").count() == 1
    assert session.sql("SELECT a, count(*) FROM c GROUP BY a HAVING a = 'ab'").count() == 1
    assert session.table("c").schema["a"].metadata == {DECLARED: "char(5)"}


def test_char_where_its_length_would_not_be_kept_is_refused(session: Session) -> None:
    for columns in ("x STRUCT<c: CHAR(3)>", "x ARRAY<VARCHAR(3)>"):
        with pytest.raises(UnsupportedOperationException, match="declare STRING"):
            session.sql(f"CREATE TABLE n ({columns})")
    with pytest.raises(UnsupportedOperationException, match="LOCATION"):
        session.sql("CREATE TABLE n (x CHAR(3)) USING csv LOCATION '/nowhere'")


def test_a_table_of_a_query_takes_no_text_that_is_too_long(session: Session) -> None:
    frame = session.sql("SELECT b FROM c UNION ALL SELECT 'abcd'")
    with pytest.raises(Exception, match="EXCEED_LIMIT_LENGTH"):
        frame.write.saveAsTable("n")
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        session.table("n")
