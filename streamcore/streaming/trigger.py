"""When a query looks for new data: triggers as values, and the decisions that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.errors import IllegalArgumentException
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


@dataclass(frozen=True)
class Continuous:
    """Micro-batches as soon as there is data; PySpark commits them every `interval_ms`, we one by one."""

    interval_ms: int


@dataclass(frozen=True)
class RealTime:
    """Micro-batches as soon as there is data; PySpark's last `duration_ms`, ours end with their data."""

    duration_ms: int


Trigger = ProcessingTime | AvailableNow | Once | Continuous | RealTime


def parse_duration_ms(text: str) -> int:
    """Milliseconds of an interval such as "10 seconds", "1 minute 30 seconds" or "interval 5 minutes".

    >>> parse_duration_ms("1 minute 30 seconds")
    90000
    """
    try:
        found = parse_interval(text)
    except ValueError as error:
        raise IllegalArgumentException(
            f"[INVALID_INTERVAL_FORMAT] Error parsing {text!r} to interval: {error}. Write for example "
            "'10 seconds' or '5 minutes'. SQLSTATE: 22006"
        ) from error
    if found.months:
        raise IllegalArgumentException(f"Doesn't support month or year interval: {text}")
    return found.milliseconds


def trigger_from_arguments(
    processing_time: str | None = None,
    once: bool | None = None,
    continuous: str | None = None,
    available_now: bool | None = None,
    real_time: str | None = None,
) -> Trigger:
    """The trigger that PySpark's `trigger(...)` arguments name; exactly one of them may be given."""
    given = [
        value for value in (processing_time, once, continuous, available_now, real_time) if value is not None
    ]
    if len(given) != 1:
        raise IllegalArgumentException(
            "[ONLY_ALLOW_SINGLE_TRIGGER] Only a single trigger is allowed: one of processingTime, once, "
            "availableNow, continuous and realTime."
        )
    if once is not None:
        _require_true("once", once)
        return Once()
    if available_now is not None:
        _require_true("availableNow", available_now)
        return AvailableNow()
    if continuous is not None:
        return Continuous(_interval_ms("continuous", continuous))
    if real_time is not None:
        return RealTime(_duration_ms(real_time))
    return ProcessingTime(_interval_ms("processingTime", processing_time))


def pace_of(trigger: Trigger) -> ProcessingTime | None:
    """How a query that goes on for ever waits between two batches; None for one that ends."""
    match trigger:
        case ProcessingTime():
            return trigger
        case Continuous() | RealTime():
            return ProcessingTime()
        case _:
            return None


def _require_true(name: str, value: object) -> None:
    if value is not True:
        raise IllegalArgumentException(
            f"[VALUE_NOT_ALLOWED] Value for `{name}` has to be amongst the following values: [True]."
        )


def _interval_ms(name: str, value: object) -> int:
    interval = parse_duration_ms(non_empty_text(name, value).strip())
    if interval < 0:
        raise IllegalArgumentException("requirement failed: the interval of trigger should not be negative")
    return interval


def _duration_ms(value: object) -> int:
    duration = parse_duration_ms(non_empty_text("realTime", value).strip())
    if duration <= 0:
        raise IllegalArgumentException("requirement failed: the batch duration should not be negative")
    return duration


def non_empty_text(name: str, value: object) -> str:
    """The value of an argument that must be a text with something in it."""
    if isinstance(value, str) and value.strip():
        return value
    raise IllegalArgumentException(
        f"[VALUE_NOT_NON_EMPTY_STR] Value for `{name}` must be a non-empty string, got '{value}'."
    )


def next_start_ms(trigger: ProcessingTime, last_start_ms: int, now_ms: int) -> int:
    """When the batch after one that began at `last_start_ms` begins: on the trigger's grid, as in Spark.

    >>> next_start_ms(ProcessingTime(1000), last_start_ms=5200, now_ms=5900)
    6000
    """
    if trigger.interval_ms == 0:
        return now_ms
    grid = (last_start_ms // trigger.interval_ms + 1) * trigger.interval_ms
    return max(grid, now_ms)
