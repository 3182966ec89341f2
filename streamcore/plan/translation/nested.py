"""Access to what arrays, maps and structs hold, and their constructors."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.nan_order import kept_from_scans
from streamcore.duck.once import let
from streamcore.duck.quoting import identifier, string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.function_specs import declare
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import INT, NULL, STRING
from streamcore.plan.translation.comparisons import widened
from streamcore.plan.translation.core import Call, Compiled, Translator, as_call, function, node_rule
from streamcore.plan.translation.map_entries import map_of_entries
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    NullType,
    StructField,
    StructType,
    holds_variant,
)


@node_rule(exp.Dot)
def _dot(node: exp.Dot, translator: Translator) -> Compiled:
    return field_of(translator.compile(node.this), node.expression.name, translator)


def field_of(value: Compiled, name: str, translator: Translator) -> Compiled:
    """The field `name` of a struct, of every struct of an array, or the entry of a map."""
    if isinstance(value.type, MapType):
        return map_entry(value, Compiled(string(name), STRING, nullable=False, value=name), translator)
    is_array = isinstance(value.type, ArrayType)
    struct = value.type.elementType if isinstance(value.type, ArrayType) else value.type
    if not isinstance(struct, StructType):
        raise AnalysisException(
            f"[INVALID_EXTRACT_BASE_FIELD_TYPE] Can't extract a value {name!r} from "
            f'"{value.type.simpleString().upper()}".'
        )
    field = _find_field(struct, name, translator)
    if is_array:
        sql = f"list_transform({value.sql}, lambda x: x[{string(field.name)}])"
        return Compiled(sql, ArrayType(field.dataType, field.nullable), value.nullable, name=field.name)
    sql = kept_from_scans(f"({value.sql})[{string(field.name)}]", field.dataType)
    return Compiled(sql, field.dataType, value.nullable or field.nullable, name=field.name)


def _find_field(struct: StructType, name: str, translator: Translator) -> StructField:
    exact = [field for field in struct.fields if field.name == name]
    if exact:
        return exact[0]
    if not translator.context.case_sensitive:
        for field in struct.fields:
            if field.name.lower() == name.lower():
                return field
    raise AnalysisException(
        f"[FIELD_NOT_FOUND] No such struct field `{name}` in {', '.join(f'`{n}`' for n in struct.names)}."
    )


declare("withfield", is_internal=True, shown="WithField({1})")
declare("dropfield", is_internal=True, shown="dropfield()")


@function("update_fields", is_internal=True)
def _update_fields(call: Call) -> Compiled:
    call.expect(2)
    value, (what, arguments) = call.arg(0), as_call(call.nodes[1])
    if not isinstance(value.type, StructType):
        raise call.error("its first argument must be a struct")
    name = str(call.translator.compile(arguments[0]).value)
    is_named = {field.name: _same_name(field.name, name, call.translator) for field in value.type.fields}
    old = [(field.name, field_of(value, field.name, call.translator)) for field in value.type.fields]
    if what == "dropfield":
        kept = [(label, part) for label, part in old if not is_named[label]]
        if not kept:
            raise AnalysisException("[DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS] Cannot drop all fields.")
    else:
        new = call.translator.compile(arguments[1])
        kept = [(name, new) if is_named[label] else (label, part) for label, part in old]
        kept += [] if any(is_named.values()) else [(name, new)]
    if value.nullable:
        kept = [(label, replace(part, nullable=True)) for label, part in kept]
    made = packed(kept)
    sql = f"CASE WHEN {value.sql} IS NOT NULL THEN {made.sql} END" if value.nullable else made.sql
    return Compiled(sql, made.type, value.nullable)


def _same_name(one: str, other: str, translator: Translator) -> bool:
    return one == other or (not translator.context.case_sensitive and one.lower() == other.lower())


@node_rule(exp.Bracket)
def _bracket(node: exp.Bracket, translator: Translator) -> Compiled:
    value, key = translator.compile(node.this), translator.compile(node.expressions[0])
    if isinstance(value.type, MapType):
        return map_entry(value, key, translator)
    if isinstance(value.type, ArrayType) and not isinstance(key.value if key.is_literal else 0, str):
        return array_item(value, key, translator)
    if key.is_literal and isinstance(key.value, str):
        return field_of(value, key.value, translator)
    raise AnalysisException(
        "[INVALID_EXTRACT_BASE_FIELD_TYPE] Can't extract a value from "
        f'"{value.type.simpleString().upper()}".'
    )


def map_entry(value: Compiled, key: Compiled, translator: Translator) -> Compiled:
    """The value of a key; null when the map has no such key."""
    assert isinstance(value.type, MapType)
    wanted = cast(key, value.type.keyType, translator.context)
    return Compiled(f"({value.sql})[{wanted.sql}]", value.type.valueType, nullable=True)


def array_item(value: Compiled, index: Compiled, translator: Translator) -> Compiled:
    """The element at an index from 0; an index out of range fails."""
    assert isinstance(value.type, ArrayType)
    data_type = value.type.elementType
    at = cast(index, INT, translator.context)
    nullable = value.nullable or at.nullable or value.type.containsNull
    if not translator.context.ansi:
        return Compiled(f"CASE WHEN {at.sql} >= 0 THEN ({value.sql})[{at.sql} + 1] END", data_type)

    def item(array: str) -> str:
        message = (
            f"'The index ' || {at.sql} || ' is out of bounds. The array has ' || len({array}) || "
            "' elements. Use the SQL function `get()` to tolerate accessing element at invalid index and "
            "return NULL instead.'"
        )
        failing = f"CAST({raise_sql('INVALID_ARRAY_INDEX', message)} AS {type_text(data_type)})"
        outside = f"{at.sql} < 0 OR {at.sql} >= len({array})"
        return f"CASE WHEN {outside} THEN {failing} ELSE {array}[{at.sql} + 1] END"

    return Compiled(let(value.sql, item), data_type, nullable)


@function("get")
def _get(call: Call) -> Compiled:
    call.expect(2)
    value, at = call.arg(0), cast(call.arg(1), INT, call.context)
    if not isinstance(value.type, ArrayType):
        raise call.error("the first argument must be an array")
    sql = f"CASE WHEN {at.sql} >= 0 THEN ({value.sql})[{at.sql} + 1] END"
    return Compiled(sql, value.type.elementType, nullable=True)


def _element_or_null(array: Compiled, at: Compiled, data_type: DataType) -> Compiled:
    """The element at an index from 1, or from the end; null beyond the ends, an error at 0."""
    element = f"({array.sql})[{at.sql}]"
    if at.is_literal and at.value:
        return Compiled(element, data_type)
    failing = f"CAST({INDEX_OF_ZERO} AS {type_text(data_type)})"
    is_zero = f"{at.sql} = 0 AND {array.sql} IS NOT NULL"
    return Compiled(f"CASE WHEN {is_zero} THEN {failing} ELSE {element} END", data_type)


@function("element_at", "try_element_at")
def _element_at(call: Call) -> Compiled:
    call.expect(2)
    value, key = call.arg(0), call.arg(1)
    if isinstance(value.type, MapType):
        return map_entry(value, key, call.translator)
    if not isinstance(value.type, ArrayType):
        raise call.error("the first argument must be an array or a map")
    data_type = value.type.elementType
    at = cast(key, INT, call.context)
    if call.name == "try_element_at" or not call.context.ansi:
        return _element_or_null(value, at, data_type)

    def item(array: str) -> str:
        message = (
            f"'The index ' || {at.sql} || ' is out of bounds. The array has ' || len({array}) || ' elements. "
            "Use `try_element_at` to tolerate accessing element at invalid index and return NULL instead.'"
        )
        failing = f"CAST({raise_sql('INVALID_ARRAY_INDEX_IN_ELEMENT_AT', message)} AS {type_text(data_type)})"
        outside = f"{at.sql} = 0 OR abs({at.sql}) > len({array})"
        return f"CASE WHEN {outside} THEN {failing} ELSE {array}[{at.sql}] END"

    return Compiled(let(value.sql, item), data_type, value.nullable or value.type.containsNull)


INDEX_OF_ZERO = raise_sql(
    "INVALID_INDEX_OF_ZERO",
    "'The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).'",
)


@node_rule(exp.Array)
def _array_node(node: exp.Array, translator: Translator) -> Compiled:
    return translator.call("array", node.expressions, node)


@function("array")
def _array(call: Call) -> Compiled:
    if not call.nodes:
        return Compiled("[]", ArrayType(NULL, containsNull=False), nullable=False)
    values = widened(call.args, call.context, "array")
    contains_null = any(value.nullable for value in values)
    sql = f"[{', '.join(value.sql for value in values)}]"
    return Compiled(sql, ArrayType(values[0].type, contains_null), nullable=False)


@function("map")
def _map(call: Call) -> Compiled:
    if len(call.nodes) % 2:
        raise call.error("keys and values must alternate")
    if not call.nodes:
        return Compiled("MAP {}", MapType(NULL, NULL, valueContainsNull=False), nullable=False)
    keys = widened(call.args[::2], call.context, "map")
    values = widened(call.args[1::2], call.context, "map")
    require_key_type(keys[0].type)
    data_type = MapType(keys[0].type, values[0].type, any(value.nullable for value in values))
    if call.context.modes.last_key_wins:
        pairs = zip(keys, values, strict=True)
        entries = ", ".join(f"struct_pack(k := {k.sql}, v := {v.sql})" for k, v in pairs)
        return Compiled(map_of_entries(f"[{entries}]", "k", call.context), data_type, nullable=False)
    sql = f"map([{', '.join(k.sql for k in keys)}], [{', '.join(v.sql for v in values)}])"
    return Compiled(sql, data_type, nullable=False)


def joined(texts: str, separator: Compiled) -> str:
    """SQL of the texts of a list that are not null, one after another."""
    if separator.is_literal:
        return f"array_to_string({texts}, {separator.sql})"
    # DuckDB's own function takes no separator from a column.
    known = f"list_filter({texts}, lambda t: t IS NOT NULL)"
    whole = f"list_reduce({known}, lambda one, next: one || {separator.sql} || next)"
    return f"CASE WHEN {separator.sql} IS NOT NULL THEN CASE len({known}) WHEN 0 THEN '' ELSE {whole} END END"


def require_key_type(data_type: DataType) -> None:
    """Refuse keys that are all null, or variants."""
    if isinstance(data_type, NullType):
        raise AnalysisException("[NULL_MAP_KEY] Cannot use null as map key. SQLSTATE: 2200E")
    if holds_variant(data_type):
        raise AnalysisException(
            "[DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE] The key of map cannot be/contain "
            f'"{data_type.simpleString().upper()}". SQLSTATE: 42K09'
        )


@function("struct")
def _struct(call: Call) -> Compiled:
    call.expect(1, 10_000)
    values = call.args
    return packed([(value.name or f"col{at}", value) for at, value in enumerate(values, 1)])


@function("named_struct")
def _named_struct(call: Call) -> Compiled:
    if len(call.nodes) % 2 or not call.nodes:
        raise call.error("names and values must alternate")
    names = [str(call.constant(at)) for at in range(0, len(call.nodes), 2)]
    return packed(list(zip(names, call.args[1::2], strict=True)))


@node_rule(exp.Tuple)
def _tuple_node(node: exp.Tuple, translator: Translator) -> Compiled:
    """`(a, b AS c)` is a struct, as Spark reads it."""
    return translator.call("struct", node.expressions, node)


@node_rule(exp.Struct)
def _struct_node(node: exp.Struct, translator: Translator) -> Compiled:
    values = []
    for at, part in enumerate(node.expressions, 1):
        if isinstance(part, exp.PropertyEQ):
            values.append((part.this.name, translator.compile(part.expression)))
        else:
            value = translator.compile(part)
            values.append((value.name or f"col{at}", value))
    return packed(values)


def packed(values: list[tuple[str, Compiled]]) -> Compiled:
    """The struct of named values."""
    names = [name.lower() for name, _ in values]
    if len(set(names)) < len(names):
        twice = next(name for name, _ in values if names.count(name.lower()) > 1)
        raise UnsupportedOperationException(
            f"A struct with two fields of the name `{twice}` is not offered (case makes no difference); name "
            "them apart: struct(a AS x, b AS y)."
        )
    fields = [StructField(name, value.type, value.nullable) for name, value in values]
    parts = ", ".join(f"{identifier(name)} := {_typed(value)}" for name, value in values)
    return Compiled(f"struct_pack({parts})", StructType(fields), nullable=False)


def _typed(value: Compiled) -> str:
    return f'CAST({value.sql} AS "NULL")' if value.type == NULL else value.sql
