"""Java's date patterns (yyyy-MM-dd HH:mm:ss) as strftime formats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamcore.errors import IllegalArgumentException

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)")
_FORMATS = {
    "yyyy": "%Y", "y": "%Y", "yy": "%y", "u": "%Y", "uuuu": "%Y",
    "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B",
    "L": "%-m", "LL": "%m", "LLL": "%b", "LLLL": "%B", "d": "%-d", "dd": "%d", "D": "%-j", "DDD": "%j",
    "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S",
    "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A",
}  # fmt: skip
_ZONES = ("X", "XX", "XXX", "x", "xx", "xxx", "Z", "ZZ", "ZZZ", "VV", "z", "O")
_UNPADDED = re.compile(r"%-")


@dataclass(frozen=True)
class DateFormat:
    """A pattern as strftime text; `zone_letters` is its zone field, if it has one."""

    text: str
    zone_letters: str | None

    @property
    def for_parsing(self) -> str:
        """The format for strptime, which takes numbers with or without padding."""
        return _UNPADDED.sub("%", self.text).replace("\0", "%z" if self.zone_letters != "VV" else "%Z")


def date_format(pattern: str) -> DateFormat:
    """The format of a Java pattern.

    >>> date_format("dd/MM/yyyy 'at' HH:mm").text
    '%d/%m/%Y at %H:%M'

    Raises IllegalArgumentException naming a letter that is not offered.
    """
    parts: list[str] = []
    zone: str | None = None
    position = 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise IllegalArgumentException(f"[INVALID_DATETIME_PATTERN] Unclosed quote in {pattern!r}.")
        quoted, letter, other = match.groups()
        if letter is None:
            plain = other if quoted is None else (quoted.replace("''", "'") or "'")
            parts.append(plain.replace("%", "%%"))
        elif match.group() in _ZONES:
            zone = match.group()
            parts.append("\0")
        else:
            parts.append(_format(match.group(), pattern))
        position = match.end()
    return DateFormat("".join(parts), zone)


def _format(letters: str, pattern: str) -> str:
    if letters not in _FORMATS:
        raise IllegalArgumentException(
            f"[INVALID_DATETIME_PATTERN] The letters {letters!r} in the pattern {pattern!r} are not offered; "
            f"use {', '.join(_FORMATS)}."
        )
    return _FORMATS[letters]
