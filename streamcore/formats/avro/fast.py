"""Batches of Avro as Arrow arrays by a compiled library, for the schemas that it reads as Avro says.

It gets a schema of the same bytes in the types that it reads exactly: numbers of 64 bits for all whole
numbers and for symbols, no logical types.  What it refuses, and what does not fit afterwards, is left to
`reading`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.formats.arrays import plain_type
from streamcore.formats.avro.defaults import default_value
from streamcore.formats.avro.nodes import Leaf, ListNode, Node, NumberNode, RecordNode, UnionNode, node_of
from streamcore.formats.avro.schemas import (
    Array,
    AvroType,
    Enumeration,
    Primitive,
    Record,
    Union,
    is_null,
    is_of_millis,
    is_recursive,
)
from streamcore.formats.batches import Refused, refusing
from streamcore.formats.needs import library

if TYPE_CHECKING:
    import pyarrow as pa

Shape: TypeAlias = "Callable[[pa.Array], pa.Array]"

_ROW = "streamcore_row"
_NUMBERS = ("int", "long", "float", "double")
# Whole numbers first: a reader's type holds what a writer's before it does.
_SAME = ("boolean", "string")


@dataclass(frozen=True)
class FastReader:
    """A schema for the library, and what makes plain arrays of its own."""

    schema: str
    shape: Shape
    decode: Callable[[list[bytes], str], Any]

    def read(self, rows: Sequence[bytes]) -> pa.Array:
        """The plain array of rows.  Raises Refused."""
        with refusing():
            return self.shape(self.decode(list(rows), self.schema).column(0))


def fast_reader(writer: AvroType, node: Node) -> FastReader | None:
    """The reader of rows of a schema into a node; None where the library has not all types of it.

    >>> from streamcore.formats.avro.schemas import avro_schema
    >>> def is_fast(text):
    ...     schema = avro_schema(text)
    ...     return fast_reader(schema, node_of(schema)) is not None
    >>> is_fast('{"type": "array", "items": ["null", "string"]}'), is_fast('"bytes"')
    (True, False)
    """
    if is_recursive(writer):
        return None
    made = _Pairs(itertools.count()).pair(writer, node)
    if made is None:
        return None
    wire, shape = made
    fields = [{"name": "value", "type": wire}]
    decode = library("pyruhvro", "from_avro()", "avro").deserialize_array
    return FastReader(json.dumps({"type": "record", "name": _ROW, "fields": fields}), shape, decode)


_Made: TypeAlias = "tuple[Any, Shape] | None"


@dataclass(frozen=True)
class _Pairs:
    """Pairs a writer's type with a node; records are numbered, for one may stand at several places."""

    numbers: Iterator[int]

    def pair(self, writer: AvroType, node: Node) -> _Made:
        if isinstance(writer, Union):
            return self._nullable(writer, node)
        if isinstance(node, UnionNode | NumberNode):
            return None
        if isinstance(writer, Array) and isinstance(node, ListNode):
            items = self.pair(writer.items, node.items)
            return None if items is None else ({"type": "array", "items": items[0]}, _listed(items[1]))
        if isinstance(writer, Record) and isinstance(node, RecordNode):
            return self._record(writer, node)
        return _leaf(writer, node) if isinstance(node, Leaf) else None

    def _nullable(self, writer: Union, node: Node) -> _Made:
        if len(writer.branches) != 2 or not writer.has_null:
            return None
        inner = self.pair(writer.others[0], node)
        if inner is None:
            return None
        wire = ["null", inner[0]] if is_null(writer.branches[0]) else [inner[0], "null"]
        return wire, inner[1] if node.nullable else _required(inner[1])

    def _record(self, writer: Record, node: RecordNode) -> _Made:
        by_name = {field.name: at for at, field in enumerate(node.kind.fields)}
        aliases = {alias: at for at, field in enumerate(node.kind.fields) for alias in field.aliases}
        places: dict[int, tuple[int, Shape]] = {}
        wires: list[Any] = []
        for written, field in enumerate(writer.fields):
            at = by_name.get(field.name, aliases.get(field.name))
            into = node_of(field.type) if at is None else node.fields[at]
            made = None if into is None else self.pair(field.type, into)
            if made is None:
                return None
            wires.append({"name": f"f{written}", "type": made[0]})
            if at is not None:
                places[at] = written, made[1]
        if not wires or any(not f.has_default for at, f in enumerate(node.kind.fields) if at not in places):
            return None
        name = f"r{next(self.numbers)}"
        return {"type": "record", "name": name, "fields": wires}, _recorded(node, places)


