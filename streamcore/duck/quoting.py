"""Names and values as DuckDB SQL text: the only place where either becomes SQL."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

from streamcore.errors import UnsupportedOperationException


def identifier(name: str) -> str:
    """`name` as a quoted identifier.

    >>> print(identifier('say "hi" twice'))
    "say ""hi"" twice"
    """
    if "\0" in name:
        raise UnsupportedOperationException("A name cannot hold the character NUL.")
    return '"' + name.replace('"', '""') + '"'


def string(value: str) -> str:
    """`value` as a string literal.

    >>> string("it's")
    "'it''s'"
    """
    if "\0" in value:
        # DuckDB's parser ends at NUL; chr(0) does not.
        return "(" + " || chr(0) || ".join(string(part) for part in value.split("\0")) + ")"
    return "'" + value.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A Python value as a literal of the DuckDB type that matches it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, (bytes, bytearray)):
        return f"unhex('{value.hex()}')"
    return _temporal(value)


def _integer(value: int) -> str:
    if -(2**31) <= value < 2**31:
        return f"CAST({value} AS INTEGER)"
    return f"CAST({value} AS BIGINT)"


def _double(value: float) -> str:
    if math.isfinite(value):
        return f"CAST({value!r} AS DOUBLE)"
    return f"CAST('{value}' AS DOUBLE)"


def _decimal(value: decimal.Decimal) -> str:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise UnsupportedOperationException(f"A decimal literal must be finite: {value}.")
    scale = max(-exponent, 0)
    precision = max(len(digits) + max(exponent, 0), scale)
    return f"CAST('{value:f}' AS DECIMAL({precision},{scale}))"


def _temporal(value: Any) -> str:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        utc = value.astimezone(dt.UTC).replace(tzinfo=None)
        return f"CAST('{utc.isoformat(sep=' ')}+00' AS TIMESTAMPTZ)"
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, dt.time):
        return f"TIME '{value.isoformat()}'"
    if isinstance(value, dt.timedelta):
        return f"to_microseconds({value // dt.timedelta(microseconds=1)})"
    raise UnsupportedOperationException(f"A value of class {type(value).__name__} has no literal: {value!r}.")
