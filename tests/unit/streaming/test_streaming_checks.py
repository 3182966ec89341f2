"""What PySpark refuses we refuse (tests/oracle/streaming/ask_refusals); what it runs we run, or say no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.logical import Aggregate
from streamcore.plan.partial_aggregates import decompose
from streamcore.plan.rules import optimize
from streamcore.plan.stages import stateful_nodes
from streamcore.plan.streaming_checks import check_streaming_plan
from streamcore.sql import functions
from streamcore.testing.memory_source import MemoryStream
from tests.oracle.streaming.plans import MODES, SHAPES

ANSWERS: dict[str, dict[str, str | None]] = json.loads(
    (Path(__file__).parents[2] / "oracle" / "data" / "streaming_refusals.json").read_text()
)["answers"]

# What PySpark runs and we do not yet; each must be refused in words, never computed wrongly.
NOT_YET = {
    ("except static", "append"),
    ("except static", "update"),
    ("except all static", "append"),
    ("except all static", "update"),
    ("join of streams", "append"),
    ("join of streams", "update"),
}


@pytest.fixture(scope="module")
def frames() -> tuple[Any, Any]:
    session = Session.builder.getOrCreate()
    schema = "ts timestamp, k string, v bigint"
    return MemoryStream(schema).toDF(session), session.createDataFrame([], schema)


def refused(frames: tuple[Any, Any], shape: str, mode: str) -> str | None:
    try:
        plan = optimize(SHAPES[shape](*frames, functions).plan)
        check_streaming_plan(plan, mode)
        for node in stateful_nodes(plan):
            if isinstance(node, Aggregate):
                decompose(node)
    except (AnalysisException, UnsupportedOperationException) as error:
        return str(error)
    return None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_is_refused_where_pyspark_refuses_it(frames: tuple[Any, Any], shape: str, mode: str) -> None:
    ours, theirs = refused(frames, shape, mode), ANSWERS[shape][mode]
    if (shape, mode) in NOT_YET:
        assert theirs is None
        assert ours is not None
        assert "not supported" in ours
    else:
        assert (ours is not None) == (theirs is not None), ours or theirs


@pytest.mark.parametrize(
    ("shape", "mode", "words"),
    [
        ("sort", "append", "Sorting is not supported on streaming DataFrames/Datasets"),
        ("sample", "append", "Sampling is not supported on streaming DataFrames/Datasets"),
        (
            "union with static",
            "append",
            "Union between streaming and batch DataFrames/Datasets is not supported",
        ),
        ("select", "complete", "use append or update"),
        ("aggregate by key", "append", "use update or complete mode"),
        ("distinct within no watermark", "append", "call withWatermark"),
        ("distinct count", "update", "Deduplicate first"),
        ("rank", "append", "F.window"),
        ("aggregate twice", "append", "watermark"),
        ("aggregate, then window again", "update", "Use append mode"),
    ],
)
def test_a_refusal_names_the_operation_or_the_way_out(
    frames: tuple[Any, Any], shape: str, mode: str, words: str
) -> None:
    assert words in (refused(frames, shape, mode) or "")


def test_a_second_watermark_over_a_first_is_refused_as_pyspark_refuses_it() -> None:
    session = Session.builder.getOrCreate()
    times = MemoryStream("t timestamp, u timestamp").toDF(session).withWatermark("t", "10 minutes")
    for twice in (times, times.dropDuplicates(["t"]), times.select("u")):
        plan = optimize(twice.withWatermark("u", "1 minute").plan)
        with pytest.raises(AnalysisException, match=r"Redefining watermark is disallowed.*'u'.*over.*'t'"):
            check_streaming_plan(plan, "append")


def test_a_watermark_on_the_static_side_of_a_join_is_none() -> None:
    session = Session.builder.getOrCreate()
    static = session.range(1).select(functions.lit("2024-01-01").cast("timestamp").alias("u"), "id")
    times = MemoryStream("t timestamp, id bigint").toDF(session)
    joined = times.join(static.withWatermark("u", "1 minute"), "id").withWatermark("t", "1 minute")
    check_streaming_plan(joined.plan, "append")
