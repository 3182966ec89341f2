"""One reader of intervals: triggers, watermarks and windows take the same texts for the same times."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.translation.durations import duration_us
from streamcore.plan.watermarks import interval_ms
from streamcore.spi.intervals import Interval, parse_interval
from streamcore.streaming.trigger import parse_duration_ms

# As PySpark 4.3 reads them.
READ = [
    ("1.001 seconds", 1_001_000), ("1.5 seconds", 1_500_000), ("0.0000015 seconds", 1),
    ("1 minute 30 seconds", 90_000_000), ("interval 5 minutes", 300_000_000), ("1 millisecond", 1_000),
    ("1500 microseconds", 1_500), ("1 week", 604_800_000_000), ("1 day 2 hours", 93_600_000_000),
    ("+1 second", 1_000_000), ("1 MINUTES", 60_000_000), ("  1   minute ", 60_000_000),
    ("1  seconds 1 seconds", 2_000_000),
]  # fmt: skip
REFUSED = [
    "10 s", "10s", "1.5 minutes", "1e3 seconds", "1 second ago", "1", "1 fortnight", "1 nanosecond", "1 ms",
    "1 h", "1 sec", "00:00:01", "", "interval",
]  # fmt: skip


@pytest.mark.parametrize(("text", "microseconds"), READ)
def test_an_interval_means_the_same_wherever_it_is_given(text: str, microseconds: int) -> None:
    assert parse_interval(text) == Interval(0, microseconds)
    assert duration_us(text) == microseconds
    assert parse_duration_ms(text) == interval_ms(text) == microseconds // 1000


@pytest.mark.parametrize("text", REFUSED)
def test_what_spark_refuses_is_refused_everywhere(text: str) -> None:
    for read in (duration_us, parse_duration_ms):
        with pytest.raises(IllegalArgumentException):
            read(text)
    with pytest.raises(AnalysisException, match="CANNOT_PARSE_INTERVAL"):
        interval_ms(text)


def test_months_have_a_length_in_watermarks_only() -> None:
    assert interval_ms("1 month") == 31 * 86_400_000
    assert interval_ms("1 year") == 12 * 31 * 86_400_000
    for read in (duration_us, parse_duration_ms):
        with pytest.raises(IllegalArgumentException, match="month"):
            read("1 month")
