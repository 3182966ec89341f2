"""What a condition says of two streams: by what partners are found, and how long a row waits for one."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.plan.logical import Filter, Join, Watermark
from streamcore.plan.rules import optimize
from streamcore.plan.stream_joins import StreamJoin
from streamcore.plan.watermark_filters import settle_filters
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream

SCHEMA = "ts timestamp, k string, v bigint, i int, d double, at timestamp, plain timestamp_ntz"
SECOND, MILLISECOND = 1_000_000, 1_000


def side(name: str, *, marked: bool = True) -> Any:
    stream = MemoryStream(SCHEMA).toDF(Session.builder.getOrCreate())
    return (stream.withWatermark("ts", "10 seconds") if marked else stream).alias(name)


def joined(condition: str, how: str = "inner", *, left: bool = True, right: bool = True) -> StreamJoin:
    frame = side("l", marked=left).join(side("r", marked=right), F.expr(condition), how)
    plan = optimize(settle_filters(frame.plan))
    return StreamJoin(next(node for node in plan.walk() if isinstance(node, Join)))


def waits(join: StreamJoin) -> list[int | None]:
    """How long rows of the left and the right are kept behind the watermark, in microseconds."""
    closings = (join.closing(0), join.closing(1))
    return [None if closing is None else closing.delay_us for closing in closings]


BOUNDS: dict[str, list[int | None]] = {
    "r.ts <= l.ts + interval 10 seconds": [10 * SECOND + MILLISECOND, None],
    "r.ts < l.ts + interval 10 seconds": [10 * SECOND, None],
    "r.ts >= l.ts - interval 5 seconds": [None, 5 * SECOND + MILLISECOND],
    "l.ts < r.ts": [None, 0],
    "r.ts > l.ts + interval 1 minute": [None, -60 * SECOND],
    "r.ts between l.ts and l.ts + interval 1 hour": [3600 * SECOND + MILLISECOND, MILLISECOND],
    "r.ts - interval 3 seconds < l.ts": [3 * SECOND, None],
    "interval 2 seconds + l.ts > r.ts": [2 * SECOND, None],
    "r.ts < l.ts + interval 1 minute 5 seconds": [65 * SECOND, None],
    "cast(r.ts as double) <= cast(l.ts as double) + 1.5": [1_501 * MILLISECOND, None],
    # Of several the row waits for the longest, as in Spark.
    "r.ts <= l.ts + interval 4 seconds and r.ts < l.ts + interval 9 seconds": [9 * SECOND, None],
    # None of these says when the last partner comes.
    "r.ts <= l.ts + interval 1 month": [None, None],
    "r.at <= l.ts + interval 1 second": [None, None],
    "r.ts <= l.at + interval 1 second": [None, None],
    "r.plain <= l.plain + interval 1 second": [None, None],
    "cast(r.ts as bigint) <= cast(l.ts as bigint) + 1": [None, None],
    "r.ts + interval 1 second <= r.at and l.v < r.v": [None, None],
    "r.ts <= l.ts + interval 1 second or l.v = 1": [None, None],
    "to_date(l.ts) = to_date(r.ts)": [None, None],
}


@pytest.mark.parametrize("condition", BOUNDS)
def test_a_range_condition_says_how_long_a_row_waits(condition: str) -> None:
    assert waits(joined(f"l.k = r.k and {condition}")) == BOUNDS[condition]


@pytest.mark.parametrize(("left", "right"), [(True, False), (False, True), (False, False)])
def test_the_other_side_needs_a_watermark_and_so_does_the_row(left: bool, right: bool) -> None:
    near = "l.k = r.k and r.ts between l.ts and l.ts + interval 1 hour"
    assert waits(joined(near, left=left, right=right)) == [None, None]


def test_a_side_that_comes_out_whole_waits_by_a_time_without_a_watermark_too() -> None:
    near = "l.k = r.k and r.ts <= l.ts + interval 1 second"
    assert waits(joined(near, "left", left=False)) == [SECOND + MILLISECOND, None]
    assert waits(joined(near, "left", right=False)) == [None, None]


@pytest.mark.parametrize("condition", ["l.ts = r.ts", "l.k = r.k and r.ts = l.ts", "l.ts = r.at"])
def test_an_event_time_among_the_keys_closes_both_sides(condition: str) -> None:
    assert waits(joined(condition)) == [0, 0]
    assert waits(joined(condition.replace("l.ts = r.at", "l.at = r.ts"), left=False)) == [0, 0]


def test_rows_come_out_as_far_behind_the_watermark_as_the_longer_side_waits() -> None:
    near = "l.k = r.k and r.ts >= l.ts - interval 5 seconds and r.ts <= l.ts + interval 10 seconds"
    assert joined(near).delay_out_ms == 10_001
    assert joined("l.ts = r.ts").delay_out_ms == 0
    assert joined("l.k = r.k and r.ts > l.ts + interval 1 minute").delay_out_ms == 0


def test_keys_are_equalities_between_the_sides_in_the_type_of_both() -> None:
    keys = joined("r.k = l.k and l.i = r.v and l.d = r.i + 1 and l.v = l.i and l.at < r.at").keys
    assert [pair.data_type.simpleString() for pair in keys] == ["string", "bigint", "double"]
    assert not any(pair.matches_null for pair in keys)
    (key,) = joined("l.k <=> r.k").keys
    assert key.matches_null


@pytest.mark.parametrize("how", ["inner", "leftsemi"])
def test_rows_that_can_have_no_partner_do_not_reach_an_inner_join(how: str) -> None:
    join = joined("l.k = r.k and r.ts < l.ts + interval 1 second and l.v > 3 and r.i = 1", how)
    assert len(join.conditions) == 2
    for plan in join.sides:
        above = [node for node in plan.walk() if isinstance(node, Filter)]
        below = next(node for node in plan.walk() if isinstance(node, Watermark)).child
        assert len(above) == 3, "the time, the key, and the condition of the side"
        assert len([node for node in below.walk() if isinstance(node, Filter)]) == 2, "all but the time"


def test_a_condition_written_after_the_join_is_one_of_the_join() -> None:
    frame = side("l").crossJoin(side("r")).where("l.k = r.k and r.ts < l.ts + interval 1 second and l.v > 3")
    plan = optimize(settle_filters(frame.plan))
    assert isinstance(plan, Join)
    assert plan.how == "inner"
    assert waits(StreamJoin(plan)) == [SECOND, None]


@pytest.mark.parametrize(("how", "filters"), [("left", (0, 3)), ("right", (3, 0)), ("full", (0, 0))])
def test_rows_of_a_side_that_comes_out_whole_all_reach_the_join(how: str, filters: tuple[int, int]) -> None:
    join = joined("l.k = r.k and r.ts < l.ts + interval 1 second and l.v > 3 and r.i = 1", how)
    found = tuple(len([n for n in plan.walk() if isinstance(n, Filter)]) for plan in join.sides)
    assert found == filters
