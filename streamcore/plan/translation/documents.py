"""CSV and XML within columns, by the reading and writing of JSON; XPath; schemas of one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from streamcore.duck.json_sql import read_json
from streamcore.duck.native import schemas
from streamcore.duck.native.xml_trees import MalformedXml
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.errors import AnalysisException
from streamcore.plan.translation.casts import as_text
from streamcore.plan.translation.coercion import DOUBLE, FLOAT, INT, LONG, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.json import json_reading, options_argument, schema_of_text
from streamcore.plan.translation.native import cast_arguments, native
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    MapType,
    ShortType,
    StructType,
)

_TIMES = ("timestampformat", "dateformat", "timestampntzformat", "timezone")
_CSV = {
    "sep": ",", "quote": '"', "escape": "\\", "nullvalue": "", "mode": "PERMISSIVE",
    "ignoreleadingwhitespace": "false", "ignoretrailingwhitespace": "false",
}  # fmt: skip
_CSV_WRITTEN = {
    "sep": ",", "quote": '"', "escape": "\\", "nullvalue": "", "emptyvalue": '""', "quoteall": "false",
    "ignoreleadingwhitespace": "true", "ignoretrailingwhitespace": "true",
}  # fmt: skip
_XML = {"attributeprefix": "_", "valuetag": "_VALUE", "nullvalue": "", "mode": "PERMISSIVE"}
_XML_WRITTEN = {
    "rowtag": "ROW", "arrayelementname": "item", "attributeprefix": "_", "valuetag": "_VALUE",
    "indent": "    ",
}  # fmt: skip


def _options(call: Call, index: int, known: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The options with their defaults, and those of times; one that is not known is refused."""
    given = {key.lower(): value for key, value in options_argument(call, index).items()}
    if "delimiter" in given and "sep" in known:
        given["sep"] = given.pop("delimiter")
    times = {key: given.pop(key) for key in _TIMES if key in given}
    for key in given.keys() - known.keys():
        raise call.error(f"its option {key!r} is not offered")
    return {**known, **given}, times


def _schema(call: Call) -> StructType:
    node = call.nodes[1]
    if isinstance(node, exp.Anonymous) and node.name.lower().startswith("schema_of_"):
        found = schema_of_text(str(call.arg(1).value))
    else:
        found = schema_of_text(str(call.constant(1)))
    if not isinstance(found, StructType):
        raise call.error(f"the schema must be a struct, not {found.simpleString()}")
    return found


def _refuse_fields(call: Call, kind: DataType, refused: tuple[type[DataType], ...]) -> None:
    """Refuses fields of these types, which Spark writes and reads in forms of their own."""
    if isinstance(kind, refused):
        raise call.error(f"a field of type {kind.simpleString().upper()} is not offered")
    if isinstance(kind, StructType):
        for field in kind.fields:
            _refuse_fields(call, field.dataType, refused)
    elif isinstance(kind, ArrayType):
        _refuse_fields(call, kind.elementType, refused)
    elif isinstance(kind, MapType):
        _refuse_fields(call, kind.valueType, refused)


def _fails(call: Call, mode: str) -> bool:
    if mode.upper() not in ("PERMISSIVE", "FAILFAST"):
        raise AnalysisException(
            f"[PARSE_MODE_UNSUPPORTED] {call.name}() takes PERMISSIVE or FAILFAST, not {mode.upper()}."
        )
    return mode.upper() == "FAILFAST"


def _read(
    call: Call, name: str, schema: StructType, settings: dict[str, Any], times: Mapping[str, str]
) -> str:
    """SQL of the struct that is read from the JSON that a native function makes of the text."""
    if "_corrupt_record" in schema.names:
        raise call.error("a column for corrupt records is not offered")
    value = call.arg(0)
    text = Compiled(as_text(value, call.context), STRING, value.nullable)
    made = native(f"documents.{name}", [text], STRING, {"schema": schema.jsonValue(), **settings})
    reading = json_reading(times, call.context)
    return let(made.sql, lambda json: read_json(json, schema, reading).value)


_NOT_IN_CSV: tuple[type[DataType], ...] = (BinaryType, ArrayType, MapType, StructType)


@function("from_csv", takes="csvStr, schema, options?", shown="from_csv({0})")
def _from_csv(call: Call) -> Compiled:
    schema, (said, times) = _schema(call), _options(call, 2, _CSV)
    for field in schema.fields:
        _refuse_fields(call, field.dataType, _NOT_IN_CSV)
    settings = {
        "sep": said["sep"], "quote": said["quote"], "escaping": said["escape"], "null": said["nullvalue"],
        "fails": _fails(call, said["mode"]),
        "leading": said["ignoreleadingwhitespace"].lower() == "true",
        "trailing": said["ignoretrailingwhitespace"].lower() == "true",
    }  # fmt: skip
    return Compiled(_read(call, "csv_as_json", schema, settings, times), schema, call.arg(0).nullable)


@function("from_xml", takes="xmlStr, schema, options?", shown="from_xml({0})")
def _from_xml(call: Call) -> Compiled:
    schema, (said, times) = _schema(call), _options(call, 2, _XML)
    _refuse_fields(call, schema, (BinaryType,))
    settings = {
        "attribute": said["attributeprefix"], "value": said["valuetag"], "null": said["nullvalue"],
        "fails": _fails(call, said["mode"]),
    }  # fmt: skip
    return Compiled(_read(call, "xml_as_json", schema, settings, times), schema)


