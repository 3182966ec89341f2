"""SQL text that reads JSON records by a schema, with Spark's meaning: for from_json, and for files.

Known differences: of two equal keys from_json takes the first, Spark the last (files take the last, too, but
for the keys of nested objects); text after the first value, and strings in single quotes, make a record
malformed here, a comma before the closing bracket does not; JSON within a field of text comes without blanks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streamcore.duck.json_exact import Place, has_many_digits, marked, structure_text
from streamcore.duck.json_values import (
    Checks,
    JsonReading,
    is_empty,
    struct_pack,
    structure,
    structure_type,
    value_of,
)
from streamcore.duck.quoting import string
from streamcore.spi.types import ArrayType, DataType, MapType, StructType

_BLANKS = "' ' || chr(9) || chr(10) || chr(13)"


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
        checks = Checks()
        value = _exactly(parsed, text, schema, how, checks, None)
        return JsonRecord(value, _malformed(parsed, text, schema, checks))
    corrupt = _corrupt(schema, how)
    wanted = _without(schema, corrupt)
    checks = Checks()
    fields = {f.name: _field(parsed, text, f.name, wanted, how, checks) for f in wanted.fields}
    malformed = _malformed(parsed, text, wanted, checks)
    if corrupt is not None:
        fields[corrupt] = f"CASE WHEN {malformed} THEN {text} END"
    absent = f"{text} IS NULL"
    if how.careful:
        absent += f" OR CASE WHEN ({parsed}) IS NULL THEN {_is_blank(text)} ELSE false END"
    return JsonRecord(f"CASE WHEN {absent} THEN NULL ELSE {struct_pack(schema, fields)} END", malformed)


def read_parsed_field(parsed: str, text: str, schema: StructType, name: str, how: JsonReading) -> str:
    """One field of `read_parsed`: null where the record is."""
    if name == _corrupt(schema, how):
        return f"CASE WHEN {read_parsed(parsed, text, schema, how).malformed} THEN {text} END"
    return _field(parsed, text, name, schema, how, Checks())


@dataclass(frozen=True)
class JsonColumn:
    """A column of DuckDB's JSON reader: its type there, and SQL of its value and of whether that misfits.

    The value fails the statement where it would not be exact.
    """

    type: str
    value: str
    misfit: str


def read_column(raw: str, data_type: DataType, how: JsonReading) -> JsonColumn:
    """How a column `raw` of DuckDB's JSON reader is read, which fails for what is of another kind."""
    checks = Checks()
    value = value_of(raw, data_type, how, checks, None)
    inexact = [*checks.rounded, *checks.rewritten]
    if inexact:
        # A cast that fails, not error(): a volatile call would keep filters above all that is read.
        told = f"'a number is not kept as it is written: ' || CAST({raw} AS VARCHAR)"
        failing = f"CASE WHEN CAST({told} AS BOOLEAN) THEN NULL END"
        value = f"CASE WHEN {' OR '.join(inexact)} THEN {failing} ELSE {value} END"
    return JsonColumn(structure_type(data_type), value, f"({' OR '.join(checks.failed) or 'false'})")


def _field(parsed: str, text: str, name: str, schema: StructType, how: JsonReading, checks: Checks) -> str:
    return _exactly(f"({parsed})[{string(name)}]", text, schema[name].dataType, how, checks, name)


def _exactly(
    raw: str, text: str, data_type: DataType, how: JsonReading, checks: Checks, name: str | None
) -> str:
    """The value at `raw`, which is read again from the marked text where it would not be exact."""
    own = Checks()
    whole = Place(text)
    value = value_of(raw, data_type, how, own, whole if name is None else whole.field(name))
    checks.failed += own.failed
    lossy = own.rewritten
    if own.rounded:
        # With fewer digits nothing was lost.
        digits = f"CASE WHEN {' OR '.join(own.rounded)} THEN {has_many_digits(text)} ELSE false END"
        lossy = [*lossy, digits]
    if not lossy:
        return value
    again = structure(data_type) if name is None else {name: structure(data_type)}
    parsed = f"from_json({marked(text)}, {structure_text(again)})"
    taken = "m" if name is None else f"(m)[{string(name)}]"
    inner = value_of(taken, data_type, replace(how, is_marked=True), Checks(), None)
    exact = f"list_transform([{parsed}], lambda m: {inner})[1]"
    return f"CASE WHEN {' OR '.join(lossy)} THEN {exact} ELSE {value} END"


def _parsing(text: str, schema: DataType, how: JsonReading) -> str:
    wanted = _without(schema, _corrupt(schema, how)) if isinstance(schema, StructType) else schema
    parsed = f"from_json({text}, {structure_text(structure(wanted))})"
    return f"TRY({parsed})" if how.careful else parsed


def _as_kind(text: str, schema: DataType) -> str:
    """One object counts as an array of one."""
    if isinstance(schema, ArrayType) and isinstance(schema.elementType, StructType):
        return f"(CASE WHEN starts_with(ltrim({text}), '{{') THEN '[' || {text} || ']' ELSE {text} END)"
    return text


def _corrupt(schema: StructType, how: JsonReading) -> str | None:
    return how.corrupt_column if how.corrupt_column in schema.names else None


def _is_blank(text: str) -> str:
    return f"trim({text}, {_BLANKS}) = ''"


def _malformed(parsed: str, text: str, schema: DataType, checks: Checks) -> str:
    """Whether the record is malformed, or a value in it did not fit `schema`."""
    document = _as_kind(text, schema)
    # Of well-formed text the first sign tells the kind; DuckDB makes nulls of a value of another one.
    opening = f"'{_opening(schema)}'"
    other = f"NOT starts_with({document}, {opening}) AND ltrim({document}, {_BLANKS})[1] <> {opening}"
    broken = [f"({parsed}) IS NULL", f"({other})", *checks.failed]
    broken += _misfits(parsed, schema, Place(text)) if isinstance(schema, StructType) else []
    is_broken = f"CASE WHEN {' OR '.join(broken)} THEN NOT ({_is_blank(text)}) ELSE false END"
    return f"({text} IS NOT NULL AND {is_broken})"


def _opening(data_type: DataType) -> str:
    return "[" if isinstance(data_type, ArrayType) else "{"


def _kind(data_type: DataType) -> str:
    return "ARRAY" if isinstance(data_type, ArrayType) else "OBJECT"


def _misfits(parsed: str, schema: StructType, place: Place) -> list[str]:
    """Conditions under which a nested field of the record is neither null nor of its kind."""
    found = []
    for each in schema.fields:
        inner = place.field(each.name)
        if inner is None or not isinstance(each.dataType, (StructType, ArrayType, MapType)):
            continue
        value = f"({parsed})[{string(each.name)}]"
        # Only a value that came out empty is looked up in the text, which is parsed again for it.
        document = (
            f"(CASE WHEN ({parsed}) IS NOT NULL AND {is_empty(value, each.dataType)} THEN {place.text} END)"
        )
        kind = f"json_type({document}, {string(inner.path)})"
        found.append(f"coalesce({kind} NOT IN ('{_kind(each.dataType)}', 'NULL'), false)")
        if isinstance(each.dataType, StructType):
            found += _misfits(value, each.dataType, inner)
    return found


def _without(schema: StructType, corrupt: str | None) -> StructType:
    return StructType([f for f in schema.fields if f.name != corrupt])
