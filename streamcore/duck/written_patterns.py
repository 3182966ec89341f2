"""Spark's datetime patterns (Java's) as strftime formats for writing."""

from __future__ import annotations

import re
from typing import Final

from streamcore.errors import IllegalArgumentException

# Stands before and after the letters of a zone field, which strftime has no format for.
ZONE_MARK: Final = "\0"
_ZONE_FIELDS: Final = ("X", "XX", "XXX", "x", "xx", "xxx", "VV", "z")
_LETTERS = {
    "yyyy": "%Y", "yy": "%y", "y": "%-Y", "uuuu": "%Y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B",
    "dd": "%d", "d": "%-d", "DDD": "%j", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I",
    "mm": "%M", "m": "%-M",
    "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A",
    **{letters: f"{ZONE_MARK}{letters}{ZONE_MARK}" for letters in _ZONE_FIELDS},
}  # fmt: skip
_PIECE = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(.)", re.DOTALL)


def strftime_format(pattern: str, option: str) -> str:
    """The strftime format that writes what the Java pattern writes; zone fields stand between marks.

    Raises IllegalArgumentException naming `option` for letters that are not supported.

    >>> strftime_format("yyyy-MM-dd'T'HH:mm:ss.SSS", "timestampFormat")
    '%Y-%m-%dT%H:%M:%S.%g'
    """
    return "".join(_piece(match, pattern, option) for match in _PIECE.finditer(pattern))


def _piece(match: re.Match[str], pattern: str, option: str) -> str:
    quoted, letters, _, other = match.groups()
    if quoted is not None:
        return (quoted.replace("''", "'") or "'").replace("%", "%%")
    if letters is None:
        # Optional sections are always written when there is a value to write.
        return "" if other in "[]" else other.replace("%", "%%")
    if letters not in _LETTERS:
        raise IllegalArgumentException(
            f"option {option}={pattern!r}: the pattern letters {letters!r} are not supported in writing; "
            "use date_format(...) in the query and write a string"
        )
    return _LETTERS[letters]
