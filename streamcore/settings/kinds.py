"""What the value of a setting may be; each kind returns the value as it is kept, or refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from streamcore.errors import IllegalArgumentException

_BYTE_UNITS: Final = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_MILLISECONDS: Final = {
    "": 1, "us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
}  # fmt: skip
_SIZE: Final = re.compile(r"(\d+)\s*([kmgtp]?b?)", re.IGNORECASE)
_TIME: Final = re.compile(r"(\d+)\s*([a-z]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """What values there may be: in words, and as a check that raises IllegalArgumentException."""

    words: str
    check: Callable[[str, str], str]


def refuse(key: str, value: str, why: str, condition: str = "REQUIREMENT") -> IllegalArgumentException:
    """The error for a value that a key cannot have."""
    return IllegalArgumentException(
        f"[INVALID_CONF_VALUE.{condition}] The value '{value}' in the config \"{key}\" is invalid. {why}. "
        "SQLSTATE: 22022"
    )


def size(key: str, value: str) -> int:
    """Bytes of a size such as `512m` or `1g`.

    >>> size("spark.python.worker.memory", "512m")
    536870912
    """
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise refuse(key, value, "It should be a size such as 512m or 1g", "TYPE_MISMATCH")
    unit = found[2].lower()
    return int(found[1]) * _BYTE_UNITS[unit[:-1] if len(unit) > 1 else unit]


def milliseconds(key: str, value: str) -> float:
    """Milliseconds of a time such as `3s` or `200ms`; without a unit it is milliseconds.

    >>> milliseconds("spark.locality.wait", "3s")
    3000
    """
    found = _TIME.fullmatch(value.strip())
    factor = None if found is None else _MILLISECONDS.get(found[2].lower())
    if found is None or factor is None:
        raise refuse(key, value, "It should be a time such as 3s or 200ms", "TYPE_MISMATCH")
    return int(found[1]) * factor


def share_or_size(key: str, value: str, whole: int) -> int:
    """Bytes of `60%` of `whole`, or of a size.

    >>> share_or_size("spark.streamcore.memory.limit", "60%", 1000)
    600
    """
    share = value.strip().removesuffix("%").strip()
    if share == value.strip():
        return size(key, value)
    if not share.isdigit() or not 1 <= int(share) <= 100:
        raise refuse(key, value, "It should be a share from 1% to 100%, or a size such as 4g")
    return whole * int(share) // 100


# ---- kinds ---------------------------------------------------------------------------------------


def _boolean(key: str, value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise refuse(key, value, "It should be true or false, a/an 'boolean' value", "TYPE_MISMATCH")
    return value.lower()


def _time_zone(key: str, value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        if not re.fullmatch(r"(UTC|GMT)?[+-]\d{1,2}(:?\d{2}){0,2}|Z", value):
            why = "Cannot resolve the given timezone; write for example Europe/Berlin or +02:00"
            raise refuse(key, value, why, "TIME_ZONE") from None
    return value


def whole_number(least: int) -> Kind:
    """Whole numbers from `least`."""

    def check(key: str, value: str) -> str:
        if not re.fullmatch(r"-?\d+", value.strip()):
            raise refuse(key, value, "It should be a whole number, a/an 'int' value", "TYPE_MISMATCH")
        if int(value) < least:
            raise refuse(
                key, value, f"It must be {'a positive integer' if least == 1 else f'at least {least}'}"
            )
        return value.strip()

    return Kind("a positive number" if least == 1 else f"a number from {least}", check)


def one_of(*values: str) -> Kind:
    """One of some words, in any case."""

    def check(key: str, value: str) -> str:
        if value.lower() not in {allowed.lower() for allowed in values}:
            listed = ", ".join(values)
            raise refuse(key, value, f"It should be one of '{listed}'", "OUT_OF_RANGE_OF_OPTIONS")
        return value

    return Kind(" or ".join(f"`{value}`" for value in values), check)


def only(value: str, why: str) -> Kind:
    """The one value that is honoured; any other is refused with the reason."""

    def check(key: str, given: str) -> str:
        if given.lower() != value.lower():
            shown = repr(value) if value else "nothing"
            raise refuse(key, given, f"streamcore honours only {shown}: {why}", "NOT_HONOURED")
        return given

    return Kind(f"only `{value}`: {why}" if value else f"refused: {why}", check)


def _checked(measure: Callable[[str, str], object]) -> Callable[[str, str], str]:
    def check(key: str, value: str) -> str:
        measure(key, value)
        return value

    return check


def _any(_key: str, value: str) -> str:
    return value


BOOLEAN: Final = Kind("`true` or `false`", _boolean)
SIZE: Final = Kind("a size such as `512m`", _checked(size))
SHARE_OR_SIZE: Final = Kind(
    "a share such as `60%`, or a size such as `4g`", _checked(lambda key, value: share_or_size(key, value, 1))
)
TIME: Final = Kind("a time such as `3s` or `200ms`", _checked(milliseconds))
TIME_ZONE: Final = Kind("the name of a zone, or an offset such as `+02:00`", _time_zone)
TEXT: Final = Kind("text", _any)
