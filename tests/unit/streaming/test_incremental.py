"""Streaming plans cut for micro-batches: leaves, the stateful node, what follows, and what is static."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.plan.attributes import referenced_ids
from streamcore.plan.incremental import STATE_INPUT, IncrementalPlan, carry_column, cut, event_time_key
from streamcore.plan.logical import Aggregate, Distinct, Filter, LogicalPlan, Project, Relation, Sort, Union
from streamcore.plan.rules import optimize
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream

SCHEMA = "ts timestamp, k string, v bigint"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture
def stream(session: Session) -> Any:
    return MemoryStream(SCHEMA).toDF(session)


def cut_of(frame: Any) -> IncrementalPlan:
    return cut(optimize(frame.plan))


def kinds(plan: LogicalPlan) -> set[type]:
    return {type(node) for node in plan.walk()}


def windowed(frame: Any) -> Any:
    return frame.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("v"))


def test_a_query_without_state_is_one_fragment(stream: Any) -> None:
    plan = cut_of(stream.where("v > 1").select("k"))
    assert plan.operator is None
    assert plan.output is None
    assert len(plan.leaves) == 1
    assert plan.leaves[0].watermark is None
    assert [a.name for a in plan.leaves[0].plan.output] == [a.name for a in plan.columns] == ["k"]


def test_a_query_with_state_is_cut_at_the_stateful_node(stream: Any) -> None:
    plan = cut_of(windowed(stream).where("k != 'x'").select("window.start", "k"))
    assert isinstance(plan.operator, Aggregate)
    assert Aggregate not in kinds(plan.leaves[0].plan)
    assert plan.output is not None
    assert Filter in kinds(plan.output)
    (below,) = [node for node in plan.output.walk() if isinstance(node, Relation)]
    assert below.key == STATE_INPUT
    assert [a.id for a in below.columns] == [a.id for a in plan.operator.output]


def test_deduplication_is_a_stateful_node(stream: Any) -> None:
    plan = cut_of(stream.dropDuplicates(["k"]).select("v"))
    assert isinstance(plan.operator, Distinct)
    assert [key.name for key in plan.operator.keys] == ["k"]


def test_every_stream_of_a_union_has_its_own_branch(session: Session) -> None:
    left, right = MemoryStream(SCHEMA).toDF(session), MemoryStream(SCHEMA).toDF(session)
    plan = cut_of(windowed(left.where("v > 1").union(right.where("v < 5"))))
    assert len(plan.leaves) == 2
    assert all(Union not in kinds(leaf.plan) for leaf in plan.leaves)
    assert all(len([n for n in leaf.plan.walk() if isinstance(n, Relation)]) == 1 for leaf in plan.leaves)
    assert len({leaf.leaf.key for leaf in plan.leaves}) == 2
    first, second = ([a.id for a in leaf.plan.output] for leaf in plan.leaves)
    assert first == second


def test_a_branch_keeps_the_columns_of_its_union_in_order(session: Session) -> None:
    left, right = MemoryStream(SCHEMA).toDF(session), MemoryStream(SCHEMA).toDF(session)
    plan = cut_of(left.select("k", "v").union(right.select(F.upper("k"), F.col("v") + 1)))
    for leaf in plan.leaves:
        assert [a.id for a in leaf.plan.output] == [a.id for a in plan.columns]


def test_watermarks_above_and_below_a_union_are_told_apart(session: Session) -> None:
    left, right = MemoryStream(SCHEMA).toDF(session), MemoryStream(SCHEMA).toDF(session)
    above = cut_of(windowed(left.union(right)))
    below = cut_of(
        left.withWatermark("ts", "1 second")
        .union(right.withWatermark("ts", "2 seconds"))
        .groupBy(F.window("ts", "10 seconds"))
        .count()
    )
    assert len({leaf.watermark.event_time.id for leaf in above.leaves if leaf.watermark}) == 1
    assert [leaf.watermark.delay_ms for leaf in below.leaves if leaf.watermark] == [1_000, 2_000]


def test_event_times_are_seen_with_the_rows_where_all_of_them_arrive(stream: Any) -> None:
    watermarked = stream.where("v > 1").withWatermark("ts", "10 seconds").select("ts", "k")
    for frame in (
        watermarked.groupBy(F.window("ts", "10 seconds"), "k").count(),
        watermarked.dropDuplicates(["k"]),
    ):
        assert [leaf.observes_apart for leaf in cut_of(frame).leaves] == [False]


def test_event_times_are_seen_apart_where_rows_are_lost_on_their_way(session: Session, stream: Any) -> None:
    static = session.createDataFrame([("a", 1)], "k string, w int")
    watermarked = stream.withWatermark("ts", "10 seconds")
    sliding = F.window("ts", "10 seconds", "5 seconds")
    for frame in (
        watermarked.join(static, "k").groupBy("k").count(),
        watermarked.where("ts > '2020-01-01'").groupBy("k").count(),
        watermarked.groupBy(sliding, "k").count(),
        watermarked.drop("ts").dropDuplicates(["k"]),
    ):
        assert [leaf.observes_apart for leaf in cut_of(frame).leaves] == [True]
    without_state = cut_of(watermarked.where("ts > '2020-01-01'"))
    assert [leaf.observes_apart for leaf in without_state.leaves] == [False]


def test_the_largest_static_parts_become_relations(session: Session, stream: Any) -> None:
    static = session.createDataFrame([("a", 1)], "k string, w int")
    plan = cut_of(stream.join(static.groupBy("k").agg(F.max("w").alias("w")).orderBy("k"), "k"))
    (key,) = plan.statics
    assert {Aggregate, Sort} <= kinds(plan.statics[key])
    relations = {node.key for node in plan.leaves[0].plan.walk() if isinstance(node, Relation)}
    assert relations == {key, plan.leaves[0].leaf.key}
    assert plan.operator is None


def test_a_static_part_above_the_state_is_computed_once_too(session: Session, stream: Any) -> None:
    static = session.createDataFrame([("a", 1)], "k string, w int")
    plan = cut_of(windowed(stream).join(static, "k"))
    assert plan.output is not None
    relations = {node.key for node in plan.output.walk() if isinstance(node, Relation)}
    assert relations == {STATE_INPUT, *plan.statics}


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


def test_no_fragment_reads_a_column_that_nothing_below_yields(session: Session) -> None:
    left, right = MemoryStream(SCHEMA).toDF(session), MemoryStream(SCHEMA).toDF(session)
    plan = cut_of(windowed(left.union(right.where("v > 3"))).where("k = 'a'").select("k"))
    for fragment in (*(leaf.plan for leaf in plan.leaves), plan.output):
        assert fragment is not None
        for node in fragment.walk():
            if isinstance(node, Project):
                known = {a.id for a in node.child.output}
                assert all(referenced_ids(e.expression) <= known for e in node.expressions)
