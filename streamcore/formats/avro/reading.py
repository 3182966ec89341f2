"""Rows of Avro as Python values, by Avro's rules of resolution: what any schema can be read with.

A schema of the writer and a node of the reader are compiled to functions of (bytes, place) that give a value
and the place behind it.  What the reader does not want is read and left out.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from typing import Any

from streamcore.formats.avro.compounds import (
    as_member,
    branching,
    failing,
    listed,
    mapped,
    recorded,
    without_value,
)
from streamcore.formats.avro.defaults import default_value
from streamcore.formats.avro.nodes import Leaf, ListNode, MapNode, Node, NumberNode, RecordNode, UnionNode
from streamcore.formats.avro.primitives import PRIMITIVES, Read, long_at, null_at, sized_at
from streamcore.formats.avro.schemas import (
    Array,
    AvroType,
    Enumeration,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    is_null,
    is_of_millis,
    short_name,
    type_name,
)
from streamcore.formats.malformed import Malformed
from streamcore.spi.types import DecimalType

_PROMOTED = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


class Unresolvable(Exception):
    """A writer's type that no value of the reader's can be made of."""

    def __init__(self, writer: AvroType, reader: AvroType, why: str = "") -> None:
        super().__init__(f"Found {type_name(writer)}, expecting {type_name(reader)}{why}")


def reader_of(writer: AvroType, node: Node) -> Read:
    """How rows that were written by a schema are read into a node.

    What cannot be resolved fails for every row that has it, as Avro's rules say.
    """
    return _Compiler({}).safely(writer, node)


class _Compiler:
    """Compiles; what is skipped is compiled once, for a record may hold itself."""

    def __init__(self, skipped: dict[int, Read]) -> None:
        self._skipped = skipped

    def safely(self, writer: AvroType, node: Node) -> Read:
        try:
            return self.compiled(writer, node)
        except Unresolvable as error:
            return failing(str(error))

    def compiled(self, writer: AvroType, node: Node) -> Read:
        if isinstance(writer, Union):
            return branching([self.safely(branch, node) for branch in writer.branches])
        if node.nullable and is_null(writer):
            return null_at
        if isinstance(node, UnionNode):
            return self._member(writer, node)
        if isinstance(node, NumberNode):
            return self._number(writer, node)
        if isinstance(node, RecordNode) and isinstance(writer, Record):
            return self._record(writer, node)
        if isinstance(node, ListNode) and isinstance(writer, Array):
            return listed(self.safely(writer.items, node.items))
        if isinstance(node, MapNode) and isinstance(writer, Map):
            return mapped(self.safely(writer.values, node.values))
        if isinstance(node, Leaf):
            return _leaf(writer, node)
        raise Unresolvable(writer, node.kind)

    def _member(self, writer: AvroType, node: UnionNode) -> Read:
        """The first member that is the writer's type, or else the first that it can be promoted to."""
        others = node.kind.others
        exact = [at for at, other in enumerate(others) if _is_same(writer, other)]
        for at in exact or range(len(others)):
            member = node.members[at]
            if member is None:
                if exact:
                    return without_value(self.skip(writer))
                continue
            try:
                return as_member(member[0], self.compiled(writer, member[1]))
            except Unresolvable:
                continue
        raise Unresolvable(writer, node.kind)

    def _number(self, writer: AvroType, node: NumberNode) -> Read:
        for other in node.kind.others:
            if isinstance(other, Primitive) and _is_same(writer, other):
                return _leaf(writer, Leaf(other, node.sql))
        return _leaf(writer, Leaf(_widest(node), node.sql))

    def _record(self, writer: Record, node: RecordNode) -> Read:
        by_name = {field.name: at for at, field in enumerate(node.kind.fields)}
        aliases = {alias: at for at, field in enumerate(node.kind.fields) for alias in field.aliases}
        steps: list[tuple[str, str | None, Read]] = []
        found: set[int] = set()
        for field in writer.fields:
            at = by_name.get(field.name, aliases.get(field.name))
            into = None if at is None else node.fields[at]
            if at is not None:
                found.add(at)
            if at is None or into is None:
                steps.append((field.name, None, self.skip(field.type)))
            else:
                steps.append((field.name, node.kind.fields[at].name, self.safely(field.type, into)))
        rest = [
            (field, into)
            for at, (field, into) in enumerate(zip(node.kind.fields, node.fields, strict=True))
            if at not in found
        ]
        return recorded(steps, self._defaults(writer, node, rest))

    def _defaults(
        self, writer: Record, node: RecordNode, fields: Sequence[tuple[Field, Node | None]]
    ) -> dict[str, Any]:
        for field, _ in fields:
            if not field.has_default:
                raise Unresolvable(writer, node.kind, f", missing required field {field.name}")
        return {
            field.name: default_value(field.type, into, field.default)
            for field, into in fields
            if into is not None
        }

    def skip(self, writer: AvroType) -> Read:
        """How a value is passed over; it is checked as if it were read."""
        known = self._skipped.get(id(writer))
        if known is not None:
            return known
        # While a record is compiled, what is within it calls what it will be.
        self._skipped[id(writer)] = lambda data, at: whole(data, at)  # noqa: PLW0108 - it is made below
        self._skipped[id(writer)] = whole = self._skip(writer)
        return whole

    def _skip(self, writer: AvroType) -> Read:
        if isinstance(writer, Union):
            return branching([self.skip(branch) for branch in writer.branches])
        if isinstance(writer, Record):
            return recorded([(field.name, None, self.skip(field.type)) for field in writer.fields], {})
        if isinstance(writer, Array):
            return listed(self.skip(writer.items))
        if isinstance(writer, Map):
            return mapped(self.skip(writer.values))
        if isinstance(writer, Enumeration):
            return _symbol(dict(enumerate(writer.symbols)), "")
        return sized_at(writer.size) if isinstance(writer, Fixed) else PRIMITIVES[writer.name]


