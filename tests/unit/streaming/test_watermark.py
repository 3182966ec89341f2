from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamcore.streaming.watermark import EventTimeStats, WatermarkState


def seen(newest: int) -> EventTimeStats:
    return EventTimeStats(min_ms=0, max_ms=newest, sum_ms=newest, count=1)


def test_there_is_no_watermark_before_any_data() -> None:
    assert WatermarkState().global_ms == 0
    assert WatermarkState().advanced({}, {"w": 10}) == WatermarkState({"w": 0}, 0)


def test_the_watermark_is_the_newest_event_time_minus_the_delay() -> None:
    assert WatermarkState().advanced({"w": seen(70)}, {"w": 10}) == WatermarkState({"w": 60}, 60)


def test_the_watermark_never_goes_back() -> None:
    state = WatermarkState({"w": 60}, 60)
    assert state.advanced({"w": seen(20)}, {"w": 10}) == state


def test_a_batch_older_than_the_delay_leaves_the_watermark_at_its_start() -> None:
    assert WatermarkState().advanced({"w": seen(5)}, {"w": 10}).global_ms == 0


def test_of_several_watermarks_the_slowest_counts() -> None:
    state = WatermarkState().advanced({"a": seen(100), "b": seen(50)}, {"a": 10, "b": 10})
    assert state == WatermarkState({"a": 90, "b": 40}, 40)


def test_a_stream_without_data_holds_the_slowest_watermark_back() -> None:
    assert WatermarkState().advanced({"a": seen(100)}, {"a": 10, "b": 10}).global_ms == 0


def test_by_policy_the_fastest_watermark_counts() -> None:
    state = WatermarkState().advanced({"a": seen(100)}, {"a": 10, "b": 10}, policy="max")
    assert state == WatermarkState({"a": 90, "b": 0}, 90)


def test_a_watermark_that_a_changed_policy_would_lower_stays() -> None:
    assert WatermarkState({"a": 90, "b": 40}, 90).advanced({}, {"a": 10, "b": 10}).global_ms == 90


def test_without_watermarks_nothing_moves() -> None:
    assert WatermarkState({}, 7).advanced({}, {}) == WatermarkState({}, 7)


@given(st.lists(st.integers(0, 10**6), min_size=2), st.data())
def test_stats_of_parts_join_to_the_stats_of_the_whole(times: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(times) - 1))

    def stats(part: list[int]) -> EventTimeStats:
        return EventTimeStats(min(part), max(part), sum(part), len(part))

    assert stats(times[:cut]).merge(stats(times[cut:])) == stats(times)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 1000)), max_size=8))
def test_the_watermark_follows_the_plain_rule_over_any_history(batches: list[dict[str, int]]) -> None:
    state, newest, highest = WatermarkState(), {"a": 0, "b": 0}, 0
    delays = {"a": 100, "b": 300}
    for batch in batches:
        state = state.advanced({name: seen(time) for name, time in batch.items()}, delays)
        newest = {n: max(newest[n], batch.get(n, 0)) for n in newest}
        highest = max(highest, min(max(0, newest[n] - delays[n]) for n in newest))
        assert state.global_ms == highest
