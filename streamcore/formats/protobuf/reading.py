"""Messages of Protobuf as Python values: what any descriptor can be read with."""

from __future__ import annotations

import decimal
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from streamcore.formats.batches import ReadRow
from streamcore.formats.malformed import Malformed
from streamcore.formats.protobuf.descriptors import message_class, protobuf
from streamcore.formats.protobuf.nodes import (
    AnyText,
    Enumerated,
    Field,
    Message,
    Moment,
    Scalar,
    Value,
    Wrapped,
)
from streamcore.spi.types import DecimalType, LongType, StringType

Read: TypeAlias = "Callable[[Any], Any]"


def row_reader(descriptor: Any, node: Message, *, emits_defaults: bool) -> ReadRow:
    """How the bytes of a message are read into a node."""
    made = message_class(descriptor)
    wrong = protobuf("message").DecodeError
    known = {field.number for field in descriptor.fields}
    read = _Readers(descriptor.file.pool, emits_defaults).message(node)
    unknown_fields = protobuf("unknown_fields").UnknownFieldSet

    def run(data: bytes) -> Any:
        try:
            message = made.FromString(data)
        except wrong as error:
            raise Malformed(str(error)) from None
        if not message.IsInitialized():
            raise Malformed("without a value that is required").within(message.FindInitializationErrors()[0])
        for each in unknown_fields(message):
            if each.field_number in known:
                name = descriptor.fields_by_number[each.field_number].name
                raise Malformed("its value was written as another type").within(name)
        return read(message)

    return run


def is_default(value: Any) -> bool:
    """Whether a message leaves the value out: nothing, by its bits."""
    return not value and not (isinstance(value, float) and math.copysign(1, value) < 0)


class _Readers:
    """Compiles nodes to functions of the library's values."""

    def __init__(self, pool: Any, emits_defaults: bool) -> None:
        self._pool = pool
        self._emits_defaults = emits_defaults

    def message(self, node: Message) -> Read:
        steps: Sequence[tuple[str, Read]] = [(field.name, self._field(field)) for field in node.fields]

        def run(message: Any) -> dict[str, Any]:
            return {name: read(message) for name, read in steps}

        return run

    def _field(self, field: Field) -> Read:
        name, read = field.name, self._value(field.value)
        if field.key is not None:
            key = self._value(field.key)
            return lambda message: [(key(k), read(v)) for k, v in getattr(message, name).items()]
        if field.is_repeated:
            return lambda message: [read(each) for each in getattr(message, name)]
        if field.has_presence:
            default = None if field.default is None else read(field.default)
            return lambda message: read(getattr(message, name)) if message.HasField(name) else default
        if self._emits_defaults:
            return lambda message: read(getattr(message, name))

        def present(message: Any) -> Any:
            value = getattr(message, name)
            return None if is_default(value) else read(value)

        return present

    def _value(self, node: Value) -> Read:
        if isinstance(node, Scalar):
            return _scalar(node)
        if isinstance(node, Wrapped):
            inner = _scalar(node.inner)
            return lambda message: inner(message.value)
        if isinstance(node, Enumerated):
            return _symbol(node) if isinstance(node.sql, StringType) else _unchanged
        if isinstance(node, Moment):
            return _microseconds
        return self._any if isinstance(node, AnyText) else self.message(node)

    def _any(self, message: Any) -> str:
        """The JSON of a message of any type, which the descriptor set must have."""
        formats = protobuf("json_format")
        try:
            made = formats.MessageToDict(
                message, preserving_proto_field_name=True, descriptor_pool=self._pool
            )
        except (TypeError, formats.Error) as error:
            raise Malformed(f"a google.protobuf.Any that is not known: {error}") from None
        return json.dumps(made, separators=(",", ":"), ensure_ascii=False)


def _unchanged(value: Any) -> Any:
    return value


def _scalar(node: Scalar) -> Read:
    if node.cpp == "UINT32" and not isinstance(node.sql, LongType):
        return lambda value: value - (1 << 32) if value >> 31 else value
    if node.cpp == "UINT64":
        if isinstance(node.sql, DecimalType):
            return decimal.Decimal
        return lambda value: value - (1 << 64) if value >> 63 else value
    return _unchanged


def _symbol(node: Enumerated) -> Read:
    names, head = dict(node.names), f"UNKNOWN_ENUM_VALUE_{node.name}_"
    return lambda value: names.get(value) or f"{head}{value}"


def _microseconds(message: Any) -> int:
    """Cut towards zero, as Java's units do it."""
    nanos = int(message.nanos)
    found = int(message.seconds) * 1_000_000 + (nanos // 1000 if nanos >= 0 else -(-nanos // 1000))
    if not -(2**63) <= found < 2**63:
        raise Malformed(f"{message.seconds} seconds are no timestamp")
    return found