def _is_same(writer: AvroType, reader: AvroType) -> bool:
    """Whether a branch of a union is the very type; named ones are so by their names."""
    return type(writer) is type(reader) and type_name(writer) == type_name(reader)


def _widest(node: NumberNode) -> Primitive:
    names = [other.name for other in node.kind.others if isinstance(other, Primitive)]
    return Primitive("long" if "long" in names else "double")


# ---- values without parts ------------------------------------------------------------------------


def _leaf(writer: AvroType, node: Leaf) -> Read:
    reader = node.kind
    if isinstance(reader, Enumeration):
        if not isinstance(writer, Enumeration) or not _is_named_alike(writer, reader):
            raise Unresolvable(writer, reader)
        return _enumerated(writer, reader)
    if isinstance(reader, Fixed):
        if not isinstance(writer, Fixed) or writer.size != reader.size or not _is_named_alike(writer, reader):
            raise Unresolvable(writer, reader)
        return _with_decimal(sized_at(writer.size), node)
    if not isinstance(writer, Primitive):
        raise Unresolvable(writer, reader)
    if writer.name == reader.name:
        return _with_unit(_with_decimal(PRIMITIVES[writer.name], node), reader)
    if reader.name not in _PROMOTED.get(writer.name, ()):
        raise Unresolvable(writer, reader)
    if {writer.name, reader.name} == {"string", "bytes"}:
        return _with_decimal(PRIMITIVES[reader.name], node)
    read = PRIMITIVES[writer.name]
    return _with_unit(read, reader) if reader.name == "long" else _as_float(read)


def _is_named_alike(writer: Fixed | Enumeration, reader: Fixed | Enumeration) -> bool:
    return short_name(writer) == short_name(reader) or writer.name in reader.aliases


def _as_float(read: Read) -> Read:
    def run(data: bytes, at: int) -> tuple[float, int]:
        value, at = read(data, at)
        return float(value), at

    return run


def _with_unit(read: Read, reader: Primitive) -> Read:
    """The number as Spark counts: a time in microseconds."""
    if not is_of_millis(reader):
        return read

    def run(data: bytes, at: int) -> tuple[int, int]:
        value, at = read(data, at)
        if not -(2**63) <= value * 1000 < 2**63:
            raise Malformed(f"{value} milliseconds are no timestamp")
        return value * 1000, at

    return run


def _with_decimal(read: Read, node: Leaf) -> Read:
    """The bytes, or the decimal that they are."""
    if not isinstance(node.sql, DecimalType):
        return read
    precision, scale = node.sql.precision, node.sql.scale
    limit = 10**precision

    def run(data: bytes, at: int) -> tuple[decimal.Decimal, int]:
        written, at = read(data, at)
        number = int.from_bytes(written, "big", signed=True)
        if not written or not -limit < number < limit:
            raise Malformed(f"{number if written else 'no byte at all'} is no decimal({precision},{scale})")
        return decimal.Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale)), at

    return run


def _enumerated(writer: Enumeration, reader: Enumeration) -> Read:
    known = set(reader.symbols)
    symbols = {
        at: symbol if symbol in known else reader.default
        for at, symbol in enumerate(writer.symbols)
        if symbol in known or reader.default is not None
    }
    return _symbol(symbols, f"; the reader knows {', '.join(reader.symbols)}")


def _symbol(symbols: Mapping[int, str | None], known: str) -> Read:
    def run(data: bytes, at: int) -> tuple[str | None, int]:
        number, at = long_at(data, at)
        if number not in symbols:
            raise Malformed(f"no symbol of the number {number}{known}")
        return symbols[number], at

    return run
