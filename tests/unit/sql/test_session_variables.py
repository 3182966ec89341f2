"""DECLARE, SET VARIABLE, EXECUTE IMMEDIATE, and what names mean between columns and variables."""

from __future__ import annotations

import datetime as dt

import pytest

from streamcore.errors import StreamcoreError
from streamcore.sql.session import Session


@pytest.fixture
def own(session: Session) -> Session:
    """A session whose variables nobody else has."""
    return session.newSession()


def one(session: Session, text: str) -> object:
    return session.sql(text).collect()[0][0]


def refused(session: Session, text: str) -> str:
    with pytest.raises(StreamcoreError) as caught:
        session.sql(text).collect()
    return str(caught.value)


@pytest.mark.parametrize(
    ("declared", "value", "kind"),
    [
        ("v INT", None, "int"),
        ("v INT DEFAULT 5", 5, "int"),
        ("v = 'text'", "text", "string"),
        ("v DOUBLE DEFAULT 1", 1.0, "double"),
        ("v DEFAULT array(1, 2)", [1, 2], "array<int>"),
        ("v DEFAULT map('a', 1.5D)", {"a": 1.5}, "map<string,double>"),
        ("v = named_struct('a', 1, 'b', array('x'))", (1, ["x"]), "struct<a:int,b:array<string>>"),
        (
            "v TIMESTAMP_NTZ = TIMESTAMP_NTZ'2026-01-31 10:00:00'",
            dt.datetime(2026, 1, 31, 10),  # noqa: DTZ001
            "timestamp_ntz",
        ),
        ("v DATE DEFAULT '2026-01-31'", dt.date(2026, 1, 31), "date"),
    ],
)
def test_a_variable_has_a_type_and_a_value(own: Session, declared: str, value: object, kind: str) -> None:
    own.sql(f"DECLARE VARIABLE {declared}")
    frame = own.sql("SELECT v")
    assert (frame.collect()[0][0], frame.dtypes) == (value, [("v", kind)])


def test_a_column_hides_a_variable_and_a_qualified_name_finds_it(own: Session) -> None:
    own.sql("DECLARE a INT DEFAULT 1")
    assert own.sql("SELECT a, session.a, system.session.a FROM VALUES (2) AS t(a)").first() == (2, 1, 1)
    assert one(own, "SELECT (SELECT max(x) FROM VALUES (1), (2) AS s(x) WHERE x <= a)") == 1


def test_several_variables_are_set_at_once_from_the_values_before(own: Session) -> None:
    own.sql("DECLARE a, b INT DEFAULT 1")
    own.sql("SET VAR a = 2, b = a + 10")
    assert own.sql("SELECT a, b").first() == (2, 11)
    own.sql("SET VARIABLE (a, b) = (SELECT 7, 8)")
    assert own.sql("SELECT a, b").first() == (7, 8)
    own.sql("SET VARIABLE (a, b) = (SELECT 7, 8 WHERE false)")
    assert own.sql("SELECT a, b").first() == (None, None)
    own.sql("SET VAR a = DEFAULT")
    assert one(own, "SELECT a") == 1


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("DECLARE a INT", "VARIABLE_ALREADY_EXISTS"),
        ("DECLARE b", "VARIABLE_TYPE_OR_DEFAULT_REQUIRED"),
        ("DECLARE b, B INT", "DUPLICATE_VARIABLE_NAME_INSIDE_DECLARE"),
        ("DECLARE other.b INT", "UNRESOLVED_VARIABLE"),
        ("DECLARE b INT DEFAULT (SELECT 1)", "INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION"),
        ("DECLARE b INT DEFAULT 'x'", "CAST_INVALID_INPUT"),
        ("SET VAR nope = 1", "UNRESOLVED_VARIABLE"),
        ("SET VAR a = 1, A = 2", "DUPLICATE_ASSIGNMENTS"),
        ("SET VARIABLE (a) = (SELECT 1, 2)", "ASSIGNMENT_ARITY_MISMATCH"),
        ("SET VARIABLE (a) = (VALUES (1), (2))", "ROW_SUBQUERY_TOO_MANY_ROWS"),
        ("SET a = 1", "SET_VARIABLE_USING_SET"),
        ("DROP TEMPORARY VARIABLE nope", "VARIABLE_NOT_FOUND"),
        ("SELECT session.nope", "UNRESOLVED_COLUMN"),
    ],
)
def test_what_cannot_be_done_with_a_variable_is_refused(own: Session, text: str, condition: str) -> None:
    own.sql("DECLARE a INT DEFAULT 1")
    assert condition in refused(own, text)
    assert one(own, "SELECT a") == 1


