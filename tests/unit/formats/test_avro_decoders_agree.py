"""Both decoders of Avro read alike: what the fast one does not refuse, the other reads as the same values."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamcore.formats.avro.decoding import decoder
from streamcore.formats.avro.options import AvroOptions
from streamcore.formats.avro.writing import encoder
from streamcore.formats.batches import Decoder, Refused
from streamcore.formats.malformed import OnMalformed
from streamcore.spi.types import parse_data_type, to_arrow_type

_LONG = st.integers(-(2**63), 2**63 - 1)
_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(), "int": st.integers(-(2**31), 2**31 - 1), "long": _LONG,
    "float": st.floats(width=32), "double": st.floats(), "string": st.text(max_size=5),
}  # fmt: skip
_LOGICAL = {
    ("int", "date"): st.integers(-700_000, 2_900_000),
    ("long", "timestamp-millis"): st.integers(-(10**13), 10**14),
    ("long", "timestamp-micros"): st.integers(-(10**16), 10**17),
    ("long", "local-timestamp-millis"): st.integers(-(10**13), 10**14),
}


@st.composite
def _leaf(draw: st.DrawFn) -> tuple[Any, st.SearchStrategy[Any]]:
    kinds: list[str | tuple[str, str]] = [*_PRIMITIVES, "enum", *_LOGICAL]
    kind = draw(st.sampled_from(kinds))
    if kind == "enum":
        symbols = ["A", "B", "C"]
        # Names are made unique when the schema is whole.
        return {"type": "enum", "name": "?", "symbols": symbols}, st.sampled_from(symbols)
    if isinstance(kind, tuple):
        return {"type": kind[0], "logicalType": kind[1]}, _LOGICAL[kind]
    return kind, _PRIMITIVES[kind]


def _nested(
    inner: st.SearchStrategy[tuple[Any, st.SearchStrategy[Any]]],
) -> st.SearchStrategy[tuple[Any, st.SearchStrategy[Any]]]:
    def array(made: tuple[Any, st.SearchStrategy[Any]]) -> tuple[Any, st.SearchStrategy[Any]]:
        return {"type": "array", "items": made[0]}, st.lists(made[1], max_size=3)

    def nullable(made: tuple[Any, st.SearchStrategy[Any]], first: bool) -> tuple[Any, st.SearchStrategy[Any]]:
        branches = ["null", made[0]] if first else [made[0], "null"]
        return branches, st.none() | made[1]

    def record(made: list[tuple[Any, st.SearchStrategy[Any]]]) -> tuple[Any, st.SearchStrategy[Any]]:
        fields = [{"name": f"f{at}", "type": kind} for at, (kind, _) in enumerate(made)]
        values = st.fixed_dictionaries({f"f{at}": value for at, (_, value) in enumerate(made)})
        return {"type": "record", "name": "?", "fields": fields}, values

    not_null = inner.filter(lambda made: not isinstance(made[0], list))
    return st.one_of(
        inner.map(array),
        st.builds(nullable, not_null, st.booleans()),
        st.lists(inner, min_size=1, max_size=3).map(record),
    )


def _named(schema: Any, numbers: list[int]) -> Any:
    if isinstance(schema, list):
        return [_named(each, numbers) for each in schema]
    if not isinstance(schema, dict):
        return schema
    numbers.append(0)
    made = {
        key: _named(value, numbers) if key in ("items", "type") else value for key, value in schema.items()
    }
    if made.get("name") == "?":
        made["name"] = f"N{len(numbers)}"
    if "fields" in made:
        made["fields"] = [{**field, "type": _named(field["type"], numbers)} for field in made["fields"]]
    return made


@st.composite
def _messages(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    schema, values = draw(st.recursive(_leaf(), _nested, max_leaves=5))
    schema = _named(schema, [])
    parsed = fastavro.parse_schema(_without_logical(schema))
    rows = []
    for value in draw(st.lists(values, min_size=1, max_size=4)):
        written = io.BytesIO()
        fastavro.schemaless_writer(written, parsed, value)
        rows.append(written.getvalue())
    return json.dumps(schema), rows


def _without_logical(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_logical(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_logical(value) if key in ("items", "type", "fields") else value
        for key, value in schema.items()
        if key != "logicalType"
    }


def _slow(made: Decoder, rows: list[bytes]) -> pa.Array:
    return Decoder(made.sql, made.row, None, made.failure, made.on_malformed).values(rows)


def _same(one: pa.Array, other: pa.Array) -> bool:
    # By their texts: NaN is not equal to itself, and -0.0 is to 0.0.
    return one.type == other.type and repr(one.to_pylist()) == repr(other.to_pylist())


_QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_QUICK
@given(_messages())
def test_what_avro_writes_both_decoders_read_as_the_same_values(case: tuple[str, list[bytes]]) -> None:
    schema, rows = case
    made = decoder(schema, AvroOptions())
    assert made.fast is not None, "every drawn type is one that the fast decoder has"
    made.fast(rows)
    assert _same(made.values(rows), _slow(made, rows))


@_QUICK
@given(_messages(), st.data())
def test_of_damaged_bytes_the_fast_decoder_reads_nothing_else_than_the_other(
    case: tuple[str, list[bytes]], data: st.DataObject
) -> None:
    schema, rows = case
    row = bytearray(rows[0])
    for _ in range(data.draw(st.integers(1, 3))):
        if row:
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(row[: data.draw(st.integers(0, len(row)))])
    made = decoder(schema, AvroOptions(on_malformed=OnMalformed.NULL_FIELDS))
    assert made.fast is not None
    try:
        made.fast([damaged])
    except Refused:
        return
    assert _same(made.values([damaged]), _slow(made, [damaged]))


@_QUICK
@given(_messages())
def test_what_was_read_both_encoders_write_as_the_same_bytes(case: tuple[str, list[bytes]]) -> None:
    schema, rows = case
    made = decoder(schema, AvroOptions())
    values = made.values(rows)
    fast = encoder(made.sql.json(), nullable=True, schema=schema)
    slow = replace(fast, fast=None)
    assert fast.fast is not None or "timestamp-millis" in schema
    # What has no present value to write is null, and not the union's null.
    assert fast.encoded(values).to_pylist() == slow.encoded(values).to_pylist()


def test_a_null_in_a_struct_is_no_null_where_the_schema_has_none() -> None:
    inner = '{"type": "record", "name": "I", "fields": [{"name": "a", "type": "int"}]}'
    schema = f'{{"type": "record", "name": "R", "fields": [{{"name": "i", "type": ["null", {inner}]}}]}}'
    sql = parse_data_type("struct<i:struct<a:int>>")
    made = encoder(sql.json(), nullable=False, schema=schema)
    values = pa.array([{"i": {"a": 1}}, {"i": None}, None], to_arrow_type(sql))
    assert made.fast is not None
    assert made.encoded(values).to_pylist() == [b"\2\2", b"\0", None]
    assert made.encoded(values[1:]).to_pylist() == [b"\0", None], "a part of an array is one like any other"


@pytest.mark.parametrize(
    ("schema", "is_fast"),
    [
        ('"int"', True), ('["null", "string"]', True), ('{"type": "array", "items": "double"}', True),
        ('{"type": "enum", "name": "E", "symbols": ["A"]}', True),
        ('{"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}', True),
        ('{"type": "record", "name": "R", "fields": []}', False),
        ('"bytes"', False), ('{"type": "fixed", "name": "F", "size": 2}', False),
        ('{"type": "map", "values": "int"}', False), ('["int", "string"]', False), ('"null"', False),
        ('{"type": "bytes", "logicalType": "decimal", "precision": 4}', False),
    ],
)  # fmt: skip
def test_the_types_of_a_schema_alone_choose_its_decoder(schema: str, is_fast: bool) -> None:
    assert (decoder(schema, AvroOptions()).fast is not None) == is_fast
