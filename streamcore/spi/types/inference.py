"""Schemas from Python values, as `createDataFrame` infers them."""

from __future__ import annotations

import array
import datetime as dt
import decimal
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from streamcore.errors import AnalysisException, ArgumentTypeError
from streamcore.spi.plain_rows import are_plain, one_of_each_kind
from streamcore.spi.types.atomic import (
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
    NullType,
    ShortType,
    StringType,
    TimestampType,
    TimeType,
)
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType
from streamcore.spi.types.udt import UserDefinedType

_BY_CLASS: dict[type, DataType] = {
    type(None): NullType(),
    bool: BooleanType(),
    int: LongType(),
    float: DoubleType(),
    str: StringType(),
    bytes: BinaryType(),
    bytearray: BinaryType(),
    decimal.Decimal: DecimalType(38, 18),
    dt.date: DateType(),
    dt.datetime: TimestampType(),
    dt.timedelta: DayTimeIntervalType(),
    dt.time: TimeType(),
}
_BY_NUMPY_NAME: dict[str, DataType] = {
    "bool": BooleanType(), "int8": ByteType(), "int16": ShortType(), "int32": IntegerType(),
    "int64": LongType(), "uint8": ShortType(), "uint16": IntegerType(), "uint32": LongType(),
    "uint64": LongType(), "float32": FloatType(), "float64": DoubleType(),
}  # fmt: skip
_BY_ARRAY_CODE: dict[str, DataType] = {
    "b": ByteType(), "B": ShortType(), "h": ShortType(), "H": IntegerType(), "i": IntegerType(),
    "I": LongType(), "l": LongType(), "q": LongType(), "f": FloatType(), "d": DoubleType(),
}  # fmt: skip
_COMPOUND = (StructType, ArrayType, MapType, StructField, UserDefinedType)


class CannotMerge(AnalysisException, ArgumentTypeError):
    """Two values of one column whose types have nothing in common."""


def infer_schema(rows: Iterable[Any], names: Sequence[str] | None = None) -> StructType:
    """The one schema that fits every row (Row, tuple, list, dict, namedtuple, object with attributes).

    Raises AnalysisException when there is no row, when two rows disagree, or when a value has no type.

    >>> infer_schema([(1, None), (2, "b")], ["id", "name"]).simpleString()
    'struct<id:bigint,name:string>'
    """
    schemas: list[DataType] = []
    seen: set[tuple[Any, ...]] = set()
    for row in _worth_a_look(rows):
        kind = _kind_of(row)
        if kind is None or kind not in seen:
            schemas.append(infer_row(row, names))
            if kind is not None and all(map(_tells_its_type, kind[1:])):
                seen.add(kind)
    if not schemas:
        raise AnalysisException("Cannot infer a schema from no rows: give the schema.")
    merged = reduce(merge_types, schemas)
    assert isinstance(merged, StructType)
    return merged


def _worth_a_look(rows: Iterable[Any]) -> Iterable[Any]:
    """Rows that have all the schemas there are: one of each kind, where its classes tell its schema."""
    if not isinstance(rows, list) or not are_plain(rows) or not rows[0]:
        return rows
    found = one_of_each_kind(rows)
    return found.values() if all(all(map(_tells_its_type, kind)) for kind in found) else rows


def _kind_of(row: Any) -> tuple[Any, ...] | None:
    """The names that a row brings and the classes of its values; None for a row that is no tuple or list."""
    if not isinstance(row, (tuple, list)):
        return None
    own = getattr(row, "__fields__", None) or getattr(row, "_fields", None) or ()
    return (tuple(own), *map(type, row))


def _tells_its_type(class_: type) -> bool:
    """Whether all values of a class have one type."""
    return class_ in _BY_CLASS or hasattr(class_, "__UDT__")


def infer_row(row: Any, names: Sequence[str] | None = None) -> StructType:
    """The schema of one row; fields beyond `names` are called `_1`, `_2`, ..."""
    items = _items(row, names)
    fields = []
    for name, value in items:
        try:
            fields.append(StructField(name, infer_type(value)))
        except CannotMerge:
            raise
        except AnalysisException as error:
            raise AnalysisException(
                f"[CANNOT_INFER_TYPE_FOR_FIELD] Unable to infer the type of the field `{name}`. {error}"
            ) from error
    return StructType(fields)


