"""When a query looks for new data: triggers as values, and the decisions that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.intervals import parse_interval


@dataclass(frozen=True)
class ProcessingTime:
    """A micro-batch every `interval_ms`; 0 means as soon as the one before has ended."""

    interval_ms: int = 0


@dataclass(frozen=True)
class AvailableNow:
    """All data that is there at the start, in as many micro-batches as the limits ask for; then the end."""


@dataclass(frozen=True)
class Once:
    """All data that is there at the start, in one micro-batch; then the end."""


Trigger = ProcessingTime | AvailableNow | Once


def parse_duration_ms(text: str) -> int:
    """Milliseconds of an interval such as "10 seconds", "1 minute 30 seconds" or "interval 5 minutes".

    >>> parse_duration_ms("1 minute 30 seconds")
    90000
    """
    try:
        found = parse_interval(text)
        if found.months:
            raise ValueError("months and years vary in length")
    except ValueError as error:
        raise IllegalArgumentException(
            f"{text!r} is not an interval ({error}); write for example '10 seconds' or '5 minutes'"
        ) from error
    return found.milliseconds


def trigger_from_arguments(
    processing_time: str | None, once: bool | None, continuous: str | None, available_now: bool | None
) -> Trigger:
    """The trigger that PySpark's `trigger(...)` arguments name; exactly one of them may be given."""
    given = [value for value in (processing_time, once, continuous, available_now) if value is not None]
    if not given:
        raise IllegalArgumentException(
            "No trigger provided: give processingTime, availableNow=True or once=True"
        )
    if len(given) > 1:
        raise IllegalArgumentException("Multiple triggers not allowed.")
    if continuous is not None:
        raise UnsupportedOperationException(
            "trigger(continuous=...) is not offered: micro-batches here take milliseconds; "
            "use trigger(processingTime='0 seconds')"
        )
    if once is not None:
        return Once() if _is_true("once", once) else ProcessingTime()
    if available_now is not None:
        return AvailableNow() if _is_true("availableNow", available_now) else ProcessingTime()
    return ProcessingTime(_processing_time_ms(processing_time))


def _is_true(name: str, value: object) -> bool:
    if value is not True:
        raise IllegalArgumentException(f"Value for {name} must be True. Got: {value!r}")
    return True


def _processing_time_ms(text: object) -> int:
    if not isinstance(text, str) or not text.strip():
        raise IllegalArgumentException(f"Value for processingTime must be a non empty string. Got: {text!r}")
    interval = parse_duration_ms(text)
    if interval < 0:
        raise IllegalArgumentException("the processingTime interval must not be negative")
    return interval


def next_start_ms(trigger: ProcessingTime, last_start_ms: int, now_ms: int) -> int:
    """When the batch after one that began at `last_start_ms` begins: on the trigger's grid, as in Spark.

    >>> next_start_ms(ProcessingTime(1000), last_start_ms=5200, now_ms=5900)
    6000
    """
    if trigger.interval_ms == 0:
        return now_ms
    grid = (last_start_ms // trigger.interval_ms + 1) * trigger.interval_ms
    return max(grid, now_ms)
