"""Batches of Protobuf as Arrow arrays by a compiled library, for the messages that it reads alike.

It passes over what it does not know, and so over a field that was written as another type, which is an error.
Messages whose bytes it writes again as they were hold nothing of the kind; the others are looked at one
by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.formats.arrays import plain_type
from streamcore.formats.batches import ReadBatch, Refused, refusing
from streamcore.formats.needs import library
from streamcore.formats.protobuf.descriptors import message_class, protobuf
from streamcore.formats.protobuf.nodes import Enumerated, Field, Message, Moment, Scalar, Value, Wrapped
from streamcore.spi.types import StringType

if TYPE_CHECKING:
    import pyarrow as pa

Shape: TypeAlias = "Callable[[pa.Array], pa.Array]"

_MOMENTS = ("google.protobuf.Timestamp", "google.protobuf.Duration")
_FARTHEST = 1 << 43
"""Fewer seconds than this have a number of microseconds; it is a time in the year 280,000."""
_WRAPPER = "google.protobuf."
# Of these the library makes types of its own, too.
_OTHERS = ("google.type.",)


def fast_reader(descriptor: Any, node: Message, *, emits_defaults: bool) -> ReadBatch | None:
    """How batches are read into a node; None for messages that the library reads otherwise, or not at all."""
    if not _is_plain(descriptor, ()) or not _is_read(node):
        return None
    ptars = library("ptars", "from_protobuf()", "protobuf")
    config = ptars.PtarsConfig(timestamp_unit="us", duration_unit="us", map_value_nullable=True)
    handler = ptars.HandlerPool([descriptor.file], config=config).get_for_message(descriptor)
    shape = _Shapes(emits_defaults).message(node)
    check = _checker(descriptor, node)

    def read(rows: Sequence[bytes]) -> pa.Array:
        import pyarrow as pa

        with refusing():
            batch = handler.list_to_record_batch(list(rows))
            again = handler.record_batch_to_array(batch)
            check(rows, again)
            return shape(pa.StructArray.from_arrays(batch.columns, batch.schema.names))

    return read


def _is_plain(descriptor: Any, within: tuple[str, ...]) -> bool:
    """Whether all within is of proto3, without recursion and without types of the library's own."""
    if descriptor.full_name in within or descriptor.full_name.startswith(_OTHERS):
        return False
    if any(field.has_default_value or _is_explicit(field) for field in descriptor.fields):
        return False
    inner = (field.message_type for field in descriptor.fields if field.message_type is not None)
    return all(_is_plain(each, (*within, descriptor.full_name)) for each in inner)


def _is_explicit(field: Any) -> bool:
    """Whether presence is told as in proto2, or the field is a group of it."""
    if field.type == field.TYPE_GROUP:
        return True
    file = protobuf("descriptor_pb2").FileDescriptorProto()
    field.containing_type.file.CopyToProto(file)
    return bool(file.syntax != "proto3")


def _is_read(node: Message) -> bool:
    return bool(node.fields) and all(_is_value_read(field.value) for field in node.fields)


def _is_value_read(value: Value) -> bool:
    if isinstance(value, Message):
        # A wrapper is unwrapped by the library, which is mended where it stands alone.
        return _is_read(value)
    return isinstance(value, Scalar | Enumerated | Wrapped) or (
        isinstance(value, Moment) and value.full_name in _MOMENTS
    )


def _checker(descriptor: Any, node: Message) -> Callable[[Sequence[bytes], pa.Array], None]:
    import pyarrow as pa
    import pyarrow.compute as pc

    made = message_class(descriptor)
    unknown_fields = protobuf("unknown_fields").UnknownFieldSet
    known = {field.number for field in descriptor.fields}
    wrong = protobuf("message").DecodeError
    is_in_range = _range_of(node)

    def check(rows: Sequence[bytes], again: pa.Array) -> None:
        other = pc.not_equal(pa.array(rows, pa.binary()), again)
        for at in pc.indices_nonzero(other).to_pylist():
            try:
                message = made.FromString(rows[at])
            except wrong as error:
                raise Refused(str(error)) from error
            if any(each.field_number in known for each in unknown_fields(message)):
                raise Refused("a field of another type")
            if not is_in_range(message):
                raise Refused("a time out of range")

    return check


def _range_of(node: Message) -> Callable[[Any], bool]:
    """Whether all times of a message have numbers of microseconds: without one the library wraps around."""
    steps: list[tuple[Field, Callable[[Any], bool]]] = []
    for field in node.fields:
        if isinstance(field.value, Moment):
            steps.append((field, _is_in_range))
        elif isinstance(field.value, Message) and _holds_times(field.value):
            steps.append((field, _range_of(field.value)))

    def check(message: Any) -> bool:
        for field, inner in steps:
            held = getattr(message, field.name)
            if field.key is not None:
                held = held.values()
            if not (all(map(inner, held)) if field.is_repeated else inner(held)):
                return False
        return True

    return check


