"""Functions of variants."""

from __future__ import annotations

from typing import Any

from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.function_specs import Kind, declare
from streamcore.plan.translation.aggregates import AggregateCall, aggregate_rule
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BOOLEAN, INT, STRING, is_string
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import native
from streamcore.plan.translation.variant_casts import VARIANT, cast_variant, is_object, made, require_target
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    NullType,
    StructField,
    StructType,
    VariantType,
    parse_data_type,
)

declare("variant_explode", "variant_explode_outer", kind=Kind.GENERATOR, takes="input", takes_names=True)
_PARTS = ArrayType(
    StructType(
        [
            StructField("pos", INT, nullable=False),
            StructField("key", STRING),
            StructField("value", VARIANT, nullable=False),
        ]
    ),
    containsNull=False,
)


def _wrong_type(call: Call, at: int, wanted: str, found: DataType) -> AnalysisException:
    place = ("first", "second", "third", "fourth")[min(at, 3)]
    return AnalysisException(
        f"[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] Cannot resolve {call.name}() due to data type mismatch: "
        f'The {place} parameter requires the "{wanted}" type, however it has the type '
        f'"{found.simpleString().upper()}". SQLSTATE: 42K09'
    )


def _variant(call: Call, at: int = 0) -> Compiled:
    value = call.arg(at)
    if isinstance(value.type, NullType):
        return cast(value, VARIANT, call.context)
    if not isinstance(value.type, VariantType):
        raise _wrong_type(call, at, "VARIANT", value.type)
    return value


def _text(call: Call, at: int) -> Compiled:
    value = call.arg(at)
    if not is_string(value.type) and not isinstance(value.type, NullType | VariantType):
        raise _wrong_type(call, at, "STRING", value.type)
    return cast(value, STRING, call.context)


def _as_variant(call: Call, at: int) -> Compiled:
    return cast_variant(call.arg(at), VARIANT, call.context, safe=False)


@function("parse_json", "try_parse_json", takes="jsonStr")
def _parse_json(call: Call) -> Compiled:
    fails = call.name == "parse_json"
    text = _text(call, 0)
    return native(
        "variants.parse_json", [text], VARIANT, {"fails": fails}, nullable=text.nullable or not fails
    )


@function("is_variant_null", "is_valid_variant", takes="expr")
def _asked(call: Call) -> Compiled:
    value = _variant(call)
    is_null = call.name == "is_variant_null"
    return native(f"variants.{call.name}", [value], BOOLEAN, nullable=not is_null and value.nullable)


@function("schema_of_variant", takes="v")
def _schema_of_variant(call: Call) -> Compiled:
    return native("variants.schema_of_variant", [_variant(call)], STRING)


@function("variant_get", "try_variant_get", takes="v, path, type?", shown="{name}({0}, {1})")
def _variant_get(call: Call) -> Compiled:
    kind = parse_data_type(str(call.constant(2))) if len(call.nodes) > 2 else VARIANT
    require_target(kind)
    settings = {
        "kind": kind.jsonValue(), "zone": call.context.time_zone, "fails": call.name == "variant_get",
        "name": call.name,
    }  # fmt: skip
    arguments = [_variant(call), _text(call, 1)]
    return native("variants.variant_get", arguments, kind, settings, nullable=True)


@function("to_variant_object", takes="expr")
def _to_variant_object(call: Call) -> Compiled:
    value = call.arg(0)
    if not isinstance(value.type, (ArrayType, MapType, StructType)) or not is_object(value.type):
        raise AnalysisException(
            '[DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION] Cannot resolve "to_variant_object" due to data type '
            f'mismatch: cannot cast "{value.type.simpleString().upper()}" to "VARIANT". SQLSTATE: 42K09'
        )
    return made(value)


@function("variant_parts", is_internal=True)
def _variant_parts(call: Call) -> Compiled:
    """What `variant_explode` takes apart."""
    call.expect(1)
    return native("variants.fields", [_variant(call)], _PARTS)


# ---- changes -------------------------------------------------------------------------------------


def _change(call: Call, settings: dict[str, Any]) -> Compiled:
    fails = not call.name.startswith("try_")
    arguments = [_variant(call), _text(call, 1), _as_variant(call, 2)]
    name = f"variant_paths.{call.name.removeprefix('try_')}"
    nullable = not fails or any(value.nullable for value in arguments)
    return native(name, arguments, VARIANT, {"fails": fails, **settings}, nullable=nullable)


@function("variant_set", "try_variant_set", takes="v, path, val, createIfMissing = true")
def _variant_set(call: Call) -> Compiled:
    creates = call.constant(3, default=True)
    if not isinstance(creates, bool):
        raise call.error("createIfMissing must be true or false")
    return _change(call, {"creates": creates})


@function("variant_insert", "try_variant_insert", takes="v, path, val")
@function("variant_array_append", "try_variant_array_append", takes="v, path, val")
def _variant_insert(call: Call) -> Compiled:
    return _change(call, {})


@function("variant_delete", takes="v, path, paths...")
def _variant_delete(call: Call) -> Compiled:
    paths = [_text(call, at) for at in range(1, len(call.nodes))]
    kind = ArrayType(STRING)
    listed = Compiled(f"[{', '.join(path.sql for path in paths)}]", kind, nullable=False)
    return native("variant_paths.variant_delete", [_variant(call), listed], VARIANT)


@function("variant_strip_nulls", takes="v, includeArrays = true")
def _variant_strip_nulls(call: Call) -> Compiled:
    of_arrays = Compiled("true", BOOLEAN, nullable=False)
    if len(call.nodes) > 1:
        of_arrays = cast(call.arg(1), BOOLEAN, call.context)
    return native("variant_paths.variant_strip_nulls", [_variant(call), of_arrays], VARIANT)


# ---- aggregates ----------------------------------------------------------------------------------


@aggregate_rule("schema_of_variant_agg", takes="v")
def _schema_of_variant_agg(call: AggregateCall) -> Compiled:
    value = call.args[0]
    if isinstance(value.type, NullType):
        value = cast(value, VARIANT, call.context)
    if not isinstance(value.type, VariantType):
        raise AnalysisException(
            "[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] Cannot resolve schema_of_variant_agg() due to data "
            'type mismatch: The first parameter requires the "VARIANT" type, however it has the type '
            f'"{value.type.simpleString().upper()}". SQLSTATE: 42K09'
        )
    kind = ArrayType(VARIANT)
    collected = call.raw(f"list({call.distinct}{value.sql})", f"{value.sql} IS NOT NULL")
    values = Compiled(f"coalesce({collected}, CAST([] AS {type_text(kind)}))", kind, nullable=False)
    return native("variants.schema_of_variant_agg", [values], STRING, nullable=False)
