"""The text of a CSV cell as a value, in DuckDB SQL under Spark's rules; null when it is no such value."""

from __future__ import annotations

from typing import Final

from streamcore.duck.quoting import string
from streamcore.duck.time_forms import TimeForms
from streamcore.duck.types import type_text
from streamcore.spi.types import (
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

_WHOLE: Final = r"[+-]?\d+"
_DECIMAL: Final = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_INFINITY: Final = "('Inf', '-Inf', 'Infinity', '+Infinity', '-Infinity')"


def value_sql(cell: str, data_type: DataType, times: TimeForms) -> str:
    """The value of the SQL expression `cell`, a column of text."""
    if isinstance(data_type, StringType):
        return cell
    attempt = f"TRY_CAST({cell} AS {type_text(data_type)})"
    if isinstance(data_type, IntegralType):
        # DuckDB reads blanks, fractions and exponents too; text that it would write itself has none.
        return (
            f"CASE WHEN CAST({attempt} AS VARCHAR) = {cell} OR regexp_full_match({cell}, {string(_WHOLE)}) "
            f"THEN {attempt} END"
        )
    if isinstance(data_type, FloatType | DoubleType):
        return _floating(cell, attempt, type_text(data_type))
    if isinstance(data_type, DecimalType):
        return f"CASE WHEN regexp_full_match({cell}, {string(_DECIMAL)}) THEN {attempt} END"
    if isinstance(data_type, BooleanType):
        return f"CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if isinstance(data_type, BinaryType):
        return f"encode({cell})"
    if isinstance(data_type, DateType | TimestampType | TimestampNTZType):
        return times.read(cell, data_type)
    return attempt


def _floating(cell: str, attempt: str, target: str) -> str:
    # Java takes a letter for the type at the end, and knows no underscores and fewer words than DuckDB.
    number = rf"\s*{_DECIMAL}[dDfF]?\s*"
    return (
        f"CASE WHEN isfinite({attempt}) AND NOT contains({cell}, '_') THEN {attempt} "
        f"WHEN {cell} = 'NaN' OR {cell} IN {_INFINITY} THEN {attempt} "
        f"WHEN regexp_full_match({cell}, {string(number)}) "
        f"THEN TRY_CAST(rtrim(rtrim({cell}), 'dDfF') AS {target}) END"
    )
