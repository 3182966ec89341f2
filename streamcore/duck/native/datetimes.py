"""Times by patterns that the engine's own words cannot write or read."""

from __future__ import annotations

import datetime as dt

from streamcore.duck.native.registry import by_value
from streamcore.duck.zones import time_zone
from streamcore.errors import DateTimeException, UnsupportedOperationException
from streamcore.spi.datetime_patterns.reading import read
from streamcore.spi.datetime_patterns.writing import write

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@by_value
def written(microseconds: int, pattern: str, *, zone: str) -> str:
    """An instant as text in a zone.

    >>> written(0, "yyyy-MM-dd HH:mm XXX", zone="Asia/Kolkata")
    '1970-01-01 05:30 +05:30'
    """
    try:
        moment = (_EPOCH + microseconds * _MICROSECOND).astimezone(time_zone(zone))
    except OverflowError:
        raise UnsupportedOperationException(
            f"A time outside of the years 1 to 9999 is not written by the pattern {pattern!r}."
        ) from None
    return write(moment, pattern, zone)


@by_value
def read_instant(text: str, pattern: str, *, zone: str, safe: bool) -> int | None:
    """The microseconds of the instant that a text names; null where it is none and that is `safe`.

    >>> read_instant("01:00 +01:00", "HH:mm XXX", zone="UTC", safe=True)
    0
    """
    found = read(text, pattern)
    if found is None:
        _fail_unless(safe, text, pattern)
        return None
    name = zone if found.zone is None else found.zone
    place = time_zone(name) if isinstance(name, str) else dt.timezone(dt.timedelta(seconds=name))
    return (found.local.replace(tzinfo=place) - _EPOCH) // _MICROSECOND


@by_value
def read_local(text: str, pattern: str, *, safe: bool) -> int | None:
    """As `read_instant`, of the local time, whatever zone stands with it."""
    found = read(text, pattern)
    if found is None:
        _fail_unless(safe, text, pattern)
        return None
    return (found.local.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND


def _fail_unless(safe: bool, text: str, pattern: str) -> None:
    if not safe:
        raise DateTimeException(
            f"[CANNOT_PARSE_TIMESTAMP] Text {text!r} could not be parsed by the pattern {pattern!r}. Use "
            "`try_to_timestamp` to tolerate invalid input string and return NULL instead. SQLSTATE: 22007"
        )
