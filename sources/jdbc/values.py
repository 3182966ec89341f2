"""A database's values as those of the data types."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from typing import TYPE_CHECKING, Any

from streamcore.spi.types import (
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    TimestampType,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def conversion(kind: DataType) -> Callable[[Any], Any] | None:
    """How a database's value becomes one of the type; None when it is one."""
    match kind:
        case StringType():
            return _text
        case FloatType() | DoubleType():
            return float
        case DecimalType():
            return lambda value: value if isinstance(value, decimal.Decimal) else decimal.Decimal(str(value))
        case TimestampType():
            # The database sink writes instants so where there is no type for them.
            return lambda value: value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        case IntegralType():
            return int
        case _:
            return bytes if kind.typeName() == "binary" else None


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value if isinstance(value, str) else str(value)
