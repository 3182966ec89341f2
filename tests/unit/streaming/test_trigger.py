from __future__ import annotations

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.streaming.trigger import (
    AvailableNow,
    Continuous,
    Once,
    ProcessingTime,
    RealTime,
    next_start_ms,
    pace_of,
    parse_duration_ms,
    trigger_from_arguments,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 seconds", 10_000),
        ("1 second", 1_000),
        ("5 minutes", 300_000),
        ("interval 1 hour", 3_600_000),
        ("INTERVAL 2 DAYS", 172_800_000),
        ("1 week", 604_800_000),
        ("1 minute 30 seconds", 90_000),
        ("1.001 seconds", 1_001),
        ("-1.5 seconds", -1_500),
        ("250 milliseconds", 250),
        ("1500 microseconds", 1),
        ("1.5 seconds", 1_500),
        ("  0 seconds ", 0),
    ],
)
def test_a_duration_is_read_as_spark_reads_it(text: str, expected: int) -> None:
    assert parse_duration_ms(text) == expected


@pytest.mark.parametrize(
    "text", ["", "10", "seconds", "10 parsecs", "250 ms", "10s", "1.5 minutes", "1 month", "ten seconds"]
)
def test_what_is_no_duration_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(IllegalArgumentException, match=r"INVALID_INTERVAL_FORMAT|Doesn't support month"):
        parse_duration_ms(text)


def test_a_trigger_is_named_by_the_argument_that_is_given() -> None:
    assert trigger_from_arguments("2 seconds", None, None, None) == ProcessingTime(2_000)
    assert trigger_from_arguments(None, True, None, None) == Once()
    assert trigger_from_arguments(None, None, None, True) == AvailableNow()


def test_low_latency_triggers_do_not_wait_between_batches() -> None:
    assert trigger_from_arguments(continuous="1 second") == Continuous(1_000)
    assert trigger_from_arguments(real_time="5 minutes") == RealTime(300_000)
    for trigger in (Continuous(1_000), RealTime(300_000)):
        assert pace_of(trigger) == ProcessingTime(0)
    assert pace_of(ProcessingTime(7)) == ProcessingTime(7)
    assert pace_of(Once()) is None
    assert pace_of(AvailableNow()) is None


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (5_200, 5_900, 6_000),  # waits for the grid
        (5_000, 5_001, 6_000),  # a start on the grid waits a whole interval
        (5_200, 6_500, 6_500),  # a batch that overran is followed at once
        (5_200, 6_000, 6_000),
    ],
)
def test_batches_start_on_the_grid_of_the_interval(last: int, now: int, expected: int) -> None:
    assert next_start_ms(ProcessingTime(1_000), last, now) == expected


def test_an_interval_of_zero_starts_at_once() -> None:
    assert next_start_ms(ProcessingTime(0), last_start_ms=5, now_ms=7) == 7
