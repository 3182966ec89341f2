"""Intervals in text, such as `1 minute 30 seconds`: one reader for triggers, watermarks and windows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MICROSECONDS: Final = {
    "week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000,
    "second": 1_000_000, "millisecond": 1_000, "microsecond": 1,
}  # fmt: skip
_MONTHS: Final = {"year": 12, "month": 1}
_PREFIX: Final = re.compile(r"\s*interval\s+", re.IGNORECASE)
_TERM: Final = re.compile(r"\s*([+-]?)\s*(\d+)(?:\.(\d*))?\s+([a-z]+)(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Interval:
    """Months, whose length varies, and microseconds."""

    months: int
    microseconds: int

    @property
    def milliseconds(self) -> int:
        """The whole milliseconds of the microseconds, cut off."""
        return int(self.microseconds / 1000)


def parse_interval(text: str) -> Interval:
    """The sum of the terms in a text: a number and a unit from years to microseconds each.

    As in Spark only seconds have a fraction, of which six digits count, and `interval` may stand in front.

    >>> parse_interval("1 minute 1.001 seconds")
    Interval(months=0, microseconds=61001000)

    Raises ValueError that says what is wrong.
    """
    prefix = _PREFIX.match(text)
    position = prefix.end() if prefix else 0
    months = microseconds = 0
    if not text[position:].strip():
        raise ValueError("it has no number and unit")
    while text[position:].strip():
        term = _TERM.match(text, position)
        if term is None:
            raise ValueError(f"expected a number and a unit at {text[position:].strip()!r}")
        sign, whole, fraction, unit = term.groups()
        unit, factor = unit.lower().removesuffix("s"), -1 if sign == "-" else 1
        if fraction is not None and unit != "second":
            raise ValueError(f"only seconds may have a fraction, not {unit}s")
        if unit in _MONTHS:
            months += factor * int(whole) * _MONTHS[unit]
        elif unit in _MICROSECONDS:
            part = int((fraction or "")[:6].ljust(6, "0"))
            microseconds += factor * (int(whole) * _MICROSECONDS[unit] + part)
        else:
            raise ValueError(f"unknown unit {term.group(4)!r}")
        position = term.end()
    return Interval(months, microseconds)