def _written(
    call: Call, name: str, settings: dict[str, Any], times: Mapping[str, str], *, nulls: bool
) -> Compiled:
    """The text that a native function makes of the struct's JSON."""
    value = call.arg(0)
    if not isinstance(value.type, StructType):
        raise call.error("its argument must be a struct")
    for field in value.type.fields:
        _refuse_fields(call, field.dataType, (BinaryType, MapType) if name == "json_as_xml" else _NOT_IN_CSV)
    pairs = {**({} if not nulls else {"ignoreNullFields": "false"}), **times}
    literals = [exp.Literal.string(part) for pair in pairs.items() for part in pair]
    options = [exp.Anonymous(this="map", expressions=literals)] if literals else []
    json = call.translator.call("to_json", [call.nodes[0], *options], call.node)
    made = native(f"documents.{name}", [json], STRING, settings)
    return Compiled(made.sql, STRING, nullable=True)


@function("to_csv", takes="expr, options?", shown="to_csv({0})")
def _to_csv(call: Call) -> Compiled:
    said, times = _options(call, 1, _CSV_WRITTEN)
    settings = {
        "sep": said["sep"], "quote": said["quote"], "escaping": said["escape"], "null": said["nullvalue"],
        "empty": said["emptyvalue"], "all_quoted": said["quoteall"].lower() == "true",
        "leading": said["ignoreleadingwhitespace"].lower() == "true",
        "trailing": said["ignoretrailingwhitespace"].lower() == "true",
    }  # fmt: skip
    return _written(call, "json_as_csv", settings, times, nulls=True)


@function("to_xml", takes="expr, options?", shown="to_xml({0})")
def _to_xml(call: Call) -> Compiled:
    said, times = _options(call, 1, {**_XML_WRITTEN, "nullvalue": ""})
    settings = {
        "row": said["rowtag"], "item": said["arrayelementname"], "attribute": said["attributeprefix"],
        "value": said["valuetag"], "null": said["nullvalue"] or None, "indent": said["indent"],
    }  # fmt: skip
    return _written(call, "json_as_xml", settings, times, nulls=bool(said["nullvalue"]))


# ---- schemas -------------------------------------------------------------------------------------


def _inferred(kind: DataType) -> Compiled:
    text = schemas.shown(kind)
    return Compiled(string(text), STRING, nullable=False, value=text)


@function("schema_of_json", takes="json, options?", shown="schema_of_json({0})")
def _schema_of_json(call: Call) -> Compiled:
    said, _ = _options(call, 1, {"allownumericleadingzeros": "false"})
    try:
        kind = schemas.schema_of_json(
            str(call.constant(0)), leading_zeros=said["allownumericleadingzeros"].lower() == "true"
        )
    except ValueError as error:
        raise call.error(f"its text is no JSON: {error}") from error
    return _inferred(kind)


@function("schema_of_csv", takes="csv, options?", shown="schema_of_csv({0})")
def _schema_of_csv(call: Call) -> Compiled:
    said, _ = _options(call, 1, {"sep": ",", "quote": '"', "escape": "\\"})
    kind = schemas.schema_of_csv(
        str(call.constant(0)), sep=said["sep"], quote=said["quote"], escaping=said["escape"]
    )
    return _inferred(kind)


@function("schema_of_xml", takes="xml, options?", shown="schema_of_xml({0})")
def _schema_of_xml(call: Call) -> Compiled:
    said, _ = _options(call, 1, {"attributeprefix": "_", "valuetag": "_VALUE", "excludeattribute": "false"})
    try:
        kind = schemas.schema_of_xml(
            str(call.constant(0)), attribute=said["attributeprefix"], value=said["valuetag"],
            excludes=said["excludeattribute"].lower() == "true",
        )  # fmt: skip
    except (MalformedXml, IndexError) as error:
        raise call.error(f"its text is no XML: {error}") from error
    return _inferred(kind)


# ---- XPath ---------------------------------------------------------------------------------------

_XPATHS: dict[str, tuple[str, DataType]] = {
    "xpath": ("xpath", ArrayType(STRING)),
    "xpath_boolean": ("xpath_boolean", BooleanType()),
    "xpath_string": ("xpath_string", STRING),
    "xpath_double": ("xpath_number", DOUBLE),
    "xpath_number": ("xpath_number", DOUBLE),
    "xpath_float": ("xpath_number", FLOAT),
    "xpath_short": ("xpath_whole_number", ShortType()),
    "xpath_int": ("xpath_whole_number", INT),
    "xpath_long": ("xpath_whole_number", LONG),
}
_BITS = {"xpath_short": 16, "xpath_int": 32, "xpath_long": 64}


@function(*_XPATHS, takes="xml, path")
def _xpath(call: Call) -> Compiled:
    name, returns = _XPATHS[call.name]
    settings = {"bits": _BITS[call.name]} if call.name in _BITS else None
    return native(f"xpaths.{name}", cast_arguments(call, "ss"), returns, settings, nullable=True)
