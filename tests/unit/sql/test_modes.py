"""An expression has the mode of the session at the moment it is made, as in Spark."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    IllegalArgumentException,
    ParseException,
    StreamcoreError,
)

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


def test_whole_numbers_wrap_around_outside_ansi_mode(lenient: Session) -> None:
    found = lenient.sql(
        "SELECT 2147483647 + a, 9223372036854775807L * 3, CAST(300 * a AS TINYINT), -(-128Y * ay), "
        "(-9223372036854775808L) div -a, -32768S % -1S FROM VALUES (1, 1Y) AS t(a, ay)"
    )
    assert [tuple(row) for row in found.collect()] == [
        (-(2**31), 9223372036854775805, 44, -128, -(2**63), 0),
    ]


def test_what_has_no_value_is_null_outside_ansi_mode(lenient: Session) -> None:
    found = lenient.sql(
        "SELECT 1 / a, 1 % a, 1 div a, CAST(s AS INT), CAST(' 1.7 ' AS INT), CAST(double('NaN') AS INT), "
        "CAST(1e20D AS INT), 99999999999999999999999999999999999999BD * s2 FROM VALUES (0, 'x', 10BD) "
        "AS t(a, s, s2)"
    )
    assert [tuple(row) for row in found.collect()] == [(None, None, None, None, 1, 0, 2147483647, None)]


def test_the_least_number_of_a_type_can_be_written(session: Session) -> None:
    found = session.sql("SELECT -128Y AS a, -9223372036854775808L AS b, -2.5BD AS c")
    assert [(row.a, row.b, str(row.c)) for row in found.collect()] == [(-128, -(2**63), "-2.5")]
    with pytest.raises(ParseException, match=r"INVALID_NUMERIC_LITERAL_RANGE.*tinyint"):
        session.sql("SELECT 128Y")


def test_decimals_keep_their_scale_when_asked_to(lenient: Session) -> None:
    query = "SELECT CAST(1.5 AS DECIMAL(38, 18)) * CAST(2 AS DECIMAL(38, 18)) AS a"
    assert lenient.sql(query).schema.simpleString() == "struct<a:decimal(38,6)>"
    lenient.conf.set("spark.sql.decimalOperations.allowPrecisionLoss", False)
    assert lenient.sql(query).schema.simpleString() == "struct<a:decimal(38,36)>"
    assert [str(row.a) for row in lenient.sql(query).collect()] == [f"3.{'0' * 36}"]


def test_what_is_not_in_an_array_is_null_outside_ansi_mode(lenient: Session) -> None:
    found = lenient.sql(
        "SELECT a[5], a[-1], element_at(a, 5), elt(5, 'x', 'y'), abs(i), round(2147483647 * one, -1) "
        "FROM VALUES (array(1, 2), -2147483648, 1) AS t(a, i, one)"
    )
    assert [tuple(row) for row in found.collect()] == [(None, None, None, None, -(2**31), -2147483646)]


def test_sums_wrap_around_or_are_null_outside_ansi_mode(lenient: Session) -> None:
    rows = "VALUES (9223372036854775807L, 99999999999999999999999999999999999999BD), (1L, 1BD) AS t(a, b)"
    found = lenient.sql(f"SELECT sum(a), sum(b), avg(b) FROM {rows}")
    assert [tuple(row) for row in found.collect()] == [(-(2**63), None, None)]


def test_the_last_value_of_a_key_is_kept_when_asked_to(lenient: Session) -> None:
    with pytest.raises(IllegalArgumentException, match="DUPLICATED_MAP_KEY"):
        lenient.sql("SELECT map(1, 2, 1, 3)").collect()
    lenient.conf.set("spark.sql.mapKeyDedupPolicy", "LAST_WIN")
    found = lenient.sql(
        "SELECT map(1, 2, 1, 3), map_from_arrays(array(1, 1), array(2, 3)), str_to_map('a:1,a:2'), "
        "map_concat(map(1, 2), map(1, 3)), map_from_entries(array(struct(1, 2), struct(1, 3))), "
        "transform_keys(map(1, 2, 3, 4), (k, v) -> 1)"
    )
    expected = ({1: 3}, {1: 3}, {"a": "2"}, {1: 3}, {1: 3}, {1: 4})
    assert [tuple(row) for row in found.collect()] == [expected]


def test_an_array_or_map_of_nothing_takes_the_type_of_what_it_meets(session: Session) -> None:
    found = session.sql(
        "SELECT array() AS a, map() AS b, array(array(), array(1)) AS c, array_append(array(), 1) AS d, "
        "concat(array(), array(2)) AS e, map_concat(map(), map(1, 2)) AS f"
    )
    kinds = "a:array<void>,b:map<void,void>,c:array<array<int>>,d:array<int>,e:array<int>,f:map<int,int>"
    assert found.schema.simpleString() == f"struct<{kinds}>"
    assert [tuple(row) for row in found.collect()] == [([], {}, [[], [1]], [1], [2], {1: 2})]
    both = session.sql("SELECT map() AS a UNION ALL SELECT map(1, 2)").collect()
    assert [row.a for row in both] == [{}, {1: 2}]


@pytest.mark.parametrize(
    "expression",
    [
        "'1' + '1'",
        "1 div 1.5D",
        "greatest(1, '2')",
        "concat(array(1), 1)",
        "map(1, 2) IN (map(1, 2))",
        "if(1, 2, 3)",
    ],
)
def test_types_that_do_not_go_together_are_refused(session: Session, expression: str) -> None:
    with pytest.raises(AnalysisException, match="DATATYPE_MISMATCH"):
        session.sql(f"SELECT {expression}")


def test_nulls_inside_values_come_first_when_sorted_or_compared(session: Session) -> None:
    rows = "VALUES (array(1, NULL)), (array(1, 2)), (array(NULL, 1)), (NULL), (array()) AS t(a)"
    found = [row.a for row in session.sql(f"SELECT a FROM {rows} ORDER BY a").collect()]
    assert found == [None, [], [None, 1], [1, None], [1, 2]]
    ends = session.sql(f"SELECT max(a), min(a), max(struct(a)) FROM {rows} WHERE size(a) > 0").collect()
    assert [tuple(row) for row in ends] == [([1, 2], [None, 1], ([1, 2],))]
    compared = session.sql("SELECT array(1, NULL) < array(1, 2), struct(1, NULL) = struct(1, NULL)").collect()
    assert [tuple(row) for row in compared] == [(True, True)]


def test_sorting_keeps_the_sign_of_zero(session: Session) -> None:
    found = session.sql("SELECT a FROM VALUES (-0.0D), (-1D) AS t(a) ORDER BY a").collect()
    assert [str(row.a) for row in found] == ["-1.0", "-0.0"]


def test_maps_are_in_no_order(session: Session) -> None:
    for query in ("SELECT * FROM VALUES (map(1, 2)) AS t(a) ORDER BY a", "SELECT max(map(1, 2))"):
        with pytest.raises(AnalysisException, match="INVALID_ORDERING_TYPE"):
            session.sql(query)


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("CAST(concat('1', '.5') AS INT)", "[CAST_INVALID_INPUT] The value '1.5' of the type"),
        ("CAST('x' AS DATE)", "[CAST_INVALID_INPUT] The value 'x' of the type"),
        ("CAST('x' AS TIMESTAMP)", "[CAST_INVALID_INPUT] The value 'x' of the type"),
        ("CAST(1e20D AS INT)", "[CAST_OVERFLOW] The value 1.0E20D of the type \"DOUBLE\" cannot be cast"),
        ("CAST(1000 AS DECIMAL(3, 1))", "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]  1000 cannot be"),
        ("2147483647 + 1", "[ARITHMETIC_OVERFLOW] overflow. Use 'try_add' to"),
        ("127Y + 1Y", "[BINARY_ARITHMETIC_OVERFLOW] 127S + 1S caused overflow. Use `try_add` to"),
        ("1 % 0", "[REMAINDER_BY_ZERO] Remainder by zero. Use `try_mod` to"),
    ],
)  # fmt: skip
def test_what_the_engine_finds_is_said_in_sparks_words(session: Session, expression: str, error: str) -> None:
    with pytest.raises(StreamcoreError) as raised:
        session.sql(f"SELECT {expression}").collect()
    assert error in str(raised.value)
    assert "Error:" not in str(raised.value)
