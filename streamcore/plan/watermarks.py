"""withWatermark: the event-time column and its delay."""

from __future__ import annotations

import re

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan import refusals
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.logical import LogicalPlan, Watermark
from streamcore.spi.types import DataType, StructType, TimestampNTZType, TimestampType

_UNIT_MS = {
    "microsecond": 0.001, "millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000,
    "day": 86_400_000, "week": 604_800_000, "month": 2_678_400_000, "year": 32_140_800_000,
}  # fmt: skip
_TERM = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+?)s?(?=\s|$)", re.IGNORECASE)


def watermarked(plan: LogicalPlan, event_time: str, delay: str, settings: AnalysisSettings) -> LogicalPlan:
    """The plan with `event_time` declared as its clock."""
    delay_ms = interval_ms(delay)
    names = settings.names(plan)
    found = [column for column in plan.output if names.same(column.name, event_time)]
    if not found:
        raise refusals.unresolved_column([event_time], [refusals.backticked(a.name) for a in plan.output])
    if not _is_time(found[0].data_type):
        raise AnalysisException(
            f"[EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE] The event time `{event_time}` has the invalid type "
            f'"{found[0].data_type.simpleString().upper()}", but expected "TIMESTAMP". SQLSTATE: 42K09'
        )
    return Watermark(plan, found[0], delay_ms)


def interval_ms(text: str) -> int:
    """The milliseconds of an interval such as "10 minutes" or "1 hour 30 seconds"; months count 31 days.

    >>> interval_ms("1 minute 30 seconds")
    90000
    """
    trimmed = re.sub(r"^interval\s+", "", text.strip(), flags=re.IGNORECASE)
    terms = _TERM.findall(trimmed)
    rest = _TERM.sub("", trimmed).strip()
    if not terms or rest or any(unit.lower() not in _UNIT_MS for _, unit in terms):
        raise AnalysisException(
            f"[CANNOT_PARSE_INTERVAL] Unable to parse '{text}'. Please ensure that the value provided is in "
            "a valid "
            "format for defining an interval, such as '10 minutes'. SQLSTATE: 22006"
        )
    total = sum(float(count) * _UNIT_MS[unit.lower()] for count, unit in terms)
    if total < 0:
        raise IllegalArgumentException(
            f"requirement failed: delay threshold ({text}) should not be negative."
        )
    return int(total)


def _is_time(data_type: DataType) -> bool:
    if isinstance(data_type, StructType):
        return data_type.names == ["start", "end"]
    return isinstance(data_type, (TimestampType, TimestampNTZType))