def _holds_times(node: Message) -> bool:
    values = [field.value for field in node.fields]
    return any(isinstance(v, Moment) or (isinstance(v, Message) and _holds_times(v)) for v in values)


def _is_in_range(moment: Any) -> bool:
    return bool(abs(moment.seconds) < _FARTHEST)


class _Shapes:
    """Makes plain arrays of the library's."""

    def __init__(self, emits_defaults: bool) -> None:
        self._emits_defaults = emits_defaults

    def message(self, node: Message) -> Shape:
        import pyarrow as pa

        steps = [(field.name, self._field(field)) for field in node.fields]

        def shape(array: pa.Array) -> pa.Array:
            names = [array.type.field(at).name for at in range(array.type.num_fields)]
            parts = [read(array.field(names.index(name))) for name, read in steps]
            return pa.StructArray.from_arrays(parts, [name for name, _ in steps], mask=array.is_null())

        return shape

    def _field(self, field: Field) -> Shape:
        value = self._value(field.value)
        if field.key is not None:
            return _mapped(self._value(field.key), value)
        if field.is_repeated:
            return _listed(value)
        if field.has_presence or self._emits_defaults:
            return value
        return lambda array: value(_without_defaults(array))

    def _value(self, node: Value) -> Shape:
        if isinstance(node, Wrapped):
            return _scalar(node.inner)
        if isinstance(node, Scalar):
            return _scalar(node)
        if isinstance(node, Enumerated):
            return _symbols(node)
        if isinstance(node, Message):
            return self._wrapper(node) if node.full_name.startswith(_WRAPPER) else self.message(node)
        return _number

    def _wrapper(self, node: Message) -> Shape:
        """A message of one value, which the library gives bare."""
        import pyarrow as pa

        whole, bare = self.message(node), self._field(node.fields[0])

        def shape(array: pa.Array) -> pa.Array:
            if pa.types.is_struct(array.type):
                return whole(array)
            return pa.StructArray.from_arrays([bare(array)], [node.fields[0].name], mask=array.is_null())

        return shape


def _scalar(node: Scalar) -> Shape:
    import pyarrow as pa

    into = plain_type(node.sql)

    def shape(array: pa.Array) -> pa.Array:
        if array.type == into:
            return array
        # The upper half of unsigned numbers is negative, unless there is room for it.
        if pa.types.is_integer(array.type) and array.type.bit_width == into.bit_width:
            return array.view(into)
        return array.cast(into)

    return shape


def _number(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    return array.cast(pa.int64())


def _symbols(node: Enumerated) -> Shape:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(node.sql, StringType):
        return lambda array: array
    numbers = pa.array(list(node.names), pa.int32())
    names = pa.array(list(node.names.values()), pa.string())

    def shape(array: pa.Array) -> pa.Array:
        found = names.take(pc.index_in(array, numbers))
        if found.null_count == array.null_count:
            return found
        unknown = pc.binary_join_element_wise(f"UNKNOWN_ENUM_VALUE_{node.name}_", array.cast(pa.string()), "")
        return pc.coalesce(found, unknown)

    return shape


def _without_defaults(array: pa.Array) -> pa.Array:
    """The array with null for what a message leaves out: nothing, by its bits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_floating(kind):
        nothing = pc.equal(array.view(pa.int64() if kind == pa.float64() else pa.int32()), 0)
    elif pa.types.is_boolean(kind):
        nothing = pc.invert(array)
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        nothing = pc.equal(pc.binary_length(array), 0)
    else:
        nothing = pc.equal(array, pa.scalar(0, kind))
    return pc.if_else(nothing, pa.scalar(None, kind), array)


def _listed(inner: Shape) -> Shape:
    import pyarrow as pa

    def shape(array: pa.Array) -> pa.Array:
        return pa.ListArray.from_arrays(array.offsets, inner(array.values), mask=array.is_null())

    return shape


def _mapped(key: Shape, value: Shape) -> Shape:
    import pyarrow as pa

    def shape(array: pa.Array) -> pa.Array:
        if array.items.null_count:
            raise Refused("a map without a value, which is an empty message")
        _refuse_twofold(array)
        parts = key(array.keys), value(array.items)
        return pa.MapArray.from_arrays(array.offsets, *parts, mask=array.is_null())

    return shape


def _refuse_twofold(array: pa.Array) -> None:
    """Refuses a map that holds a key twice, of which the last one counts."""
    import numpy as np
    import pyarrow as pa

    sizes = np.diff(np.asarray(array.offsets))
    if not len(sizes) or sizes.max() < 2:
        return
    owners = np.repeat(np.arange(len(sizes)), sizes)
    pairs = pa.table({"owner": owners, "key": array.keys})
    if len(pairs.group_by(["owner", "key"]).aggregate([])) < len(owners):
        raise Refused("a key of a map twice")
