from __future__ import annotations

import datetime as dt
import decimal
from collections import namedtuple
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException
from streamcore.spi.row import Row
from streamcore.sql.session import Session

# Naive, as PySpark hands timestamps out.
NOON = dt.datetime(2020, 6, 1, 12)  # noqa: DTZ001
LONG_AGO = dt.datetime(1900, 1, 1)  # noqa: DTZ001

Pair = namedtuple("Pair", ["k", "v"])  # noqa: PYI024 - what users of PySpark pass


@pytest.mark.parametrize(
    "rows",
    [
        [(1, "x"), (2, None)],
        [[1, "x"], [2, None]],
        [Row(k=1, v="x"), Row(k=2, v=None)],
        [Row(v="x", k=1), Row(v=None, k=2)],
        [{"k": 1, "v": "x"}, {"k": 2}],
        [Pair(1, "x"), Pair(2, None)],
    ],
)
def test_rows_of_many_kinds_fit_one_schema(session: Session, rows: list[Any]) -> None:
    df = session.createDataFrame(rows, "k int, v string")
    assert df.collect() == [Row(k=1, v="x"), Row(k=2, v=None)]
    assert df.schema.simpleString() == "struct<k:int,v:string>"


def test_types_are_inferred_from_all_rows(session: Session) -> None:
    df = session.createDataFrame([(1, None, 1.0), (2, [3], 2)], ["a", "b"])
    assert df.dtypes == [("a", "bigint"), ("b", "array<bigint>"), ("_3", "double")]


def test_dicts_without_a_schema_have_their_fields_sorted(session: Session) -> None:
    assert session.createDataFrame([{"b": 1, "a": "x"}]).columns == ["a", "b"]


def test_plain_values_take_one_type(session: Session) -> None:
    assert session.createDataFrame([1, 2], "int").collect() == [Row(value=1), Row(value=2)]


def test_every_type_goes_in_and_comes_out_unchanged(session: Session) -> None:
    ddl = (
        "b boolean, t tinyint, s smallint, i int, l bigint, f float, d double, n decimal(10,2), w string, "
        "x binary, day date, at timestamp, wall timestamp_ntz, span interval day to second, xs array<int>, "
        "m map<string, int>, r struct<p: int, q: array<struct<z: string>>>"
    )
    row = (
        True, 1, 2, 3, 2**40, 0.5, 0.25, decimal.Decimal("1.50"), "w", b"\x00\xff", dt.date(2020, 2, 29),
        NOON, LONG_AGO, dt.timedelta(days=1, seconds=2), [1, None],
        {"k": 1, "j": None}, Row(p=1, q=[Row(z="deep")]),
    )  # fmt: skip
    nulls = (None,) * len(row)
    got = session.createDataFrame([row, nulls], ddl).collect()
    assert tuple(got[0]) == row
    assert tuple(got[1]) == nulls
    assert got[0].r.q[0].z == "deep"


def test_no_rows_need_a_schema(session: Session) -> None:
    assert session.createDataFrame([], "a int").collect() == []
    with pytest.raises(AnalysisException, match="CANNOT_INFER_EMPTY_SCHEMA"):
        session.createDataFrame([])


@pytest.mark.parametrize(
    ("rows", "ddl", "message"),
    [
        ([("x",)], "a int", r"field a: IntegerType\(\) can not accept object 'x' in type str"),
        ([(1.5,)], "a int", "can not accept object 1.5 in type float"),
        ([(1,)], "a string", r"StringType\(\) can not accept object 1 in type int"),
        ([(300,)], "a tinyint", "must be between -128 and 127"),
        ([(None,)], "a int not null", "field a: This field is not nullable"),
        ([([1, "x"],)], "a array<int>", "element in array a"),
        ([(1, 2)], "a int", "Length mismatch"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    session: Session, rows: list[Any], ddl: str, message: str
) -> None:
    with pytest.raises(AnalysisException, match=message):
        session.createDataFrame(rows, ddl)


def test_a_value_of_a_wrong_class_is_a_type_error_too(session: Session) -> None:
    with pytest.raises(TypeError):
        session.createDataFrame([("x",)], "a int")


def test_tables_of_other_libraries_are_taken_as_they_are(session: Session) -> None:
    expected = [Row(a=1, b="x"), Row(a=2, b=None)]
    arrow = pa.table({"a": [1, 2], "b": ["x", None]})
    assert session.createDataFrame(arrow).collect() == expected
    assert session.createDataFrame(pd.DataFrame({"a": [1, 2], "b": ["x", None]})).collect() == expected
    assert session.createDataFrame(arrow, ["x", "y"]).columns == ["x", "y"]


def test_numpy_arrays_have_one_column_per_axis(session: Session) -> None:
    assert session.createDataFrame(np.array([1, 2])).collect() == [Row(value=1), Row(value=2)]
    assert session.createDataFrame(np.array([[1, 2], [3, 4]])).columns == ["_1", "_2"]


def test_pandas_timestamps_are_in_the_machines_zone_both_ways(session: Session) -> None:
    frame = pd.DataFrame({"at": pd.to_datetime(["2020-06-01 12:00:00", None])})
    df = session.createDataFrame(frame)
    assert df.collect()[0].at == NOON
    assert df.toPandas().equals(frame.astype({"at": "datetime64[us]"}))


def test_a_hundred_thousand_rows_come_back_in_order(session: Session) -> None:
    rows = [(i, str(i)) for i in range(100_000)]
    assert [tuple(row) for row in session.createDataFrame(rows, "a int, b string").collect()] == rows


def test_text_is_not_a_list_of_rows(session: Session) -> None:
    with pytest.raises(AnalysisException, match="createDataFrame takes rows"):
        session.createDataFrame("abc", "a string")
