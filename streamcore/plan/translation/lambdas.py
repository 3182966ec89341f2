"""Higher-order functions: transform, filter, aggregate and their kin."""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.types import type_text
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BOOLEAN, INT, common_type
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.map_entries import map_of_entries
from streamcore.plan.translation.nested import require_key_type
from streamcore.spi.types import ArrayType, DataType, MapType


def _lambda(
    node: exp.Expression, call: Call, types: list[tuple[str, DataType, bool]]
) -> tuple[list[str], Compiled]:
    """Parameter names in SQL, and the compiled body; the body's parameters have the given SQL and types."""
    if not isinstance(node, exp.Lambda):
        # A value that is the same for every element.
        return [], call.translator.compile(node)
    names = [parameter.name for parameter in node.expressions]
    if len(names) > len(types):
        raise call.error(f"its lambda takes at most {len(types)} parameters")
    bound = {
        name: Compiled(sql, t, nullable, name=name)
        for name, (sql, t, nullable) in zip(names, types, strict=False)
    }
    return names, call.translator.with_variables(bound).compile(node.this)


def _fresh(call: Call, *labels: str) -> list[str]:
    """Names for lambda parameters that no lambda around this call uses."""
    depth = len(call.translator.variables)
    return [f"{label}_{depth}" for label in labels]


def _array(call: Call) -> tuple[Compiled, ArrayType]:
    value = call.arg(0)
    if not isinstance(value.type, ArrayType):
        raise call.error("the first argument must be an array")
    return value, value.type


def _map(call: Call) -> tuple[Compiled, MapType]:
    value = call.arg(0)
    if not isinstance(value.type, MapType):
        raise call.error("the first argument must be a map")
    return value, value.type


def _element_lambda(call: Call) -> tuple[Compiled, ArrayType, str, Compiled]:
    """An array, its type, the parameter list in SQL and the body, for lambdas over (element[, index])."""
    call.expect(2)
    value, data_type = _array(call)
    x, i = _fresh(call, "x", "i")
    types: list[tuple[str, DataType, bool]] = [
        (x, data_type.elementType, data_type.containsNull),
        (f"CAST({i} - 1 AS INTEGER)", INT, False),
    ]
    names, body = _lambda(call.nodes[1], call, types)
    return value, data_type, x if len(names) < 2 else f"{x}, {i}", body


@function("transform")
def _transform(call: Call) -> Compiled:
    value, _, parameters, body = _element_lambda(call)
    sql = f"list_transform({value.sql}, lambda {parameters}: {body.sql})"
    return Compiled(sql, ArrayType(body.type, body.nullable), value.nullable)


@function("filter")
def _filter(call: Call) -> Compiled:
    value, data_type, parameters, body = _element_lambda(call)
    condition = cast(body, BOOLEAN, call.context).sql
    return Compiled(f"list_filter({value.sql}, lambda {parameters}: {condition})", data_type, value.nullable)


@function("exists", "any_match")
def _exists(call: Call) -> Compiled:
    value, _, parameters, body = _element_lambda(call)
    held = f"list_transform({value.sql}, lambda {parameters}: {body.sql})"
    # Three-valued: true beats null beats false.
    sql = (
        f"CASE WHEN {value.sql} IS NULL THEN NULL WHEN list_contains({held}, true) THEN true "
        f"WHEN list_count({held}) < len({held}) THEN NULL ELSE false END"
    )
    return Compiled(sql, BOOLEAN, value.nullable or body.nullable)


@function("forall")
def _forall(call: Call) -> Compiled:
    value, _, parameters, body = _element_lambda(call)
    held = f"list_transform({value.sql}, lambda {parameters}: {body.sql})"
    sql = (
        f"CASE WHEN {value.sql} IS NULL THEN NULL WHEN list_contains({held}, false) THEN false "
        f"WHEN list_count({held}) < len({held}) THEN NULL ELSE true END"
    )
    return Compiled(sql, BOOLEAN, value.nullable or body.nullable)


@function("aggregate", "reduce", takes="expr, start, merge, finish = x -> x")
def _aggregate(call: Call) -> Compiled:
    call.expect(3, 4)
    value, data_type = _array(call)
    zero = call.arg(1)
    a, x = _fresh(call, "a", "x")
    # One list must hold both the accumulator and the elements, so each is wrapped in a struct of both.
    types: list[tuple[str, DataType, bool]] = [
        (f"{a}['a']", zero.type, True),
        (f"{x}['v']", data_type.elementType, data_type.containsNull),
    ]
    _, body = _lambda(call.nodes[2], call, types)
    merged = cast(body, zero.type, call.context)
    accumulator, item = type_text(zero.type), type_text(data_type.elementType)
    start = f"struct_pack(a := CAST({zero.sql} AS {accumulator}), v := CAST(NULL AS {item}))"
    wrapped = (
        f"list_transform({value.sql}, lambda {x}: struct_pack(a := CAST(NULL AS {accumulator}), v := {x}))"
    )
    step = f"struct_pack(a := CAST({merged.sql} AS {accumulator}), v := CAST(NULL AS {item}))"
    folded = f"list_reduce(list_prepend({start}, {wrapped}), lambda {a}, {x}: {step})['a']"
    sql = f"CASE WHEN {value.sql} IS NOT NULL THEN {folded} END"
    found = Compiled(sql, zero.type, value.nullable or merged.nullable or zero.nullable)
    if len(call.nodes) == 3:
        return found
    _, finished = _lambda(call.nodes[3], call, [(f"({sql})", zero.type, True)])
    return finished


