"""Functions in SQL text, with the answers that PySpark 4.3 gives, in a zone with summer time."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

import streamcore.sql.functions as sf
from streamcore.errors import (
    AnalysisException,
    ArithmeticException,
    IllegalArgumentException,
    QueryExecutionException,
    StreamcoreError,
    UnsupportedOperationException,
)
from streamcore.plan.row_order import draw_numbers
from streamcore.sql.session import Session

NAN = float("nan")


@pytest.fixture(scope="module")
def local(session: Session) -> Session:
    made = session.newSession()
    made.conf.set("spark.sql.session.timeZone", "America/Los_Angeles")
    return made


def answer(session: Session, text: str) -> Any:
    rows = [tuple(row) for row in session.sql(text).collect()]
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


@pytest.mark.parametrize(
    "text",
    [
        "raise_error('bad')",
        "IF(true, raise_error('bad'), 1)",
        "CASE WHEN true THEN raise_error('bad') ELSE 1 END",
        "coalesce(NULL, raise_error('bad'))",
        "nvl(raise_error('bad'), 2)",
        "concat('a', raise_error('bad'))",
        "CAST(raise_error('bad') AS INT)",
        "1 + raise_error('bad')",
        "upper(raise_error('bad'))",
        "raise_error('bad') IS NULL",
        "array(raise_error('bad'))",
        "struct(raise_error('bad'))",
        "count(raise_error('bad'))",
        "assert_true(1 < 0, 'bad')",
    ],
)
def test_raise_error_raises_wherever_it_is_reached(local: Session, text: str) -> None:
    with pytest.raises(QueryExecutionException, match=r"\[USER_RAISED_EXCEPTION\] bad"):
        answer(local, f"SELECT {text}")


def test_raise_error_raises_nowhere_else(local: Session) -> None:
    assert answer(local, "SELECT IF(false, raise_error('bad'), 1)") == 1
    assert answer(local, "SELECT coalesce(1, raise_error('bad'))") == 1
    assert answer(local, "SELECT assert_true(x > 0) FROM VALUES (1) AS t(x)") is None


def test_assert_true_names_the_condition(local: Session) -> None:
    with pytest.raises(QueryExecutionException, match=r"'\(x > 1\)' is not true!"):
        answer(local, "SELECT assert_true(x > 1) FROM VALUES (1) AS t(x)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ltrim('x', 'xxa')", "a"),
        ("rtrim('x', 'axx')", "a"),
        ("trim('x', 'xax')", "a"),
        ("btrim('xax', 'x')", "a"),
        ("trim(LEADING 'x' FROM 'xax')", "ax"),
    ],
)
def test_what_is_trimmed_comes_first_but_in_btrim(local: Session, text: str, expected: str) -> None:
    assert answer(local, f"SELECT {text}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TIMESTAMP '2024-03-09 12:00:00' + INTERVAL 1 DAY", "2024-03-10 12:00:00"),
        ("TIMESTAMP '2024-03-09 12:00:00' + INTERVAL 24 HOUR", "2024-03-10 12:00:00"),
        ("TIMESTAMP '2024-03-09 12:00:00' + INTERVAL 23 HOUR", "2024-03-10 12:00:00"),
        ("TIMESTAMP '2024-11-02 12:00:00' + INTERVAL 1 DAY", "2024-11-03 12:00:00"),
        ("TIMESTAMP '2024-03-11 12:00:00' - INTERVAL 2 DAY", "2024-03-09 12:00:00"),
        ("TIMESTAMP '2024-03-09 12:00:00' + (DATE '2024-03-11' - DATE '2024-03-10')", "2024-03-10 12:00:00"),
    ],
)
def test_days_are_those_of_the_calendar(local: Session, text: str, expected: str) -> None:
    assert answer(local, f"SELECT CAST({text} AS STRING)") == expected


def test_times_are_apart_by_what_the_clocks_show(local: Session) -> None:
    noons = "TIMESTAMP '2024-03-10 12:00:00' - TIMESTAMP '2024-03-09 12:00:00'"
    assert answer(local, f"SELECT {noons}") == dt.timedelta(days=1)
    mixed = "DATE '2020-01-01' - TIMESTAMP '2019-10-06 10:11:12'"
    assert answer(local, f"SELECT {mixed}") == dt.timedelta(days=86, hours=13, minutes=48, seconds=48)


def test_every_call_without_a_seed_draws_for_itself(local: Session) -> None:
    drawn = "SELECT uuid() = uuid(), rand() = rand(), randn() = randn(), rand(5) = rand(5), uuid(5) = uuid(5)"
    assert answer(local, drawn) == [(False, False, False, True, True)]
    once, twice = sf.uuid(), sf.rand()
    rows = local.range(3).select(once.alias("a"), once, twice.alias("b"), twice, sf.uuid()).collect()
    assert all(row[0] == row[1] != row[4] and row[2] == row[3] for row in rows)


def test_draws_are_counted_by_the_plan_alone(local: Session) -> None:
    first, second = (local.sql("SELECT uuid() AS a, rand() AS b, rand(1) AS c").plan for _ in range(2))
    assert draw_numbers(first) != draw_numbers(second)
    assert list(draw_numbers(first).values()) == list(draw_numbers(second).values()) == [1, 2]


def same(found: object, expected: object) -> bool:
    if isinstance(expected, float) and math.isnan(expected):
        return isinstance(found, float) and math.isnan(found)
    return found == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("(double('NaN')), (1D)", [NAN] * 8),
        ("(double('Infinity')), (1D)", [NAN] * 8),
        ("(double('NaN'))", [None, NAN, None, None, NAN, NAN, NAN, NAN]),
        ("(1D)", [None, 0.0, None, None, None, None, 0.0, None]),
    ],
)
def test_spreads_of_values_that_are_not_finite_are_nan(
    local: Session, values: str, expected: list[object]
) -> None:
    calls = "stddev(x), var_pop(x), corr(x, x), covar_samp(x, x), skewness(x), kurtosis(x), stddev_pop(x)"
    [row] = answer(local, f"SELECT {calls}, regr_slope(x, x) FROM VALUES {values} AS t(x)")
    assert all(map(same, row, expected)), row


def test_an_average_of_integers_beyond_64_bits_is_exact(local: Session) -> None:
    values = "(9223372036854775807L), (9223372036854775807L)"
    assert answer(local, f"SELECT avg(x) FROM VALUES {values} AS t(x)") == 9.223372036854776e18


WIDE = "CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))"


def wide(text: str) -> str:
    return f"CAST('{text}' AS DECIMAL(38,18))"


LONG = wide("12345678901234567890.123456789012345678")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sum({wide('1')})", Decimal("1.000000000000000000")),
        (f"avg({wide('1.000000000000000001')})", Decimal("1.0000000000000000010000")),
        (f"{wide('1.000000000000000001')} / {wide('3')}", Decimal("0.333333")),
        ("12345678912345.123456789123 / 0.000000012345678", Decimal("1000000073899961059796.725866332")),
        ("99999999.99 * 99999999.99", Decimal("9999999998000000.0001")),
        (f"{LONG} * {wide('3.000000000000000007')}", Decimal("37037036703703703756.790123")),
        (f"{LONG} + {wide('3.000000000000000007')}", Decimal("12345678901234567893.12345678901234569")),
        ("7.5 div 1.5", 5),
        (f"try_divide({wide('99999999999999999999')}, {wide('0.000000000000000007')})", None),
    ],
)
def test_decimals_are_exact(local: Session, text: str, expected: object) -> None:
    assert answer(local, f"SELECT {text}") == expected


def test_sums_of_decimals_overflow_by_their_total_alone(local: Session) -> None:
    rows = f"VALUES ({WIDE}), (1)"
    assert answer(local, f"SELECT sum(x) FROM {rows}, (-5) AS t(x)") == Decimal("9" * 37 + "5")
    assert answer(local, f"SELECT try_sum(x) FROM {rows} AS t(x)") is None
    assert answer(local, f"SELECT try_avg(x) FROM VALUES ({WIDE}), ({WIDE}) AS t(x)") is None
    assert answer(local, "SELECT try_sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x)") is None
    with pytest.raises(ArithmeticException, match="Overflow in sum of decimals"):
        answer(local, f"SELECT sum(x) FROM {rows} AS t(x)")


@pytest.mark.parametrize(
    "text",
    [
        "map('a', 1, 'a', 2)",
        "map_from_arrays(array('a', 'a'), array(1, 2))",
        "map_concat(map('a', 1), map('a', 2))",
        "str_to_map('a:1,a:2')",
        "transform_keys(map('a', 1, 'b', 2), (k, v) -> 'x')",
    ],
)
def test_a_key_twice_in_a_map_is_pysparks_error(local: Session, text: str) -> None:
    with pytest.raises(IllegalArgumentException, match=r"\[DUPLICATED_MAP_KEY\]"):
        answer(local, f"SELECT {text}")


def test_of_a_key_twice_in_json_the_last_value_is_kept(local: Session) -> None:
    assert answer(local, """SELECT from_json('{"a":1,"a":2}', 'map<string,int>')""") == {"a": 2}
    assert answer(local, """SELECT from_json('{"a":"1","a":"2"}', 'map<string,string>')['a']""") == "2"
    assert answer(local, "SELECT CAST(map('1', 1, '01', 2) AS MAP<INT, INT>)") == {1: 2}


def test_collect_list_keeps_the_order_of_the_rows(local: Session, tmp_path: Any) -> None:
    count = 300_000
    local.range(count).selectExpr("id AS v", "id % 3 AS k").write.parquet(str(tmp_path / "rows"))
    rows = local.read.parquet(str(tmp_path / "rows")).groupBy("k").agg(sf.collect_list("v").alias("all"))
    assert {row.k: row.all for row in rows.collect()} == {k: list(range(k, count, 3)) for k in range(3)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("width_bucket(5.35, NULL, 10.06, 5)", None),
        ("width_bucket(5.35, 0.024, 10.06, -5)", None),
        ("sort_array(array('b', 'd'), CAST(NULL AS BOOLEAN))", None),
        ("try_url_decode('http%3A%2F%2spark')", None),
        ("CAST(try_to_binary(' ab c=', 'base64') AS STRING) IS NULL", False),
        ("CAST(make_timestamp(2024, 1, 1, 1, 59, 60) AS STRING)", "2024-01-01 02:00:00"),
        ("try_make_timestamp(2024, 1, 1, 1, 1, 60.007)", None),
        ("CAST(to_timestamp('16', 'dd') AS STRING)", "1970-01-16 00:00:00"),
        ("try_multiply(10 div x, 3)", 15),
        ("(CAST(x AS DECIMAL(38,18)) / CAST(4 AS DECIMAL(38,18))) * CAST(2 AS DECIMAL(38,18))", Decimal(1)),
    ],
)
def test_odd_arguments_are_answered_as_by_pyspark(local: Session, text: str, expected: object) -> None:
    assert answer(local, f"SELECT {text} FROM VALUES (2) AS t(x)") == expected


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("make_timestamp(2024, 1, 1, 1, 1, 60.007)", "INVALID_FRACTION_OF_SECOND"),
        ("make_timestamp(2024, 1, 1, 1, 1, 61)", "DATETIME_FIELD_OUT_OF_BOUNDS"),
        ("make_date(2024, 13, 1)", "DATETIME_FIELD_OUT_OF_BOUNDS"),
        ("url_decode('%2')", "CANNOT_DECODE_URL"),
        ("try_add(x / 0, 1)", "DIVIDE_BY_ZERO"),
    ],
)
def test_what_cannot_be_answered_has_pysparks_condition(local: Session, text: str, condition: str) -> None:
    with pytest.raises(StreamcoreError, match=rf"\[{condition}\]"):
        answer(local, f"SELECT {text} FROM VALUES (2) AS t(x)")


@pytest.mark.parametrize("text", ["* EXCEPT (s.a)"])
def test_what_would_be_answered_otherwise_is_refused(local: Session, text: str) -> None:
    with pytest.raises((AnalysisException, UnsupportedOperationException), match="not offered"):
        answer(local, f"SELECT {text} FROM (SELECT struct(1 AS a) AS s)")


def test_nulls_in_a_column_of_stack_have_the_type_of_the_others(local: Session) -> None:
    assert answer(local, "SELECT stack(2, 1, NULL, NULL, 'b')") == [(1, None), (None, "b")]
