"""What a Protobuf message is read into: its fields with their Spark types, recursion cut off if told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from streamcore.errors import AnalysisException
from streamcore.formats.protobuf.options import DEEPEST, ProtobufOptions
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

DUMMY = "__dummy_field_in_empty_struct"
ANY = "google.protobuf.Any"
WRAPPERS = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Int32", "UInt32", "Int64", "UInt64", "String", "Bytes", "Float", "Double")
)
# By the kinds that Python's descriptors tell apart.
_SCALARS: Mapping[str, DataType] = {
    "INT32": IntegerType(), "INT64": LongType(), "UINT32": IntegerType(), "UINT64": LongType(),
    "DOUBLE": DoubleType(), "FLOAT": FloatType(), "BOOL": BooleanType(), "STRING": StringType(),
    "BYTES": BinaryType(),
}  # fmt: skip
_UPCAST: Mapping[str, DataType] = {"UINT32": LongType(), "UINT64": DecimalType(20, 0)}


@dataclass(frozen=True)
class Scalar:
    """A number, a text, bytes or a truth value; `cpp` is one of INT32, UINT64, STRING, BYTES, ..."""

    cpp: str
    sql: DataType


@dataclass(frozen=True)
class Enumerated:
    """A symbol, or its number; `names` are the names by their numbers."""

    name: str
    names: Mapping[int, str]
    sql: DataType


@dataclass(frozen=True)
class Moment:
    """Seconds and nanoseconds, of a timestamp or of a span."""

    full_name: str
    sql: DataType


@dataclass(frozen=True)
class AnyText:
    """A message of any type, as JSON."""

    sql: DataType


@dataclass(frozen=True)
class Wrapped:
    """The primitive in a wrapper."""

    inner: Scalar

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        return self.inner.sql


@dataclass(frozen=True)
class Message:
    """Fields; of an empty message, one that is always null."""

    full_name: str
    fields: tuple[Field, ...]

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        if not self.fields:
            return StructType([StructField(DUMMY, StringType())])
        return StructType([StructField(f.name, f.sql, f.nullable) for f in self.fields])


Value: TypeAlias = "Scalar | Enumerated | Moment | AnyText | Wrapped | Message"


@dataclass(frozen=True)
class Field:
    """A field: a value, any number of them, or (with a key) a map.

    Parameters
    ----------
    name, number
        As the descriptor has them.
    value, key, is_repeated
        What the field holds.
    has_presence
        Whether a message tells an absent field from one that holds the default.
    default
        The default that a proto2 file states; None for none.
    is_required
        Whether proto2 demands it.
    """

    name: str
    number: int
    value: Value
    key: Scalar | None = None
    is_repeated: bool = False
    has_presence: bool = False
    default: Any = None
    is_required: bool = False

    @property
    def sql(self) -> DataType:
        """Spark's type."""
        if self.key is not None:
            return MapType(self.key.sql, self.value.sql, valueContainsNull=False)
        return ArrayType(self.value.sql, containsNull=False) if self.is_repeated else self.value.sql

    @property
    def nullable(self) -> bool:
        """Whether the struct says that it may be null: as Spark has it, unless it is a required one."""
        if self.key is not None:
            return True
        return self.is_repeated or not self.is_required


def message_node(descriptor: Any, options: ProtobufOptions) -> Message:
    """The node of a whole message.  Raises AnalysisException for a recursive one without a depth."""
    fields = _Nodes(options).fields(descriptor, {descriptor.full_name: 1})
    if not fields and not options.keeps_empty:
        raise AnalysisException(
            f"The Protobuf message {descriptor.full_name} has no fields; the option "
            "'retain.empty.message.types' keeps it as a struct of one null."
        )
    return Message(descriptor.full_name, fields)


