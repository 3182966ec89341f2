r"""SQL that reads dates and times from text as Spark's file readers do.

The usual forms take a short way; the rest of what Spark reads (`2024`, `2024-1-2 3:4`, `... UTC+1`, names
of zones) is taken apart by one regular expression.

Known difference: a time without a day, which Spark takes for today's, is null.
"""

from __future__ import annotations

from typing import Final

from streamcore.duck.date_patterns import date_format
from streamcore.duck.quoting import string
from streamcore.duck.zones import first_instant, to_instant

_HOUR, _SIXTY = r"([01]\d|2[0-3])", r"[0-5]\d"
_DAY: Final = r"\d{4}-\d\d-\d\d"
_FULL: Final = rf"{_DAY}[T ]{_HOUR}:{_SIXTY}:{_SIXTY}(\.\d{{1,6}})?"
_LOCAL: Final = rf"{_DAY}([T ]{_HOUR}:{_SIXTY}(:{_SIXTY}(\.\d{{1,6}})?)?)?"
_ZONED: Final = rf"{_FULL}(Z|[+-]\d\d:\d\d(:{_SIXTY})?)"
_ANY_DAY: Final = r"^\+?0?(\d{4,6})(?:-(\d\d?)(?:-(\d\d?)(?:[T ].*)?)?)?$"
_TIME: Final = r"([01]?\d|2[0-3])(?::([0-5]?\d)(?::([0-5]?\d)(?:\.(\d*))?\s*(\S+)?)?)?"
_ANY_TIME: Final = rf"^\+?0?(\d{{4,6}})(?:-(\d\d?)(?:-(\d\d?)(?:[T ]{_TIME})?)?)?$"
_OFFSET: Final = r"^(?:UTC|GMT|UT)?([+-])(\d\d?)(?::?(\d\d))?$"
_BLANKS: Final = string("".join(map(chr, [*range(1, 33), 127])))
_REGION: Final = r"[A-Z][A-Za-z]+[A-Za-z0-9_+/-]*"


UNUSUAL: Final = "error('a date or time is not in one of the usual forms')"
"""For `unusual` below: the statement fails on such a text, so that another may be run in its place."""


def read_date(text: str, pattern: str | None = None, unusual: str | None = None) -> str:
    """SQL of the DATE in `text` (SQL of type VARCHAR), null where there is none.

    `pattern` is one of Java's; without it the forms are those of a cast.  `unusual` is the SQL for what
    is not in a usual form; by default it is taken apart, in SQL that takes milliseconds to plan.
    """
    if pattern is not None:
        return f"CAST({_by_pattern(text, pattern)} AS DATE)"
    parts = f"regexp_extract({_trimmed(text)}, {string(_ANY_DAY)}, ['y', 'm', 'd'])"
    return (
        f"CASE WHEN regexp_full_match({text}, {string(_DAY)}) THEN TRY_CAST({text} AS DATE) "
        f"WHEN {text} IS NOT NULL THEN {unusual or _with(parts, f'TRY_CAST({_DAY_OF_PARTS} AS DATE)')} END"
    )


def read_local(text: str, pattern: str | None = None, unusual: str | None = None) -> str:
    """SQL of the TIMESTAMP in `text` (see `read_date`); null where there is none or it names a zone."""
    if pattern is not None:
        return f"CAST({_by_pattern(text, pattern)} AS TIMESTAMP)"
    local = f"CASE WHEN p.z = '' THEN {_LOCAL_OF_PARTS} END"
    return (
        f"CASE WHEN regexp_full_match({text}, {string(_LOCAL)}) THEN TRY_CAST({text} AS TIMESTAMP) "
        f"WHEN {text} IS NOT NULL THEN {unusual or _with(_time_parts(text), local)} END"
    )


