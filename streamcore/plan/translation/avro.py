"""Avro within columns: its schemas are arguments, and give the types of the results."""

from __future__ import annotations

from streamcore.duck.quoting import string
from streamcore.formats.avro.decoding import decoder
from streamcore.formats.avro.options import avro_options
from streamcore.formats.avro.writing import encoder
from streamcore.formats.ddl import ddl, result_type
from streamcore.formats.registry.avro import avro_decoder
from streamcore.plan.translation.coercion import BINARY, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.json import options_argument
from streamcore.plan.translation.native import native
from streamcore.spi.types import BinaryType


@function("from_avro", takes="child, jsonFormatSchema, options?", shown="from_avro({0})")
def _from_avro(call: Call) -> Compiled:
    schema, options = _schema(call, 1), options_argument(call, 2)
    said = avro_options(options)
    kind = decoder(schema, said).sql
    value = binary_argument(call)
    settings = {"schema": schema, "options": options}
    returns = result_type(kind, said.on_malformed)
    return native("avro.from_avro", [value], returns, settings, nullable=True)


@function(
    "from_avro_registry", takes="child, schema, registry, options?", shown="from_avro({0})", is_internal=True
)
def _from_avro_registry(call: Call) -> Compiled:
    schema, registry, options = _schema(call, 1), str(call.constant(2)), options_argument(call, 3)
    said = avro_options(options)
    kind = avro_decoder(schema, said, registry).whole.sql
    settings = {"schema": schema, "options": options, "registry": registry}
    returns = result_type(kind, said.on_malformed)
    return native("avro.from_registry", [binary_argument(call)], returns, settings, nullable=True)


@function("to_avro_registry", takes="child, schema, header", shown="to_avro({0})", is_internal=True)
def _to_avro_registry(call: Call) -> Compiled:
    value, schema, header = call.arg(0), _schema(call, 1), str(call.constant(2))
    settings = {"sql": value.type.json(), "nullable": value.nullable, "schema": schema}
    encoder(**settings)
    return native("avro.to_avro", [value], BINARY, {**settings, "header": header})


@function("to_avro", takes="child, jsonFormatSchema?", shown="to_avro({0})")
def _to_avro(call: Call) -> Compiled:
    value = call.arg(0)
    schema = _schema(call, 1) if len(call.nodes) > 1 else ""
    settings = {"sql": value.type.json(), "nullable": value.nullable, "schema": schema or None}
    # What does not fit is told before any row is read.
    encoder(**settings)
    return native("avro.to_avro", [value], BINARY, settings)


@function("schema_of_avro", takes="jsonFormatSchema, options?", shown="schema_of_avro({args})")
def _schema_of_avro(call: Call) -> Compiled:
    said = avro_options(options_argument(call, 1), "schema_of_avro")
    text = ddl(decoder(_schema(call, 0), said).sql)
    return Compiled(string(text), STRING, nullable=False, value=text)


def _schema(call: Call, index: int) -> str:
    found = call.constant(index)
    if not isinstance(found, str):
        raise call.error("the schema must be a text of JSON")
    return found


def binary_argument(call: Call) -> Compiled:
    """The first argument, which must be of bytes."""
    value = call.arg(0)
    if not isinstance(value.type, BinaryType):
        raise call.error(f"its first argument must be BINARY, not {value.type.simpleString().upper()}")
    return value
