from __future__ import annotations

import pytest

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.streaming.trigger import (
    AvailableNow,
    Once,
    ProcessingTime,
    next_start_ms,
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
    with pytest.raises(IllegalArgumentException, match="is not an interval"):
        parse_duration_ms(text)


def test_a_trigger_is_named_by_the_argument_that_is_given() -> None:
    assert trigger_from_arguments("2 seconds", None, None, None) == ProcessingTime(2_000)
    assert trigger_from_arguments(None, True, None, None) == Once()
    assert trigger_from_arguments(None, None, None, True) == AvailableNow()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, None, None, None), "No trigger provided"),
        (("1 second", True, None, None), "Multiple triggers not allowed"),
        ((None, False, None, None), "Value for once must be True"),
        ((None, None, None, False), "Value for availableNow must be True"),
        (("  ", None, None, None), "must be a non empty string"),
        (("-1 seconds", None, None, None), "must not be negative"),
    ],
)
def test_a_trigger_that_says_nothing_or_two_things_is_refused(
    arguments: tuple[str | None, bool | None, str | None, bool | None], message: str
) -> None:
    with pytest.raises(IllegalArgumentException, match=message):
        trigger_from_arguments(*arguments)


def test_continuous_processing_is_declared_missing_with_the_way_out() -> None:
    with pytest.raises(UnsupportedOperationException, match=r"use trigger\(processingTime='0 seconds'\)"):
        trigger_from_arguments(None, None, "1 second", None)


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
