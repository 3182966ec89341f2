"""Whether Python values fit a schema, with PySpark's messages where they do not."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from streamcore.errors import AnalysisException, ArgumentTypeError
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
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
)

_ACCEPTED: dict[type[DataType], tuple[type, ...]] = {
    BooleanType: (bool,),
    FloatType: (float,),
    DoubleType: (float,),
    DecimalType: (decimal.Decimal,),
    StringType: (str,),
    BinaryType: (bytes, bytearray),
    DateType: (dt.date,),
    TimestampType: (dt.datetime,),
    TimestampNTZType: (dt.datetime,),
    DayTimeIntervalType: (dt.timedelta,),
    ArrayType: (list, tuple),
    MapType: (dict,),
}


class DoesNotFit(AnalysisException, ArgumentTypeError):
    """A value of another class than its column takes."""


def verified(rows: Iterable[Sequence[Any]], schema: StructType) -> None:
    """Raises for the first value that does not fit its column."""
    checks = [(field.name, field.dataType, field.nullable) for field in schema.fields]
    for row in rows:
        for (name, data_type, nullable), value in zip(checks, row, strict=True):
            _verify(value, data_type, name, nullable=nullable)


def _verify(value: Any, data_type: DataType, name: str, *, nullable: bool) -> None:
    if value is None:
        if not nullable:
            raise DoesNotFit(
                f"[FIELD_NOT_NULLABLE_WITH_NAME] field {name}: This field is not nullable, but got None."
            )
        return
    for class_, verify in _BY_KIND:
        if isinstance(data_type, class_):
            verify(value, data_type, name)
            return
    accepted = _ACCEPTED.get(type(data_type))
    is_numpy = type(value).__module__ == "numpy"
    if accepted is not None and not isinstance(value, accepted) and not is_numpy:
        raise _wrong_class(value, data_type, name)
    if isinstance(data_type, ArrayType):
        for element in value:
            _verify(
                element, data_type.elementType, f"element in array {name}", nullable=data_type.containsNull
            )
    elif isinstance(data_type, MapType):
        for key, item in value.items():
            _verify(key, data_type.keyType, f"key of map {name}", nullable=False)
            _verify(item, data_type.valueType, f"value of map {name}", nullable=data_type.valueContainsNull)


def _verify_integer(value: Any, data_type: IntegralType, name: str) -> None:
    is_numpy = type(value).__module__ == "numpy" and hasattr(value, "__index__")
    if (not isinstance(value, int) and not is_numpy) or isinstance(value, bool):
        raise _wrong_class(value, data_type, name)
    bound = 1 << (data_type.bits - 1)
    if not -bound <= value < bound:
        raise DoesNotFit(
            f"[VALUE_OUT_OF_BOUNDS] Value for `{name}` must be between {-bound} and {bound - 1} "
            f"(inclusive), got {value}"
        )


def _verify_object(value: Any, udt: UserDefinedType, name: str) -> None:
    if getattr(type(value), "__UDT__", None) != udt:
        raise DoesNotFit(
            f"[FIELD_TYPE_MISMATCH_WITH_NAME] field {name}: {value} is not an instance of type {udt}."
        )
    _verify(udt.toInternal(value), udt.sqlType(), name, nullable=False)


def _verify_struct(value: Any, struct: StructType, name: str) -> None:
    if isinstance(value, dict):
        values: Sequence[Any] = [value.get(field.name) for field in struct.fields]
    elif isinstance(value, (tuple, list)):
        values = value
        if len(value) != len(struct.fields):
            raise DoesNotFit(
                f"[STRUCT_LENGTH_MISMATCH] field {name}: Length of object ({len(value)}) does not match "
                "with length of "
                f"fields ({len(struct.fields)})."
            )
    elif hasattr(value, "__dict__"):
        values = [getattr(value, field.name, None) for field in struct.fields]
    else:
        raise _wrong_class(value, struct, name)
    for field, item in zip(struct.fields, values, strict=True):
        _verify(item, field.dataType, f"{field.name} in {name}", nullable=field.nullable)


def _wrong_class(value: Any, data_type: DataType, name: str) -> DoesNotFit:
    return DoesNotFit(
        f"[FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME] field {name}: {data_type} can not accept object "
        f"{value!r} in type "
        f"{type(value).__name__}."
    )


_BY_KIND: tuple[tuple[type[DataType], Callable[[Any, Any, str], None]], ...] = (
    (IntegralType, _verify_integer),
    (StructType, _verify_struct),
    (UserDefinedType, _verify_object),
)
