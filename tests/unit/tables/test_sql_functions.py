"""Functions that are SQL text: made, called, described and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.sql.session import Session


@pytest.fixture
def f(session: Session) -> Iterator[Session]:
    """A session without functions of its own afterwards."""
    yield session
    for name in session.function_catalog.names(["user"]):
        session.sql(f"DROP {'FUNCTION' if '.' in name else 'TEMPORARY FUNCTION'} {name}")


def rows(session: Session, text: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, session.sql(text).collect()), key=str)


def refused(session: Session, text: str) -> str:
    with pytest.raises(StreamcoreError) as caught:
        session.sql(text).collect()
    return str(caught.value)


def test_a_call_stands_for_the_body_with_its_arguments(f: Session) -> None:
    f.sql("CREATE FUNCTION add(a INT, b INT DEFAULT 10) RETURNS BIGINT RETURN a + b")
    frame = f.sql("SELECT add(1), add(1, 2), add(b => 5, a => id) AS n FROM range(1)")
    assert [tuple(row) for row in frame.collect()] == [(11, 3, 5)]
    assert frame.dtypes[0] == ("spark_catalog.default.add(1)", "bigint")
    assert rows(f, "SELECT sum(add(id, 1)), add(sum(id), 1) FROM range(3)") == [(6, 4)]
    assert rows(f, "SELECT add(id) FROM range(2) GROUP BY id HAVING add(id) > 10") == [(11,)]


def test_a_body_may_be_a_query_that_reads_the_parameters(f: Session) -> None:
    f.sql("CREATE TABLE prices AS SELECT * FROM VALUES ('a', 2), ('b', 3) AS t(name, price)")
    f.sql(
        "CREATE FUNCTION price_of(name STRING) RETURNS INT "
        "RETURN SELECT max(price) FROM prices WHERE prices.name = price_of.name"
    )
    assert rows(f, "SELECT x, price_of(x) FROM VALUES ('a'), ('c') AS s(x)") == [("a", 2), ("c", None)]
    assert rows(f, "SELECT x FROM VALUES ('a'), ('b') AS s(x) WHERE price_of(x) > 2") == [("b",)]


def test_names_in_a_body_are_its_own_columns_first_then_parameters_and_never_the_callers(f: Session) -> None:
    f.sql("CREATE FUNCTION own(a INT) RETURNS INT RETURN SELECT max(a) FROM VALUES (7) AS t(a)")
    assert rows(f, "SELECT own(1)") == [(7,)]
    f.sql("DECLARE OR REPLACE somewhere INT DEFAULT 1")
    assert "INVALID_TEMP_OBJ_REFERENCE" in refused(f, "CREATE FUNCTION g() RETURNS INT RETURN somewhere")
    assert "UNRESOLVED_COLUMN" in refused(f, "CREATE FUNCTION g() RETURNS INT RETURN b")
    f.sql("DROP TEMPORARY VARIABLE somewhere")


def test_a_table_function_gives_rows_alone_and_for_each_row_of_another_table(f: Session) -> None:
    f.sql(
        "CREATE FUNCTION upto(n INT) RETURNS TABLE (k BIGINT, twice BIGINT COMMENT 'both') "
        "RETURN SELECT id, id * 2 FROM range(5) WHERE id < n"
    )
    assert rows(f, "SELECT * FROM upto(2)") == [(0, 0), (1, 2)]
    found = rows(f, "SELECT t.n, u.twice FROM VALUES (1), (2) AS t(n), LATERAL upto(t.n) AS u")
    assert found == [(1, 0), (2, 0), (2, 2)]
    assert f.sql("SELECT * FROM upto(1)").dtypes == [("k", "bigint"), ("twice", "bigint")]


def test_the_type_of_a_value_is_that_of_the_body_where_none_is_said(f: Session) -> None:
    f.sql("CREATE TEMPORARY FUNCTION half(a INT) RETURN a / 2")
    f.sql("CREATE FUNCTION pairs() RETURNS TABLE RETURN SELECT 1 AS a, 'x' AS b")
    assert f.sql("SELECT half(3)").dtypes == [("half(3)", "double")]
    assert f.sql("SELECT * FROM pairs()").dtypes == [("a", "int"), ("b", "string")]


def test_functions_are_there_for_other_sessions_until_they_are_dropped(f: Session) -> None:
    f.sql("CREATE FUNCTION one() RETURNS INT RETURN 1")
    other = f.newSession()
    assert rows(other, "SELECT default.one()") == [(1,)]
    assert rows(other, "SHOW USER FUNCTIONS") == [("spark_catalog.default.one",)]
    f.sql("CREATE OR REPLACE FUNCTION one() RETURNS INT RETURN 2")
    assert rows(other, "SELECT one()") == [(2,)]
    f.sql("CREATE FUNCTION IF NOT EXISTS one() RETURNS INT RETURN 3")
    assert rows(other, "SELECT one()") == [(2,)]
    f.sql("DROP FUNCTION one")
    assert "UNRESOLVED_ROUTINE" in refused(other, "SELECT one()")


def test_built_in_functions_come_first_then_temporary_ones(f: Session) -> None:
    f.sql("CREATE FUNCTION abs(a INT) RETURNS INT RETURN 77")
    assert rows(f, "SELECT abs(-1), default.abs(-1)") == [(1, 77)]
    f.sql("CREATE FUNCTION which() RETURNS STRING RETURN 'kept'")
    f.sql("CREATE TEMPORARY FUNCTION which() RETURNS STRING RETURN 'temporary'")
    assert rows(f, "SELECT which()") == [("temporary",)]
    assert "INVALID_TEMP_OBJ_REFERENCE" in refused(f, "CREATE VIEW v AS SELECT which()")


def test_a_function_cannot_come_to_call_itself(f: Session) -> None:
    f.sql("CREATE FUNCTION g(a INT) RETURNS INT RETURN a")
    f.sql("CREATE FUNCTION h(a INT) RETURNS INT RETURN g(a)")
    assert "CYCLIC_FUNCTION_REFERENCE" in refused(f, "CREATE OR REPLACE FUNCTION g(a INT) RETURN h(a)")
    assert rows(f, "SELECT h(4)") == [(4,)]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("CREATE FUNCTION g(a INT) RETURNS INT RETURN a", "ROUTINE_ALREADY_EXISTS"),
        ("CREATE FUNCTION h(a INT, A INT) RETURNS INT RETURN a", "DUPLICATE_ROUTINE_PARAMETER_NAMES"),
        ("CREATE FUNCTION h(a INT DEFAULT 1, b INT) RETURN a", "NOT_A_VALID_DEFAULT_PARAMETER_POSITION"),
        ("CREATE FUNCTION h(a INT DEFAULT (SELECT 1)) RETURN a", "NOT_A_VALID_DEFAULT_EXPRESSION"),
        ("CREATE FUNCTION h(a INT NOT NULL) RETURN a", "NOT_NULL_ON_FUNCTION_PARAMETERS"),
        ("CREATE FUNCTION h(a INT) RETURNS INT RETURN sum(a)", "CANNOT_CONTAIN_COMPLEX_FUNCTIONS"),
        ("CREATE FUNCTION h() RETURNS TABLE (a INT) RETURN 1", "SQL_TABLE_UDF_BODY_MUST_BE_A_QUERY"),
        ("CREATE FUNCTION h() RETURNS TABLE (a INT) RETURN SELECT 1, 2", "RETURN_COLUMN_COUNT_MISMATCH"),
        ("CREATE FUNCTION h AS 'a.b.C'", "there is no JVM"),
        ("SELECT g()", "WRONG_NUM_ARGS"),
        ("SELECT g(1, 2, 3)", "WRONG_NUM_ARGS"),
        ("SELECT g(b => 1)", "REQUIRED_PARAMETER_NOT_FOUND"),
        ("SELECT * FROM g(1)", "NOT_A_TABLE_FUNCTION"),
        ("SELECT nope.g(1)", "UNRESOLVED_ROUTINE"),
        ("DROP FUNCTION nope", "ROUTINE_NOT_FOUND"),
        ("DROP FUNCTION abs", "FORBIDDEN_OPERATION"),
        ("DROP TEMPORARY FUNCTION g", "ROUTINE_NOT_FOUND"),
        ("DESCRIBE FUNCTION nope", "UNRESOLVED_ROUTINE"),
    ],
)
def test_what_is_no_function_or_no_call_is_refused(f: Session, text: str, condition: str) -> None:
    f.sql("CREATE FUNCTION g(a INT, b INT DEFAULT 1) RETURNS INT RETURN a")
    assert condition in refused(f, text)


def test_a_function_is_described(f: Session) -> None:
    f.sql("CREATE FUNCTION g(a INT, b STRING DEFAULT 'x' COMMENT 'c') RETURNS STRING COMMENT 'all' RETURN b")
    lines = [row[0] for row in f.sql("DESCRIBE FUNCTION g").collect()]
    assert lines == [
        "Function: spark_catalog.default.g", "Type:     SCALAR", "Input:    a INT   ", "          b STRING",
        "Returns:  STRING",
    ]  # fmt: skip
    more = [row[0] for row in f.sql("DESCRIBE FUNCTION EXTENDED g").collect()]
    assert "               b STRING DEFAULT 'x' 'c'" in more
    assert "Body:          b" in more


def test_a_damaged_function_is_named(f: Session) -> None:
    f.sql("CREATE FUNCTION g() RETURNS INT RETURN 1")
    file = Path(f.tables.store.catalog_folder) / "functions" / "default" / "g.json"
    text = file.read_text()
    file.write_text(text.replace('"kind": "function"', '"kind": "else"'))
    with pytest.raises(AnalysisException, match=r"g\.json is no description"):
        f.sql("SELECT g()")
    file.write_text(text)
