from __future__ import annotations

import datetime as dt
import decimal
from collections import namedtuple
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.spi.row import Row
from streamcore.spi.types import infer_schema
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
        [{"k": 1, "v": "x"}, {"k": 2}],
        [Pair(1, "x"), Pair(2, None)],
    ],
)
def test_rows_of_many_kinds_fit_one_schema(session: Session, rows: list[Any]) -> None:
    df = session.createDataFrame(rows, "k int, v string")
    assert df.collect() == [Row(k=1, v="x"), Row(k=2, v=None)]
    assert df.schema.simpleString() == "struct<k:int,v:string>"


def test_types_are_inferred_from_all_rows(session: Session) -> None:
    df = session.createDataFrame([(1, None, 1.0), (2, [3], 2.0)], ["a", "b"])
    assert df.dtypes == [("a", "bigint"), ("b", "array<bigint>"), ("_3", "double")]


def test_rows_are_read_by_position_and_dicts_by_name(session: Session) -> None:
    assert session.createDataFrame([Row(a=1, b=2)], "b int, a int").collect() == [Row(b=1, a=2)]
    assert session.createDataFrame([{"a": 1, "b": 2}], "b int, a int").collect() == [Row(b=2, a=1)]
    assert session.createDataFrame([{"a": 1, "b": 2}], ["x", "y"]).collect() == [Row(x=1, y=2)]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.5, "1.5"), (True, "true"), ([1, 2], "[1, 2]"), (dt.date(2020, 1, 2), "2020-01-02")],
)
def test_a_text_is_made_of_any_value(session: Session, value: Any, text: str) -> None:
    assert session.createDataFrame([(value,)], "a string").collect() == [Row(a=text)]


def test_values_that_merge_into_text_are_texts(session: Session) -> None:
    assert session.createDataFrame([([True, "a", None],), (["b"],)]).first() == Row(_1=["true", "a", None])


def test_a_decimal_is_rounded_to_its_column(session: Session) -> None:
    one = session.createDataFrame([(Decimal("123.456"),)], "a decimal(5,2)")
    assert one.collect() == [Row(a=Decimal("123.46"))]
    with pytest.raises(StreamcoreError, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        session.createDataFrame([(Decimal("1e30"),)], "a decimal(5,2)")


@pytest.mark.parametrize(
    ("rows", "names", "condition"),
    [
        ([(1,), (1.5,)], None, "CANNOT_MERGE_TYPE"),
        ([(True,), (1,)], None, "CANNOT_MERGE_TYPE"),
        ([(None,), (None,)], None, "CANNOT_DETERMINE_TYPE"),
        ([([],)], None, "CANNOT_DETERMINE_TYPE"),
        ([(1, 2), (3,)], None, "STRUCT_ARRAY_LENGTH_MISMATCH"),
        ([(1, 2)], ["a", "b", "c"], "3 names for 2 columns"),
        ([], None, "CANNOT_INFER_EMPTY_SCHEMA"),
    ],
)
def test_rows_whose_types_cannot_be_told_are_refused(
    session: Session, rows: list[Any], names: list[str] | None, condition: str
) -> None:
    with pytest.raises(AnalysisException, match=condition):
        session.createDataFrame(rows, names)


def test_tables_of_other_columns_than_the_schema_are_refused(session: Session) -> None:
    with pytest.raises(AnalysisException, match="FIELD_STRUCT_LENGTH_MISMATCH"):
        session.createDataFrame(pa.table({"a": [1]}), "a int, b int")


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
        ([("x",)], "a int", r"field a: IntegerType\(\) can not accept object 'x' in type <class 'str'>"),
        ([(1.5,)], "a int", "can not accept object 1.5 in type <class 'float'>"),
        ([(300,)], "a tinyint", "must be between -128 and 127"),
        ([(None,)], "a int not null", "field a: This field is not nullable"),
        ([([1, "x"],)], "a array<int>", "element in array field a"),
        ([(1, 2)], "a int", "FIELD_STRUCT_LENGTH_MISMATCH"),
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


def test_plain_tuples_are_checked_as_any_rows_are(session: Session) -> None:
    def error(rows: list[object], schema: str) -> str:
        with pytest.raises(AnalysisException) as raised:
            session.createDataFrame(rows, schema).collect()
        return str(raised.value)

    # A row of a class of its own takes the way by rows.
    for row in ((1, 2), (1.5, "a"), (2**63, "a"), (None, "a"), (True, "a")):
        assert error([(1, "a"), row], "x long not null, y binary") == error(
            [Row(x=1, y="a"), row], "x long not null, y binary"
        )


def test_every_kind_of_plain_tuples_has_its_say_in_the_schema() -> None:
    rows: list[Any] = [(1, None), (None, "a"), (2, None), ("c", None), (3, "b")]
    assert infer_schema(rows, ["x", "y"]).simpleString() == "struct<x:string,y:string>"
    # What is no list is looked at row by row.
    assert infer_schema(iter(rows), ["x", "y"]) == infer_schema(rows, ["x", "y"])
