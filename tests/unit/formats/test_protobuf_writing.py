"""to_protobuf: structs as messages, and what has no place in one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException
from streamcore.formats.malformed import UnwritableError
from streamcore.formats.protobuf.descriptors import message_class, message_descriptor
from streamcore.formats.protobuf.writing import encoder
from streamcore.spi.types import parse_data_type, to_arrow_type
from tests.unit.formats.protobuf_files import descriptor_set

FILES = descriptor_set(
    {
        "Inner": ["int32 a", "string s"],
        "M": [
            "int32 i", "uint32 u", "uint64 big", "Color e", "Inner inner", "repeated int32 many",
            "repeated Inner inners", "map<string,Inner> map", "map<int32,string> names", "Timestamp at",
            "Duration span", "Int32Value wrapped",
        ],
    },
    {"Color": ["RED", "GREEN"]},
    imports=["timestamp", "duration", "wrappers"],
)  # fmt: skip
UTC = dt.UTC


def written(kind: str, value: Any, name: str = "M", files: bytes = FILES) -> Any:
    """The message that one struct is written as, read again by the library."""
    sql = parse_data_type(kind)
    (data,) = encoder(sql.json(), files, name).encoded(pa.array([value], to_arrow_type(sql))).to_pylist()
    return message_class(message_descriptor(files, name)).FromString(data)


def test_a_struct_is_written_field_by_field_and_null_is_left_out() -> None:
    found = written("struct<i:int,inner:struct<s:string,a:int>>", {"i": 5, "inner": {"s": "x", "a": None}})
    assert str(found) == 'i: 5\ninner {\n  s: "x"\n}\n'


def test_a_null_struct_is_null() -> None:
    sql = parse_data_type("struct<i:int>")
    made = encoder(sql.json(), FILES, "M").encoded(pa.array([None, {"i": 1}], to_arrow_type(sql)))
    assert made.to_pylist() == [None, b"\x08\x01"]


def test_lists_and_maps_are_written_with_their_messages() -> None:
    kind = (
        "struct<many:array<int>,inners:array<struct<a:int,s:string>>,map:map<string,struct<a:int,s:string>>>"
    )
    value = {"many": [1, 2], "inners": [{"a": 1, "s": None}], "map": [("k", {"a": 2, "s": None})]}
    found = written(kind, value)
    assert (list(found.many), found.inners[0].a, found.map["k"].a) == ([1, 2], 1, 2)


def test_a_map_of_values_writes_null_as_the_default() -> None:
    found = written("struct<names:map<int,string>>", {"names": [(1, "a"), (2, None)]})
    assert dict(found.names) == {1: "a", 2: ""}


def test_negative_numbers_are_the_upper_half_of_unsigned_ones() -> None:
    found = written("struct<u:int,big:bigint>", {"u": -1, "big": -1})
    assert (found.u, found.big) == (2**32 - 1, 2**64 - 1)


def test_symbols_are_written_by_name_and_by_number() -> None:
    assert written("struct<e:string>", {"e": "GREEN"}).e == 1
    assert written("struct<e:int>", {"e": 1}).e == 1


def test_times_keep_their_microseconds() -> None:
    value = {"at": dt.datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), "wrapped": 0}
    found = written("struct<at:timestamp,wrapped:int>", value)
    assert (found.at.seconds, found.at.nanos, found.HasField("wrapped")) == (-1, 1000, True)


def test_a_span_below_zero_is_so_in_both_parts() -> None:
    sql = parse_data_type("struct<span:interval day to second>")
    plain = pa.array([{"span": -1_500_000}], pa.struct([("span", pa.int64())]))
    (data,) = encoder(sql.json(), FILES, "M").encoded(plain).to_pylist()
    found = message_class(message_descriptor(FILES, "M")).FromString(data)
    assert (found.span.seconds, found.span.nanos) == (-1, -500_000_000)


@pytest.mark.parametrize(
    ("kind", "condition", "name"),
    [
        ("struct<nope:int>", "NO_SQL_TYPE_IN_PROTOBUF_SCHEMA", "nope"),
        ("struct<i:string>", "CANNOT_CONVERT_SQL_TYPE_TO_PROTOBUF_FIELD_TYPE", "field 'i'"),
        ("struct<i:bigint>", "CANNOT_CONVERT_SQL_TYPE_TO_PROTOBUF_FIELD_TYPE", "field 'i'"),
        ("struct<i:array<int>>", "CANNOT_CONVERT_SQL_TYPE_TO_PROTOBUF_FIELD_TYPE", "field 'i'"),
        (
            "struct<inner:struct<a:string>>",
            "CANNOT_CONVERT_SQL_TYPE_TO_PROTOBUF_FIELD_TYPE",
            "field 'inner.a'",
        ),
        ("int", "takes a STRUCT", "INT"),
    ],
)
def test_a_type_that_does_not_fit_is_told_before_any_row(kind: str, condition: str, name: str) -> None:
    with pytest.raises(AnalysisException, match=condition) as caught:
        encoder(parse_data_type(kind).json(), FILES, "M")
    assert name in str(caught.value)


def test_a_required_field_must_be_in_the_struct_and_null_writes_its_default() -> None:
    files = descriptor_set({"P": ["required int32 a = 5", "int32 b"]}, syntax="proto2")
    with pytest.raises(AnalysisException, match="PROTOBUF_FIELD_MISSING_IN_SQL_SCHEMA"):
        encoder(parse_data_type("struct<b:int>").json(), files, "P")
    assert written("struct<a:int>", {"a": None}, "P", files).a == 5


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("struct<e:string>", {"e": "BLUE"}, "CANNOT_CONVERT_SQL_VALUE_TO_PROTOBUF_ENUM_TYPE.*BLUE.*RED"),
        ("struct<many:array<int>>", {"many": [1, None]}, "field 'many.element'.*null"),
        ("struct<u:bigint>", {"u": 2**32}, "field 'u'.*has no place there"),
    ],
)
def test_a_value_without_a_place_fails_and_names_the_field(kind: str, value: Any, reason: str) -> None:
    with pytest.raises(UnwritableError, match=reason):
        written(kind, value)