def cpp_type(field: Any) -> str:
    """The kind of a field's values, as its descriptor numbers it."""
    names = ("", "INT32", "INT64", "UINT32", "UINT64", "DOUBLE", "FLOAT", "BOOL", "ENUM", "STRING", "MESSAGE")
    kind = names[field.cpp_type]
    return "BYTES" if kind == "STRING" and field.type == field.TYPE_BYTES else kind


def is_repeated(field: Any) -> bool:
    """Whether a field holds any number of values; releases of the library say it in two ways."""
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)


def is_required(field: Any) -> bool:
    """Whether proto2 demands a field."""
    found = getattr(field, "is_required", None)
    return bool(field.label == field.LABEL_REQUIRED if found is None else found)


@dataclass(frozen=True)
class _Nodes:
    options: ProtobufOptions

    def fields(self, descriptor: Any, within: Mapping[str, int]) -> tuple[Field, ...]:
        made = (self._field(field, within) for field in descriptor.fields)
        return tuple(field for field in made if field is not None)

    def _field(self, field: Any, within: Mapping[str, int]) -> Field | None:
        message = field.message_type
        if message is not None and message.GetOptions().map_entry and is_repeated(field):
            key = self._value(message.fields_by_name["key"], within)
            value = self._value(message.fields_by_name["value"], within)
            if value is None or not isinstance(key, Scalar):
                return None
            return Field(field.name, field.number, value, key, is_repeated=True)
        value = self._value(field, within)
        if value is None:
            return None
        if is_repeated(field):
            return Field(field.name, field.number, value, is_repeated=True)
        default = field.default_value if field.has_default_value else None
        return Field(
            field.name, field.number, value, has_presence=field.has_presence, default=default,
            is_required=is_required(field),
        )  # fmt: skip

    def _value(self, field: Any, within: Mapping[str, int]) -> Value | None:
        kind = cpp_type(field)
        if kind == "ENUM":
            names = {each.number: each.name for each in reversed(field.enum_type.values)}
            as_ints = self.options.enums_as_ints
            return Enumerated(field.enum_type.name, names, IntegerType() if as_ints else StringType())
        return self._message(field, within) if kind == "MESSAGE" else self._scalar(field)

    def _scalar(self, field: Any) -> Scalar:
        kind = cpp_type(field)
        # Those of a fixed width are unsigned, too; Spark does not count them as such.
        is_unsigned = field.type in (field.TYPE_UINT32, field.TYPE_UINT64)
        upcast = _UPCAST[kind] if is_unsigned and self.options.upcasts_unsigned else None
        return Scalar(kind, upcast or _SCALARS[kind])

    def _message(self, field: Any, within: Mapping[str, int]) -> Value | None:
        message = field.message_type
        known = self._known(message)
        if known is not None:
            return known
        seen = within.get(message.full_name, 0)
        if seen and not self.options.depth:
            raise AnalysisException(
                "[RECURSIVE_PROTOBUF_SCHEMA] Found recursive reference in Protobuf schema, which can not be "
                f"processed by default: {field.full_name}. try setting the option "
                f"`recursive.fields.max.depth` 1 to {DEEPEST}. Going beyond {DEEPEST} levels of recursion "
                "is not allowed. SQLSTATE: 42K0G"
            )
        if seen and seen >= self.options.depth:
            return None
        fields = self.fields(message, {**within, message.full_name: seen + 1})
        return Message(message.full_name, fields) if fields or self.options.keeps_empty else None

    def _known(self, message: Any) -> Value | None:
        """A message that Spark has a type of its own for."""
        if [each.name for each in message.fields] == ["seconds", "nanos"]:
            if message.name == "Duration":
                return Moment(message.full_name, DayTimeIntervalType())
            if message.name == "Timestamp":
                return Moment(message.full_name, TimestampType())
        if message.full_name == ANY and self.options.any_as_json:
            return AnyText(StringType())
        if message.full_name in WRAPPERS and self.options.unwraps:
            return Wrapped(self._scalar(message.fields[0]))
        return None