def test_a_variable_goes_when_it_is_dropped_or_replaced(own: Session) -> None:
    own.sql("DECLARE a INT DEFAULT 1")
    own.sql("DECLARE OR REPLACE a = 'x'")
    assert one(own, "SELECT a") == "x"
    own.sql("DROP TEMPORARY VARIABLE session.a")
    assert "UNRESOLVED_COLUMN" in refused(own, "SELECT a")
    own.sql("DROP TEMPORARY VARIABLE IF EXISTS a")


def test_a_name_that_a_variable_gives_is_shown_with_its_value(own: Session) -> None:
    own.sql("DECLARE a INT DEFAULT 1")
    assert own.sql("SELECT a + 1").columns == ["(variablereference(system.session.a=1) + 1)"]


def test_a_computed_statement_takes_values_by_place_and_by_name(own: Session) -> None:
    own.sql("DECLARE text = 'SELECT :a || :b AS both'")
    own.sql("DECLARE b = 'y'")
    assert one(own, "EXECUTE IMMEDIATE text USING 'x' AS a, b") == "xy"
    assert one(own, "EXECUTE IMMEDIATE 'SELECT ? - ?' USING 3, 1") == 2
    own.sql("DECLARE n, m INT")
    own.sql("EXECUTE IMMEDIATE 'SELECT ?, 5' INTO n, m USING 4")
    assert own.sql("SELECT n, m").first() == (4, 5)
    own.sql("EXECUTE IMMEDIATE 'SET VAR n = 9'")
    assert one(own, "SELECT n") == 9


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("EXECUTE IMMEDIATE CAST(NULL AS STRING)", "NULL_QUERY_STRING_EXECUTE_IMMEDIATE"),
        ("EXECUTE IMMEDIATE 1", "INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE"),
        ("EXECUTE IMMEDIATE 'SHOW TABLES' INTO n", "INVALID_STATEMENT_FOR_EXECUTE_INTO"),
        ("EXECUTE IMMEDIATE 'SELECT :a' USING 1", "ALL_PARAMETERS_MUST_BE_NAMED"),
        ("EXECUTE IMMEDIATE 'SELECT :a' USING 1 AS a, 2 AS a", "DUPLICATE_ARGUMENT_ALIASES"),
        ("EXECUTE IMMEDIATE 'SELECT ?'", "UNBOUND_SQL_PARAMETER"),
    ],
)
def test_a_computed_statement_that_cannot_run_is_refused(own: Session, text: str, condition: str) -> None:
    own.sql("DECLARE n INT")
    assert condition in refused(own, text)


def test_names_of_tables_are_computed_by_identifier(own: Session) -> None:
    own.range(2).createOrReplaceTempView("some_rows")
    own.sql("DECLARE which = 'some_'")
    assert one(own, "DESCRIBE IDENTIFIER(which || 'rows')") == "id"
    assert own.sql("SHOW COLUMNS IN IDENTIFIER(:t)", {"t": "some_rows"}).first() == ("id",)
    text = "SELECT IDENTIFIER(:c) AS IDENTIFIER('x'), IDENTIFIER('ma' || 'x')(id) "
    text += "FROM IDENTIFIER(which || 'rows')"
    assert own.sql(f"{text} GROUP BY id ORDER BY 1", {"c": "id"}).columns == ["x", "max(id)"]
    own.sql("CREATE TEMPORARY VIEW identifier AS SELECT 1 AS identifier")
    assert one(own, "SELECT identifier FROM identifier") == 1
