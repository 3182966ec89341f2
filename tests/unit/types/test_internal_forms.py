"""toInternal, fromInternal, toNullable: Python values and types in the forms that PySpark's own code uses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from streamcore.errors import StreamcoreError
from streamcore.spi.row import Row
from streamcore.spi.types import (
    ByteType,
    DataType,
    MapType,
    ShortType,
    StringType,
    StructField,
    StructType,
    YearMonthIntervalType,
    parse_data_type,
)
from streamcore.sql.verification import type_verifier

DAY = dt.date(1970, 1, 11)
NOON = dt.datetime(1970, 1, 1, 0, 0, 1, 5)  # noqa: DTZ001 - naive, as PySpark's


@pytest.mark.parametrize(
    ("text", "value", "internal"),
    [
        ("date", DAY, 10),
        ("timestamp_ntz", NOON, 1_000_005),
        ("time", dt.time(0, 0, 1, 5), 1_000_005_000),
        ("interval day to second", dt.timedelta(seconds=2), 2_000_000),
        ("array<date>", [DAY, None], [10, None]),
        ("map<string, date>", {"a": DAY}, {"a": 10}),
        ("struct<d: date, n: int>", Row(d=DAY, n=1), (10, 1)),
        ("int", 5, 5),
        ("date", None, None),
    ],
)
def test_a_value_goes_to_its_internal_form_and_back(text: str, value: Any, internal: Any) -> None:
    data_type = parse_data_type(text)
    assert data_type.toInternal(value) == internal
    assert data_type.fromInternal(internal) == value


def test_a_timestamp_with_a_zone_is_an_instant() -> None:
    eight = dt.datetime(1970, 1, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert parse_data_type("timestamp").toInternal(eight) == 0


def test_months_have_no_internal_form() -> None:
    with pytest.raises(StreamcoreError, match="NOT_IMPLEMENTED"):
        YearMonthIntervalType().toInternal(1)


def test_every_level_of_a_type_becomes_nullable() -> None:
    inner = MapType(StringType(), StringType(), valueContainsNull=False)
    outer = StructType([StructField("m", inner, nullable=False)])
    assert outer.toNullable() == StructType([StructField("m", MapType(StringType(), StringType()))])


@pytest.mark.parametrize(
    ("data_type", "nullable", "value", "condition"),
    [
        (ByteType(), True, 1234, "VALUE_OUT_OF_BOUNDS"),
        (ByteType(), False, None, r"\[FIELD_NOT_NULLABLE\] Field is not nullable"),
        (parse_data_type("array<string>"), True, set(), r"\[FIELD_DATA_TYPE_UNACCEPTABLE\]"),
        (StructType([]), True, [1], "FIELD_STRUCT_LENGTH_MISMATCH"),
        (StructType().add("a", ShortType(), False), True, (None,), "WITH_NAME] field a: This field"),
    ],
)
def test_a_verifier_names_what_does_not_fit(
    data_type: DataType, nullable: bool, value: Any, condition: str
) -> None:
    with pytest.raises(StreamcoreError, match=condition):
        type_verifier(data_type, nullable)(value)
