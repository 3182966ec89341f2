"""Streaming plans cut into stages: what feeds an operator, what follows it, and what is static."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.plan.attributes import referenced_ids
from streamcore.plan.logical import Aggregate, Distinct, Filter, LogicalPlan, Project, Relation, Sort, Union
from streamcore.plan.rules import optimize
from streamcore.plan.stages import StagePlan, cut, stateful_nodes
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream

SCHEMA = "ts timestamp, k string, v bigint"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture
def stream(session: Session) -> Any:
    return MemoryStream(SCHEMA).toDF(session).withWatermark("ts", "10 seconds")


@pytest.fixture
def other(session: Session) -> Any:
    return MemoryStream(SCHEMA).toDF(session).withWatermark("ts", "10 seconds")


def cut_of(frame: Any) -> StagePlan:
    plan = optimize(frame.plan)
    nodes = stateful_nodes(plan)
    kinds = ["aggregate" if isinstance(node, Aggregate) else "deduplicate" for node in nodes]
    return cut(plan, [f"{kind}-{place}" for place, kind in enumerate(kinds)])


def kinds(plan: LogicalPlan) -> set[type]:
    return {type(node) for node in plan.walk()}


def relations(plan: LogicalPlan) -> set[str]:
    return {node.key for node in plan.walk() if isinstance(node, Relation)}


def windowed(frame: Any) -> Any:
    return frame.groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("v").alias("s"))


def test_a_query_without_state_is_one_fragment_into_the_sink(stream: Any) -> None:
    plan = cut_of(stream.where("v > 1").select("k"))
    assert plan.stages == ()
    (fragment,) = plan.output
    assert fragment.stage is None
    assert [a.name for a in fragment.plan.output] == ["k"]


def test_a_stateful_node_is_fed_by_a_leaf_and_feeds_the_sink(stream: Any) -> None:
    plan = cut_of(windowed(stream).where("s > 1"))
    (stage,) = plan.stages
    assert stage.id == "aggregate-0"
    assert [fragment.stage for fragment in stage.inputs] == [None]
    assert kinds(stage.inputs[0].plan).isdisjoint({Aggregate})
    (output,) = plan.output
    assert output.stage == "aggregate-0"
    assert Filter in kinds(output.plan)
    assert relations(output.plan) == {"aggregate-0"}


def test_a_chain_is_cut_at_every_stateful_node(stream: Any) -> None:
    small = windowed(stream.dropDuplicates(["k", "ts"])).where("s > 1")
    plan = cut_of(small.groupBy(F.window("window", "1 minute")).count())
    assert [stage.id for stage in plan.stages] == ["deduplicate-0", "aggregate-1", "aggregate-2"]
    assert [[f.stage for f in stage.inputs] for stage in plan.stages] == [
        [None],
        ["deduplicate-0"],
        ["aggregate-1"],
    ]
    assert all(kinds(f.plan).isdisjoint({Aggregate, Distinct}) for f in plan.fragments)
    assert [f.stage for f in plan.output] == ["aggregate-2"]


def test_an_operator_behind_keeps_the_ids_of_those_before(stream: Any) -> None:
    once = cut_of(windowed(stream))
    twice = cut_of(windowed(stream).groupBy("window").count())
    assert once.stages[0].id == twice.stages[0].id


def test_every_stream_of_a_union_feeds_the_stage_by_a_fragment_of_its_own(stream: Any, other: Any) -> None:
    (stage,) = cut_of(windowed(stream.where("v > 1").union(other.where("v < 5")))).stages
    assert len(stage.inputs) == 2
    assert all(Union not in kinds(fragment.plan) for fragment in stage.inputs)
    assert len({fragment.origin.key for fragment in stage.inputs}) == 2
    first, second = ([a.id for a in fragment.plan.output] for fragment in stage.inputs)
    assert first == second


def test_a_union_of_operators_and_rows_ends_in_the_sink_by_all_of_them(stream: Any, other: Any) -> None:
    plan = cut_of(windowed(stream).select("s").union(other.select("v")).union(windowed(other).select("s")))
    assert [stage.id for stage in plan.stages] == ["aggregate-0", "aggregate-1"]
    assert [fragment.stage for fragment in plan.output] == ["aggregate-0", None, "aggregate-1"]
    assert len({tuple(a.id for a in fragment.plan.output) for fragment in plan.output}) == 1


def test_stages_are_named_from_the_sink_as_in_a_printed_plan(stream: Any, other: Any) -> None:
    left = windowed(stream.dropDuplicates(["k", "ts"])).select("s")
    plan = cut_of(left.union(windowed(other).select("s")))
    assert [stage.id for stage in plan.stages] == ["deduplicate-0", "aggregate-1", "aggregate-2"]
    assert plan.from_the_sink == ("aggregate-1", "deduplicate-0", "aggregate-2")


def test_one_operator_in_two_branches_is_two_stages(stream: Any) -> None:
    counted = windowed(stream)
    plan = cut_of(counted.where("s > 1").select("k").union(counted.where("s < 1").select("k")))
    assert [stage.id for stage in plan.stages] == ["aggregate-0", "aggregate-1"]
    texts = [next(n.condition for n in f.plan.walk() if isinstance(n, Filter)).sql() for f in plan.output]
    assert len(set(texts)) == 2


def test_the_largest_static_parts_become_relations(session: Session, stream: Any) -> None:
    static = session.createDataFrame([("a", 1)], "k string, w int")
    plan = cut_of(stream.join(static.groupBy("k").agg(F.max("w").alias("w")).orderBy("k"), "k"))
    (key,) = plan.statics
    assert {Aggregate, Sort} <= kinds(plan.statics[key])
    (fragment,) = plan.output
    assert relations(fragment.plan) == {key, fragment.origin.key}


def test_a_static_part_between_two_operators_is_computed_once_too(session: Session, stream: Any) -> None:
    static = session.createDataFrame([("a", 1)], "k string, w int")
    plan = cut_of(windowed(stream).join(static, "k").groupBy("window").agg(F.sum("w")))
    assert relations(plan.stages[1].inputs[0].plan) == {"aggregate-0", *plan.statics}


def test_a_branch_keeps_the_columns_of_its_union_in_order(stream: Any, other: Any) -> None:
    frame = stream.select("k", "v").union(other.select(F.upper("k"), F.col("v") + 1))
    columns = [a.id for a in optimize(frame.plan).output]
    assert [[a.id for a in fragment.plan.output] for fragment in cut_of(frame).output] == [columns, columns]


def test_watermarks_above_and_below_a_union_are_told_apart(session: Session) -> None:
    left, right = MemoryStream(SCHEMA).toDF(session), MemoryStream(SCHEMA).toDF(session)
    above = cut_of(windowed(left.union(right).withWatermark("ts", "1 second")))
    below = cut_of(
        windowed(left.withWatermark("ts", "1 second").union(right.withWatermark("ts", "2 seconds")))
    )
    assert len({leaf.watermark.event_time.id for leaf in above.leaves if leaf.watermark}) == 1
    assert [leaf.watermark.delay_ms for leaf in below.leaves if leaf.watermark] == [1_000, 2_000]


def test_no_fragment_reads_a_column_that_nothing_below_yields(stream: Any, other: Any) -> None:
    plan = cut_of(windowed(stream.union(other.where("v > 3"))).where("k = 'a'").select("k"))
    for fragment in plan.fragments:
        for node in fragment.plan.walk():
            if isinstance(node, Project):
                known = {a.id for a in node.child.output}
                assert all(referenced_ids(e.expression) <= known for e in node.expressions)


def test_event_times_are_seen_with_the_rows_where_all_of_them_arrive(session: Session) -> None:
    stream = MemoryStream(SCHEMA).toDF(session)
    watermarked = stream.where("v > 1").withWatermark("ts", "10 seconds").select("ts", "k")
    for frame in (
        watermarked.groupBy(F.window("ts", "10 seconds"), "k").count(),
        watermarked.dropDuplicates(["k"]),
    ):
        assert [leaf.observes_apart for leaf in cut_of(frame).leaves] == [False]


def test_event_times_are_seen_apart_where_rows_are_lost_on_their_way(session: Session) -> None:
    stream = MemoryStream(SCHEMA).toDF(session)
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


def test_rows_that_pass_by_an_operator_move_the_watermark_too(stream: Any, other: Any) -> None:
    plan = cut_of(windowed(stream).select("s").union(other.select("v")))
    assert [(f.stage, f.observes_apart) for f in plan.output] == [("aggregate-0", False), (None, True)]
