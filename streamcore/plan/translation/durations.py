"""Durations of windows, slides and gaps in text: `10 seconds`, `1 hour 30 minutes`, `INTERVAL 5 MINUTES`."""

from __future__ import annotations

from streamcore.errors import IllegalArgumentException
from streamcore.spi.intervals import parse_interval


def duration_us(text: str) -> int:
    """The microseconds of a duration.

    >>> duration_us("1 minute 30 seconds")
    90000000

    Raises IllegalArgumentException for other text, and for months and years, whose length varies.
    """
    try:
        found = parse_interval(text)
    except ValueError as error:
        raise IllegalArgumentException(
            f"[CANNOT_PARSE_INTERVAL] Unable to parse {text!r}: {error}. {_WAY_OUT} SQLSTATE: 22006"
        ) from error
    if found.months:
        raise IllegalArgumentException(f"The duration {text!r} has months or years. {_WAY_OUT}")
    return found.microseconds


_WAY_OUT = "Write numbers and units from weeks to microseconds, such as '10 minutes'."
