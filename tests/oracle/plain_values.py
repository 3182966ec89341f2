"""Values of rows as JSON holds them, each with its kind where JSON has none."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON: rows as pairs of names and values, bytes as hexadecimal digits."""
    if isinstance(value, bytes | bytearray):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, tuple) and hasattr(value, "__fields__"):
        return {"row": [[name, plain(one)] for name, one in zip(value.__fields__, value, strict=True)]}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {"map": sorted([plain(key), plain(one)] for key, one in value.items())}
    if isinstance(value, decimal.Decimal | dt.date | dt.time | dt.timedelta):
        return {type(value).__name__: str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value
