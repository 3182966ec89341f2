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
    if isinstance(expression, exp.Anonymous) and expression.name.lower() == "inline_outer":
        return GeneratorCall(
            exp.Inline(this=expression.expressions[0].copy()), is_outer=True, aliases=aliases
        )
    if not _is_generator(expression):
        return None
    is_outer = isinstance(expression, exp.ExplodeOuter)
    if is_outer:
        kind = exp.Posexplode if isinstance(expression, exp.Posexplode) else exp.Explode
        expression = kind(this=expression.this.copy())
    return GeneratorCall(expression, is_outer, aliases)


def contains_generator(expression: exp.Expression) -> bool:
    """Whether a generator stands anywhere in the expression."""
    return any(_is_generator(node) for node in expression.walk())


def _is_generator(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Explode, exp.Inline, exp.Stack)):
        return True
    return isinstance(node, exp.Anonymous) and node.name.lower() in ("inline_outer", "json_tuple")


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


def generator_items(plan: Generate, translate: Translate) -> list[list[Item]]:
    """The select lists, from the inside out, that put a generator's columns beside the child's."""
    names = [column.physical for column in plan.columns]
    generator = plan.generator
    if isinstance(generator, (exp.Explode, exp.Inline)):
        return _exploded(generator, translate(generator.this), names, is_outer=plan.is_outer)
    if isinstance(generator, exp.Anonymous) and generator.name.lower() == "window":
        return [[Item(f"unnest({translate(generator)})", names[0])]]
    if isinstance(generator, exp.Stack):
        return _stacked(generator, translate, names)
    raise UnsupportedOperationException(
        f"The generator {generator.sql(dialect='spark')} is not offered; use explode, posexplode, inline or "
        "stack."
    )


def _exploded(
    generator: exp.Expression, value: str, names: Sequence[str], *, is_outer: bool
) -> list[list[Item]]:
    """Two levels: unnest makes one element per row, then the element is taken apart."""
    is_positional = isinstance(generator, exp.Posexplode)
    values = names[1:] if is_positional else names
    element = f"{names[0]}~element"
    is_map = len(values) == 2 and not isinstance(generator, exp.Inline)
    array = f"map_entries({value})" if is_map else value
    if is_outer:
        array = f"CASE WHEN len({array}) > 0 THEN {array} ELSE [NULL] END"
    inner = [Item(f"unnest({array})", element)]
    outer = []
    if is_positional:
        position = f"unnest(range(greatest(len({value if not is_map else f'map_keys({value})'}), 0)))"
        if is_outer:
            count = f"len({value if not is_map else f'map_keys({value})'})"
            position = f"unnest(CASE WHEN {count} > 0 THEN range({count}) ELSE [NULL] END)"
        inner.append(Item(position, f"{names[0]}~position"))
        outer.append(Item(f"CAST({identifier(f'{names[0]}~position')} AS INTEGER)", names[0]))
    if is_map:
        outer += [
            Item(f"{identifier(element)}.{part}", name)
            for part, name in zip(("key", "value"), values, strict=True)
        ]
    elif isinstance(generator, exp.Inline):
        outer += [Item(f"{identifier(element)}[{i}]", name) for i, name in enumerate(values, 1)]
    else:
        outer.append(Item(identifier(element), values[0]))
    return [inner, outer]


def _stacked(generator: exp.Stack, translate: Translate, names: Sequence[str]) -> list[list[Item]]:
    values = [translate(value) for value in generator.expressions]
    rows = int(generator.this.name)
    width = len(names)
    values += ["NULL"] * (rows * width - len(values))
    columns = [[values[row * width + at] for row in range(rows)] for at in range(width)]
    return [
        [Item(f"unnest([{', '.join(column)}])", name) for column, name in zip(columns, names, strict=True)]
    ]
