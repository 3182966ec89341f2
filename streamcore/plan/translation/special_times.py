"""Words that stand for a moment in literals of times: epoch, now, today, tomorrow, yesterday."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from streamcore.duck.zones import time_zone
from streamcore.errors import IllegalArgumentException
from streamcore.plan.translation.core import TranslationContext
from streamcore.spi.types import DataType, DateType, TimestampType

_WORD: Final = re.compile(r"\s*(epoch|now|today|tomorrow|yesterday)(?:\s+(\S+))?\s*", re.IGNORECASE)
_DAYS: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def special_time(text: str, to: DataType, context: TranslationContext) -> str | None:
    """SQL of the time that a literal means by a word; None for other text.

    A zone may stand behind the word; as in Spark it must be one, and the time is that of the session's zone.
    """
    match = _WORD.fullmatch(text)
    if match is None:
        return None
    word = match.group(1).lower()
    zone = time_zone(context.time_zone)
    try:
        time_zone(match.group(2) or context.time_zone)
    except IllegalArgumentException:
        return None
    if isinstance(to, DateType):
        return f"DATE '{_day(word, context.now.astimezone(zone).date()).isoformat()}'"
    moment = _moment(word, context.now, zone, is_instant=isinstance(to, TimestampType))
    if isinstance(to, TimestampType):
        return f"make_timestamptz({_micros(moment)})"
    return f"make_timestamp({_micros(moment.replace(tzinfo=dt.UTC))})"


def _day(word: str, today: dt.date) -> dt.date:
    return _EPOCH.date() if word == "epoch" else today + dt.timedelta(days=_DAYS.get(word, 0))


def _moment(word: str, now: dt.datetime, zone: dt.tzinfo, *, is_instant: bool) -> dt.datetime:
    if word == "epoch":
        return _EPOCH
    here = now.astimezone(zone)
    if word == "now":
        return here
    midnight = dt.datetime.combine(_day(word, here.date()), dt.time())
    return midnight.replace(tzinfo=zone) if is_instant else midnight


def _micros(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