@function("zip_with")
def _zip_with(call: Call) -> Compiled:
    call.expect(3)
    left, right = call.arg(0), call.arg(1)
    if not isinstance(left.type, ArrayType) or not isinstance(right.type, ArrayType):
        raise call.error("the first two arguments must be arrays")
    (x,) = _fresh(call, "x")
    types: list[tuple[str, DataType, bool]] = [
        (f"{x}[1]", left.type.elementType, True),
        (f"{x}[2]", right.type.elementType, True),
    ]
    _, body = _lambda(call.nodes[2], call, types)
    sql = f"list_transform(list_zip({left.sql}, {right.sql}), lambda {x}: {body.sql})"
    guarded = f"CASE WHEN {left.sql} IS NOT NULL AND {right.sql} IS NOT NULL THEN {sql} END"
    return Compiled(guarded, ArrayType(body.type, body.nullable), left.nullable or right.nullable)


def _with_one_kind_of_keys(left: Compiled, right: Compiled, call: Call) -> tuple[Compiled, Compiled]:
    assert isinstance(left.type, MapType)
    assert isinstance(right.type, MapType)
    shared = common_type(left.type.keyType, right.type.keyType, ansi=call.context.ansi)
    if shared is None:
        raise call.error("the keys of the two maps must be of types that have one in common")
    one = MapType(shared, left.type.valueType, left.type.valueContainsNull)
    other = MapType(shared, right.type.valueType, right.type.valueContainsNull)
    return cast(left, one, call.context), cast(right, other, call.context)


@function("map_zip_with")
def _map_zip_with(call: Call) -> Compiled:
    call.expect(3)
    left, right = call.arg(0), call.arg(1)
    if not isinstance(left.type, MapType) or not isinstance(right.type, MapType):
        raise call.error("the first two arguments must be maps")
    left, right = _with_one_kind_of_keys(left, right, call)
    assert isinstance(left.type, MapType)
    assert isinstance(right.type, MapType)
    (x,) = _fresh(call, "x")
    types: list[tuple[str, DataType, bool]] = [
        (x, left.type.keyType, False),
        (f"({left.sql})[{x}]", left.type.valueType, True),
        (f"({right.sql})[{x}]", right.type.valueType, True),
    ]
    _, body = _lambda(call.nodes[2], call, types)
    new = f"list_filter(map_keys({right.sql}), lambda k: NOT list_contains(map_keys({left.sql}), k))"
    keys = f"list_concat(map_keys({left.sql}), {new})"
    entries = f"list_transform({keys}, lambda {x}: struct_pack(k := {x}, v := {body.sql}))"
    sql = f"CASE WHEN {left.sql} IS NOT NULL AND {right.sql} IS NOT NULL THEN map_from_entries({entries}) END"
    return Compiled(
        sql, MapType(left.type.keyType, body.type, body.nullable), left.nullable or right.nullable
    )


def sorted_by(call: Call) -> Compiled:
    """`array_sort(array, comparator)`: each element goes where as many stand before it as compare less."""
    value, data_type = _array(call)
    if not isinstance(call.nodes[1], exp.Lambda):
        raise call.error("a comparator that compares nothing gives no order")
    i, j = _fresh(call, "i", "j")
    kind = (data_type.elementType, data_type.containsNull)
    array = cast(value, data_type, call.context).sql
    _, body = _lambda(call.nodes[1], call, [(f"({array})[{i}]", *kind), (f"({array})[{j}]", *kind)])
    compared = f"CAST({cast(body, INT, call.context).sql} AS INTEGER)"
    null = raise_sql("COMPARATOR_RETURNS_NULL", "'The comparator has returned a NULL for a comparison.'")
    order = f"coalesce({compared}, CAST({null} AS INTEGER))"
    # Before the element j stand those that compare less, and equal ones in front of it.
    places, first = f"range(1, len({array}) + 1)", f"{order} < 0 OR ({order} = 0 AND {i} < {j})"
    before = f"len(list_filter({places}, lambda {i}: {first}))"
    ranked = f"list_transform({places}, lambda {j}: struct_pack(r := {before}, e := ({array})[{j}]))"
    sql = f"list_transform(list_sort({ranked}), lambda {i}: {i}.e)"
    return Compiled(f"CASE WHEN {value.sql} IS NOT NULL THEN {sql} END", data_type, value.nullable)


def _entry_lambda(call: Call) -> tuple[Compiled, MapType, str, Compiled]:
    call.expect(2)
    value, data_type = _map(call)
    (x,) = _fresh(call, "x")
    types: list[tuple[str, DataType, bool]] = [
        (f"{x}.key", data_type.keyType, False),
        (f"{x}.value", data_type.valueType, data_type.valueContainsNull),
    ]
    _, body = _lambda(call.nodes[1], call, types)
    return value, data_type, x, body


@function("map_filter")
def _map_filter(call: Call) -> Compiled:
    value, data_type, x, body = _entry_lambda(call)
    entries = f"list_filter(map_entries({value.sql}), lambda {x}: {body.sql})"
    return Compiled(f"map_from_entries({entries})", data_type, value.nullable)


@function("transform_values")
def _transform_values(call: Call) -> Compiled:
    value, data_type, x, body = _entry_lambda(call)
    entries = (
        f"list_transform(map_entries({value.sql}), lambda {x}: struct_pack(k := {x}.key, v := {body.sql}))"
    )
    made = MapType(data_type.keyType, body.type, body.nullable)
    return Compiled(f"map_from_entries({entries})", made, value.nullable)


@function("transform_keys")
def _transform_keys(call: Call) -> Compiled:
    value, data_type, x, body = _entry_lambda(call)
    entries = (
        f"list_transform(map_entries({value.sql}), lambda {x}: struct_pack(k := {body.sql}, v := {x}.value))"
    )
    require_key_type(body.type)
    made = MapType(body.type, data_type.valueType, data_type.valueContainsNull)
    return Compiled(map_of_entries(entries, "k", call.context), made, value.nullable)
