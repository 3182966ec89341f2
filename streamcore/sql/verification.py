"""Whether Python values fit a type, with PySpark's messages where they do not."""

from __future__ import annotations

import array
import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from streamcore.errors import AnalysisException, ArgumentTypeError, IllegalArgumentException
from streamcore.spi.plain_rows import classes
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
)

_ACCEPTED: dict[type[DataType], tuple[type, ...]] = {
    BooleanType: (bool,),
    FloatType: (float,),
    DoubleType: (float,),
    DecimalType: (decimal.Decimal,),
    BinaryType: (bytes, bytearray),
    DateType: (dt.date,),
    TimeType: (dt.time,),
    TimestampType: (dt.datetime,),
    TimestampNTZType: (dt.datetime,),
    DayTimeIntervalType: (dt.timedelta,),
    ArrayType: (list, tuple, array.array),
    MapType: (dict,),
}

# Whole numbers may be out of bounds: Arrow, which looks at each anyway, refuses a bigint's.
_SURELY_FIT: dict[type[DataType], frozenset[type]] = {
    LongType: frozenset([int]),
    BooleanType: frozenset([bool]),
    DoubleType: frozenset([float]),
    FloatType: frozenset([float]),
    StringType: frozenset([str]),
    BinaryType: frozenset([bytes]),
    DateType: frozenset([dt.date]),
    TimestampType: frozenset([dt.datetime]),
    TimestampNTZType: frozenset([dt.datetime]),
}


class DoesNotFit(AnalysisException, ArgumentTypeError):
    """A value of another class than its column takes."""


class OutOfDomain(AnalysisException, IllegalArgumentException):
    """A value of the right class that its column cannot have."""


def verified(rows: Iterable[Sequence[Any]], schema: StructType) -> None:
    """Raises for the first value that does not fit its column."""
    checks = [(f"field {field.name}", field.dataType, field.nullable) for field in schema.fields]
    for row in rows:
        for (place, data_type, nullable), value in zip(checks, row, strict=True):
            _verify(value, data_type, place, nullable=nullable)


def is_surely_fit(values: Iterable[Any], field: StructField) -> bool:
    """Whether the classes alone say that all values fit a column; no answer is false where they do not.

    >>> column = StructField("x", DoubleType())
    >>> is_surely_fit([1.5, None], column), is_surely_fit([1], column)
    (True, False)
    """
    fitting = _SURELY_FIT.get(type(field.dataType))
    found = classes(values)
    return (
        fitting is not None
        and found - {type(None)} <= fitting
        and (field.nullable or type(None) not in found)
    )


def type_verifier(
    dataType: DataType, nullable: bool = True, name: str | None = None
) -> Callable[[Any], None]:
    """A function that raises for a value which does not fit a type; PySpark's `_make_type_verifier`.

    >>> from streamcore.spi.types import ByteType
    >>> type_verifier(ByteType())(12)
    >>> type_verifier(ByteType())(1234)
    Traceback (most recent call last):
    streamcore.sql.verification.OutOfDomain: [VALUE_OUT_OF_BOUNDS] Value for `obj` must be between ...
    """
    return partial(_verify, data_type=dataType, place=name, nullable=nullable)


def _verify(value: Any, data_type: DataType, place: str | None, *, nullable: bool) -> None:
    if value is None or (isinstance(value, decimal.Decimal) and value.is_nan()):
        if not nullable:
            said = "Field is not nullable" if place is None else "This field is not nullable"
            raise OutOfDomain(_message("FIELD_NOT_NULLABLE", place, f"{said}, but got None."))
        return
    for class_, verify in _BY_KIND:
        if isinstance(data_type, class_):
            verify(value, data_type, place)
            return
    accepted = _ACCEPTED.get(type(data_type))
    is_numpy = type(value).__module__ == "numpy"
    if accepted is not None and not isinstance(value, accepted) and not is_numpy:
        raise _wrong_class(value, data_type, place)
    if isinstance(data_type, ArrayType):
        inner = f"element in array {place}"
        for element in value:
            _verify(element, data_type.elementType, inner, nullable=data_type.containsNull)
    elif isinstance(data_type, MapType):
        for key, item in value.items():
            _verify(key, data_type.keyType, f"key of map {place}", nullable=False)
            _verify(item, data_type.valueType, f"value of map {place}", nullable=data_type.valueContainsNull)


def _verify_integer(value: Any, data_type: IntegralType, place: str | None) -> None:
    is_numpy = type(value).__module__ == "numpy" and hasattr(value, "__index__")
    if (not isinstance(value, int) and not is_numpy) or isinstance(value, bool):
        raise _wrong_class(value, data_type, place)
    bound = 1 << (data_type.bits - 1)
    if not -bound <= value < bound:
        raise OutOfDomain(
            f"[VALUE_OUT_OF_BOUNDS] Value for `obj` must be between {-bound} and {bound - 1} "
            f"(inclusive), got {value}"
        )


def _verify_object(value: Any, udt: UserDefinedType, place: str | None) -> None:
    if getattr(type(value), "__UDT__", None) != udt:
        raise OutOfDomain(
            _message("FIELD_TYPE_MISMATCH", place, f"{value} is not an instance of type {udt}.")
        )
    _verify(udt.toInternal(value), udt.sqlType(), place, nullable=True)


def _verify_struct(value: Any, struct: StructType, place: str | None) -> None:
    if isinstance(value, dict):
        values: Sequence[Any] = [value.get(field.name) for field in struct.fields]
    elif isinstance(value, (tuple, list)):
        values = value
        if len(value) != len(struct.fields):
            text = (
                f"Length of object ({len(value)}) does not match with length of fields "
                f"({len(struct.fields)})."
            )
            raise OutOfDomain(_message("FIELD_STRUCT_LENGTH_MISMATCH", place, text))
    elif hasattr(value, "__dict__"):
        values = [getattr(value, field.name, None) for field in struct.fields]
    else:
        raise _wrong_class(value, struct, place)
    for field, item in zip(struct.fields, values, strict=True):
        inner = f"field {field.name}" if place is None else f"field {field.name} in {place}"
        _verify(item, field.dataType, inner, nullable=field.nullable)


def _wrong_class(value: Any, data_type: DataType, place: str | None) -> DoesNotFit:
    text = f"{data_type} can not accept object {value!r} in type {type(value)}."
    return DoesNotFit(_message("FIELD_DATA_TYPE_UNACCEPTABLE", place, text))


def _message(condition: str, place: str | None, text: str) -> str:
    return f"[{condition}] {text}" if place is None else f"[{condition}_WITH_NAME] {place}: {text}"


_BY_KIND: tuple[tuple[type[DataType], Callable[[Any, Any, str | None], None]], ...] = (
    (IntegralType, _verify_integer),
    (StructType, _verify_struct),
    (UserDefinedType, _verify_object),
)
