from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType

import pytest


@pytest.fixture
def demo() -> ModuleType:
    import demo.comparison  # type: ignore[import-not-found]

    return demo.comparison  # type: ignore[no-any-return]


PRODUCED = {(0, "a"): 3, (10_000, "a"): 2}


def test_an_open_window_must_be_in_the_database_and_not_in_parquet(demo: ModuleType) -> None:
    assert demo.Comparison(PRODUCED, {(0, "a"): 3}, PRODUCED, watermark_ms=12_000).differences == []


def test_a_closed_window_that_parquet_lacks_is_a_difference(demo: ModuleType) -> None:
    found = demo.Comparison(PRODUCED, {(0, "a"): 3}, PRODUCED, watermark_ms=20_000).differences
    assert found == ["Parquet: a in 00:00:10: expected 2, found 0"]


def test_a_window_that_parquet_got_too_early_is_a_difference(demo: ModuleType) -> None:
    found = demo.Comparison(PRODUCED, PRODUCED, PRODUCED, watermark_ms=12_000).differences
    assert found == ["Parquet: a in 00:00:10: expected 0, found 2"]


def test_a_row_that_came_twice_is_a_difference(demo: ModuleType) -> None:
    at = datetime.fromtimestamp(0, UTC)
    twice = demo.from_rows([(at, "a", 3), (at, "a", 3)])
    found = demo.Comparison({(0, "a"): 3}, twice, {(0, "a"): 3}, watermark_ms=10_000).differences
    assert found == ["Parquet: a in 00:00:00: expected 3, found 6"]


def test_a_stale_count_in_the_database_is_a_difference(demo: ModuleType) -> None:
    found = demo.Comparison(PRODUCED, {}, {(0, "a"): 3, (10_000, "a"): 1}, watermark_ms=0).differences
    assert found == ["database: a in 00:00:10: expected 2, found 1"]


def test_the_table_has_a_line_for_each_window_and_tells_the_open_ones_apart(demo: ModuleType) -> None:
    lines = demo.Comparison(PRODUCED, {(0, "a"): 3}, PRODUCED, watermark_ms=12_000).table().splitlines()
    assert lines[1].split() == ["00:00:00", "-", "00:00:10", "3", "3", "3"]
    assert "open" in lines[2]
    assert lines[-1].split() == ["all", "windows", "5", "3", "5"]
