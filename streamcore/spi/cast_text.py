"""Values as text, as Spark shows them: `1.0E10`, `[1, NULL]`, `{k -> v}`, `2020-01-02 03:04:05.1`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from streamcore.spi.interval_values import interval_text
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DayTimeIntervalType,
    MapType,
    StringType,
    StructField,
    StructType,
    UserDefinedType,
    YearMonthIntervalType,
    from_arrow_schema,
    has_own_text,
    stored_type,
    to_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa


_INTERVALS = (DayTimeIntervalType, YearMonthIntervalType)


def value_text(value: Any, arrow_type: pa.DataType, zone: dt.tzinfo = dt.UTC) -> str:
    """The text of a Python value of an Arrow type (what `Scalar.as_py` gives); null is NULL.

    `zone` is where instants (timestamps with a time zone) are shown.

    >>> import pyarrow as pa
    >>> value_text([1.0, None, 1e-5], pa.list_(pa.float64()))
    '[1.0, NULL, 1.0E-5]'
    """
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return double_text(value, arrow_type.bit_width)
    if isinstance(value, (list, dict)):
        return _nested_text(value, arrow_type, zone)
    return _other_text(value, zone)


def column_texts(column: pa.ChunkedArray, field: pa.Field, zone: dt.tzinfo = dt.UTC) -> list[str]:
    """The texts of a column; intervals and what is of a user-defined type are written as the type says."""
    [found] = from_arrow_schema([field]).fields
    if not _has_texts(found.dataType):
        return [value_text(value, column.type, zone) for value in column.to_pylist()]
    kind = to_arrow_type(_with_texts(found.dataType))
    return [value_text(_written(value, found.dataType), kind, zone) for value in column.to_pylist()]


def _has_texts(data_type: DataType) -> bool:
    """Whether a type is, or holds, one whose text the Arrow type does not tell."""
    if isinstance(data_type, ArrayType):
        return _has_texts(data_type.elementType)
    if isinstance(data_type, MapType):
        return _has_texts(data_type.keyType) or _has_texts(data_type.valueType)
    if isinstance(data_type, StructType):
        return any(_has_texts(field.dataType) for field in data_type.fields)
    return isinstance(data_type, (UserDefinedType, *_INTERVALS))


def _with_texts(data_type: DataType) -> DataType:
    """The type with text in the place of what is written as its type says."""
    if isinstance(data_type, _INTERVALS):
        return StringType()
    if isinstance(data_type, UserDefinedType):
        return StringType() if has_own_text(data_type) else stored_type(data_type)
    if isinstance(data_type, ArrayType):
        return ArrayType(_with_texts(data_type.elementType))
    if isinstance(data_type, MapType):
        return MapType(_with_texts(data_type.keyType), _with_texts(data_type.valueType))
    if isinstance(data_type, StructType):
        return StructType([StructField(f.name, _with_texts(f.dataType)) for f in data_type.fields])
    return data_type


def _written(value: Any, data_type: DataType) -> Any:
    """A value with text in the place of what is written as its type says."""
    if value is None or not _has_texts(data_type):
        return value
    if isinstance(data_type, DayTimeIntervalType):
        return interval_text(value // dt.timedelta(microseconds=1), data_type)
    if isinstance(data_type, YearMonthIntervalType):
        return interval_text(value, data_type)
    if isinstance(data_type, UserDefinedType):
        return data_type.text_of(value) if has_own_text(data_type) else value
    if isinstance(data_type, ArrayType):
        return [_written(item, data_type.elementType) for item in value]
    if isinstance(data_type, MapType):
        return [(_written(k, data_type.keyType), _written(v, data_type.valueType)) for k, v in value]
    assert isinstance(data_type, StructType)
    return {f.name: _written(value[f.name], f.dataType) for f in data_type.fields}


def _nested_text(value: Any, arrow_type: pa.DataType, zone: dt.tzinfo) -> str:
    if isinstance(value, dict):
        fields = [value_text(value[field.name], field.type, zone) for field in arrow_type]
        return "{" + ", ".join(fields) + "}"
    if hasattr(arrow_type, "item_type"):
        key, item = arrow_type.key_type, arrow_type.item_type
        entries = [f"{value_text(k, key, zone)} -> {value_text(v, item, zone)}" for k, v in value]
        return "{" + ", ".join(entries) + "}"
    return "[" + ", ".join(value_text(v, arrow_type.value_type, zone) for v in value) + "]"


def _other_text(value: Any, zone: dt.tzinfo) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return _datetime_text(value if value.tzinfo is None else value.astimezone(zone))
    if isinstance(value, (bytes, bytearray)):
        return "[" + bytes(value).hex(" ").upper() + "]"
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S") + _fraction(value.microsecond)
    if isinstance(value, dt.timedelta):
        return interval_text(value // dt.timedelta(microseconds=1), DayTimeIntervalType())
    if hasattr(value, "months"):
        return _calendar_text(value.months, value.days, value.nanoseconds // 1000)
    return str(value)


def _datetime_text(value: dt.datetime) -> str:
    clock = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return f"{value.date().isoformat()} {clock}{_fraction(value.microsecond)}"


def _fraction(microseconds: int) -> str:
    return f".{microseconds:06d}".rstrip("0") if microseconds else ""


def _calendar_text(months: int, days: int, microseconds: int) -> str:
    sign = "-" if microseconds < 0 else ""
    minutes, rest = divmod(abs(microseconds), 60_000_000)
    hours, minutes = divmod(minutes, 60)
    counted = ((_cut(months, 12), "years"), (months - 12 * _cut(months, 12), "months"), (days, "days"))
    parts = [f"{count} {unit}" for count, unit in counted if count]
    parts += [f"{sign}{count} {unit}" for count, unit in ((hours, "hours"), (minutes, "minutes")) if count]
    if rest:
        parts.append(f"{sign}{rest // 1_000_000}{_fraction(rest % 1_000_000)} seconds")
    return " ".join(parts) or "0 seconds"


def _cut(number: int, by: int) -> int:
    return number // by if number >= 0 else -(-number // by)


def double_text(value: float, bits: int = 64) -> str:
    """A float as Java writes it, the shortest digits that give it back; `bits` is 32 or 64.

    >>> double_text(12345678.9), double_text(100.0), double_text(float("-inf"))
    ('1.23456789E7', '100.0', '-Infinity')
    """
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, point = _digits_of(value, bits)
    if digits == "0":
        return f"{sign}0.0"
    if -3 < point <= 7:
        whole = digits[:point].ljust(point, "0") if point > 0 else "0"
        rest = digits[point:] if point > 0 else "0" * -point + digits
        return f"{sign}{whole}.{rest or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _digits_of(value: float, bits: int) -> tuple[str, str, int]:
    """Sign, significant digits, and where the point stands counted from the first digit."""
    shortest = repr(value)
    if bits == 32:
        import numpy as np

        shortest = str(np.float32(value))
    sign, digits, exponent = Decimal(shortest).as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    return "-" if sign else "", text.rstrip("0") or "0", point
