"""Python values in the form in which PySpark's types keep them: whole numbers for times, tuples for rows."""

from __future__ import annotations

import calendar
import datetime as dt
import time
from typing import Any

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.types.atomic import (
    DataType,
    DateType,
    DayTimeIntervalType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType

_EPOCH = dt.date(1970, 1, 1).toordinal()
_MICROSECOND = dt.timedelta(microseconds=1)
_CONVERTED = (DateType, TimestampType, TimestampNTZType, TimeType, DayTimeIntervalType, StructType)


def needs_conversion(data_type: DataType) -> bool:
    """Whether values differ from their internal form."""
    match data_type:
        case ArrayType():
            return data_type.elementType.needConversion()
        case MapType():
            return data_type.keyType.needConversion() or data_type.valueType.needConversion()
        case StructField():
            return data_type.dataType.needConversion()
        case _:
            return isinstance(data_type, (*_CONVERTED, YearMonthIntervalType))


def to_internal(data_type: DataType, value: Any) -> Any:
    """The internal form of a Python value; None stays None."""
    _require_offered(data_type, "toInternal")
    if value is None:
        return None
    match data_type:
        case DateType():
            return value.toordinal() - _EPOCH
        case TimestampType():
            seconds = (
                calendar.timegm(value.utctimetuple()) if value.tzinfo else time.mktime(value.timetuple())
            )
            return int(seconds) * 1_000_000 + value.microsecond
        case TimestampNTZType():
            return calendar.timegm(value.timetuple()) * 1_000_000 + value.microsecond
        case TimeType():
            seconds = (value.hour * 60 + value.minute) * 60 + value.second
            return (seconds * 1_000_000 + value.microsecond) * 1000
        case DayTimeIntervalType():
            return value // _MICROSECOND
        case StructType():
            return tuple(
                field.toInternal(item)
                for field, item in zip(data_type.fields, _items(data_type, value), strict=False)
            )
        case _:
            return _inside(data_type, value, "toInternal")


def from_internal(data_type: DataType, value: Any) -> Any:
    """The Python value of an internal form; None stays None."""
    _require_offered(data_type, "fromInternal")
    if value is None:
        return None
    match data_type:
        case DateType():
            return dt.date.fromordinal(value + _EPOCH)
        case TimestampType():
            return dt.datetime.fromtimestamp(value // 1_000_000).replace(  # noqa: DTZ006 - naive, as PySpark's
                microsecond=value % 1_000_000
            )
        case TimestampNTZType():
            return dt.datetime(1970, 1, 1) + value * _MICROSECOND  # noqa: DTZ001 - it has no zone
        case TimeType():
            return (dt.datetime(1970, 1, 1) + value // 1000 * _MICROSECOND).time()  # noqa: DTZ001
        case DayTimeIntervalType():
            return value * _MICROSECOND
        case StructType():
            from streamcore.spi.row import Row, row_of

            if isinstance(value, Row):
                return value
            items = zip(data_type.fields, value, strict=False)
            return row_of(data_type.names, [field.fromInternal(item) for field, item in items])
        case _:
            return _inside(data_type, value, "fromInternal")


def _inside(data_type: DataType, value: Any, method: str) -> Any:
    match data_type:
        case StructField():
            return getattr(data_type.dataType, method)(value)
        case ArrayType() if data_type.needConversion():
            convert = getattr(data_type.elementType, method)
            return [convert(item) for item in value]
        case MapType() if data_type.needConversion():
            key, item = getattr(data_type.keyType, method), getattr(data_type.valueType, method)
            return {key(k): item(v) for k, v in value.items()}
        case _:
            return value


def _items(struct: StructType, value: Any) -> Any:
    if isinstance(value, dict):
        return [value.get(name) for name in struct.names]
    if isinstance(value, tuple | list):
        return value
    if hasattr(value, "__dict__"):
        return [value.__dict__.get(name) for name in struct.names]
    raise IllegalArgumentException(
        f"[UNEXPECTED_TUPLE_WITH_STRUCT] Unexpected tuple {str(value)!r} with StructType."
    )


def _require_offered(data_type: DataType, method: str) -> None:
    if isinstance(data_type, YearMonthIntervalType):
        raise UnsupportedOperationException(
            f"[NOT_IMPLEMENTED] YearMonthIntervalType.{method} is not implemented."
        )
