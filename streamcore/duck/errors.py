"""DuckDB's errors as ours.

Generated SQL raises Spark's own conditions with `error('[CONDITION] text')`; conditions that DuckDB
finds by itself (overflow, a failed cast) are known by their wording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamcore.duck.quoting import string
from streamcore.duck.spark_words import in_sparks_words
from streamcore.errors import (
    AnalysisException,
    ArithmeticException,
    DateTimeException,
    IllegalArgumentException,
    MalformedRecordException,
    NumberFormatException,
    QueryExecutionException,
    StreamcoreError,
    UnsupportedOperationException,
    WorkInterrupted,
)

if TYPE_CHECKING:
    import duckdb

_BY_CONDITION: dict[str, type[StreamcoreError]] = {
    "DIVIDE_BY_ZERO": ArithmeticException,
    "REMAINDER_BY_ZERO": ArithmeticException,
    "ARITHMETIC_OVERFLOW": ArithmeticException,
    "CAST_OVERFLOW": ArithmeticException,
    "ILLEGAL_DAY_OF_WEEK": IllegalArgumentException,
    "CANNOT_DECODE_URL": IllegalArgumentException,
    "INVALID_FRACTION_OF_SECOND": DateTimeException,
    "DATETIME_FIELD_OUT_OF_BOUNDS": DateTimeException,
    "NUMERIC_VALUE_OUT_OF_RANGE": ArithmeticException,
    "INTERVAL_DIVIDED_BY_ZERO": ArithmeticException,
    "INTERVAL_ARITHMETIC_OVERFLOW": ArithmeticException,
    "INVALID_INTERVAL_FORMAT": IllegalArgumentException,
    "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION": IllegalArgumentException,
    "CAST_INVALID_INPUT": NumberFormatException,
    "CAST_INVALID_DATETIME": DateTimeException,
    "CANNOT_PARSE_TIMESTAMP": DateTimeException,
    "MALFORMED_RECORD_IN_PARSING": MalformedRecordException,
    "INVALID_ARRAY_INDEX": IllegalArgumentException,
    "INVALID_INDEX_OF_ZERO": IllegalArgumentException,
    "COMPARATOR_RETURNS_NULL": IllegalArgumentException,
    "INVALID_ARRAY_INDEX_IN_ELEMENT_AT": IllegalArgumentException,
    "NULL_MAP_KEY": IllegalArgumentException,
    "DUPLICATED_MAP_KEY": IllegalArgumentException,
    "INVALID_PARAMETER_VALUE": IllegalArgumentException,
    "USER_RAISED_EXCEPTION": QueryExecutionException,
    "RECURSION_LEVEL_LIMIT_EXCEEDED": QueryExecutionException,
    "RECURSION_ROW_LIMIT_EXCEEDED": QueryExecutionException,
}

_BY_WORDING: tuple[tuple[re.Pattern[str], str, type[StreamcoreError]], ...] = tuple(
    (re.compile(pattern), condition, class_)
    for pattern, condition, class_ in (
        (r"(?i)\b(date|time) out of range", "DATETIME_FIELD_OUT_OF_BOUNDS", DateTimeException),
        (
            # Only sums of integers are wider than 64 bits, and are cast to them.
            r"(?i)overflow|is out of range!|Cannot (negate|take absolute)|INT128 .* destination type INT64",
            "ARITHMETIC_OVERFLOW",
            ArithmeticException,
        ),
        (
            r"(?i)cannot be cast|out of range for the destination|cast decimal value",
            "CAST_OVERFLOW",
            ArithmeticException,
        ),
        (
            r"(?i)timestamp|date field|date format|time zone|strptime",
            "CAST_INVALID_DATETIME",
            DateTimeException,
        ),
        (r"(?i)could not (convert|cast)|failed to cast", "CAST_INVALID_INPUT", NumberFormatException),
        (r"(?i)malformed json", "MALFORMED_RECORD_IN_PARSING", MalformedRecordException),
        (r"(?i)map keys can not be null", "NULL_MAP_KEY", IllegalArgumentException),
        (r"(?i)map keys must be unique", "DUPLICATED_MAP_KEY", IllegalArgumentException),
        (r"(?i)base64|hex digit", "CONVERSION_INVALID_INPUT", IllegalArgumentException),
        (
            r"(?i)map value list|lists? of different|same length",
            "INVALID_PARAMETER_VALUE",
            IllegalArgumentException,
        ),
    )
)
_TOO_LARGE = re.compile(
    r"Maximum line size of \d+ bytes exceeded|\"maximum_object_size\" of|Parallel CSV Reader currently does"
)
_SEVERAL_ROWS = re.compile("More than one row returned by a subquery")
_DEPENDENT = re.compile(r"(?i)correlated (subquery|column|expression)")
_FILE = re.compile(r"while reading file \"([^\"\n]+)\"|\n\s*file ?= ?([^\n]+)")
_CONDITION = re.compile(r"\[([A-Z_]+)\] ([^\n]*)")


def raise_sql(condition: str, message_sql: str) -> str:
    """SQL that fails with `condition`; `message_sql` is SQL text of type VARCHAR."""
    return f"error({string(f'[{condition}] ')} || coalesce({message_sql}, 'NULL'))"


def translate_error(error: duckdb.Error) -> StreamcoreError:
    """Our error for one of DuckDB's: Spark's condition in brackets first, then what went wrong."""
    text = str(error).split("\nLINE ")[0].strip()
    if _TOO_LARGE.search(text):
        return _too_large(text)
    raised = _CONDITION.search(text)
    if raised and raised.group(1) in _BY_CONDITION:
        return _raised(raised.group(1), raised.group(2))
    if _SEVERAL_ROWS.search(text):
        return QueryExecutionException(
            "[SCALAR_SUBQUERY_TOO_MANY_ROWS] More than one row returned by a subquery used as an expression. "
            "SQLSTATE: 21000"
        )
    if _DEPENDENT.search(text):
        return UnsupportedOperationException(
            "This form of a subquery that reads the query around it is not offered; rewrite it as a join. "
            f"({text})"
        )
    kind = type(error).__name__
    if kind == "InterruptException":
        return WorkInterrupted("the statement was interrupted")
    said = _of_data(text) if is_data_error(error) else None
    if said is not None:
        return said
    if kind in ("BinderException", "CatalogException", "ParserException"):
        return AnalysisException(f"The engine refused the query's SQL: {text}")
    return QueryExecutionException(f"The engine failed: {text}")


def _raised(condition: str, message: str) -> StreamcoreError:
    is_time = condition == "CAST_INVALID_INPUT" and 'cannot be cast to "TIMESTAMP"' in message
    return (DateTimeException if is_time else _BY_CONDITION[condition])(f"[{condition}] {message}")


def _of_data(text: str) -> StreamcoreError | None:
    """The error that rows made; None for one that is not known."""
    said = in_sparks_words(text)
    if said is not None:
        return said
    for pattern, condition, class_ in _BY_WORDING:
        if pattern.search(text):
            return class_(f"[{condition}] {text}")
    return None


def _too_large(text: str) -> QueryExecutionException:
    files = [quoted or plain.strip() for quoted, plain in _FILE.findall(text)]
    return QueryExecutionException(
        f"[RECORD_TOO_LARGE] {files[-1] if files else 'A text file'} has a record of more than 16 MiB, "
        "the most that is read at once; split the record, or convert the file to parquet."
    )


def is_data_error(error: duckdb.Error) -> bool:
    """Whether the rows, and not the SQL or the machine, made the statement fail."""
    kinds = ("InvalidInputException", "ConversionException", "OutOfRangeException")
    return type(error).__name__ in kinds or _TOO_LARGE.search(str(error)) is not None
