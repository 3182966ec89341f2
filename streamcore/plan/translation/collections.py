"""Functions over arrays and maps."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.duck.quoting import identifier
from streamcore.duck.types import type_text
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BOOLEAN, INT, LONG, STRING, common_type
from streamcore.plan.translation.comparisons import widened
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.lambdas import sorted_by
from streamcore.plan.translation.map_entries import map_of_entries
from streamcore.plan.translation.nested import INDEX_OF_ZERO, joined, require_key_type
from streamcore.spi.types import ArrayType, BinaryType, MapType, NullType, StructField, StructType


def _array(call: Call, index: int = 0) -> tuple[Compiled, ArrayType]:
    value = call.arg(index)
    if not isinstance(value.type, ArrayType):
        raise call.error(f'argument {index + 1} must be an array, not "{value.type.simpleString().upper()}"')
    return value, value.type


def _map(call: Call, index: int = 0) -> tuple[Compiled, MapType]:
    value = call.arg(index)
    if not isinstance(value.type, MapType):
        raise call.error(f'argument {index + 1} must be a map, not "{value.type.simpleString().upper()}"')
    return value, value.type


@function("size", "cardinality", "array_size", "map_size")
def _size(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if isinstance(value.type, (ArrayType, MapType)):
        word = "len" if isinstance(value.type, ArrayType) else "cardinality"
        return Compiled(f"CAST({word}({value.sql}) AS INTEGER)", INT, value.nullable)
    raise call.error("the argument must be an array or a map")


@function("array_contains")
def _contains(call: Call) -> Compiled:
    call.expect(2)
    value, data_type = _array(call)
    element = call.arg(1)
    wider = common_type(data_type.elementType, element.type) or data_type.elementType
    array = cast(value, ArrayType(wider, data_type.containsNull), call.context)
    wanted = cast(element, wider, call.context)
    held = f"list_contains({array.sql}, {wanted.sql})"
    if not data_type.containsNull:
        return Compiled(held, BOOLEAN, value.nullable or element.nullable)
    unknown = f"list_count({array.sql}) < len({array.sql})"
    return Compiled(f"CASE WHEN {held} THEN true WHEN {unknown} THEN NULL ELSE {held} END", BOOLEAN)


@function("array_position")
def _position(call: Call) -> Compiled:
    call.expect(2)
    value, data_type = _array(call)
    wanted = cast(call.arg(1), data_type.elementType, call.context)
    sql = f"CASE WHEN {wanted.sql} IS NOT NULL THEN coalesce(list_position({value.sql}, {wanted.sql}), 0) END"
    guarded = f"CASE WHEN {value.sql} IS NOT NULL THEN CAST({sql} AS BIGINT) END"
    return Compiled(guarded, LONG, value.nullable or wanted.nullable)


@function("array_remove")
def _remove(call: Call) -> Compiled:
    call.expect(2)
    value, data_type = _array(call)
    wanted = cast(call.arg(1), data_type.elementType, call.context)
    sql = f"list_filter({value.sql}, lambda x: x IS DISTINCT FROM {wanted.sql})"
    guarded = sql if not wanted.nullable else f"CASE WHEN {wanted.sql} IS NOT NULL THEN {sql} END"
    return Compiled(guarded, data_type, value.nullable or wanted.nullable)


@function("array_distinct")
def _distinct(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _array(call)
    return Compiled(let(value.sql, _in_order), data_type, value.nullable)


def _in_order(x: str) -> str:
    """Distinct elements in order of their first appearance; list_distinct keeps neither order nor null."""
    earlier = f"list_transform({x}[:i - 1], {_AS_TEXT})"
    return f"list_filter({x}, lambda e, i: NOT list_contains({earlier}, {_E_TEXT}))"


# Elements are compared as one-field structs, where null equals null.
_AS_TEXT = "lambda o: struct_pack(e := o)"
_E_TEXT = "struct_pack(e := e)"


@function("array_union", "array_intersect", "array_except")
def _set_operation(call: Call) -> Compiled:
    call.expect(2)
    (left, left_type), (right, right_type) = _array(call, 0), _array(call, 1)
    one, other = widened([left, right], call.context, call.name)
    nullable = left.nullable or right.nullable
    assert isinstance(one.type, ArrayType)
    contains_null = left_type.containsNull or right_type.containsNull
    data_type = ArrayType(one.type.elementType, contains_null)
    if call.name == "array_union":
        sql = let(f"({one.sql} || {other.sql})", _in_order)
    else:
        word = "" if call.name == "array_intersect" else "NOT "
        held = f"{word}list_contains(list_transform({other.sql}, {_AS_TEXT}), {_E_TEXT})"
        sql = let(f"list_filter({one.sql}, lambda e: {held})", _in_order)
    nulls = [value.sql for value in (one, other) if value.nullable]
    if nulls:
        sql = f"CASE WHEN {' OR '.join(f'{n} IS NULL' for n in nulls)} THEN NULL ELSE {sql} END"
    return Compiled(sql, data_type, nullable)


@function("arrays_overlap")
def _overlap(call: Call) -> Compiled:
    call.expect(2)
    (left, left_type), (right, right_type) = _array(call, 0), _array(call, 1)
    held = f"list_has_any({left.sql}, {right.sql})"
    if not (left_type.containsNull or right_type.containsNull):
        return Compiled(held, BOOLEAN, left.nullable or right.nullable)
    unknown = (
        f"len({left.sql}) > 0 AND len({right.sql}) > 0 AND "
        f"(list_count({left.sql}) < len({left.sql}) OR list_count({right.sql}) < len({right.sql}))"
    )
    return Compiled(f"CASE WHEN {held} THEN true WHEN {unknown} THEN NULL ELSE {held} END", BOOLEAN)


@function("array_compact")
def _compact(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _array(call)
    sql = f"list_filter({value.sql}, lambda x: x IS NOT NULL)"
    return Compiled(sql, ArrayType(data_type.elementType, containsNull=False), value.nullable)


@function("array_append", "array_prepend")
def _append(call: Call) -> Compiled:
    call.expect(2)
    value, data_type = _array(call)
    if isinstance(data_type.elementType, NullType):
        data_type = ArrayType(call.arg(1).type, data_type.containsNull)
        value = cast(value, data_type, call.context)
    element = cast(call.arg(1), data_type.elementType, call.context)
    sql = (
        f"({value.sql} || [{element.sql}])"
        if call.name == "array_append"
        else f"([{element.sql}] || {value.sql})"
    )
    guarded = f"CASE WHEN {value.sql} IS NOT NULL THEN {sql} END" if value.nullable else sql
    return Compiled(
        guarded, ArrayType(data_type.elementType, data_type.containsNull or element.nullable), value.nullable
    )


@function("array_insert")
def _array_insert(call: Call) -> Compiled:
    call.expect(3)
    value, at, item = call.arg(0), cast(call.arg(1), INT, call.context), call.arg(2)
    if not isinstance(value.type, ArrayType):
        raise call.error("the first argument must be an array")
    element = widened([Compiled("NULL", value.type.elementType), item], call.context, call.name)[1]
    data_type = ArrayType(element.type, containsNull=True)
    array = cast(value, data_type, call.context).sql
    behind = 0 if call.context.modes.insert_before_last else 1

    def inserted(xs: str) -> str:
        # Counted from the end, the new element itself is the last (by the old rule it is before the last);
        # nulls fill what is missing.
        place = f"(CASE WHEN {at.sql} > 0 THEN {at.sql} - 1 ELSE len({xs}) + {at.sql} + {behind} END)"
        gap = f"list_transform(range(greatest({place} - len({xs}), -{place}, 0)), lambda i: NULL)"
        nulls = f"CAST({gap} AS {type_text(data_type)})"
        front = f"CASE WHEN {place} < 0 THEN [{element.sql}] || {nulls}[2:] || [NULL] || {xs}"
        return (
            f"{front} ELSE {xs}[:{place}] || (CASE WHEN {place} > len({xs}) THEN {nulls} ELSE [] END) "
            f"|| [{element.sql}] || {xs}[{place} + 1:] END"
        )

    zero = f"CAST({INDEX_OF_ZERO} AS {type_text(data_type)})"
    sql = (
        f"CASE WHEN {at.sql} = 0 THEN {zero} WHEN {value.sql} IS NOT NULL AND {at.sql} IS NOT NULL "
        f"THEN {let(array, inserted)} END"
    )
    return Compiled(sql, data_type, value.nullable or at.nullable)


@function("array_max", "array_min")
def _extreme(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _array(call)
    return Compiled(f"list_{call.name[-3:]}({value.sql})", data_type.elementType, nullable=True)


@function("sort_array", takes="array, ascendingOrder = true")
@function(
    "array_sort",
    takes="array, comparator = (a, b) -> IF(a IS NULL AND b IS NULL, 0, IF(a IS NULL, 1, "
    "IF(b IS NULL, -1, IF(a < b, -1, IF(a > b, 1, 0)))))",
)
def _sort(call: Call) -> Compiled:
    call.expect(1, 2)
    value, data_type = _array(call)
    if call.name == "array_sort":
        if len(call.nodes) == 2:
            return sorted_by(call)
        return Compiled(f"list_sort({value.sql}, 'ASC', 'NULLS LAST')", data_type, value.nullable)
    ascending = call.constant(1, default=True)
    if ascending is None:
        return Compiled(f"CAST(NULL AS {type_text(data_type)})", data_type, nullable=True)
    order = "'ASC', 'NULLS FIRST'" if ascending else "'DESC', 'NULLS LAST'"
    return Compiled(f"list_sort({value.sql}, {order})", data_type, value.nullable)


@function("array_join")
def _join(call: Call) -> Compiled:
    call.expect(2, 3)
    value, _ = _array(call)
    texts = cast(value, ArrayType(STRING), call.context).sql
    separator = cast(call.arg(1), STRING, call.context)
    if len(call.nodes) == 3:
        filler = cast(call.arg(2), STRING, call.context).sql
        texts = f"list_transform({texts}, lambda x: coalesce(x, {filler}))"
    return Compiled(joined(texts, separator), STRING, value.nullable or separator.nullable)


@function("flatten")
def _flatten(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _array(call)
    inner = data_type.elementType
    if not isinstance(inner, ArrayType):
        raise call.error("the argument must be an array of arrays")
    sql = f"flatten({value.sql})"
    if data_type.containsNull:
        sql = f"CASE WHEN list_count({value.sql}) = len({value.sql}) THEN {sql} END"
    return Compiled(sql, inner, value.nullable or data_type.containsNull)


@function("slice")
def _slice(call: Call) -> Compiled:
    call.expect(3)
    value, data_type = _array(call)
    start, length = (cast(call.arg(at), INT, call.context) for at in (1, 2))
    first = f"CASE WHEN {start.sql} < 0 THEN len({value.sql}) + {start.sql} + 1 ELSE {start.sql} END"
    piece = f"list_slice({value.sql}, {first}, ({first}) + {length.sql} - 1)"
    sql = f"CASE WHEN ({first}) < 1 THEN [] ELSE {piece} END"
    return Compiled(sql, data_type, value.nullable or start.nullable or length.nullable)


@function("array_repeat")
def _repeat(call: Call) -> Compiled:
    call.expect(2)
    element, count = call.arg(0), cast(call.arg(1), INT, call.context)
    sql = f"list_transform(range(greatest({count.sql}, 0)), lambda i: {element.sql})"
    return Compiled(sql, ArrayType(element.type, element.nullable), count.nullable)


@function("reverse")
def _reverse(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    if isinstance(value.type, ArrayType):
        return Compiled(f"list_reverse({value.sql})", value.type, value.nullable)
    if isinstance(value.type, BinaryType):
        pairs = f"list_reverse(regexp_extract_all(hex({value.sql}), '..'))"
        return Compiled(f"unhex(array_to_string({pairs}, ''))", value.type, value.nullable)
    text = cast(value, STRING, call.context)
    return Compiled(f"reverse({text.sql})", STRING, text.nullable)


@function("arrays_zip")
def _zip(call: Call) -> Compiled:
    values = [_array(call, at) for at in range(len(call.nodes))]
    fields = [
        StructField(value.name or str(at), data_type.elementType)
        for at, (value, data_type) in enumerate(values)
    ]
    data_type = ArrayType(StructType(fields), containsNull=False)
    sql = f"CAST(list_zip({', '.join(value.sql for value, _ in values)}) AS {type_text(data_type)})"
    nullable = any(value.nullable for value, _ in values)
    if nullable:
        sql = f"CASE WHEN {' OR '.join(f'{v.sql} IS NULL' for v, _ in values)} THEN NULL ELSE {sql} END"
    return Compiled(sql, data_type, nullable)


@function("map_keys")
def _keys(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _map(call)
    return Compiled(
        f"map_keys({value.sql})", ArrayType(data_type.keyType, containsNull=False), value.nullable
    )


@function("map_values")
def _values(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _map(call)
    return Compiled(
        f"map_values({value.sql})",
        ArrayType(data_type.valueType, data_type.valueContainsNull),
        value.nullable,
    )


@function("map_entries")
def _entries(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _map(call)
    fields = [
        StructField("key", data_type.keyType, nullable=False),
        StructField("value", data_type.valueType, data_type.valueContainsNull),
    ]
    return Compiled(
        f"map_entries({value.sql})", ArrayType(StructType(fields), containsNull=False), value.nullable
    )


@function("map_from_entries")
def _from_entries(call: Call) -> Compiled:
    call.expect(1)
    value, data_type = _array(call)
    struct = data_type.elementType
    if not isinstance(struct, StructType) or len(struct) != 2:
        raise call.error("the argument must be an array of structs of key and value")
    made = MapType(struct.fields[0].dataType, struct.fields[1].dataType, struct.fields[1].nullable)
    key = identifier(struct.fields[0].name)
    return Compiled(map_of_entries(value.sql, key, call.context), made, value.nullable)


@function("map_from_arrays")
def _from_arrays(call: Call) -> Compiled:
    call.expect(2)
    (keys, key_type), (values, value_type) = _array(call, 0), _array(call, 1)
    require_key_type(key_type.elementType)
    made = MapType(key_type.elementType, value_type.elementType, value_type.containsNull)
    nullable = keys.nullable or values.nullable
    if call.context.modes.last_key_wins:
        entries = f"list_zip({keys.sql}, {values.sql})"
        pairs = f"list_transform({entries}, lambda pair: struct_pack(k := pair[1], v := pair[2]))"
        found = map_of_entries(pairs, "k", call.context)
        return Compiled(f"CASE WHEN len({keys.sql}) = len({values.sql}) THEN {found} "
                        f"ELSE map({keys.sql}, {values.sql}) END", made, nullable)  # fmt: skip
    return Compiled(f"map({keys.sql}, {values.sql})", made, nullable)


@function("map_concat")
def _concat(call: Call) -> Compiled:
    for at in range(len(call.nodes)):
        _map(call, at)
    values = widened(call.args, call.context, "map_concat")
    entries = " || ".join(f"map_entries({value.sql})" for value in values)
    found = map_of_entries(f"({entries})", "key", call.context)
    return Compiled(found, values[0].type, any(value.nullable for value in values))


@function("map_contains_key")
def _contains_key(call: Call) -> Compiled:
    call.expect(2)
    value, data_type = _map(call)
    key = cast(call.arg(1), data_type.keyType, call.context)
    return Compiled(f"map_contains({value.sql}, {key.sql})", BOOLEAN, value.nullable or key.nullable)


@function("str_to_map", takes="text, pairDelim = ',', keyValueDelim = ':'")
def _str_to_map(call: Call) -> Compiled:
    call.expect(1, 3)
    text = cast(call.arg(0), STRING, call.context)
    pair, part = (cast(call.arg(at), STRING, call.context).sql if len(call.nodes) > at else default
                  for at, default in ((1, "','"), (2, "':'")))  # fmt: skip
    entry = (
        f"struct_pack(k := split_part(x, {part}, 1), "
        f"v := CASE WHEN contains(x, {part}) THEN substr(x, strpos(x, {part}) + length({part})) END)"
    )
    entries = f"list_transform(string_split({text.sql}, {pair}), lambda x: {entry})"
    return Compiled(map_of_entries(entries, "k", call.context), MapType(STRING, STRING), text.nullable)
