"""Python values made to fit a type as Spark does it: texts of anything, decimals rounded."""

from __future__ import annotations

import decimal
from typing import Any

from streamcore.errors import ArithmeticException
from streamcore.spi.types import (
    ArrayType,
    CharType,
    DataType,
    DecimalType,
    MapType,
    StringType,
    StructType,
    VarcharType,
)


def fitting(value: Any, data_type: DataType) -> Any:
    """The value as one of its type, all the way down; what cannot be changed stays.

    >>> fitting([1, True, "a"], ArrayType(StringType()))
    ['1', 'true', 'a']
    >>> fitting(decimal.Decimal("123.456"), DecimalType(5, 2))
    Decimal('123.46')
    """
    if value is None:
        return None
    match data_type:
        case StringType() | CharType() | VarcharType():
            return _text(value)
        case DecimalType() if isinstance(value, decimal.Decimal):
            return _rounded(value, data_type)
        case ArrayType() if isinstance(value, list | tuple):
            return [fitting(item, data_type.elementType) for item in value]
        case MapType() if isinstance(value, dict):
            return {
                fitting(key, data_type.keyType): fitting(item, data_type.valueType)
                for key, item in value.items()
            }
        case StructType():
            return _fields(value, data_type)
        case _:
            return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rounded(value: decimal.Decimal, wanted: DecimalType) -> decimal.Decimal | None:
    if not value.is_finite():
        return None
    context = decimal.Context(prec=abs(value.adjusted()) + len(value.as_tuple().digits) + wanted.scale + 2)
    rounded = value.quantize(decimal.Decimal(1).scaleb(-wanted.scale), decimal.ROUND_HALF_UP, context)
    if len(rounded.as_tuple().digits) > wanted.precision:
        raise ArithmeticException(
            f"[NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION] The {rounded:f} rounded half up from {value} "
            f"cannot be represented as Decimal({wanted.precision}, {wanted.scale}). SQLSTATE: 22003"
        )
    return rounded


def _fields(value: Any, struct: StructType) -> Any:
    if isinstance(value, dict):
        items = [value.get(name) for name in struct.names]
    elif isinstance(value, tuple | list):
        items = list(value)
    elif hasattr(value, "__dict__"):
        items = [getattr(value, name, None) for name in struct.names]
    else:
        return value
    if len(items) != len(struct.fields):
        return value
    return tuple(fitting(item, field.dataType) for item, field in zip(items, struct.fields, strict=True))
