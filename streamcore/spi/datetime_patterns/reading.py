"""Text as times by a pattern, with Java's strict rules."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.datetime_patterns.letters import Piece, is_fixed, is_number, pieces_of
from streamcore.spi.datetime_patterns.names import ERAS, LONG_ERAS, MONTHS, region_at, zone_name_at

_DIGITS: Final = re.compile(r"\d*")
_LONGEST: Final = 19
_OFFSET: Final = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?(?::?(\d\d))?")
_RANGES: Final = {
    "M": (1, 12), "d": (1, 31), "D": (1, 366), "H": (0, 23), "k": (1, 24), "K": (0, 11), "h": (1, 12),
    "m": (0, 59), "s": (0, 59), "a": (0, 1), "G": (0, 1),
}  # fmt: skip
_SHORT_MONTHS: Final = {name[:3]: at for at, name in enumerate(MONTHS, 1)}
_LONG_MONTHS: Final = {name: at for at, name in enumerate(MONTHS, 1)}


@dataclass(frozen=True)
class Read:
    """What a text says: a local time, and its zone (a region, or an offset in seconds) if there is one."""

    local: dt.datetime
    zone: str | int | None = None


class _Mismatch(ValueError):
    """The text is not of the pattern."""


def read(text: str, pattern: str) -> Read | None:
    """What `text` says by the pattern; None when it is not written so, or there is no such time.

    What the pattern leaves out is the beginning of 1970, as in Spark.

    >>> read("2020-01-05 3 PM", "yyyy-MM-dd h a").local
    datetime.datetime(2020, 1, 5, 15, 0)
    """
    fields: dict[str, int | str] = {}
    try:
        end = _all(pieces_of(pattern, is_read=True), text, 0, fields)
        if end != len(text):
            return None
        return _resolved(fields)
    except ValueError:
        return None


def _all(pieces: Iterable[Piece], text: str, position: int, fields: dict[str, int | str]) -> int:
    for piece in pieces:
        position = _one(piece, text, position, fields)
    return position


def _one(piece: Piece, text: str, position: int, fields: dict[str, int | str]) -> int:
    if piece.section is not None:
        inside = dict(fields)
        try:
            position = _all(piece.section, text, position, inside)
        except _Mismatch:
            return position
        fields.update(inside)
        return position
    if not piece.letter:
        end = position + len(piece.text)
        if text[position:end].lower() != piece.text.lower():
            raise _Mismatch
        return end
    value, position = _field(piece, text, position)
    name = {"L": "M", "V": "zone", "z": "zone", "O": "zone", "X": "zone", "x": "zone", "Z": "zone"}.get(
        piece.letter, piece.letter
    )
    if fields.setdefault(name, value) != value:
        raise _Mismatch
    return position


def _field(piece: Piece, text: str, position: int) -> tuple[int | str, int]:
    if is_number(piece):
        return _number(piece, text, position)
    if piece.letter in ("M", "L"):
        return _named(_SHORT_MONTHS if piece.count == 3 else _LONG_MONTHS, text, position)
    if piece.letter == "a":
        return _named({"AM": 0, "PM": 1}, text, position)
    if piece.letter == "G":
        return _named(LONG_ERAS if piece.count == 4 else ERAS, text, position)
    if piece.letter == "S":
        return _fraction(piece, text, position)
    return _zone(piece, text, position)


def _number(piece: Piece, text: str, position: int) -> tuple[int, int]:
    sign = text[position : position + 1]
    is_year = piece.letter in ("y", "u")
    is_signed = sign in ("-", "+") and sign != "" and is_year and not is_fixed(piece)
    start = position + 1 if is_signed else position
    fixed = is_fixed(piece)
    width = max(1, piece.count)
    most = piece.count if fixed else 3 if piece.letter == "D" and piece.count > 1 else _LONGEST
    match = _DIGITS.match(text, start, min(len(text), start + most + piece.following))
    digits = match.group() if match else ""
    if not fixed and piece.following:
        digits = digits[: max(width, len(digits) - piece.following)]
    if len(digits) < width or not digits:
        raise _Mismatch
    if is_year and not fixed:
        _check_sign(piece, sign if is_signed else "", digits)
    value = int(digits)
    if is_year and fixed:
        value += 2000
    return (-value if is_signed and sign == "-" else value), start + len(digits)


def _check_sign(piece: Piece, sign: str, digits: str) -> None:
    """Years of four letters have a plus where they have more digits, and only there; others have none."""
    if sign == "-":
        return
    is_long = piece.count >= 4 and len(digits) > piece.count
    if is_long != (sign == "+"):
        raise _Mismatch


def _named(names: Mapping[str, int], text: str, position: int) -> tuple[int, int]:
    for name in sorted(names, key=len, reverse=True):
        end = position + len(name)
        if text[position:end].lower() == name.lower():
            return names[name], end
    raise _Mismatch


def _fraction(piece: Piece, text: str, position: int) -> tuple[int, int]:
    match = _DIGITS.match(text, position, min(len(text), position + piece.count))
    digits = match.group() if match else ""
    if not digits:
        raise _Mismatch
    return int(digits.ljust(9, "0")), position + len(digits)


def _zone(piece: Piece, text: str, position: int) -> tuple[int | str, int]:
    if piece.letter in ("V", "z"):
        found = zone_name_at(text, position) if piece.letter == "z" else None
        region = region_at(text, position)
        longest = max((one for one in (found, region) if one), key=lambda one: one[1], default=None)
        if longest is not None:
            return longest
        if text[position : position + 1] in ("Z", "z"):
            return 0, position + 1
    is_utc = text[position : position + 1] in ("Z", "z")
    if is_utc and (piece.letter == "X" or (piece.letter, piece.count) == ("Z", 5)):
        return 0, position + 1
    if piece.letter == "O" or (piece.letter, piece.count) == ("Z", 4):
        if text[position : position + 3].upper() != "GMT":
            raise _Mismatch
        position += 3
        if text[position : position + 1] not in ("+", "-"):
            return 0, position
    return _offset(piece, text, position)


def _offset(piece: Piece, text: str, position: int) -> tuple[int, int]:
    match = _OFFSET.match(text, position)
    if match is None:
        raise _Mismatch
    sign, hours, minutes, seconds = match.groups()
    is_loose = piece.letter in ("V", "z", "O")
    if not is_loose and not _is_written_so(piece, match):
        raise _Mismatch
    if int(minutes or 0) > 59 or int(seconds or 0) > 59 or int(hours) > 18:
        raise _Mismatch
    total = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return (-total if sign == "-" else total), match.end()


def _is_written_so(piece: Piece, match: re.Match[str]) -> bool:
    """Whether an offset has the digits and colons that the letters ask for."""
    _, hours, minutes, seconds = match.groups()
    has_colon = ":" in match.group()
    wants_colon = piece.count in (3, 5) if piece.letter != "Z" else piece.count >= 4
    if len(hours) != 2 or (minutes is not None and has_colon != wants_colon):
        return False
    if seconds is not None and piece.count < 4:
        return False
    return minutes is not None or (piece.count == 1 and piece.letter != "Z")


def _resolved(fields: dict[str, int | str]) -> Read:
    """Raises ValueError for values that are no time."""
    numbers = {name: value for name, value in fields.items() if isinstance(value, int) and name != "zone"}
    for name, value in numbers.items():
        low, high = _RANGES.get(name, (-(10**19), 10**19))
        if not low <= value <= high:
            raise ValueError(name)
    hour, minute, second = _hour(numbers), numbers.get("m", 0), numbers.get("s", 0)
    clock = dt.time(hour, minute, second, numbers.get("S", 0) // 1000)
    return Read(dt.datetime.combine(_day(numbers), clock), fields.get("zone"))


def _day(numbers: dict[str, int]) -> dt.date:
    year = numbers.get("u", numbers.get("y", 1970))
    if numbers.get("G") == 0:
        year = 1 - year
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise UnsupportedOperationException(
            f"A time of the year {year} is not read by a pattern: only the years 1 to 9999 are."
        )
    if "D" in numbers and ("u" in numbers or "y" in numbers):
        day = dt.date(year, 1, 1) + dt.timedelta(days=numbers["D"] - 1)
        if day.year != year or any(numbers.get(n, v) != v for n, v in (("M", day.month), ("d", day.day))):
            raise ValueError("D")
        return day
    return dt.date(year, numbers.get("M", 1), numbers.get("d", 1))


def _hour(numbers: dict[str, int]) -> int:
    half = numbers.get("a")
    found = {numbers["H"]} if "H" in numbers else set()
    if "k" in numbers:
        found.add(numbers["k"] % 24)
    halves = {numbers[name] % 12 for name in ("h", "K") if name in numbers}
    if len(halves) > 1:
        raise ValueError("h")
    if halves and (half is not None or not found):
        found.add(halves.pop() + 12 * (half or 0))
    if len(found) > 1 or (found and half is not None and any(hour // 12 != half for hour in found)):
        raise ValueError("H")
    return found.pop() if found else 12 * (half or 0)