def read_instant(
    text: str, zone: str, pattern: str | None = None, unusual: str | None = None, invalid: str | None = None
) -> str:
    """SQL of the TIMESTAMPTZ in `text`; local times are times in `zone` (see `read_date`).

    `invalid` is the SQL for a text in which there is none, instead of null; not for a pattern.
    """
    if pattern is not None:
        parsed = _by_pattern(text, pattern)
        has_zone = date_format(pattern).zone_letters is not None
        return f"CAST({parsed} AS TIMESTAMPTZ)" if has_zone else to_instant(parsed, zone)
    attempt = "TRY_CAST" if invalid is None else "CAST"
    local = to_instant(f"{attempt}({text} AS TIMESTAMP)", zone)
    in_parts = f"CASE WHEN p.z = '' THEN {to_instant(_LOCAL_OF_PARTS, zone)} ELSE {_ZONED_OF_PARTS} END"
    other = unusual or _or_else(_with(_time_parts(text), in_parts), invalid)
    return (
        f"CASE WHEN regexp_full_match({text}, {string(_LOCAL)}) THEN {local} "
        f"WHEN regexp_full_match({text}, {string(_ZONED)}) THEN {attempt}({text} AS TIMESTAMPTZ) "
        f"WHEN {text} IS NOT NULL THEN {other} END"
    )


def _or_else(value: str, other: str | None) -> str:
    """SQL of a value, or of `other` where it is null."""
    # Of coalesce DuckDB computes the second argument for every row.
    return value if other is None else f"CASE WHEN {value} IS NULL THEN {other} ELSE {value} END"


def _by_pattern(text: str, pattern: str) -> str:
    found = date_format(pattern)
    parsed = f"try_strptime({text}, {string(found.for_parsing)})"
    if found.zone_letters is not None or "%-" in found.text:
        return parsed
    # Java wants as many digits as the pattern has letters, where there are several; strptime takes fewer.
    return f"CASE WHEN strftime({parsed}, {string(found.text)}) = {text} THEN {parsed} END"


def _trimmed(text: str) -> str:
    """SQL of a text without what Spark takes for blanks at its ends: control characters are among them."""
    return f"trim({text}, {_BLANKS})"


def _with(parts: str, body: str) -> str:
    """SQL of `body`, in which `p` is the struct `parts`."""
    return f"list_transform([{parts}], lambda p: {body})[1]"


def _time_parts(text: str) -> str:
    names = "['y', 'm', 'd', 'h', 'mi', 's', 'f', 'z']"
    return f"regexp_extract({_trimmed(text)}, {string(_ANY_TIME)}, {names})"


def _or(part: str, missing: str) -> str:
    return f"CASE WHEN p.{part} = '' THEN '{missing}' ELSE p.{part} END"


def _zoned_of_parts() -> str:
    offset = f"regexp_extract(p.z, {string(_OFFSET)}, ['sign', 'h', 'm'])"
    suffix = (
        "CASE WHEN p.z IN ('Z', 'UTC', 'GMT', 'UT') THEN '+00' "
        f"WHEN ({offset}).sign <> '' THEN ({offset}).sign || lpad(({offset}).h, 2, '0') || ':' || "
        f"lpad(({offset}).m, 2, '0') END"
    )
    # For a region that there is not the functions fail; a cast of a text that names it is null.
    there = f"TRY_CAST({_LOCAL_TEXT} || ' ' || p.z AS TIMESTAMPTZ) IS NOT NULL"
    return (
        f"CASE WHEN {suffix} IS NOT NULL THEN TRY_CAST({_LOCAL_TEXT} || {suffix} AS TIMESTAMPTZ) "
        f"WHEN regexp_full_match(p.z, {string(_REGION)}) AND {there} "
        f"THEN {first_instant(_LOCAL_OF_PARTS, 'p.z')} END"
    )


_DAY_OF_PARTS: Final = f"(p.y || '-' || {_or('m', '1')} || '-' || {_or('d', '1')})"
_CLOCK: Final = f"({_or('h', '0')} || ':' || {_or('mi', '0')} || ':' || {_or('s', '0')})"
_LOCAL_TEXT: Final = f"({_DAY_OF_PARTS} || ' ' || {_CLOCK} || '.' || left({_or('f', '0')}, 6))"
_LOCAL_OF_PARTS: Final = f"TRY_CAST({_LOCAL_TEXT} AS TIMESTAMP)"
_ZONED_OF_PARTS: Final = _zoned_of_parts()
