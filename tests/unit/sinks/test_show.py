"""The expected texts are what PySpark 4.3 prints."""

# ruff: noqa: DTZ001 - times without a zone are a type of their own

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from streamcore.spi.cast_text import double_text, value_text
from streamcore.spi.show import show_string

_NAMES = ["你好世界", "a\nb\tc\r", "全角字", "한국", "e\u0301", "😀", "x" * 30, "你" * 15, "\x07\\"]
_WIDE = pa.table({"名": _NAMES, "v": [1, None, 2, 3, 5, 6, 7, 8, 9]})


def test_columns_line_up_for_full_width_characters_and_long_values_are_cut() -> None:
    assert show_string(_WIDE) == (
        "+------------------------------+----+\n"
        "|                            名|   v|\n"
        "+------------------------------+----+\n"
        "|                      你好世界|   1|\n"
        "|                     a\\nb\\tc\\r|NULL|\n"
        "|                        全角字|   2|\n"
        "|                          한국|   3|\n"
        "|                            e\u0301|   5|\n"
        "|                            😀|   6|\n"
        "|          xxxxxxxxxxxxxxxxx...|   7|\n"
        "|你你你你你你你你你你你你你你你|   8|\n"
        "|                           \\a\\|   9|\n"
        "+------------------------------+----+\n"
    )


def test_what_is_left_out_is_announced_and_untruncated_values_stand_left() -> None:
    assert show_string(_WIDE, 3, 0) == (
        "+---------+----+\n"
        "|名       |v   |\n"
        "+---------+----+\n"
        "|你好世界 |1   |\n"
        "|a\\nb\\tc\\r|NULL|\n"
        "|全角字   |2   |\n"
        "+---------+----+\n"
        "only showing top 3 rows"
    )


@pytest.mark.parametrize(
    ("width", "cells"), [(1, ("你", "a")), (4, ("你好世界", "a...")), (5, ("你好世界", "a\\..."))]
)
def test_a_narrow_cut_leaves_no_room_for_dots(width: int, cells: tuple[str, str]) -> None:
    lines = show_string(_WIDE, 2, width).splitlines()
    assert tuple(line.split("|")[1].strip() for line in lines[3:5]) == cells


def test_vertical_rows_are_records() -> None:
    assert show_string(_WIDE, 2, vertical=True) == (
        "-RECORD 0--------\n"
        " 名  | 你好世界  \n"
        " v   | 1         \n"
        "-RECORD 1--------\n"
        " 名  | a\\nb\\tc\\r \n"
        " v   | NULL      \n"
        "only showing top 2 rows"
    )


def test_no_rows_and_no_columns() -> None:
    assert show_string(pa.table({"a": []})) == "+---+\n|  a|\n+---+\n+---+\n"
    assert show_string(pa.table({"a": []}), vertical=True) == "(0 rows)"
    assert show_string(pa.table({"a": [1]}), 0) == "+---+\n|  a|\n+---+\n+---+\nonly showing top 0 rows"
    assert show_string(pa.table({"a": [1, 2]}).select([])) == "++\n||\n++\n||\n||\n++\n"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ([1, 2, None], pa.list_(pa.int32()), "[1, 2, NULL]"),
        ({"y": "z"}, pa.struct([("y", pa.string()), ("n", pa.null())]), "{z, NULL}"),
        ([("k", 1), ("j", None)], pa.map_(pa.string(), pa.int32()), "{k -> 1, j -> NULL}"),
        ([{"c": b"x"}], pa.list_(pa.struct([("b", pa.null()), ("c", pa.binary())])), "[{NULL, [78]}]"),
        (b"ab\n\xff", pa.binary(), "[61 62 0A FF]"),
        (dt.datetime(2020, 1, 2, 3, 4, 5, 123456), pa.timestamp("us"), "2020-01-02 03:04:05.123456"),
        (dt.datetime(2020, 1, 2, 3, 4, 5, 100000), pa.timestamp("us"), "2020-01-02 03:04:05.1"),
        (dt.datetime(1, 1, 1), pa.timestamp("us"), "0001-01-01 00:00:00"),
        (dt.date(9999, 12, 31), pa.date32(), "9999-12-31"),
        (dt.time(10, 11, 12, 500000), pa.time64("us"), "10:11:12.5"),
        (Decimal("1.100"), pa.decimal128(10, 3), "1.100"),
        (Decimal("0E-20"), pa.decimal128(38, 20), "0.00000000000000000000"),
        (True, pa.bool_(), "true"),
        (dt.timedelta(days=1, seconds=4.5), pa.duration("us"), "INTERVAL '1 00:00:04.5' DAY TO SECOND"),
        (pa.MonthDayNano((14, 0, 0)), pa.month_day_nano_interval(), "1 years 2 months"),
    ],
)  # fmt: skip
def test_values_are_written_as_spark_casts_them(value: object, kind: pa.DataType, text: str) -> None:
    assert value_text(pa.scalar(value, kind).as_py(), kind) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"), (1e10, "1.0E10"), (1e-5, "1.0E-5"), (1e7, "1.0E7"), (9999999.0, "9999999.0"),
        (0.001, "0.001"), (1e-4, "1.0E-4"), (-0.0, "-0.0"), (100.0, "100.0"), (1e22, "1.0E22"),
        (123456789.125, "1.23456789125E8"), (float("nan"), "NaN"), (float("inf"), "Infinity"),
        (-float("inf"), "-Infinity"),
    ],
)  # fmt: skip
def test_doubles_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert double_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.1, "1.1"), (1e20, "1.0E20"), (12345678.9, "1.2345679E7"), (3.4e38, "3.4E38")]
)
def test_floats_are_written_with_their_own_digits(value: float, text: str) -> None:
    assert double_text(float(np.float32(value)), 32) == text


def test_instants_are_shown_in_the_session_time_zone() -> None:
    table = pa.table({"t": pa.array([dt.datetime(2020, 7, 1, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))})
    assert "2020-07-01 02:00:00" in show_string(table, zone=ZoneInfo("Europe/Berlin"))
