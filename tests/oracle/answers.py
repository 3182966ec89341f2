"""The answer of a program in a form that JSON holds and both libraries give."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any


def answer_of(result: Any, *, is_ordered: bool) -> dict[str, Any]:
    """Columns with types, and rows; sorted where the program leaves their order open."""
    rows = [[plain(value) for value in row] for row in result.collect()]
    return {
        "columns": [[field.name, field.dataType.simpleString()] for field in result.schema.fields],
        "rows": rows if is_ordered else sorted(rows, key=repr),
    }


def plain(value: Any) -> Any:
    """A value of a row as JSON has it; what JSON lacks becomes text."""
    if isinstance(value, float):
        return repr(value) if math.isnan(value) or math.isinf(value) else round(value, 9)
    if isinstance(value, (dt.datetime, dt.date, dt.timedelta, decimal.Decimal)):
        return f"{type(value).__name__} {value!s}"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in sorted(value.items())}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def condition_of(error: BaseException) -> str:
    """The error condition at the start of a message, such as `UNRESOLVED_COLUMN.WITH_SUGGESTION`."""
    text = str(error)
    return text[1 : text.index("]")] if text.startswith("[") else type(error).__name__
