"""Times as text by a pattern."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.datetime_patterns.letters import Piece, pieces_of
from streamcore.spi.datetime_patterns.names import DAYS, MONTHS, QUARTERS, offset_text


def write(moment: dt.datetime, pattern: str, zone: str) -> str:
    """The text of a moment, which bears the zone that `zone` names.

    >>> write(dt.datetime(2020, 1, 5, 14, 3, 2, 120, dt.UTC), "EEE, d MMM yyyy h:mm a ss.SSSSSS X", "UTC")
    'Sun, 5 Jan 2020 2:03 PM 02.000120 Z'
    """
    return "".join(_written(piece, moment, zone) for piece in pieces_of(pattern, is_read=False))


def _written(piece: Piece, moment: dt.datetime, zone: str) -> str:
    if piece.section is not None:
        return "".join(_written(inner, moment, zone) for inner in piece.section)
    if not piece.letter:
        return piece.text
    if piece.letter in _NUMBERS:
        return f"{_NUMBERS[piece.letter](moment):0{piece.count}d}"
    if piece.letter in ("X", "x", "Z", "O"):
        return offset_text(
            int((moment.utcoffset() or dt.timedelta()).total_seconds()), piece.letter, piece.count
        )
    return _OTHERS[piece.letter](piece.count, moment, zone)


def _year(count: int, moment: dt.datetime, _: str) -> str:
    return f"{moment.year % 100:02d}" if count == 2 else f"{moment.year:0{count}d}"


def _name(names: tuple[str, ...], number: int, count: int, short: Callable[[str], str]) -> str:
    if count <= 2:
        return f"{number:0{count}d}"
    return names[number - 1] if count == 4 else short(names[number - 1])


def _month(count: int, moment: dt.datetime, _: str) -> str:
    return _name(MONTHS, moment.month, count, lambda name: name[:3])


def _quarter(count: int, moment: dt.datetime, _: str) -> str:
    return _name(QUARTERS, (moment.month + 2) // 3, count, lambda name: f"Q{name[0]}")


def _day_name(count: int, moment: dt.datetime, _: str) -> str:
    name = DAYS[moment.weekday()]
    return name if count == 4 else name[:3]


def _fraction(count: int, moment: dt.datetime, _: str) -> str:
    return f"{moment.microsecond:06d}000"[:count]


def _zone_name(count: int, moment: dt.datetime, zone: str) -> str:
    name = moment.tzname() or ""
    if count == 4 or not name.isalpha():
        raise UnsupportedOperationException(
            f"The name of the zone {zone!r} in the letters {'z' * count!r} is not offered: use VV, or an "
            "offset (XXX)."
        )
    return name


_NUMBERS: Final[dict[str, Callable[[dt.datetime], int]]] = {
    "d": lambda t: t.day, "D": lambda t: t.timetuple().tm_yday, "H": lambda t: t.hour,
    "k": lambda t: t.hour or 24, "K": lambda t: t.hour % 12, "h": lambda t: t.hour % 12 or 12,
    "m": lambda t: t.minute, "s": lambda t: t.second, "F": lambda t: (t.day - 1) % 7 + 1,
}  # fmt: skip
_OTHERS: Final[dict[str, Callable[[int, dt.datetime, str], str]]] = {
    "y": _year, "u": _year, "M": _month, "L": _month, "q": _quarter, "Q": _quarter, "E": _day_name,
    "S": _fraction, "z": _zone_name, "V": lambda _, __, zone: zone,
    "a": lambda _, t, __: "AM" if t.hour < 12 else "PM",
    "G": lambda count, _, __: "Anno Domini" if count == 4 else "AD",
}  # fmt: skip
