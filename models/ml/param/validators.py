"""Which values a parameter may have, for `Param(isValid=...)`."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any


def greater(lower: float) -> Callable[[Any], bool]:
    """Above `lower`.

    >>> greater(0)(0), greater(0)(0.1)
    (False, True)
    """
    return lambda value: bool(value > lower)


def at_least(lower: float) -> Callable[[Any], bool]:
    """`lower` or above."""
    return lambda value: bool(value >= lower)


def within(lower: float, upper: float) -> Callable[[Any], bool]:
    """Between both, with the ends."""
    return lambda value: bool(lower <= value <= upper)


def inside(lower: float, upper: float) -> Callable[[Any], bool]:
    """Between both, without the ends."""
    return lambda value: bool(lower < value < upper)


def one_of(*allowed: object) -> Callable[[Any], bool]:
    """One of these."""
    return lambda value: value in allowed


def either_case(*allowed: str) -> Callable[[str], bool]:
    """One of these, in capitals or not."""
    return lambda value: value.lower() in allowed


def longer_than(length: int) -> Callable[[Sized], bool]:
    """With more entries than `length`."""
    return lambda value: len(value) > length


def each(valid: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Every entry is valid."""
    return lambda values: all(map(valid, values))