def _leaf(writer: AvroType, node: Leaf) -> _Made:
    reader = node.kind
    if isinstance(writer, Enumeration) and isinstance(reader, Enumeration):
        return ("long", _symbols(writer, reader)) if writer.name == reader.name else None
    if not isinstance(writer, Primitive) or not isinstance(reader, Primitive):
        return None
    if writer.name in _SAME and writer.name == reader.name:
        return writer.name, _text if writer.name == "string" else _unchanged
    if writer.name in _NUMBERS and reader.name in _NUMBERS[_NUMBERS.index(writer.name) :]:
        wire = "long" if writer.name == "int" else writer.name
        return wire, _number(node, is_int=writer.name == "int")
    return None


# ---- shapes --------------------------------------------------------------------------------------


def _unchanged(array: pa.Array) -> pa.Array:
    return array


def _text(array: pa.Array) -> pa.Array:
    """The texts, which the library does not check to be UTF-8."""
    array.validate(full=True)
    return array


def _number(node: Leaf, *, is_int: bool) -> Shape:
    import pyarrow as pa
    import pyarrow.compute as pc

    into = plain_type(node.sql)

    def shape(array: pa.Array) -> pa.Array:
        # A number that is no int makes this fail; one that a float holds only nearly does not.
        checked = array.cast(pa.int32()) if is_int else array
        made = checked.cast(into, safe=False)
        return pc.multiply_checked(made, 1000) if is_of_millis(node.kind) else made

    return shape


def _symbols(writer: Enumeration, reader: Enumeration) -> Shape:
    import pyarrow as pa

    known = set(reader.symbols)
    symbols = pa.array([s if s in known else reader.default for s in writer.symbols], pa.string())

    def shape(array: pa.Array) -> pa.Array:
        try:
            found = symbols.take(array)
        except IndexError as error:
            raise Refused("no such symbol") from error
        if found.null_count > array.null_count:
            raise Refused("a symbol that the reader does not know")
        return found

    return shape


def _required(inner: Shape) -> Shape:
    def shape(array: pa.Array) -> pa.Array:
        if array.null_count:
            raise Refused("null where the reader has none")
        return inner(array)

    return shape


def _listed(inner: Shape) -> Shape:
    import pyarrow as pa

    def shape(array: pa.Array) -> pa.Array:
        items = inner(array.values)
        kind = pa.list_(pa.field("element", items.type))
        return pa.ListArray.from_arrays(array.offsets, items, type=kind, mask=array.is_null())

    return shape


def _recorded(node: RecordNode, places: dict[int, tuple[int, Shape]]) -> Shape:
    import pyarrow as pa

    fields = [
        (at, field, inner)
        for at, (field, inner) in enumerate(zip(node.kind.fields, node.fields, strict=True))
        if inner is not None
    ]
    defaults = {
        at: pa.array([default_value(field.type, inner, field.default)], plain_type(inner.sql))
        for at, field, inner in fields
        if at not in places
    }

    def part(array: pa.Array, at: int) -> pa.Array:
        if at in defaults:
            return defaults[at].take(pa.array([0] * len(array), pa.int32()))
        written, inner = places[at]
        return inner(array.field(written))

    def shape(array: pa.Array) -> pa.Array:
        parts = [part(array, at) for at, _, _ in fields]
        return pa.StructArray.from_arrays(parts, [field.name for _, field, _ in fields], mask=array.is_null())

    return shape
