"""Event time in plans: which key a watermark closes, and how the time is carried along."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.plan.event_time import carry_column, event_time_key
from streamcore.plan.logical import Aggregate
from streamcore.plan.rules import optimize
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture(scope="module")
def stream() -> Any:
    return MemoryStream("ts timestamp, k string, v bigint").toDF(Session.builder.getOrCreate())


def test_a_column_is_carried_through_projections(stream: Any) -> None:
    frame = (
        stream.withWatermark("ts", "10 seconds")
        .selectExpr("v + 1 AS w")
        .where("w > 2")
        .selectExpr("w * 2 AS x")
    )
    event_time = next(a for node in frame.plan.walk() for a in node.output if a.name == "ts")
    carried = carry_column(frame.plan, event_time)
    assert [a.name for a in carried.output] == ["x", "ts"]
    assert carried.output[1].id == event_time.id
    assert carry_column(carried, event_time) is carried


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        (["ts"], 0),
        (["k", "ts"], 1),
        (["k"], None),
        ([F.to_date("ts")], None),
        (["k", F.window("ts", "1 minute", "30 seconds")], 1),
    ],
)
def test_the_key_that_a_watermark_closes_is_found(stream: Any, keys: list[Any], position: int | None) -> None:
    plan = optimize(stream.withWatermark("ts", "1 second").groupBy(*keys).count().plan)
    node = next(n for n in plan.walk() if isinstance(n, Aggregate))
    assert event_time_key(node.keys, node.child) == position


def test_without_a_watermark_no_key_closes(stream: Any) -> None:
    plan = optimize(stream.groupBy(F.window("ts", "1 minute")).count().plan)
    node = next(n for n in plan.walk() if isinstance(n, Aggregate))
    assert event_time_key(node.keys, node.child) is None


@pytest.mark.parametrize(
    "key",
    [
        F.window("window", "1 minute"),
        F.window(F.window_time("window"), "1 minute"),
        F.col("window"),
        F.window_time("window"),
    ],
)
def test_a_window_of_windows_closes_by_the_watermark_below_both(stream: Any, key: Any) -> None:
    small = stream.withWatermark("ts", "1 second").groupBy(F.window("ts", "10 seconds")).count()
    plan = optimize(small.groupBy(key).count().plan)
    node = next(n for n in plan.walk() if isinstance(n, Aggregate))
    assert event_time_key(node.keys, node.child) == 0
