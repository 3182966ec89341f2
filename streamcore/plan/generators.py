"""Generators: expressions that turn one row into several (explode and its kin), and sliding windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from streamcore.duck.quoting import identifier
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.attributes import Attribute, attribute
from streamcore.plan.logical import Generate
from streamcore.plan.select_text import Item
from streamcore.spi.types import ArrayType, DataType, IntegerType, MapType, StructType

_OF_VARIANTS = ("variant_explode", "variant_explode_outer")
Translate = Callable[[exp.Expression], str]


@dataclass(frozen=True)
class GeneratorCall:
    """A generator in a select list: its call, whether it keeps rows without elements, and given names."""

    call: exp.Expression
    is_outer: bool
    aliases: tuple[str, ...]


def generator_call(expression: exp.Expression) -> GeneratorCall | None:
    """The generator that this select-list entry is; None when it is none."""
    aliases: tuple[str, ...] = ()
    if isinstance(expression, exp.Alias):
        aliases, expression = (expression.alias,), expression.this
    elif isinstance(expression, exp.Aliases):
        aliases, expression = tuple(a.name for a in expression.expressions), expression.this
    if isinstance(expression, exp.Anonymous) and expression.name.lower() == "json_tuple":
        fields = exp.Anonymous(this="json_fields", expressions=[e.copy() for e in expression.expressions])
        return GeneratorCall(
            exp.Inline(this=exp.Array(expressions=[fields])), is_outer=False, aliases=aliases
        )
    if isinstance(expression, exp.Anonymous) and expression.name.lower() in _OF_VARIANTS:
        parts = exp.Anonymous(this="variant_parts", expressions=[e.copy() for e in expression.expressions])
        is_outer = expression.name.lower().endswith("_outer")
        return GeneratorCall(exp.Inline(this=parts), is_outer, aliases)
    if isinstance(expression, exp.Anonymous) and expression.name.lower() == "inline_outer":
        return GeneratorCall(
            exp.Inline(this=expression.expressions[0].copy()), is_outer=True, aliases=aliases
        )
    if not is_generator(expression):
        return None
    is_outer = isinstance(expression, exp.ExplodeOuter)
    if is_outer:
        kind = exp.Posexplode if isinstance(expression, exp.Posexplode) else exp.Explode
        expression = kind(this=expression.this.copy())
    return GeneratorCall(expression, is_outer, aliases)


def is_generator(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Explode, exp.Inline, exp.Stack)):
        return True
    return isinstance(node, exp.Anonymous) and node.name.lower() == "inline_outer"


def generator_columns(
    generator: exp.Expression, data_type: DataType, is_outer: bool
) -> tuple[Attribute, ...]:
    """The columns that `explode`, `posexplode` or `inline` of a value of this type yields."""
    position = [attribute("pos", IntegerType(), is_outer)] if isinstance(generator, exp.Posexplode) else []
    if isinstance(generator, exp.Inline):
        struct = data_type.elementType if isinstance(data_type, ArrayType) else None
        if not isinstance(struct, StructType):
            raise _wrong_type("inline", 'the "ARRAY<STRUCT>" type', data_type)
        return tuple(attribute(f.name, f.dataType, f.nullable or is_outer) for f in struct.fields)
    if isinstance(data_type, ArrayType):
        return (*position, attribute("col", data_type.elementType, data_type.containsNull or is_outer))
    if isinstance(data_type, MapType):
        key = attribute("key", data_type.keyType, is_outer)
        return (
            *position,
            key,
            attribute("value", data_type.valueType, data_type.valueContainsNull or is_outer),
        )
    name = "posexplode" if position else "explode"
    raise _wrong_type(name, '("ARRAY" or "MAP") type', data_type)


def _wrong_type(name: str, wanted: str, data_type: DataType) -> AnalysisException:
    return AnalysisException(
        f"[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] Cannot resolve {name}(...) due to data type mismatch: "
        "the "
        f'first parameter requires {wanted}, however it has the type "{data_type.simpleString().upper()}". '
        "SQLSTATE: 42K09"
    )


def generator_items(plan: Generate, translate: Translate, value_type: DataType | None) -> list[list[Item]]:
    """The select lists, from the inside out, that put a generator's columns beside the child's.

    `value_type` is the type of what explode, posexplode or inline takes apart.
    """
    names = [column.physical for column in plan.columns]
    generator = plan.generator
    if isinstance(generator, exp.Anonymous) and generator.name.lower() == "window":
        return [[Item(f"unnest({translate(generator)})", names[0])]]
    if isinstance(generator, exp.Stack):
        return [_stacked(generator, translate, names)]
    if not isinstance(generator, (exp.Explode, exp.Inline)) or value_type is None:
        raise UnsupportedOperationException(
            f"The generator {generator.sql(dialect='spark')} is not offered; use explode, posexplode, inline "
            "or stack."
        )
    value = translate(generator.this)
    is_map = isinstance(value_type, MapType)
    elements = _unnested(f"map_entries({value})" if is_map else value, is_outer=plan.is_outer)
    positions = _positions(f"map_keys({value})" if is_map else value, is_outer=plan.is_outer)
    element, position = f"{names[0]}~element", f"{names[0]}~position"
    inner, outer = [Item(elements, element)], []
    if isinstance(generator, exp.Posexplode):
        inner.append(Item(positions, position))
        outer.append(Item(f"CAST({identifier(position)} AS INTEGER)", names[0]))
    parts = _parts(value_type, is_inlined=isinstance(generator, exp.Inline))
    values = names[len(outer) :]
    outer += [Item(f"{identifier(element)}{part}", name) for part, name in zip(parts, values, strict=True)]
    return [inner, outer]


def _parts(value_type: DataType, *, is_inlined: bool) -> list[str]:
    """What to append to an element's name for each column that it becomes."""
    if isinstance(value_type, MapType):
        return [".key", ".value"]
    if is_inlined and isinstance(value_type, ArrayType) and isinstance(value_type.elementType, StructType):
        return [f".{identifier(name)}" for name in value_type.elementType.names]
    return [""]


def _unnested(array: str, *, is_outer: bool) -> str:
    kept = f"CASE WHEN len({array}) > 0 THEN {array} ELSE [NULL] END" if is_outer else array
    return f"unnest({kept})"


def _positions(array: str, *, is_outer: bool) -> str:
    if is_outer:
        return f"unnest(CASE WHEN len({array}) > 0 THEN range(len({array})) ELSE [NULL] END)"
    return f"unnest(range(len({array})))"


def _stacked(generator: exp.Stack, translate: Translate, names: Sequence[str]) -> list[Item]:
    values = [translate(value) for value in generator.expressions]
    rows = int(generator.this.name)
    width = len(names)
    values += ["NULL"] * (rows * width - len(values))
    columns = [[values[row * width + at] for row in range(rows)] for at in range(width)]
    return [Item(f"unnest([{', '.join(c)}])", name) for c, name in zip(columns, names, strict=True)]
