"""What PySpark refuses we refuse (tests/oracle/streaming/ask_refusals); what it runs we run, or say no."""

from __future__ import annotations

import json
import re
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

# What PySpark runs, or refuses for another reason, and we do not offer yet; each must be refused in words,
# never computed wrongly. An entry that need not be here any more makes its test fail.
NOT_YET = {
    "aggregate over flatMapGroups that appends": "update complete",
    "except all static": "update",
}
# What stays different, and why.
ON_PURPOSE = {
    # In a chain every operator has a watermark of its own here.
    "flatMapGroups over an aggregate": "append",
    "two flatMapGroups": "append complete",
    # An aggregation that is not final puts out a row and its corrections: each would be a row to deduplicate.
    "deduplicate by key over window count": "update complete",
    "deduplicate by key over key count": "update complete",
    "deduplicate by key over sessions": "complete",
    "distinct over key count": "update complete",
    "except static over window count": "update complete",
    "except static over key count": "update complete",
    "except static over sessions": "complete",
    # Spark looks at the aggregations in another order.
    "aggregate by key over sessions": "update",
    "aggregate without keys over sessions": "update",
    "rank over limit": "update",
    # Spark refuses these when the first rows come.
    "except all static": "append",
    "sessions without keys": "append complete",
    "streams cross join": "append update",
    "streams join by range alone": "append update",
    "join of streams, then distinct over two event times": "append update",
    # Rows of one side that find no partner would never come out.
    "streams full join by key and range with a watermark on the left": "append",
    "streams full join by key and range with a watermark on the right": "append",
    "full join of streams with an upper bound": "append",
    "full join of streams with a lower bound": "append",
    # The rows of the sets without the window never close, and would never be written.
    "rollup with a window": "append",
    # Here it is one aggregation.
    "pivot": "update complete",
    # The distinct values are kept, and folded for the answer.
    "distinct count": "update complete",
    "sum distinct": "update complete",
    # Which of the two delays counts is nowhere written down.
    "two watermarks": "append update",
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


def condition(message: str | None) -> str | None:
    found = re.match(r"\[([A-Z0-9_.]+)\]", message or "")
    return None if found is None else found[1]


def is_listed(table: dict[str, str], shape: str, mode: str) -> bool:
    return mode in table.get(shape, "").split()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_is_refused_where_pyspark_refuses_it_and_by_the_same_condition(
    frames: tuple[Any, Any], shape: str
) -> None:
    for mode in MODES:
        ours, theirs = refused(frames, shape, mode), ANSWERS[shape][mode]
        is_same = (ours is None) == (theirs is None) and condition(ours) == condition(theirs)
        if is_listed(NOT_YET, shape, mode):
            assert not is_same, f"{mode} is as in PySpark: take it out of NOT_YET"
            assert ours is not None
        elif is_listed(ON_PURPOSE, shape, mode):
            assert not is_same, f"{mode} is as in PySpark: take it out of ON_PURPOSE"
        else:
            assert is_same, f"{mode}: ours is {ours}, PySpark's {theirs}"


def test_no_shape_is_listed_that_is_not_asked_for() -> None:
    assert {*NOT_YET, *ON_PURPOSE} <= {*SHAPES}


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
