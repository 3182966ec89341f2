"""Instants and local times: every use of a time zone in generated SQL.

DuckDB's own session zone stays UTC.  Instants are taken apart through microseconds since the epoch where
the zone has a fixed offset, which is many times faster than the calendar library behind named zones.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final

from streamcore.duck.quoting import string
from streamcore.errors import IllegalArgumentException

_LAST_YEAR: Final = 2100
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?\Z")


# What Java's short names of zones stand for.
_SHORT_NAMES: Final = {
    "ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "EST": "-05:00", "HST": "-10:00",
    "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia",
    "MST": "-07:00", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
}  # fmt: skip


def region(zone: str) -> str:
    """The zone that a name means, which may be one of Java's short ones.

    >>> region("PST"), region("Europe/Berlin")
    ('America/Los_Angeles', 'Europe/Berlin')
    """
    return _SHORT_NAMES.get(zone, zone)


def fixed_offset_us(zone: str) -> int | None:
    """The zone's offset from UTC in microseconds when it never changes; None for a region.

    >>> fixed_offset_us("+02:00"), fixed_offset_us("Europe/Berlin")
    (7200000000, None)

    Raises IllegalArgumentException for an unknown zone.
    """
    zone = region(zone)
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


def time_zone(zone: str) -> tzinfo:
    """The zone as Python knows it; raises as `fixed_offset_us`.

    >>> time_zone("+02:00")
    datetime.timezone(datetime.timedelta(seconds=7200))
    """
    offset = fixed_offset_us(zone)
    return zoneinfo.ZoneInfo(region(zone)) if offset is None else timezone(timedelta(microseconds=offset))


def to_local(instant: str, zone: str) -> str:
    """SQL of the local TIMESTAMP in `zone` of a TIMESTAMPTZ."""
    zone = region(zone)
    offset = fixed_offset_us(zone)
    if offset is None:
        return f"timezone({string(zone)}, {instant})"
    return f"make_timestamp(epoch_us({instant}){_plus(offset)})"


def to_instant(local: str, zone: str) -> str:
    """SQL of the TIMESTAMPTZ at which it is the TIMESTAMP `local` in `zone`.

    Of an hour that occurs twice, when clocks are put back, the first is meant, as in Spark; a time in the
    hour that is left out is moved on by that hour.
    """
    zone = region(zone)
    offset = fixed_offset_us(zone)
    if offset is not None:
        return f"make_timestamptz(epoch_us({local}){_plus(-offset)})"
    months, hours = _repeated_times(zone)
    later = f"timezone({string(zone)}, {local})"
    if not months:
        return later
    may_repeat = f"month({local}) IN ({months}) AND hour({local}) IN ({hours})"
    return f"CASE WHEN {may_repeat} THEN {first_instant(local, string(zone))} ELSE {later} END"


def first_instant(local: str, zone: str) -> str:
    """As `to_instant` for a zone that is given by SQL, at three times the cost."""
    # The calendar library takes the second of two; three hours before it the clocks were not yet put back.
    later = f"timezone({zone}, {local})"
    offset_before = (
        f"(epoch_us(timezone({zone}, {later} - INTERVAL 3 HOUR)) - epoch_us({later}) + 10800000000)"
    )
    earlier = f"make_timestamptz(epoch_us({local}) - {offset_before})"
    return f"CASE WHEN timezone({zone}, {earlier}) = {local} THEN {earlier} ELSE {later} END"


@cache
def _repeated_times(zone: str) -> tuple[str, str]:
    """In which months and hours local times of a region have ever occurred twice, as SQL lists."""
    region = zoneinfo.ZoneInfo(zone)
    months: set[int] = set()
    hours: set[int] = set()
    before = datetime(1850, 1, 1, tzinfo=UTC)
    while before.year < _LAST_YEAR:
        after = before + timedelta(days=5)
        if _offset(after, region) < _offset(before, region):
            back = _change(before, after, region)
            first = (back + _offset(back, region)).replace(minute=0)
            while first < back + _offset(back - timedelta(seconds=1), region):
                months.add(first.month)
                hours.add(first.hour)
                first += timedelta(hours=1)
        before = after
    return ", ".join(map(str, sorted(months))), ", ".join(map(str, sorted(hours)))


def _change(before: datetime, after: datetime, region: zoneinfo.ZoneInfo) -> datetime:
    """The first whole second at which the offset is that of `after`."""
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(before + timedelta(seconds=middle), region) == _offset(before, region)
        low, high = (middle, high) if same else (low, middle)
    return before + timedelta(seconds=high)


def _offset(instant: datetime, region: zoneinfo.ZoneInfo) -> timedelta:
    return instant.astimezone(region).utcoffset() or timedelta()


def _plus(offset: int) -> str:
    return "" if offset == 0 else f" + ({offset})"
