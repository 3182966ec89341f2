"""How vectors and matrices write their numbers."""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = 4


def short(number: float) -> str:
    """A number with at most four digits behind the point.

    >>> short(2.0), short(0.123456), short(float("nan"))
    ('2.0', '0.1235', 'nan')
    """
    text = str(round(float(number), _DIGITS))
    point = text.find(".")
    return text if point < 0 else text[: point + 1 + _DIGITS]


def shorts(numbers: Iterable[float]) -> list[str]:
    """`short` of each."""
    return [short(number) for number in numbers]


def listed(values: Iterable[object]) -> str:
    """Values between brackets, without spaces, as `str()` of a vector writes them."""
    return "[" + ",".join(map(str, values)) + "]"
