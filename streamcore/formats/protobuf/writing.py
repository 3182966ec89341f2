"""Structs as messages of Protobuf."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.errors import AnalysisException
from streamcore.formats.arrays import as_numbers
from streamcore.formats.ddl import ddl
from streamcore.formats.malformed import UnwritableError
from streamcore.formats.places import Place, Unfit, match_field, shown_path
from streamcore.formats.protobuf.descriptors import message_class, message_descriptor
from streamcore.formats.protobuf.nodes import WRAPPERS, cpp_type, is_repeated, is_required
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    TimestampType,
    YearMonthIntervalType,
    type_from_json,
)

if TYPE_CHECKING:
    import pyarrow as pa

Set: TypeAlias = "Callable[[Any, Any], None]"
Convert: TypeAlias = "Callable[[Any], Any]"

_INTS = (ByteType, ShortType, IntegerType, DateType, YearMonthIntervalType)
_HOLDS: Mapping[str, tuple[type[DataType], ...]] = {
    "INT32": _INTS,
    "UINT32": (*_INTS, LongType),
    "INT64": (LongType,),
    "UINT64": (LongType, DecimalType),
    "FLOAT": (FloatType,),
    "DOUBLE": (DoubleType,),
    "BOOL": (BooleanType,),
    "STRING": (StringType,),
    "BYTES": (BinaryType,),
}
_MOMENTS: Mapping[str, type[DataType]] = {"Timestamp": TimestampType, "Duration": DayTimeIntervalType}


@dataclass(frozen=True)
class Encoder:
    """Writes structs of one type as messages."""

    sql: StructType
    message: Any
    fill: Set

    def encoded(self, values: pa.Array) -> pa.Array:
        """The bytes of each struct; null for null.  Raises UnwritableError."""
        import pyarrow as pa

        plain = as_numbers(values, self.sql).to_pylist()
        return pa.array([None if value is None else self._row(value) for value in plain], pa.binary())

    def _row(self, value: Any) -> bytes:
        message = self.message()
        self.fill(message, value)
        data: bytes = message.SerializeToString(deterministic=True)
        return data


@functools.lru_cache(maxsize=256)
def encoder(sql: str, files: bytes, name: str) -> Encoder:
    """The encoder of structs of a type (as JSON) as messages of a name.

    Raises AnalysisException where the two do not fit.
    """
    kind = type_from_json(json.loads(sql))
    descriptor = message_descriptor(files, name)
    if not isinstance(kind, StructType):
        raise AnalysisException(f"to_protobuf() takes a STRUCT, not {ddl(kind)}.")
    try:
        return Encoder(kind, message_class(descriptor), _struct(kind, descriptor, Place()))
    except Unfit as error:
        raise AnalysisException(
            f"[UNABLE_TO_CONVERT_TO_PROTOBUF_MESSAGE_TYPE] Unable to convert SQL type {ddl(kind)} to "
            f"Protobuf type {descriptor.name}. {error} SQLSTATE: 42K0G"
        ) from error


def _struct(sql: StructType, descriptor: Any, at: Place) -> Set:
    matched = {field.name: match_field(sql, field.name, at) for field in descriptor.fields}
    taken = {found.name for found in matched.values() if found is not None}
    for extra in (each.name for each in sql.fields if each.name not in taken):
        raise Unfit(f"[NO_SQL_TYPE_IN_PROTOBUF_SCHEMA] Cannot find {at.full_name(extra)} in Protobuf schema.")
    steps: list[tuple[str, Set, Set | None]] = []
    for field in descriptor.fields:
        found = matched[field.name]
        if found is not None:
            place = at.within(found.name, field.name)
            steps.append((found.name, _setter(found.dataType, field, place), _absent(field)))
        elif is_required(field):
            raise Unfit(
                f"[PROTOBUF_FIELD_MISSING_IN_SQL_SCHEMA] Found {shown_path((*at.format, field.name))} in "
                "Protobuf schema but there is no match in the SQL schema."
            )

    def fill(message: Any, value: Mapping[str, Any]) -> None:
        for name, write, absent in steps:
            given = value[name]
            if given is not None:
                write(message, given)
            elif absent is not None:
                absent(message, None)

    return fill


def _absent(field: Any) -> Set | None:
    """What null makes of a required field: its default."""
    if not is_required(field) or cpp_type(field) == "MESSAGE":
        return None
    name, default = field.name, field.default_value
    return lambda message, _: setattr(message, name, default)


def _setter(sql: DataType, field: Any, at: Place) -> Set:
    name = field.name
    if isinstance(sql, NullType):
        return lambda _, __: None
    if (
        isinstance(sql, MapType)
        and field.message_type is not None
        and field.message_type.GetOptions().map_entry
    ):
        return _map(sql, field, at)
    if is_repeated(field) != isinstance(sql, ArrayType):
        raise _incompatible(sql, field, at)
    if isinstance(sql, ArrayType):
        return _list(sql, field, at)
    if cpp_type(field) == "MESSAGE":
        fill = _message(sql, field, at)

        def into(message: Any, value: Any) -> None:
            inner = getattr(message, name)
            inner.SetInParent()
            fill(inner, value)

        return into
    convert = _converted(sql, field, at)
    return lambda message, value: setattr(message, name, convert(value))


def _list(sql: ArrayType, field: Any, at: Place) -> Set:
    name, place = field.name, at.within("element")
    if cpp_type(field) == "MESSAGE":
        fill = _message(sql.elementType, field, place)

        def add(message: Any, values: Sequence[Any]) -> None:
            for value in _all_present(values, place):
                fill(getattr(message, name).add(), value)

        return add
    convert = _converted(sql.elementType, field, place)
    return lambda message, values: getattr(message, name).extend(map(convert, _all_present(values, place)))


def _all_present(values: Sequence[Any], at: Place) -> Sequence[Any]:
    if None in values:
        raise UnwritableError(
            f"Cannot convert {at.in_words('Protobuf')} because an element is null, which Protobuf has not."
        )
    return values


def _map(sql: MapType, field: Any, at: Place) -> Set:
    name, entry = field.name, field.message_type.fields_by_name
    key = _converted(sql.keyType, entry["key"], at.within("key"))
    place = at.within("value")
    if cpp_type(entry["value"]) == "MESSAGE":
        fill = _message(sql.valueType, entry["value"], place)

        def add(message: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
            for k, v in pairs:
                inner = getattr(message, name)[key(k)]
                if v is not None:
                    fill(inner, v)

        return add
    value = _converted(sql.valueType, entry["value"], place)
    default = entry["value"].default_value

    def put(message: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
        for k, v in pairs:
            getattr(message, name)[key(k)] = default if v is None else value(v)

    return put


def _message(sql: DataType, field: Any, at: Place) -> Set:
    descriptor = field.message_type
    if isinstance(sql, _MOMENTS.get(descriptor.name, ())):
        return _moment
    if isinstance(sql, StructType):
        return _struct(sql, descriptor, at)
    if descriptor.full_name in WRAPPERS:
        convert = _converted(sql, descriptor.fields[0], at)
        return lambda message, value: setattr(message, "value", convert(value))
    raise _incompatible(sql, field, at)


def _moment(message: Any, value: int) -> None:
    """Microseconds; the fraction of a span has the sign of the whole, that of a time is never negative."""
    seconds, rest = divmod(value, 1_000_000)
    if message.DESCRIPTOR.name == "Duration" and seconds < 0 and rest:
        seconds, rest = seconds + 1, rest - 1_000_000
    message.seconds, message.nanos = seconds, rest * 1000


def _converted(sql: DataType, field: Any, at: Place) -> Convert:
    kind = cpp_type(field)
    if kind == "ENUM" and isinstance(sql, StringType | IntegerType):
        return _symbol(field.enum_type, at, by_name=isinstance(sql, StringType))
    if not isinstance(sql, _HOLDS.get(kind, ())) or (isinstance(sql, DecimalType) and sql.scale):
        raise _incompatible(sql, field, at)
    if kind in ("UINT32", "UINT64"):
        return _unsigned(1 << int(kind[4:]), at)
    return lambda value: value


def _unsigned(limit: int, at: Place) -> Convert:
    """Half of the unsigned numbers are negative ones of the signed type."""

    def run(value: Any) -> int:
        number = int(value)
        if not -limit // 2 <= number < limit:
            raise UnwritableError(
                f"Cannot convert {at.in_words('Protobuf')} because {number} has no place there."
            )
        return number % limit

    return run


def _symbol(kind: Any, at: Place, *, by_name: bool) -> Convert:
    pairs = ((each.name if by_name else each.number, each.number) for each in kind.values)
    numbers: dict[object, int] = dict(pairs)
    known = ", ".join(f'"{each}"' if by_name else str(each) for each in numbers)

    def run(value: Any) -> int:
        if value not in numbers:
            raise UnwritableError(
                f"[CANNOT_CONVERT_SQL_VALUE_TO_PROTOBUF_ENUM_TYPE] Cannot convert {at.in_words('Protobuf')} "
                f"because {value} is not in defined values for enum: {known}. SQLSTATE: 22000"
            )
        return numbers[value]

    return run


def _incompatible(sql: DataType, field: Any, at: Place) -> Unfit:
    repeated = "repeated " if is_repeated(field) else ""
    return Unfit(
        f"[CANNOT_CONVERT_SQL_TYPE_TO_PROTOBUF_FIELD_TYPE] Cannot convert {at.in_words('Protobuf')} because "
        f"schema is incompatible (protobufType = {repeated}{cpp_type(field)}, sqlType = {ddl(sql)})."
    )
