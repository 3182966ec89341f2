"""withWatermark: the event-time column and its delay."""

from __future__ import annotations

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan import refusals
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.logical import LogicalPlan, Watermark
from streamcore.spi.intervals import parse_interval
from streamcore.spi.types import DataType, StructType, TimestampNTZType, TimestampType

_DAYS_OF_A_MONTH = 31


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
    try:
        found = parse_interval(text)
    except ValueError as error:
        raise AnalysisException(
            f"[CANNOT_PARSE_INTERVAL] Unable to parse '{text}'. Please ensure that the value provided is in "
            f"a valid format for defining an interval, such as '10 minutes' ({error}). SQLSTATE: 22006"
        ) from error
    total = found.milliseconds + found.months * _DAYS_OF_A_MONTH * 86_400_000
    if total < 0:
        raise IllegalArgumentException(
            f"requirement failed: delay threshold ({text}) should not be negative."
        )
    return total


def _is_time(data_type: DataType) -> bool:
    if isinstance(data_type, StructType):
        return data_type.names == ["start", "end"]
    return isinstance(data_type, (TimestampType, TimestampNTZType))
