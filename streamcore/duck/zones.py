"""Instants and local times: every use of a time zone in generated SQL.

DuckDB's own session zone stays UTC.  Instants are taken apart through microseconds since the epoch where
the zone has a fixed offset, which is many times faster than the calendar library behind named zones.
"""

from __future__ import annotations

import re
import zoneinfo

from streamcore.duck.quoting import string
from streamcore.errors import IllegalArgumentException

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?\Z")


def fixed_offset_us(zone: str) -> int | None:
    """The zone's offset from UTC in microseconds when it never changes; None for a region.

    >>> fixed_offset_us("+02:00"), fixed_offset_us("Europe/Berlin")
    (7200000000, None)

    Raises IllegalArgumentException for an unknown zone.
    """
    if zone.upper() in ("UTC", "GMT", "Z", "UT", "ETC/UTC", "ZULU"):
        return 0
    match = _OFFSET.match(zone)
    if match:
        sign, hours, minutes, seconds = match.groups()
        total = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
        return (-total if sign == "-" else total) * 1_000_000
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise IllegalArgumentException(
            f"[INVALID_TIMEZONE] The timezone: {zone} is invalid. Use a region such as 'Europe/Berlin' or an "
            "offset such as '+02:00'."
        ) from error
    return None


def to_local(instant: str, zone: str) -> str:
    """SQL of the local TIMESTAMP in `zone` of a TIMESTAMPTZ."""
    offset = fixed_offset_us(zone)
    if offset is None:
        return f"timezone({string(zone)}, {instant})"
    return f"make_timestamp(epoch_us({instant}){_plus(offset)})"


def to_instant(local: str, zone: str) -> str:
    """SQL of the TIMESTAMPTZ at which it is the TIMESTAMP `local` in `zone`."""
    offset = fixed_offset_us(zone)
    if offset is None:
        return f"timezone({string(zone)}, {local})"
    return f"make_timestamptz(epoch_us({local}){_plus(-offset)})"


def _plus(offset: int) -> str:
    return "" if offset == 0 else f" + ({offset})"
