"""Descriptor sets for tests, written down in a few words instead of compiled by protoc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streamcore.formats.protobuf.descriptors import protobuf

descriptor_pb2 = protobuf("descriptor_pb2")
_KINDS = descriptor_pb2.FieldDescriptorProto
_SCALARS = (
    "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes", "uint32",
    "sfixed32", "sfixed64", "sint32", "sint64",
)  # fmt: skip


def descriptor_set(
    messages: Mapping[str, Sequence[str]],
    enums: Mapping[str, Sequence[str]] | None = None,
    *,
    syntax: str = "proto3",
    imports: Sequence[str] = (),
    package: str = "t",
) -> bytes:
    """A serialized set of one file; a field is written as in a .proto file: `repeated int32 a`.

    Fields are numbered as they stand.  `oneof int32 a` stands in the message's choice, `optional` (behind
    those) gives presence, `map<K,V> m` a map, and `required` and `int32 a = default` are for
    proto2.  Files of google.protobuf are imported by their short names.
    """
    file = descriptor_pb2.FileDescriptorProto(name="t.proto", package=package)
    if syntax == "proto3":
        file.syntax = syntax
    file.dependency.extend(f"google/protobuf/{name}.proto" for name in imports)
    names = {name: f".{package}.{name}" for name in (*messages, *(enums or {}))}
    for name, symbols in (enums or {}).items():
        made = file.enum_type.add(name=name)
        for number, symbol in enumerate(symbols):
            made.value.add(name=symbol, number=number)
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields, 1):
            _add(message, text, number, names, set(enums or {}), f".{package}.{name}")
    data: bytes = descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString()
    return data


def _add(message: Any, text: str, number: int, names: Mapping[str, str], enums: set[str], owner: str) -> None:
    text, _, default = (part.strip() for part in text.partition("="))
    head, _, name = text.rpartition(" ")
    label, _, kind = head.rpartition(" ")
    field = message.field.add(name=name, number=number, label=_KINDS.LABEL_OPTIONAL)
    if kind.startswith("map<"):
        field.label = _KINDS.LABEL_REPEATED
        key, _, value = kind[4:-1].partition(",")
        entry = message.nested_type.add(name=f"{name.title()}Entry")
        entry.options.map_entry = True
        _add(entry, f"{key} key", 1, names, enums, "")
        _add(entry, f"{value} value", 2, names, enums, "")
        field.type, field.type_name = _KINDS.TYPE_MESSAGE, f"{owner}.{entry.name}"
        return
    if label == "repeated":
        field.label = _KINDS.LABEL_REPEATED
    elif label == "required":
        field.label = _KINDS.LABEL_REQUIRED
    elif label == "optional":
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{name}")
    elif label.startswith("oneof"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="choice")
        field.oneof_index = 0
    if default:
        field.default_value = default
    if kind in _SCALARS:
        field.type = getattr(_KINDS, f"TYPE_{kind.upper()}")
    else:
        field.type = _KINDS.TYPE_ENUM if kind in enums else _KINDS.TYPE_MESSAGE
        field.type_name = names.get(kind, f".google.protobuf.{kind}")
