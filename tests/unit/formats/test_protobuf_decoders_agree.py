"""Both decoders of Protobuf read alike, of whole messages and of damaged ones."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streamcore.formats.arrays import plain_type
from streamcore.formats.batches import Refused
from streamcore.formats.malformed import OnMalformed
from streamcore.formats.protobuf.decoding import decoder
from streamcore.formats.protobuf.descriptors import message_class, message_descriptor
from streamcore.formats.protobuf.options import ProtobufOptions
from tests.unit.formats.protobuf_files import descriptor_set

FILES = descriptor_set(
    {
        "Inner": ["sint32 a", "string s", "repeated Color colors"],
        "M": [
            "int32 i", "uint64 u", "float f", "double d", "bool b", "string s", "bytes y", "Color e",
            "Inner inner", "repeated int64 many", "repeated Inner inners", "map<int32,Inner> map",
            "Timestamp at", "Duration span", "StringValue wrapped", "oneof int32 one", "oneof Inner two",
            "optional bool maybe",
        ],
    },
    {"Color": ["RED", "GREEN"]},
    imports=["timestamp", "duration", "wrappers"],
)  # fmt: skip
MESSAGE = message_class(message_descriptor(FILES, "M"))

_INT = st.integers(-(2**31), 2**31 - 1)
_TEXT = st.text(max_size=4)
_COLOR = st.sampled_from([0, 1, 5])
_INNER = st.fixed_dictionaries({}, optional={"a": _INT, "s": _TEXT, "colors": st.lists(_COLOR, max_size=2)})
_MOMENT = st.fixed_dictionaries(
    {"seconds": st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**9), 10**9), "nanos": _INT}
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "i": _INT, "u": st.integers(0, 2**64 - 1), "f": st.floats(width=32), "d": st.floats(), "b": st.booleans(),
    "s": _TEXT, "y": st.binary(max_size=3), "e": _COLOR, "inner": _INNER,
    "many": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3), "inners": st.lists(_INNER, max_size=2),
    "map": st.dictionaries(_INT, _INNER, max_size=1), "at": _MOMENT, "span": _MOMENT,
    "wrapped": st.fixed_dictionaries({}, optional={"value": _TEXT}), "one": _INT, "two": _INNER,
    "maybe": st.booleans(),
}  # fmt: skip
_MESSAGES = st.fixed_dictionaries({}, optional=_FIELDS).map(
    lambda fields: MESSAGE(**fields).SerializeToString()
)
_OPTIONS = st.builds(
    ProtobufOptions,
    on_malformed=st.just(OnMalformed.NULL_FIELDS),
    emits_defaults=st.booleans(),
    enums_as_ints=st.booleans(),
    upcasts_unsigned=st.booleans(),
    unwraps=st.booleans(),
)
_QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(rows: list[bytes], options: ProtobufOptions) -> None:
    made = decoder(FILES, "M", options)
    assert made.fast is not None
    try:
        fast = made.fast(rows)
    except Refused:
        return
    slow = pa.array([made.row(row) for row in rows], plain_type(made.sql))
    assert fast.type == slow.type
    # By their texts: NaN is not equal to itself, and -0.0 is to 0.0.
    assert repr(fast.to_pylist()) == repr(slow.to_pylist())


@_QUICK
@given(st.lists(_MESSAGES, min_size=1, max_size=3), _OPTIONS)
@example([MESSAGE(at={"seconds": 2**62}).SerializeToString()], ProtobufOptions(OnMalformed.NULL_FIELDS))
def test_whole_messages_are_read_alike(rows: list[bytes], options: ProtobufOptions) -> None:
    check(rows, options)


@_QUICK
@given(_MESSAGES, st.data())
def test_damaged_messages_are_read_alike_or_refused(row: bytes, data: st.DataObject) -> None:
    damaged = bytearray(row)
    for _ in range(data.draw(st.integers(1, 3))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    check([bytes(damaged)], ProtobufOptions(OnMalformed.NULL_FIELDS))
