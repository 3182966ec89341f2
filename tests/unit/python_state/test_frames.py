"""DataFrames that a function has made become the columns that it has promised, or an error that says why."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.execution.series import table_of_frames
from streamcore.spi.types import parse_ddl


def table(schema, *frames, zone="UTC"):
    return table_of_frames(list(frames), parse_ddl(schema), zone).to_pydict()


def test_no_frames_are_no_rows():
    assert table("a int, b string") == {"a": [], "b": []}


def test_columns_are_found_by_name_and_where_they_have_none_by_place():
    assert table("a int, b string", pd.DataFrame({"b": ["x"], "a": [1]})) == {"a": [1], "b": ["x"]}
    assert table("a int, b string", pd.DataFrame([[1, "x"]])) == {"a": [1], "b": ["x"]}


def test_large_integers_stay_what_they_are_beside_frames_with_missing_ones():
    large = 2**53 + 1
    found = table("a bigint", pd.DataFrame({"a": [large]}), pd.DataFrame({"a": [np.nan]}))
    assert found == {"a": [large, None]}


def test_naive_times_are_of_the_session_zone_and_others_of_their_own():
    moment = pd.Timestamp("2026-06-01 12:00")
    naive = pd.DataFrame({"t": [moment]})
    aware = pd.DataFrame({"t": [pd.Timestamp("2026-06-01 12:00", tz="UTC")]})
    utc = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    assert table("t timestamp", naive, zone="Europe/Berlin")["t"] == [utc - dt.timedelta(hours=2)]
    assert table("t timestamp", aware, zone="Europe/Berlin")["t"] == [utc]
    assert table("t timestamp_ntz", naive)["t"] == [moment.to_pydatetime()]


def test_all_kinds_of_values_are_taken():
    frame = pd.DataFrame(
        {
            "b": [True], "i": [np.int64(1)], "f": [0.5], "d": [decimal.Decimal("1.50")],
            "day": [dt.date(2026, 1, 1)], "s": ["x"], "raw": [b"x"], "a": [np.array([1, 2])],
            "m": [{"k": 1}], "r": [{"x": 1, "y": "z"}], "none": [None],
        }
    )  # fmt: skip
    schema = (
        "b boolean, i smallint, f float, d decimal(10, 2), day date, s string, raw binary, a array<int>, "
        "m map<string, int>, r struct<x: int, y: string>, none string"
    )
    found = {name: values[0] for name, values in table(schema, frame).items()}
    assert found == {
        "b": True, "i": 1, "f": 0.5, "d": decimal.Decimal("1.50"), "day": dt.date(2026, 1, 1), "s": "x",
        "raw": b"x", "a": [1, 2], "m": [("k", 1)], "r": {"x": 1, "y": "z"}, "none": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "value"),
    [("a int", "x"), ("a string", 1), ("a tinyint", 1000), ("a int", 1.5), ("a timestamp", "no time")],
)
def test_a_value_of_another_kind_is_refused_by_column(schema, value):
    with pytest.raises(ArgumentTypeError, match="output value of the column 'a'"):
        table(schema, pd.DataFrame({"a": [value]}))


def test_missing_columns_are_refused_by_name():
    with pytest.raises(IllegalArgumentException, match=r"Missing: b\. Unexpected: c\."):
        table("a int, b int", pd.DataFrame({"a": [1], "c": [2]}))
    with pytest.raises(IllegalArgumentException, match="Expected: 2 Actual: 1"):
        table("a int, b int", pd.DataFrame({"a": [1]}))


def test_the_table_has_the_promised_types():
    found = table_of_frames([pd.DataFrame({"a": [1]})], parse_ddl("a tinyint"), "UTC")
    assert found.schema.types == [pa.int8()]
