"""What Python functions return, as Arrow: PySpark's rules for values that are of another type."""

from __future__ import annotations

import array
import datetime as dt
import decimal
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.execution.rows import arrow_array
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DecimalType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    to_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN: dict[type[DataType], tuple[type[Any], ...]] = {
    BinaryType: (bytes, bytearray),
    MapType: (dict,),
    TimestampNTZType: (dt.datetime,),
    TimestampType: (dt.datetime,),
}
"""The types whose values have to be of these classes; others are converted where Arrow can."""


def returned_array(values: Sequence[Any], data_type: DataType) -> pa.Array:
    """The values as an array of this type.

    A number is cast to another where nothing is lost but a fraction, a text is parsed as a number, anything
    becomes a text. Raises TypeError or pyarrow's errors for values that fit in no way.
    """
    import pyarrow as pa

    check = _checked(data_type)
    if check is not None:
        values = [None if value is None else check(value) for value in values]
    if isinstance(data_type, BooleanType):
        return pa.array(values).cast(pa.bool_())
    try:
        return arrow_array(values, data_type)
    except (pa.ArrowException, TypeError, ValueError):
        return pa.array(values).cast(to_arrow_type(data_type), safe=not _is_fraction(values))


def _is_fraction(values: Sequence[Any]) -> bool:
    """Whether only a fraction can be lost."""
    return all(value is None or (isinstance(value, float) and abs(value) < 2**31) for value in values)


def _checked(data_type: DataType) -> Callable[[Any], Any] | None:
    """What a value is made before Arrow takes it; None where it may stay."""
    if isinstance(data_type, StringType):
        return _text
    classes = _PLAIN.get(type(data_type))
    if isinstance(data_type, MapType):
        key, item = _checked(data_type.keyType), _checked(data_type.valueType)
        return lambda value: {
            _one(k, key): _one(v, item) for k, v in _of_class(value, (dict,), data_type).items()
        }
    if isinstance(data_type, DecimalType):
        return _decimal(data_type)
    if classes is not None:
        return lambda value: _of_class(value, classes, data_type)
    if isinstance(data_type, ArrayType):
        element = _checked(data_type.elementType)
        return lambda value: [_one(v, element) for v in _elements(value, data_type)]
    if isinstance(data_type, StructType):
        return _struct(data_type)
    return None


def _one(value: Any, check: Callable[[Any], Any] | None) -> Any:
    return value if value is None or check is None else check(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decimal(data_type: DecimalType) -> Callable[[Any], Any]:
    """Rounded to the scale, half to even; NaN is null, and what is too large an error."""
    step = decimal.Decimal(1).scaleb(-data_type.scale)
    context = decimal.Context(prec=data_type.precision, rounding=decimal.ROUND_HALF_EVEN)

    def check(value: Any) -> decimal.Decimal | None:
        found: decimal.Decimal = _of_class(value, (decimal.Decimal,), data_type)
        return None if found.is_nan() else found.quantize(step, context=context)

    return check


def _elements(value: Any, data_type: DataType) -> list[Any]:
    if hasattr(value, "tolist") and not isinstance(value, array.array):  # an ndarray
        value = value.tolist()
    return list(_of_class(value, (list, tuple, array.array), data_type))


def _of_class(value: Any, classes: tuple[type[Any], ...], data_type: DataType) -> Any:
    if isinstance(value, classes):
        return value
    raise TypeError(
        f"the function is declared to return {data_type.simpleString()}, and returned {value!r} of class "
        f"{type(value).__name__}"
    )


def _struct(data_type: StructType) -> Callable[[Any], Any]:
    checks = [_checked(field.dataType) for field in data_type.fields]
    names = list(data_type.names)

    def check(value: Any) -> tuple[Any, ...]:
        if isinstance(value, dict):
            items: Sequence[Any] = [value.get(name) for name in names]
        elif isinstance(value, tuple):
            items = value
        elif hasattr(value, "__dict__"):
            items = [getattr(value, name, None) for name in names]
        else:
            items = _of_class(value, (tuple, dict), data_type)
        if len(items) != len(names):
            raise TypeError(
                f"the function is declared to return {data_type.simpleString()}, and returned "
                f"{len(items)} values: {value!r}"
            )
        return tuple(_one(item, one) for item, one in zip(items, checks, strict=True))

    return check
