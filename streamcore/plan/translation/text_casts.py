"""Casts from text and to text."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.interval_sql import text_to_interval
from streamcore.duck.once import is_cheap, let
from streamcore.duck.quoting import string
from streamcore.duck.spark_words import STOP, unreadable
from streamcore.duck.text_times import UNUSUAL, read_instant
from streamcore.duck.types import type_text
from streamcore.plan.translation.core import TranslationContext
from streamcore.plan.translation.times_of_day import text_to_time
from streamcore.spi.types import (
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DayTimeIntervalType,
    FractionalType,
    IntegralType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)

# Words such as 'infinity' and 'epoch', and days parted by other signs than '-'.
_ONLY_DUCKDB = r"^\s*([+-]?[a-zA-Z]|[0-9]+[/\\ ])"


_NO_TIMESTAMP = (
    'of the type "STRING" cannot be cast to "TIMESTAMP" because it is malformed. Correct the value as per '
    "the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL "
    "instead. SQLSTATE: 22018"
)


def from_string(sql: str, to: DataType, context: TranslationContext, *, safe: bool) -> str | None:
    """SQL that reads text as `to`; None when text never is one.

    Every form evaluates `sql` once, unless that is a plain column.  What DuckDB reads and Spark does not is
    made unreadable first, by putting a question mark where it stands.
    """
    if isinstance(to, BinaryType):
        return f"encode({sql})"
    if isinstance(to, TimestampType):
        return let(sql, lambda text: _instant(text, context, safe=safe))
    if isinstance(to, (DayTimeIntervalType, YearMonthIntervalType)):
        return text_to_interval(sql, to, safe=safe)
    if isinstance(to, TimeType):
        return text_to_time(sql, to, safe=safe)
    readable = _readable(sql, to)
    if readable is None:
        return None
    strict = f"{'TRY_CAST' if safe else 'CAST'}({readable} AS {type_text(to)})"
    return _number_as_written(sql, type_text(to), strict) if isinstance(to, IntegralType) else strict


def _number_as_written(sql: str, kind: str, strict: str) -> str:
    """The strict cast, taken only for text that is not written as DuckDB writes the number itself.

    Nearly all text is, and the comparison costs a fifth of the strict cast; it names `sql` three times, so
    only a plain column is worth it.
    """
    if not is_cheap(sql):
        return strict
    number = f"TRY_CAST({sql} AS {kind})"
    return f"CASE WHEN CAST({number} AS VARCHAR) = {sql} THEN {number} ELSE {strict} END"


def _readable(sql: str, to: DataType) -> str | None:
    if isinstance(to, IntegralType):
        return f"translate({sql}, '._eExX', '{unreadable('._eExX')}')"
    if isinstance(to, FractionalType):
        return f"replace({sql}, '_', '{unreadable('_')}')"
    if isinstance(to, BooleanType):
        return _boolean_word(sql)
    if isinstance(to, DateType):
        return _completed_day(
            rf"regexp_replace({sql}, '^\s*([0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}})[T ].*$', '\1')"
        )
    if isinstance(to, TimestampNTZType):
        return _completed_day(sql)
    return None


_BLANKS = string("".join(map(chr, range(1, 33))))


def _boolean_word(sql: str) -> str:
    # DuckDB knows t, true, 1 and f, false, 0; Spark also takes y and n, and blanks around.
    word = f"lower(trim({sql}, {_BLANKS}))"
    return rf"regexp_replace(regexp_replace({word}, '^(y|yes)$', 'true'), '^(n|no)$', 'false')"


def _completed_day(sql: str) -> str:
    """Text of a day or timestamp with a missing month and day put in, and without what only DuckDB reads."""
    return rf"regexp_replace({_with_month(sql)}, '{_ONLY_DUCKDB}', '{STOP}\0')"


def _with_month(sql: str) -> str:
    year = rf"regexp_replace({sql}, '^\s*([0-9]{{4}})\s*$', '\1-01-01')"
    return rf"regexp_replace({year}, '^\s*([0-9]{{4}}-[0-9]{{1,2}})\s*$', '\1-01')"


def _instant(text: str, context: TranslationContext, *, safe: bool) -> str:
    # A constant is not read twice: it costs the same for a million rows.
    takes_all = context.careful or text.startswith("'")
    message = f"'The value ''' || {text} || ''' {_NO_TIMESTAMP}'"
    failing = f"CAST({raise_sql('CAST_INVALID_INPUT', message)} AS TIMESTAMPTZ)"
    return read_instant(
        text,
        context.time_zone,
        unusual=None if takes_all else f"CAST({UNUSUAL} AS TIMESTAMPTZ)",
        invalid=None if safe else failing,
    )


def binary_to_string(sql: str, *, careful: bool) -> str:
    """SQL of the UTF-8 text of a BLOB.

    The fast text fails on bytes that are not UTF-8; the careful one puts U+FFFD for every byte outside
    ASCII in such a value.
    """
    if not careful:
        return f"decode({sql})"
    byte = f"substr(hex({sql}), 2 * i + 1, 2)"
    repaired = f"CASE WHEN {byte} < '80' THEN {byte} ELSE 'EFBFBD' END"
    bytes_ = f"list_transform(range(octet_length({sql})), lambda i: {repaired})"
    # Of coalesce DuckDB computes the second argument for every row: a thousand times the work.
    mended = f"decode(unhex(array_to_string({bytes_}, '')))"
    return f"CASE WHEN TRY(decode({sql})) IS NULL THEN {mended} ELSE TRY(decode({sql})) END"
