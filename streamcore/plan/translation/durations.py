"""Durations in text: `10 seconds`, `1 hour 30 minutes`, `INTERVAL 5 MINUTES`."""

from __future__ import annotations

import re
from decimal import Decimal

from streamcore.errors import IllegalArgumentException

_UNITS = {
    "week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000,
    "second": 1_000_000, "millisecond": 1_000, "microsecond": 1,
}  # fmt: skip
_PART = re.compile(r"\s*([+-]?\s*\d+(?:\.\d+)?)\s+([a-z]+)", re.IGNORECASE)


def duration_us(text: str) -> int:
    """The microseconds of a duration.

    >>> duration_us("1 minute 30 seconds")
    90000000

    Raises IllegalArgumentException for other text, and for months and years, whose length varies.
    """
    rest = re.sub(r"^\s*interval\b", "", text, flags=re.IGNORECASE).strip()
    total = Decimal(0)
    position = 0
    while position < len(rest):
        match = _PART.match(rest, position)
        unit = match.group(2).lower().removesuffix("s") if match else ""
        if match is None or unit not in _UNITS:
            raise IllegalArgumentException(
                f"Cannot read the duration {text!r}: write numbers and units from weeks to microseconds, "
                "such as '10 minutes'."
            )
        total += Decimal(match.group(1).replace(" ", "")) * _UNITS[unit]
        position = match.end()
    if not rest:
        raise IllegalArgumentException("A duration is empty: write for instance '10 minutes'.")
    return int(total)
