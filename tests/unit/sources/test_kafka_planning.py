"""What a Kafka read decides, without a broker."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import CheckpointMismatch, IllegalArgumentException, StreamcoreError
from streamcore.kafka.gc_pause import gc_paused
from streamcore.kafka.offsets import (
    OffsetRange,
    behind,
    cut_ranges,
    from_json,
    logged_offsets,
    to_json,
)
from streamcore.sources.kafka.limits import ReadRowsBetween, share
from streamcore.sources.kafka.planning import next_end
from streamcore.sources.kafka.pool import CursorPool
from streamcore.sources.kafka.settings import FetchSettings, batch_settings, stream_settings
from streamcore.spi.limits import ReadAllAvailable, ReadMaxRows, ReadMinRows
from streamcore.spi.options import Options

BASE = {"kafka.bootstrap.servers": "b:9092", "subscribe": "t"}

partitions = st.tuples(st.sampled_from("ab"), st.integers(0, 3))


@given(st.dictionaries(partitions, st.integers(0, 10**12)))
def test_offsets_survive_their_json_form(offsets: dict[tuple[str, int], int]) -> None:
    assert from_json(to_json(offsets)) == offsets


@pytest.mark.parametrize(
    "offset", [{"offset": 5}, {"t": {"0": -1001}}, {"t": {"first": 1}}, {"t": [1]}, None, {"t": {"0": None}}]
)
def test_a_checkpoint_without_offsets_of_kafkas_is_refused(offset: object) -> None:
    with pytest.raises(CheckpointMismatch, match=r"over another source.*new checkpoint"):
        logged_offsets(offset)


def test_a_partition_that_was_not_read_yet_lies_behind_by_all_it_holds() -> None:
    figures = behind({("t", 0): 7, ("t", 1): 9}, {("t", 0): 10, ("t", 1): 5, ("t", 2): 4})
    assert figures == {
        "minOffsetsBehindLatest": "0",
        "maxOffsetsBehindLatest": "4",
        "avgOffsetsBehindLatest": str(7 / 3),
    }
    assert behind({}, {}) == {}


@given(
    st.dictionaries(partitions, st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1),
    st.integers(1, 50),
)
def test_a_share_never_exceeds_the_limit_and_always_moves(
    spans: dict[tuple[str, int], tuple[int, int]], limit: int
) -> None:
    start = {tp: first for tp, (first, _) in spans.items()}
    latest = {tp: first + more for tp, (first, more) in spans.items()}
    end = share(start, latest, limit)
    taken = sum(end[tp] - start[tp] for tp in start)
    assert all(start[tp] <= end[tp] <= latest[tp] for tp in start)
    assert taken == min(limit, sum(latest[tp] - start[tp] for tp in start))


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=4),
    st.none() | st.integers(1, 12),
    st.none() | st.integers(1, 12),
)
def test_cut_ranges_cover_every_offset_once(
    spans: list[tuple[int, int]], min_partitions: int | None, max_records: int | None
) -> None:
    ranges = [OffsetRange("t", i, start, start + size) for i, (start, size) in enumerate(spans)]
    cut = cut_ranges(ranges, min_partitions, max_records)
    covered = [(r.partition, offset) for r in cut for offset in range(r.start, r.end)]
    assert sorted(covered) == [(r.partition, o) for r in ranges for o in range(r.start, r.end)]
    assert all(0 < r.size <= (max_records or 50) for r in cut)


def test_a_batch_waits_for_the_minimum_of_rows_only_as_long_as_it_may() -> None:
    start, latest = {("t", 0): 0}, {("t", 0): 5}
    for limit in (ReadMinRows(10), ReadRowsBetween(10, 20)):
        assert next_end(start, latest, {}, limit, may_wait=True).end == start
        assert next_end(start, latest, {}, limit, may_wait=False).end == latest


def test_a_new_partition_without_records_makes_no_empty_batch() -> None:
    start = {("t", 0): 5}
    assert (
        next_end(start, {("t", 0): 5, ("t", 1): 0}, {("t", 1): 0}, ReadAllAvailable(), may_wait=True).end
        == start
    )


def test_what_was_lost_is_said_partition_by_partition() -> None:
    plan = next_end(
        {("gone", 0): 7, ("anew", 0): 9},
        {("anew", 0): 3, ("late", 1): 8},
        {("late", 1): 5},
        ReadMaxRows(100),
        may_wait=False,
    )
    gone, anew, late = plan.losses
    assert "'gone' partition 0 is gone" in gone
    assert "'anew' partition 0 ends at offset 3, before the offset 9" in anew
    assert "'late' partition 1 is new and begins at offset 5 instead of 0" in late


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"subscribe": "t"}, "needs the option 'kafka.bootstrap.servers'"),
        ({"kafka.bootstrap.servers": "b"}, "none is set"),
        (BASE | {"assign": "{}"}, "subscribe and assign are set"),
        (BASE | {"startingOffset": "earliest"}, "did you mean 'startingOffsets'"),
        (BASE | {"startingOffsets": "erliest"}, "must be JSON like"),
        (BASE | {"startingOffsets": '{"t": {"0": -3}}'}, "below -2"),
        (BASE | {"endingOffsets": "latest"}, "a streaming query has no end"),
        (BASE | {"minOffsetsPerTrigger": "5", "maxOffsetsPerTrigger": "4"}, "must not be above"),
        (BASE | {"maxTriggerDelay": "soon"}, "must be a duration"),
        (BASE | {"kafka.auto.offset.reset": "latest"}, "set the option startingOffsets"),
        (BASE | {"kafka.enable.auto.commit": "true"}, "commitOffsetsToGroup"),
        (BASE | {"kafka.value.deserializer": "x"}, "values are read as bytes"),
        (BASE | {"kafka.ssl.truststore.location": "a.jks"}, "kafka.ssl.ca.location"),
    ],
)
def test_a_wrong_option_is_refused_with_the_way_out(options: dict[str, str], said: str) -> None:
    with pytest.raises(StreamcoreError, match=said):
        stream_settings(Options(options))


@pytest.mark.parametrize("name", ["maxOffsetsPerTrigger", "commitOffsetsToGroup"])
def test_a_batch_read_refuses_what_belongs_to_streams(name: str) -> None:
    with pytest.raises(IllegalArgumentException, match="limits micro-batches"):
        batch_settings(Options(BASE | {name: "1"}))


def test_a_batch_read_that_could_only_be_empty_is_refused() -> None:
    for wrong in ({"startingOffsets": "latest"}, {"endingOffsets": "earliest"}):
        with pytest.raises(IllegalArgumentException, match="reads nothing"):
            batch_settings(Options(BASE | wrong))


@pytest.mark.parametrize(
    "option",
    ["sasl.password", "sasl.jaas.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
     "ssl.key.pem", "ssl.key.password", "ssl.keystore.key", "ssl.keystore.password"],
)  # fmt: skip
def test_options_that_hold_secrets_are_shown_without_them(option: str) -> None:
    assert "hush" not in repr(Options({f"kafka.{option}": "hush"}))


def test_secrets_are_not_in_the_repr_of_what_travels() -> None:
    settings = stream_settings(Options(BASE | {"kafka.sasl.password": "hush"}))
    assert settings.fetch.client["sasl.password"] == "hush"
    assert "hush" not in repr(settings)


def test_the_collector_comes_back_when_the_last_holder_leaves() -> None:
    assert gc.isenabled()
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


class _Cursor:
    def __init__(self) -> None:
        self.next_start = -1
        self.closed = False

    def close(self) -> None:
        self.closed = True


def _fetch(group: str = "g") -> FetchSettings:
    return FetchSettings({}, group, fail_on_data_loss=True, poll_timeout=1)


def test_a_range_gets_the_cursor_that_stands_at_its_start() -> None:
    pool = CursorPool(lambda *_: _Cursor())
    wanted = OffsetRange("t", 0, 5, 9)
    with pool.lend(wanted, _fetch()) as first, pool.lend(wanted, _fetch()) as second:
        first.next_start, second.next_start = 5, 7
    with pool.lend(wanted, _fetch()) as again:
        assert again is first
    with pool.lend(OffsetRange("t", 0, 7, 9), _fetch()) as other:
        assert other is second


def test_a_cursor_is_closed_after_an_error_and_when_its_reader_stops() -> None:
    pool = CursorPool(lambda *_: _Cursor())
    wanted = OffsetRange("t", 0, 0, 1)
    with pytest.raises(ZeroDivisionError), pool.lend(wanted, _fetch()) as broken:
        _ = 1 / 0
    assert broken.closed
    with pool.lend(wanted, _fetch()) as idle, pool.lend(wanted, _fetch()) as lent:
        pass
    with pool.lend(wanted, _fetch()) as lent:
        pool.close("g")
    assert idle.closed
    assert lent.closed


def test_the_pool_keeps_no_more_than_it_should() -> None:
    pool = CursorPool(lambda *_: _Cursor(), most_idle=1)
    with pool.lend(OffsetRange("t", 0, 0, 1), _fetch()) as old:
        pass
    with pool.lend(OffsetRange("t", 1, 0, 1), _fetch()) as new:
        pass
    assert old.closed
    assert not new.closed
