"""Values of Spark's types as rows of Avro.

A Spark type and a schema are compiled to functions that append a value to a row's bytes.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.formats.arrays import as_numbers
from streamcore.formats.avro.fast_writing import FastWriter, fast_writer
from streamcore.formats.avro.schemas import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    avro_schema,
    is_null,
    type_name,
)
from streamcore.formats.avro.written_types import written_type
from streamcore.formats.avro.written_values import (
    PRIMITIVES,
    Write,
    listed,
    mapped,
    write_bytes,
    write_long,
    zigzag,
)
from streamcore.formats.batches import Refused, at_places
from streamcore.formats.ddl import ddl
from streamcore.formats.malformed import UnwritableError
from streamcore.formats.places import Place, Unfit, match_field, shown_path
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
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
    type_from_json,
)

if TYPE_CHECKING:
    import pyarrow as pa

_SAME: Mapping[str, tuple[type[DataType], ...]] = {
    "boolean": (BooleanType,),
    "int": (ByteType, ShortType, IntegerType, DateType, YearMonthIntervalType),
    "long": (LongType, DayTimeIntervalType),
    "float": (FloatType,),
    "double": (DoubleType,),
    "bytes": (BinaryType,),
    "string": (StringType,),
}


@dataclass(frozen=True)
class Encoder:
    """Writes arrays of a Spark type as rows of a schema."""

    sql: DataType
    write: Write
    fast: FastWriter | None

    def encoded(self, values: pa.Array) -> pa.Array:
        """The bytes of each value; null for null.  Raises UnwritableError."""
        import pyarrow as pa

        plain = as_numbers(values, self.sql)
        if self.fast is not None:
            try:
                return at_places(plain, self.fast.write)
            except Refused:
                # The other way says which value has no place, and where.
                pass
        rows = plain.to_pylist()
        return pa.array([None if value is None else self._row(value) for value in rows], pa.binary())

    def _row(self, value: Any) -> bytes:
        row = bytearray()
        self.write(row, value)
        return bytes(row)


@functools.lru_cache(maxsize=256)
def encoder(sql: str, nullable: bool, schema: str | None) -> Encoder:
    """The encoder of values of a type (as JSON) by a schema, or by the one that Spark makes of the type.

    Raises AnalysisException where the two do not fit.
    """
    kind = type_from_json(json.loads(sql))
    avro = written_type(kind, nullable=nullable) if schema is None else avro_schema(schema)
    try:
        return Encoder(kind, _nullable(kind, avro, Place()), fast_writer(kind, avro))
    except Unfit as error:
        whole = "" if schema is None else f" to Avro type {schema}"
        raise AnalysisException(f"Cannot convert SQL type {ddl(kind)}{whole}. {error}") from error


# ---- compiling -----------------------------------------------------------------------------------


def _nullable(sql: DataType, avro: AvroType, at: Place) -> Write:
    """How a value or null is written; a union says first which of its types follows."""
    if not isinstance(avro, Union):
        write = _compiled(sql, avro, at)
        return write if isinstance(sql, NullType) else _required(write, avro, at)
    null = next((bytes([branch << 1]) for branch, each in enumerate(avro.branches) if is_null(each)), None)
    others = avro.others
    if isinstance(sql, NullType) and null is not None:
        return lambda row, _: row.extend(null)
    if len(others) == 1:
        branch = avro.branches.index(others[0])
        write = _branch(branch, _compiled(sql, others[0], at))
    elif isinstance(sql, StructType):
        write = _members(sql, avro, null, at)
    else:
        write = _number_of_union(sql, avro, at)
    if null is None:
        return _required(write, avro, at)

    def run(row: bytearray, value: Any) -> None:
        if value is None:
            row.extend(null)
        else:
            write(row, value)

    return run


def _required(write: Write, avro: AvroType, at: Place) -> Write:
    def run(row: bytearray, value: Any) -> None:
        if value is None:
            raise UnwritableError(
                f"[AVRO_CANNOT_WRITE_NULL_FIELD] Cannot write null value for field `{'.'.join(at.format)}` "
                f'defined as non-null Avro data type "{type_name(avro)}".'
            )
        write(row, value)

    return run


def _branch(branch: int, write: Write) -> Write:
    head = bytes(zigzag(branch))

    def run(row: bytearray, value: Any) -> None:
        row.extend(head)
        write(row, value)

    return run


def _number_of_union(sql: DataType, avro: Union, at: Place) -> Write:
    """A wide number in a union of two widths of numbers."""
    names = {each.name for each in avro.others if isinstance(each, Primitive)}
    wide = "long" if isinstance(sql, LongType) else "double"
    narrow = {"long": "int", "double": "float"}[wide]
    if len(avro.others) != 2 or not isinstance(sql, LongType | DoubleType) or names != {wide, narrow}:
        raise _incompatible(sql, avro, at)
    at_wide = next(i for i, each in enumerate(avro.branches) if type_name(each) == wide)
    return _branch(at_wide, _compiled(sql, avro.branches[at_wide], at))


def _members(sql: StructType, avro: Union, null: bytes | None, at: Place) -> Write:
    """A struct of members: the first that is not null is the value."""
    expected = [f"member{number}" for number in range(len(avro.others))]
    if sql.names != expected:
        raise Unfit(
            f"Generic Avro union at {shown_path(at.format)} does not match the SQL schema at "
            f"{shown_path(at.sql)}. It expected the following members "
            f"{', '.join(expected)} but got {', '.join(sql.names)}"
        )
    writers = [
        (
            field.name,
            _branch(avro.branches.index(other), _compiled(field.dataType, other, at.within(field.name))),
        )
        for field, other in zip(sql.fields, avro.others, strict=True)
    ]

    def run(row: bytearray, value: Mapping[str, Any]) -> None:
        for name, write in writers:
            if value[name] is not None:
                write(row, value[name])
                return
        if null is None:
            raise UnwritableError(f"Cannot convert {at.in_words('Avro')}: all members of the union are null")
        row.extend(null)

    return run


def _compiled(sql: DataType, avro: AvroType, at: Place) -> Write:
    if isinstance(sql, StructType) and isinstance(avro, Record):
        return _struct(sql, avro, at)
    if isinstance(sql, ArrayType) and isinstance(avro, Array):
        return listed(_nullable(sql.elementType, avro.items, at.within("element")))
    if isinstance(sql, MapType) and isinstance(sql.keyType, StringType) and isinstance(avro, Map):
        return mapped(_nullable(sql.valueType, avro.values, at.within("value")))
    if isinstance(avro, Enumeration) and isinstance(sql, StringType):
        return _symbol(avro, at)
    if isinstance(sql, DecimalType) and isinstance(avro, Fixed | Primitive) and _is_decimal(sql, avro):
        return _decimal(sql, avro)
    if isinstance(avro, Fixed) and isinstance(sql, BinaryType):
        return _fixed(avro, at)
    if isinstance(avro, Primitive):
        return _primitive(sql, avro, at)
    raise _incompatible(sql, avro, at)


def _incompatible(sql: DataType, avro: AvroType, at: Place) -> Unfit:
    return Unfit(
        f"Cannot convert {at.in_words('Avro')} because schema is incompatible (sqlType = {ddl(sql)}, "
        f'avroType = "{type_name(avro)}")'
    )


def _primitive(sql: DataType, avro: Primitive, at: Place) -> Write:
    if isinstance(sql, NullType) and avro.name == "null":
        return lambda _, __: None
    if isinstance(sql, TimestampType | TimestampNTZType | TimeType) and avro.name == "long":
        return _time(sql, avro, at)
    if not isinstance(sql, _SAME.get(avro.name, ())):
        raise _incompatible(sql, avro, at)
    return PRIMITIVES[avro.name]


def _time(sql: DataType, avro: Primitive, at: Place) -> Write:
    logical = avro.notes.get("logicalType")
    if isinstance(sql, TimeType):
        written: dict[object, int] = {"time-micros": 1}
    else:
        head = "timestamp" if isinstance(sql, TimestampType) else "local-timestamp"
        # A number without a logical type has always been one of milliseconds.
        written = {None: 1000, f"{head}-millis": 1000, f"{head}-micros": 1}
    if logical not in written:
        raise Unfit(
            f"Cannot convert {at.in_words('Avro')} because SQL type {ddl(sql)} cannot be "
            f"converted to Avro logical type {logical}"
        )
    return write_long if written[logical] == 1 else lambda row, value: write_long(row, value // 1000)


def _is_decimal(sql: DecimalType, avro: Fixed | Primitive) -> bool:
    notes = avro.notes
    said = (notes.get("logicalType"), notes.get("precision"), notes.get("scale", 0))
    holds = isinstance(avro, Fixed) or avro.name == "bytes"
    return holds and said == ("decimal", sql.precision, sql.scale)


def _decimal(sql: DecimalType, avro: Fixed | Primitive) -> Write:
    scale = sql.scale
    size = avro.size if isinstance(avro, Fixed) else None

    def run(row: bytearray, value: Any) -> None:
        # By its digits: no decimal context may round one of 38.
        sign, digits, exponent = value.as_tuple()
        number = int("".join(map(str, digits))) * 10 ** (exponent + scale)
        number = -number if sign else number
        if size is None:
            data = number.to_bytes(
                ((~number if number < 0 else number).bit_length()) // 8 + 1, "big", signed=True
            )
            write_bytes(row, data)
        else:
            row.extend(number.to_bytes(size, "big", signed=True))

    return run


def _symbol(avro: Enumeration, at: Place) -> Write:
    numbers = {symbol: bytes(zigzag(number)) for number, symbol in enumerate(avro.symbols)}
    known = ", ".join(f'"{symbol}"' for symbol in avro.symbols)

    def run(row: bytearray, value: str) -> None:
        if value not in numbers:
            raise UnwritableError(
                f"Cannot convert {at.in_words('Avro')} because "
                f'"{value}" cannot be written since it\'s not defined in enum {known}'
            )
        row.extend(numbers[value])

    return run


def _fixed(avro: Fixed, at: Place) -> Write:
    def run(row: bytearray, value: bytes) -> None:
        if len(value) != avro.size:
            raise UnwritableError(
                f"Cannot convert {at.in_words('Avro')} because {_bytes(len(value))} of binary data cannot be "
                f"written into FIXED type with size of {_bytes(avro.size)}"
            )
        row.extend(value)

    return run


def _bytes(count: int) -> str:
    return f"{count} {'bytes' if count > 1 else 'byte'}"


def _struct(sql: StructType, avro: Record, at: Place) -> Write:
    matched = {field.name: match_field(sql, field.name, at) for field in avro.fields}
    taken = {found.name for found in matched.values() if found is not None}
    for extra in (each.name for each in sql.fields if each.name not in taken):
        raise Unfit(f"Cannot find field '{'.'.join((*at.sql, extra))}' in Avro schema")
    steps: list[tuple[str | None, Write]] = []
    for field in avro.fields:
        found = matched[field.name]
        if found is None:
            steps.append((None, _missing(field.name, field.type, at)))
        else:
            steps.append(
                (found.name, _nullable(found.dataType, field.type, at.within(found.name, field.name)))
            )

    def run(row: bytearray, value: Mapping[str, Any]) -> None:
        for name, write in steps:
            write(row, None if name is None else value[name])

    return run


def _missing(name: str, avro: AvroType, at: Place) -> Write:
    """How a field is written that the struct has not."""
    if not (is_null(avro) or (isinstance(avro, Union) and avro.has_null)):
        raise Unfit(
            f"Found field '{'.'.join((*at.format, name))}' in Avro schema but there is no match in the "
            "SQL schema"
        )
    return _nullable(NullType(), avro, at.within(name))
