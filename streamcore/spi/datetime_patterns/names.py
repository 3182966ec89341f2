"""Names of months, days and zones in English, and offsets of zones as patterns write them."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUARTERS: Final = ("1st quarter", "2nd quarter", "3rd quarter", "4th quarter")
ERAS: Final = {"BC": 0, "AD": 1}
LONG_ERAS: Final = {"Before Christ": 0, "Anno Domini": 1}
ZONE_NAMES: Final = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MST": "America/Denver",
    "MDT": "America/Denver", "CST": "America/Chicago", "CDT": "America/Chicago", "EST": "America/New_York",
    "EDT": "America/New_York", "CET": "Europe/Paris", "CEST": "Europe/Paris", "JST": "Asia/Tokyo",
    "UTC": "UTC", "GMT": "UTC", "Z": "UTC",
}  # fmt: skip
"""The short names of zones that are read."""
_ZONE_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+/~-]*")


def offset_text(seconds: int, letter: str, count: int) -> str:
    """An offset as the letters X, x, Z and O write it.

    >>> offset_text(-28800, "X", 3), offset_text(0, "X", 1), offset_text(19800, "O", 1)
    ('-08:00', 'Z', 'GMT+5:30')
    """
    if letter == "O" or (letter, count) == ("Z", 4):
        return _localized(seconds, is_full=count == 4)
    if seconds == 0 and (letter == "X" or (letter, count) == ("Z", 5)):
        return "Z"
    width = {1: 3, 2: 3, 3: 3, 5: 5}[count] if letter == "Z" else count
    colon = ":" if (letter == "Z" and width == 5) or (letter != "Z" and width in (3, 5)) else ""
    hours, minutes, rest = _split(seconds)
    text = f"{'-' if seconds < 0 else '+'}{hours:02d}"
    if not (letter != "Z" and width == 1 and not minutes):
        text += f"{colon}{minutes:02d}"
    return text + (f"{colon}{rest:02d}" if rest and width > 3 else "")


def _split(seconds: int) -> tuple[int, int, int]:
    minutes, rest = divmod(abs(seconds), 60)
    return minutes // 60, minutes % 60, rest


def _localized(seconds: int, *, is_full: bool) -> str:
    if not seconds:
        return "GMT"
    hours, minutes, rest = _split(seconds)
    text = f"GMT{'-' if seconds < 0 else '+'}" + (f"{hours:02d}:{minutes:02d}" if is_full else str(hours))
    if not is_full and (minutes or rest):
        text += f":{minutes:02d}"
    return text + (f":{rest:02d}" if rest else "")


@cache
def _regions() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


def region_at(text: str, position: int) -> tuple[str, int] | None:
    """The longest name of a region that stands there, and where it ends."""
    match = _ZONE_TEXT.match(text, position)
    found = match.group() if match else ""
    for length in range(len(found), 1, -1):
        name = _regions().get(found[:length].lower())
        if name is not None:
            return name, position + length
    return None


def zone_name_at(text: str, position: int) -> tuple[str, int] | None:
    """The zone of a short name that stands there, in letters of either case."""
    match = re.compile("[A-Za-z]+").match(text, position)
    found = match.group() if match else ""
    for length in range(len(found), 0, -1):
        name = ZONE_NAMES.get(found[:length].upper())
        if name is not None:
            return name, position + length
    return None
