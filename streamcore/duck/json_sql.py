"""SQL text that reads JSON text by a schema, with Spark's meaning.

DuckDB's from_json does the parsing: each field gets a leaf in its structure, and a leaf whose cast DuckDB
would do more loosely than Spark (numbers, booleans, times) is taken as raw JSON text and cast here.

Known differences: of two equal keys DuckDB takes the first, Spark the last; text after the first value, and
strings in single quotes, make a record malformed here, a comma before the closing bracket does not; a plain
value where a nested struct is expected gives a struct of nulls (and a malformed record), not a null.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.duck.quoting import identifier, string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class JsonReading:
    """How JSON text is read.

    Parameters
    ----------
    read_timestamp, read_ntz, read_date
        SQL of the TIMESTAMPTZ, TIMESTAMP or DATE in a text (SQL of type VARCHAR), null where it is none.
    corrupt_column
        The field of the schema that takes the text of a malformed record, if it is among the fields.
    careful
        Whether malformed JSON is expected; without it such a record fails the statement.
    """

    read_timestamp: Callable[[str], str]
    read_ntz: Callable[[str], str]
    read_date: Callable[[str], str]
    corrupt_column: str = "_corrupt_record"
    careful: bool = False


@dataclass(frozen=True)
class JsonRecord:
    """A record in SQL: the value, and whether the text was malformed or did not fit the schema."""

    value: str
    malformed: str


def read_json(text: str, schema: DataType, how: JsonReading) -> JsonRecord:
    """SQL that reads the VARCHAR `text`, one JSON value per row, as `schema` (struct, array or map).

    A field that is missing or does not fit is null, and the record is malformed in the latter case.
    The SQL names the parsing many times; where `parse_json` can stand in a query below, it runs once.
    """
    return read_parsed(_parsing(_as_kind(text, schema), schema, how), text, schema, how)


def parse_json(text: str, schema: DataType, how: JsonReading) -> str:
    """SQL of DuckDB's value of the JSON in `text`, for `read_parsed`; null for null and for malformed text.

    DuckDB copies what a column is made of into every filter above it, unless that is volatile: the branch
    for nulls is, and nothing else is evaluated there.
    """
    if how.careful:
        never = "CASE WHEN random() < 0 THEN NULL END"
        return (
            f"CASE WHEN {text} IS NULL THEN {never} ELSE {_parsing(_as_kind(text, schema), schema, how)} END"
        )
    kept = f"coalesce({_as_kind(text, schema)}, CASE WHEN random() < 0 THEN '' END)"
    return _parsing(kept, schema, how)


def read_parsed(parsed: str, text: str, schema: DataType, how: JsonReading) -> JsonRecord:
    """The record whose text is `text` and whose parsing is `parsed`, the column of a `parse_json`."""
    if not isinstance(schema, StructType):
        checks = _Checks()
        value = _any(parsed, schema, how, checks)
        return JsonRecord(value, _malformed(parsed, text, schema, checks))
    corrupt = _corrupt(schema, how)
    wanted = _without(schema, corrupt)
    checks = _Checks()
    fields = _fields(parsed, wanted, how, checks)
    malformed = _malformed(parsed, text, wanted, checks)
    if corrupt is not None:
        fields[corrupt] = f"CASE WHEN {malformed} THEN {text} END"
    absent = f"{text} IS NULL"
    if how.careful:
        absent += f" OR CASE WHEN ({parsed}) IS NULL THEN {_is_blank(text)} ELSE false END"
    return JsonRecord(f"CASE WHEN {absent} THEN NULL ELSE {_struct_pack(schema, fields)} END", malformed)


def read_parsed_field(parsed: str, text: str, schema: StructType, name: str, how: JsonReading) -> str:
    """One field of `read_parsed`: null where the record is."""
    if name == _corrupt(schema, how):
        return f"CASE WHEN {read_parsed(parsed, text, schema, how).malformed} THEN {text} END"
    return _any(f"({parsed})[{string(name)}]", schema[name].dataType, how, _Checks())


def _parsing(text: str, schema: DataType, how: JsonReading) -> str:
    wanted = _without(schema, _corrupt(schema, how)) if isinstance(schema, StructType) else schema
    parsed = f"from_json({text}, {string(json.dumps(_structure(wanted), ensure_ascii=False))})"
    return f"TRY({parsed})" if how.careful else parsed


def _as_kind(text: str, schema: DataType) -> str:
    """One object counts as an array of one."""
    if isinstance(schema, ArrayType) and isinstance(schema.elementType, StructType):
        return f"(CASE WHEN starts_with(ltrim({text}), '{{') THEN '[' || {text} || ']' ELSE {text} END)"
    return text


def _corrupt(schema: StructType, how: JsonReading) -> str | None:
    return how.corrupt_column if how.corrupt_column in schema.names else None


_BLANKS = "' ' || chr(9) || chr(10) || chr(13)"


def _is_blank(text: str) -> str:
    return f"trim({text}, {_BLANKS}) = ''"


def _malformed(parsed: str, text: str, schema: DataType, checks: _Checks) -> str:
    """Whether the record is malformed, or a value in it did not fit `schema`."""
    document = _as_kind(text, schema)
    # Of well-formed text the first sign tells the kind; DuckDB makes nulls of a value of another one.
    opening = f"'{_opening(schema)}'"
    other = f"NOT starts_with({document}, {opening}) AND ltrim({document}, {_BLANKS})[1] <> {opening}"
    broken = [f"({parsed}) IS NULL", f"({other})", *checks.failed]
    broken += _misfits(parsed, text, schema) if isinstance(schema, StructType) else []
    is_broken = f"CASE WHEN {' OR '.join(broken)} THEN NOT ({_is_blank(text)}) ELSE false END"
    return f"({text} IS NOT NULL AND {is_broken})"


def _opening(data_type: DataType) -> str:
    return "[" if isinstance(data_type, ArrayType) else "{"


def _kind(data_type: DataType) -> str:
    return "ARRAY" if isinstance(data_type, ArrayType) else "OBJECT"


def _misfits(parsed: str, text: str, schema: StructType) -> list[str]:
    """Conditions under which a nested field of the record is neither null nor of its kind."""
    found = []
    for each in schema.fields:
        if isinstance(each.dataType, (StructType, ArrayType, MapType)):
            value = f"({parsed})[{string(each.name)}]"
            # Only a value that came out empty is looked up in the text, which is parsed again for it.
            path = string(f'$."{each.name}"')
            document = (
                f"(CASE WHEN ({parsed}) IS NOT NULL AND {_is_empty(value, each.dataType)} THEN {text} END)"
            )
            found.append(
                f"coalesce(json_type({document}, {path}) NOT IN ('{_kind(each.dataType)}', 'NULL'), false)"
            )
    return found


def _is_empty(value: str, data_type: DataType) -> str:
    if not isinstance(data_type, StructType):
        return f"{value} IS NULL"
    fields = " AND ".join(_is_empty(f"{value}[{string(f.name)}]", f.dataType) for f in data_type.fields)
    return f"({value} IS NULL OR ({fields}))"


@dataclass
class _Checks:
    """Conditions under which a field did not fit."""

    failed: list[str] = field(default_factory=list)


def _without(schema: StructType, corrupt: str | None) -> StructType:
    return StructType([f for f in schema.fields if f.name != corrupt])


def _is_text(data_type: DataType) -> bool:
    return isinstance(data_type, (StringType, CharType, VarcharType))


def _structure(data_type: DataType) -> object:
    """The structure argument of from_json."""
    if _is_text(data_type):
        return "VARCHAR"
    if isinstance(data_type, StructType):
        names = [f.name.lower() for f in data_type.fields]
        if len(set(names)) < len(names) or not names:
            raise UnsupportedOperationException(
                f"JSON with fields that differ only in case, or with none, is not offered: {data_type.names}."
            )
        return {f.name: _structure(f.dataType) for f in data_type.fields}
    if isinstance(data_type, ArrayType):
        return [_structure(data_type.elementType)]
    if isinstance(data_type, MapType):
        if not _is_text(data_type.keyType):
            raise AnalysisException(f"The keys of a JSON map are strings: {data_type.simpleString()}.")
        return "MAP(VARCHAR, VARCHAR)" if _is_text(data_type.valueType) else "MAP(VARCHAR, JSON)"
    return "JSON"


def _fields(raw: str, struct: StructType, how: JsonReading, checks: _Checks) -> dict[str, str]:
    """The fields of a struct, by name."""
    fields = {}
    for each in struct.fields:
        fields[each.name] = _any(f"({raw})[{string(each.name)}]", each.dataType, how, checks)
    return fields


def _any(raw: str, data_type: DataType, how: JsonReading, checks: _Checks) -> str:
    """SQL of the value that stands at `raw`; what may not fit is added to the checks."""
    if _is_text(data_type):
        return raw
    if isinstance(data_type, StructType):
        packed = _struct_pack(data_type, _fields(raw, data_type, how, checks))
        return f"CASE WHEN {raw} IS NOT NULL THEN {packed} END"
    if isinstance(data_type, ArrayType):
        return _array(raw, data_type, how, checks)
    if isinstance(data_type, MapType):
        return _map(raw, data_type, how, checks)
    text = f"CAST({raw} AS VARCHAR)"
    value = _leaf(text, data_type, how)
    checks.failed.append(f"({raw} IS NOT NULL AND ({value}) IS NULL)")
    return value


def _leaf(text: str, data_type: DataType, how: JsonReading) -> str:
    """SQL of a leaf given as JSON text: strings still bear their quotes."""
    target = type_text(data_type)
    if isinstance(data_type, IntegralType):
        return f"CASE WHEN NOT contains({text}, '.') THEN TRY_CAST({text} AS {target}) END"
    if isinstance(data_type, (FloatType, DoubleType)):
        words = {"NaN": "nan", "Infinity": "inf", "+INF": "inf", "-Infinity": "-inf", "-INF": "-inf"}
        branches = " ".join(f"WHEN '\"{word}\"' THEN '{value}'" for word, value in words.items())
        special = f"CASE {text} {branches} END"
        return f"coalesce(TRY_CAST({text} AS {target}), CAST({special} AS {target}))"
    if isinstance(data_type, DecimalType):
        return f"TRY_CAST(trim({text}, '\"') AS {target})"
    if isinstance(data_type, BooleanType):
        return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END"
    quoted = f"starts_with({text}, '\"')"
    inner = f"trim({text}, '\"')"
    if isinstance(data_type, TimestampType):
        seconds = f"make_timestamptz(TRY_CAST({text} AS BIGINT) * 1000000)"
        number = f"CASE WHEN NOT contains({text}, '.') THEN {seconds} END"
        return f"CASE WHEN {quoted} THEN {how.read_timestamp(inner)} ELSE {number} END"
    if isinstance(data_type, TimestampNTZType):
        return f"CASE WHEN {quoted} THEN {how.read_ntz(inner)} END"
    if isinstance(data_type, DateType):
        return f"CASE WHEN {quoted} THEN {how.read_date(inner)} END"
    if isinstance(data_type, BinaryType):
        return f"CASE WHEN {quoted} THEN TRY(from_base64({inner})) END"
    raise UnsupportedOperationException(f"Reading {data_type.simpleString()} from JSON is not offered.")


def _array(raw: str, data_type: ArrayType, how: JsonReading, checks: _Checks) -> str:
    inner = _Checks()
    element = _any("e", data_type.elementType, how, inner)
    if element == "e":
        return raw
    converted = f"list_transform({raw}, lambda e: {element})"
    if not inner.failed or isinstance(data_type.elementType, StructType):
        return converted
    # One element that does not fit makes the whole array null.
    bad = f"list_bool_or(list_transform({raw}, lambda e: {' OR '.join(inner.failed)}))"
    checks.failed.append(f"coalesce({bad}, false)")
    return f"CASE WHEN {bad} THEN NULL ELSE {converted} END"


def _map(raw: str, data_type: MapType, how: JsonReading, checks: _Checks) -> str:
    raw = with_last_values(raw)
    if _is_text(data_type.valueType):
        return raw
    if isinstance(data_type.valueType, (StructType, ArrayType, MapType)):
        structure = string(json.dumps(_structure(data_type.valueType), ensure_ascii=False))
        value = _any(f"from_json(e.value, {structure})", data_type.valueType, how, _Checks())
    else:
        value = _leaf("CAST(e.value AS VARCHAR)", data_type.valueType, how)
    entry = f"struct_pack(k := e.key, v := {value})"
    misfit = f"e.value IS NOT NULL AND ({value}) IS NULL"
    bad = f"list_bool_or(list_transform(map_entries({raw}), lambda e: {misfit}))"
    checks.failed.append(f"coalesce({bad}, false)")
    converted = f"map_from_entries(list_transform(map_entries({raw}), lambda e: {entry}))"
    return f"CASE WHEN {bad} THEN NULL ELSE {converted} END"


def with_last_values(raw: str) -> str:
    """SQL of a map in which a key may stand twice, with the last value of each key."""
    keys = f"map_keys({raw})"
    later = f"list_slice({keys}, i + 1, len({keys}))"
    last = f"list_filter(map_entries({raw}), lambda e, i: NOT list_contains({later}, e.key))"
    # The search costs only where a key does stand twice.
    return f"CASE WHEN len(list_distinct({keys})) < len({keys}) THEN map_from_entries({last}) ELSE {raw} END"


def _struct_pack(schema: StructType, values: dict[str, str]) -> str:
    return f"struct_pack({', '.join(f'{identifier(f.name)} := {values[f.name]}' for f in schema.fields)})"
