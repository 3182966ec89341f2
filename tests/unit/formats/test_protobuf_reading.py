"""from_protobuf: the types of fields, presence and defaults, options, and what is malformed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, MalformedRecordException
from streamcore.formats.batches import Decoder
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.descriptors import message_class, message_descriptor, protobuf
from streamcore.formats.protobuf.options import protobuf_options
from streamcore.spi.types import StructType
from tests.unit.formats.protobuf_files import descriptor_set

FILES = descriptor_set(
    {
        "Inner": ["int32 a", "string s"],
        "M": [
            "int32 i", "uint32 u", "uint64 big", "fixed32 fx", "double d", "bool b", "string s", "bytes y",
            "Color e", "Inner inner", "repeated int32 many", "repeated Inner inners", "map<string,Inner> map",
            "Timestamp at", "Duration span", "Int32Value wrapped", "repeated Color colors", "oneof int32 one",
            "oneof string two", "optional int32 maybe",
        ],
        "Node": ["int32 v", "Node next", "repeated Node more"],
        "Empty": [],
        "Holder": ["int32 v", "Empty empty", "Any any"],
    },
    {"Color": ["RED", "GREEN"]},
    imports=["timestamp", "duration", "wrappers", "any"],
)  # fmt: skip


def message(name: str, **fields: Any) -> bytes:
    made: bytes = message_class(message_descriptor(FILES, name))(**fields).SerializeToString()
    return made


def reader(name: str, **options: str) -> Decoder:
    return decoder(
        FILES, name, protobuf_options({key.replace("_", "."): value for key, value in options.items()})
    )


def read(name: str, rows: Sequence[bytes | None], **options: str) -> list[Any]:
    made = reader(name, **options)
    found = made.decoded(pa.array(rows, pa.binary()))
    slow = Decoder(made.sql, made.row, None, made.failure, made.on_malformed)
    other = slow.decoded(pa.array(rows, pa.binary()))
    assert other.type == found.type
    assert repr(other.to_pylist()) == repr(found.to_pylist()), "both decoders read alike"
    return list(found.to_pylist())


def test_a_field_without_presence_is_null_when_it_holds_nothing() -> None:
    (row,) = read("M", [b""])
    empty: dict[str, Any] = {"many": [], "inners": [], "map": [], "colors": []}
    assert row == {**dict.fromkeys(row), **empty}


def test_defaults_are_emitted_where_there_is_no_presence_to_tell() -> None:
    (row,) = read("M", [b""], emit_default_values="true")
    assert (row["i"], row["s"], row["y"], row["b"], row["e"], row["d"]) == (0, "", b"", False, "RED", 0.0)
    assert (row["inner"], row["at"], row["wrapped"], row["maybe"], row["one"]) == (None,) * 5


def test_a_negative_zero_is_a_value() -> None:
    (row,) = read("M", [message("M", d=-0.0)])
    assert repr(row["d"]) == "-0.0"


def test_what_is_present_is_read_though_it_is_the_default() -> None:
    (row,) = read("M", [message("M", maybe=0, inner={}, wrapped={}, one=0)])
    assert (row["maybe"], row["inner"], row["one"]) == (0, {"a": None, "s": None}, 0)
    assert row["wrapped"] == {"value": None}


def test_null_is_null_among_messages() -> None:
    rows = read("M", [message("M", i=1), None, message("M", inner={"a": 2})])
    assert [row and (row["i"], row["inner"]) for row in rows] == [
        (1, None),
        None,
        (None, {"a": 2, "s": None}),
    ]


def test_unsigned_numbers_wrap_around_unless_they_are_read_wider() -> None:
    data = [message("M", u=2**32 - 1, big=2**64 - 1, fx=2**32 - 1)]
    (row,) = read("M", data)
    assert (row["u"], row["big"], row["fx"]) == (-1, -1, -1)
    (row,) = read("M", data, upcast_unsigned_ints="true")
    assert (row["u"], int(row["big"]), row["fx"]) == (2**32 - 1, 2**64 - 1, -1)


def test_an_enum_is_its_name_or_its_number_and_an_unknown_one_says_so() -> None:
    data = [message("M", e=1, colors=[0, 1, 7])]
    (row,) = read("M", data)
    assert (row["e"], row["colors"]) == ("GREEN", ["RED", "GREEN", "UNKNOWN_ENUM_VALUE_Color_7"])
    (row,) = read("M", data, enums_as_ints="true")
    assert (row["e"], row["colors"]) == (1, [0, 1, 7])


def test_times_and_spans_are_cut_to_microseconds_towards_zero() -> None:
    data = [message("M", at={"seconds": -1, "nanos": 1999}, span={"seconds": -1, "nanos": -1999})]
    (row,) = read("M", data)
    assert row["at"] == dt.datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=dt.UTC)
    assert row["span"] == -1_000_001, "the engine has spans as numbers"


def test_wrappers_are_unwrapped_when_asked() -> None:
    rows = read("M", [message("M", wrapped={"value": 0}), b""], unwrap_primitive_wrapper_types="true")
    assert [row["wrapped"] for row in rows] == [0, None]


def test_of_two_equal_keys_of_a_map_the_last_counts() -> None:
    twice = message("M", map={"k": {"a": 1}}) + message("M", map={"k": {"a": 2}})
    assert read("M", [twice])[0]["map"] == [("k", {"a": 2, "s": None})]


def test_a_recursive_message_needs_a_depth() -> None:
    with pytest.raises(AnalysisException, match=r"RECURSIVE_PROTOBUF_SCHEMA.*t.Node.next"):
        reader("Node")


@pytest.mark.parametrize(
    ("depth", "kind"),
    [
        ("1", "struct<v:int>"),
        ("2", "struct<v:int,next:struct<v:int>,more:array<struct<v:int>>>"),
    ],
)
def test_a_recursive_message_is_cut_off_at_its_depth(depth: str, kind: str) -> None:
    assert reader("Node", recursive_fields_max_depth=depth).sql.simpleString() == kind


def test_a_recursive_message_is_read_to_its_depth() -> None:
    data = [message("Node", v=1, next={"v": 2, "next": {"v": 3}})]
    assert read("Node", data, recursive_fields_max_depth="2") == [{"v": 1, "next": {"v": 2}, "more": []}]


def test_a_depth_beyond_ten_is_refused() -> None:
    with pytest.raises(AnalysisException, match="between 1 and 10"):
        reader("Node", recursive_fields_max_depth="11")


def test_an_empty_message_is_left_out_unless_it_is_asked_for() -> None:
    assert "empty" not in reader("Holder").sql.simpleString()
    kept = reader("Holder", retain_empty_message_types="true")
    assert "empty:struct<__dummy_field_in_empty_struct:string>" in kept.sql.simpleString()
    (row,) = read("Holder", [message("Holder", v=1, empty={})], retain_empty_message_types="true")
    assert row["empty"] == {"__dummy_field_in_empty_struct": None}


def test_a_message_of_any_type_is_its_type_and_bytes_or_json() -> None:
    made = message_class(message_descriptor(FILES, "Holder"))()
    made.any.Pack(message_class(message_descriptor(FILES, "Inner"))(a=1, s="é"))
    data = [made.SerializeToString()]
    assert read("Holder", data)[0]["any"]["type_url"] == "type.googleapis.com/t.Inner"
    (row,) = read("Holder", data, convert_any_fields_to_json="true")
    assert row["any"] == '{"@type":"type.googleapis.com/t.Inner","a":1,"s":"é"}'


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\x08", "Error parsing message"), (b"\x0a\x01x", "field i: its value was written as another type")],
)
def test_a_malformed_message_fails_and_says_where(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedRecordException, match=reason) as caught:
        read("M", [message("M", i=1), data])
    assert caught.value.getCondition() == "MALFORMED_PROTOBUF_MESSAGE"
    assert "row 1 of its batch" in str(caught.value)


def test_a_malformed_message_is_a_struct_of_nulls_in_permissive_mode() -> None:
    rows = read("Inner", [b"\x08", message("Inner", a=1), b"\x0a\x01x"], mode="PERMISSIVE")
    assert rows == [{"a": None, "s": None}, {"a": 1, "s": None}, {"a": None, "s": None}]


def test_fields_that_the_descriptor_does_not_know_are_passed_over() -> None:
    assert read("Inner", [message("M", s="x", e=1, i=3, y=b"q")]) == [{"a": 3, "s": None}]


def test_defaults_of_proto2_are_read() -> None:
    files = descriptor_set({"P": ["int32 a = 5", "int32 b", "required int32 c"]}, syntax="proto2")
    made = decoder(files, "P", protobuf_options({}))
    assert isinstance(made.sql, StructType)
    assert [field.nullable for field in made.sql.fields] == [True, True, False]
    assert made.decoded(pa.array([b"\x18\x01"], pa.binary())).to_pylist() == [{"a": 5, "b": None, "c": 1}]
    with pytest.raises(MalformedRecordException, match="field c: without a value that is required"):
        made.decoded(pa.array([b""], pa.binary()))


def test_a_message_that_the_descriptor_has_not_is_refused() -> None:
    with pytest.raises(AnalysisException, match=r"PROTOBUF_MESSAGE_NOT_FOUND.*Nope"):
        reader("Nope")


def test_bytes_that_are_no_descriptor_set_are_refused() -> None:
    with pytest.raises(AnalysisException, match="CANNOT_PARSE_PROTOBUF_DESCRIPTOR"):
        message_descriptor(b"\xff\xff", "M")


def test_a_missing_import_is_named() -> None:
    files = protobuf("descriptor_pb2").FileDescriptorSet()
    files.ParseFromString(descriptor_set({"A": ["int32 a"]}))
    files.file[0].dependency.append("other.proto")
    with pytest.raises(AnalysisException, match=r"PROTOBUF_DEPENDENCY_NOT_FOUND.*other.proto"):
        message_descriptor(files.SerializeToString(), "A")


def test_an_unknown_option_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(IllegalArgumentException, match=r"enums\.as\.ints"):
        reader("M", enums_as_int="true")


@pytest.mark.parametrize(("name", "is_fast"), [("M", True), ("Inner", True), ("Node", False)])
def test_the_descriptor_alone_chooses_the_decoder(name: str, is_fast: bool) -> None:
    assert (reader(name, recursive_fields_max_depth="3").fast is not None) == is_fast
