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
    """
    if isinstance(schema, ArrayType) and isinstance(schema.elementType, StructType):
        # One object counts as an array of one.
        text = f"(CASE WHEN starts_with(ltrim({text}), '{{') THEN '[' || {text} || ']' ELSE {text} END)"
    corrupt = (
        how.corrupt_column if isinstance(schema, StructType) and how.corrupt_column in schema.names else None
    )
    wanted = _without(schema, corrupt)
    structure = string(json.dumps(_structure(wanted), ensure_ascii=False))
    raw = f"from_json({text}, {structure})"
    if how.careful:
        raw = f"TRY({raw})"
    checks = _Checks()
    fields = _fields(raw, wanted, how, checks) if isinstance(wanted, StructType) else {}
    value = _any(raw, wanted, how, checks) if not isinstance(wanted, StructType) else ""
    is_blank = f"trim({text}, ' ' || chr(9) || chr(10) || chr(13)) = ''"
    broken = [f"({raw}) IS NULL", *checks.failed]
    # DuckDB makes nulls of a value of another kind.
    document = f"(CASE WHEN ({raw}) IS NOT NULL THEN {text} END)"
    broken += [f"json_type({document}) <> '{_kind(schema)}'", *_misfits(document, wanted)]
    malformed = f"({text} IS NOT NULL AND NOT ({is_blank}) AND ({' OR '.join(broken)}))"
    if not isinstance(schema, StructType):
        return JsonRecord(value, malformed)
    if corrupt is not None:
        fields[corrupt] = f"CASE WHEN {malformed} THEN {text} END"
    packed = _struct_pack(schema, fields)
    absent = f"{text} IS NULL OR {is_blank}" if how.careful else f"{text} IS NULL"
    return JsonRecord(f"CASE WHEN {absent} THEN NULL ELSE {packed} END", malformed)


def _kind(data_type: DataType) -> str:
    return "ARRAY" if isinstance(data_type, ArrayType) else "OBJECT"


def _misfits(document: str, schema: DataType) -> list[str]:
    """Conditions under which a nested field of the record is neither null nor of its kind."""
    if not isinstance(schema, StructType):
        return []
    found = []
    for each in schema.fields:
        if isinstance(each.dataType, (StructType, ArrayType, MapType)):
            path = string(f'$."{each.name}"')
            found.append(
                f"coalesce(json_type({document}, {path}) NOT IN ('{_kind(each.dataType)}', 'NULL'), false)"
            )
    return found


@dataclass
class _Checks:
    """Conditions under which a field did not fit."""

    failed: list[str] = field(default_factory=list)


def _without(schema: DataType, corrupt: str | None) -> DataType:
    if corrupt is None or not isinstance(schema, StructType):
        return schema
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


def _struct_pack(schema: StructType, values: dict[str, str]) -> str:
    return f"struct_pack({', '.join(f'{identifier(f.name)} := {values[f.name]}' for f in schema.fields)})"