def infer_type(value: Any) -> DataType:
    """The type of one Python value."""
    found = _BY_CLASS.get(type(value))
    if found is not None:
        return found
    if hasattr(type(value), "__UDT__"):
        return _user_defined(value)
    if isinstance(value, Mapping):
        return _infer_map(value)
    if isinstance(value, list):
        elements: list[DataType] = [NullType(), *map(infer_type, value)]
        return ArrayType(reduce(merge_types, elements))
    if isinstance(value, array.array):
        return ArrayType(_BY_ARRAY_CODE[value.typecode], containsNull=False)
    if type(value).__module__ == "numpy":
        return _infer_numpy(value)
    for class_, data_type in _BY_CLASS.items():
        if isinstance(value, class_):
            return data_type
    return infer_row(value)


def _user_defined(value: Any) -> UserDefinedType:
    found = type(value).__UDT__
    if not isinstance(found, UserDefinedType):
        raise AnalysisException(f"{type(value).__name__}.__UDT__ is no UserDefinedType: {found!r}.")
    return found


def _infer_map(value: Mapping[Any, Any]) -> DataType:
    keys = [infer_type(key) for key in value if key is not None]
    items = [infer_type(item) for item in value.values() if item is not None]
    nothing: DataType = NullType()
    return MapType(reduce(merge_types, keys, nothing), reduce(merge_types, items, nothing))


def _infer_numpy(value: Any) -> DataType:
    name = str(value.dtype)
    if name not in _BY_NUMPY_NAME:
        raise AnalysisException(f"A numpy value of dtype {name} has no data type.")
    element = _BY_NUMPY_NAME[name]
    return ArrayType(element) if getattr(value, "ndim", 0) else element


def _items(row: Any, names: Sequence[str] | None) -> list[tuple[str, Any]]:
    if isinstance(row, Mapping):
        return sorted(row.items())
    if isinstance(row, (tuple, list)):
        own = getattr(row, "__fields__", None) or getattr(row, "_fields", None) or names or ()
        return [(own[i] if i < len(own) else f"_{i + 1}", value) for i, value in enumerate(row)]
    if hasattr(row, "__dict__"):
        return sorted(vars(row).items())
    raise AnalysisException(f"A value of class {type(row).__name__} is not a row: {row!r}.")


def merge_types(first: DataType, second: DataType) -> DataType:
    """The type that holds values of both; raises AnalysisException when none does."""
    if isinstance(first, NullType) or first == second:
        return second
    if isinstance(second, NullType):
        return first
    if isinstance(first, StructType) and isinstance(second, StructType):
        return _merge_structs(first, second)
    if isinstance(first, ArrayType) and isinstance(second, ArrayType):
        return ArrayType(merge_types(first.elementType, second.elementType))
    if isinstance(first, MapType) and isinstance(second, MapType):
        key = merge_types(first.keyType, second.keyType)
        return MapType(key, merge_types(first.valueType, second.valueType))
    # Spark merges anything with text into text.
    atomic = not isinstance(first, _COMPOUND)
    other_atomic = not isinstance(second, _COMPOUND)
    if atomic and other_atomic and StringType() in (first, second):
        return StringType()
    raise CannotMerge(
        f"[CANNOT_MERGE_TYPE] Can not merge type `{type(first).__name__}` and `{type(second).__name__}`."
    )


def _merge_structs(first: StructType, second: StructType) -> StructType:
    others = {field.name: field for field in second.fields}
    merged = []
    for field in first.fields:
        other = others.pop(field.name, None)
        merged_type = merge_types(field.dataType, other.dataType if other else NullType())
        merged.append(StructField(field.name, merged_type))
    return StructType([*merged, *others.values()])


def is_open(data_type: DataType) -> bool:
    """Whether nulls or empty collections left a type undetermined."""
    if isinstance(data_type, StructType):
        return any(is_open(field.dataType) for field in data_type.fields)
    if isinstance(data_type, ArrayType):
        return is_open(data_type.elementType)
    if isinstance(data_type, MapType):
        return is_open(data_type.keyType) or is_open(data_type.valueType)
    return isinstance(data_type, NullType)
