"""JSON: from_json, to_json, get_json_object and their kin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.json_sql import JsonRecord, read_json
from streamcore.duck.json_text import JsonText
from streamcore.duck.json_values import JsonReading
from streamcore.duck.quoting import string
from streamcore.duck.time_forms import TIME_OPTIONS, TimeForms
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.translation.casts import as_text
from streamcore.plan.translation.coercion import INT, STRING
from streamcore.plan.translation.core import Call, Compiled, TranslationContext, function
from streamcore.spi.dead_letters import OPTION as BAD_RECORDS_PATH
from streamcore.spi.options import Options
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    StructType,
    VariantType,
    holds_variant,
    parse_data_type,
    type_from_json,
)


def json_reading(options: Mapping[str, str], context: TranslationContext) -> JsonReading:
    """How JSON is read under Spark's options: timestampFormat, dateFormat, columnNameOfCorruptRecord, ..."""
    given = Options(options)
    given.setdefault("timeZone", context.time_zone)
    corrupt = given.get("columnNameOfCorruptRecord", "_corrupt_record")
    return JsonReading(TimeForms.of(given), corrupt, context.careful)


@dataclass(frozen=True)
class JsonCall:
    """What a call of from_json says besides its text."""

    schema: DataType
    reading: JsonReading
    is_failfast: bool

    def record(self, record: JsonRecord, text: str) -> str:
        """SQL of the value, which fails for a malformed record where the mode says so."""
        if not self.is_failfast:
            return record.value
        message = f"'Malformed records are detected in record parsing: ' || {text}"
        failing = f"CAST({raise_sql('MALFORMED_RECORD_IN_PARSING', message)} AS {type_text(self.schema)})"
        return f"CASE WHEN {record.malformed} THEN {failing} ELSE {record.value} END"


def json_call(call: Call) -> JsonCall:
    """The schema and the options of a call of from_json."""
    call.expect(2, 3)
    schema = schema_argument(call, 1)
    if not isinstance(schema, (StructType, ArrayType, MapType)):
        raise call.error(f"the schema must be a struct, an array or a map, not {schema.simpleString()}")
    options = options_argument(call, 2)
    # Bad records have left the rows before this runs (`plan.bad_parses`): with it only types are asked for.
    known = ("mode", "columnNameOfCorruptRecord", BAD_RECORDS_PATH, *TIME_OPTIONS)
    Options(options).reject_unknown(known, "from_json()")
    mode = next((value for key, value in options.items() if key.lower() == "mode"), "PERMISSIVE").upper()
    if mode not in ("PERMISSIVE", "FAILFAST"):
        raise AnalysisException(
            f"[PARSE_MODE_UNSUPPORTED] from_json() takes PERMISSIVE or FAILFAST, not {mode}."
        )
    return JsonCall(schema, json_reading(options, call.context), mode == "FAILFAST")


@function("from_json", shown="from_json({0})")
def _from_json(call: Call) -> Compiled:
    said = json_call(call)
    text = as_text(call.arg(0), call.context)
    value = said.record(read_json(text, said.schema, said.reading), text)
    return Compiled(value, said.schema, nullable=True)


def schema_argument(call: Call, index: int) -> DataType:
    """A schema given as DDL text, as JSON text, or as schema_of_json(...)."""
    node = call.nodes[index]
    if isinstance(node, exp.Anonymous) and node.name.lower() == "schema_of_json":
        raise UnsupportedOperationException("schema_of_json() is not offered; write the schema out.")
    return schema_of_text(str(call.constant(index)))


def schema_of_text(text: str) -> DataType:
    """The type that a text of DDL or JSON describes."""
    text = text.strip()
    if text.startswith("{"):
        return _type_of_json(text)
    if text.startswith('"'):
        return type_from_json(text.strip('"'))
    return parse_data_type(text)


def _type_of_json(text: str) -> DataType:
    try:
        return type_from_json(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise AnalysisException(f"Not a type in Spark's JSON form: {text[:200]!r}.") from error


def options_argument(call: Call, index: int) -> dict[str, str]:
    """Options given as map('key', 'value', ...)."""
    if index >= len(call.nodes):
        return {}
    node = call.nodes[index]
    found = [call.translator.compile(part).value for part in node.expressions]
    return {str(key): str(value) for key, value in zip(found[::2], found[1::2], strict=True)}


_PATH = re.compile(r"\$(?:\.[^.\[\]*'\"]+|\['[^']+'\]|\[\d+\])*\Z")


@function("get_json_object")
def _get_json_object(call: Call) -> Compiled:
    call.expect(2)
    text, path = call.arg(0), str(call.constant(1))
    if not _PATH.match(path):
        raise UnsupportedOperationException(
            f"The JSON path {path!r} is not offered: use $.field, ['field'] and [0]."
        )
    steps = re.findall(r"\.([^.\[\]]+)|\['([^']+)'\]|\[(\d+)\]", path)
    pointer = "$" + "".join(f"[{index}]" if index else f'."{one or other}"' for one, other, index in steps)
    value = as_text(text, call.context)
    guarded = f"CASE WHEN json_valid({value}) THEN {value} END" if call.context.careful else value
    return Compiled(f"json_extract_string({guarded}, {string(pointer)})", STRING, nullable=True)


@function("json_array_length")
def _array_length(call: Call) -> Compiled:
    call.expect(1)
    value = as_text(call.arg(0), call.context)
    guarded = f"CASE WHEN json_valid({value}) THEN {value} END"
    sql = f"CASE WHEN json_type({guarded}) = 'ARRAY' THEN CAST(json_array_length({guarded}) AS INTEGER) END"
    return Compiled(sql, INT, nullable=True)


@function("json_object_keys")
def _object_keys(call: Call) -> Compiled:
    call.expect(1)
    value = as_text(call.arg(0), call.context)
    guarded = f"CASE WHEN json_valid({value}) THEN {value} END"
    sql = f"CASE WHEN json_type({guarded}) = 'OBJECT' THEN json_keys({guarded}) END"
    return Compiled(sql, ArrayType(STRING), nullable=True)


@function("to_json")
def _to_json(call: Call) -> Compiled:
    call.expect(1, 2)
    value = call.arg(0)
    if not isinstance(value.type, (StructType, ArrayType, MapType, VariantType)):
        raise call.error("the argument must be a struct, an array, a map or a variant")
    options = Options(options_argument(call, 1))
    options.reject_unknown(("ignoreNullFields", *TIME_OPTIONS), "to_json()")
    options.setdefault("timeZone", call.context.time_zone)
    return Compiled(
        JsonText.of(options).value(value.sql, value.type), STRING, value.nullable or holds_variant(value.type)
    )
