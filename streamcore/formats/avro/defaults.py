"""Defaults of fields, which schemas write as JSON, as values of the reader."""

from __future__ import annotations

import decimal
from typing import Any

from streamcore.formats.avro.nodes import Leaf, ListNode, MapNode, Node, NumberNode, RecordNode, UnionNode
from streamcore.formats.avro.schemas import (
    AvroSchemaError,
    AvroType,
    Fixed,
    Primitive,
    Union,
    is_null,
    is_of_millis,
    type_name,
)
from streamcore.spi.types import DecimalType


def default_value(kind: AvroType, node: Node, given: Any) -> Any:
    """The value of a default; of a union it is one of a branch that fits.  Raises AvroSchemaError."""
    if isinstance(kind, Union):
        return _of_union(kind, node, given)
    if is_null(kind):
        return None
    if isinstance(node, RecordNode) and isinstance(given, dict):
        return _of_record(node, given)
    if isinstance(node, ListNode) and isinstance(given, list):
        return [default_value(node.kind.items, node.items, each) for each in given]
    if isinstance(node, MapNode) and isinstance(given, dict):
        return [(key, default_value(node.kind.values, node.values, each)) for key, each in given.items()]
    if isinstance(node, Leaf | NumberNode) and _fits(kind, given):
        return _of_leaf(kind, node, given)
    raise AvroSchemaError(f"Invalid default for a field of the Avro type {type_name(kind)}: {given!r}")


def _of_record(node: RecordNode, given: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for field, into in zip(node.kind.fields, node.fields, strict=True):
        if field.name not in given and not field.has_default:
            raise AvroSchemaError(f"The default of the record {node.kind.name} has no field {field.name}")
        if into is not None:
            found[field.name] = default_value(field.type, into, given.get(field.name, field.default))
    return found


def _of_union(kind: Union, node: Node, given: Any) -> Any:
    """Of the first branch, as the older rule has it, or of another one that fits."""
    if given is None and kind.has_null:
        return None
    for at, other in enumerate(kind.others):
        member = node.members[at] if isinstance(node, UnionNode) else ("", node)
        if member is None:
            continue
        try:
            value = default_value(other, member[1], given)
        except AvroSchemaError:
            continue
        return {member[0]: value} if isinstance(node, UnionNode) else value
    raise AvroSchemaError(f"Invalid default for a field of an Avro union: {given!r}")


def _fits(kind: AvroType, given: Any) -> bool:
    name = kind.name if isinstance(kind, Primitive) else "text"
    if name == "boolean":
        return isinstance(given, bool)
    if name in ("int", "long"):
        return isinstance(given, int) and not isinstance(given, bool)
    if name in ("float", "double"):
        return isinstance(given, int | float) and not isinstance(given, bool)
    return isinstance(given, str)


def _of_leaf(kind: AvroType, node: Leaf | NumberNode, given: Any) -> Any:
    if isinstance(kind, Fixed) or (isinstance(kind, Primitive) and kind.name == "bytes"):
        data = str(given).encode("latin-1")
        if isinstance(node.sql, DecimalType):
            return decimal.Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-node.sql.scale)
        return data
    if isinstance(kind, Primitive) and kind.name in ("float", "double"):
        return float(given)
    return given * 1000 if is_of_millis(kind) else given
