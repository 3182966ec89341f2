"""Where the rows that a model learns from have an order, and where the plan of a model is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.plan.streaming_checks import check_streaming_plan
from streamcore.plan.training import MODEL_ROW, model_rows, rows_come_in_order
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from tests.learners import Level

Change = Callable[[Any], Any]


@pytest.fixture
def rows() -> Any:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    return MemoryStream("x double, y double, ts timestamp").toDF(session)


IN_ORDER: dict[str, Change] = {
    "as they are": lambda rows: rows,
    "chosen and filtered": lambda rows: rows.where("x > 0").select("y", (F.col("x") * 2).alias("x")),
    "with a watermark": lambda rows: rows.withWatermark("ts", "1 minute"),
    "of two streams": lambda rows: rows.unionByName(rows.where("y > 0")),
    "taken apart": lambda rows: rows.select("x", F.explode(F.array("y", "x")).alias("y")),
    "spread anew, which streams take no notice of": lambda rows: rows.repartition(3),
    "behind another model": lambda rows: Level().fitStream(rows).drop("prediction", "model_version"),
}
WITHOUT_ORDER: dict[str, Change] = {
    "without repetitions": lambda rows: rows.dropDuplicates(["x"]),
    "joined": lambda rows: rows.join(rows.select(F.col("x").alias("z")), F.expr("x = z")),
    "of groups": lambda rows: rows.groupBy("x").agg(F.sum("y").alias("y")),
}


@pytest.mark.parametrize("change", IN_ORDER)
def test_rows_that_only_pass_through_keep_the_order_of_their_source(rows: Any, change: str) -> None:
    assert rows_come_in_order(IN_ORDER[change](rows).plan)


@pytest.mark.parametrize("change", WITHOUT_ORDER)
def test_rows_that_met_others_have_no_order(rows: Any, change: str) -> None:
    assert not rows_come_in_order(WITHOUT_ORDER[change](rows).plan)


def test_what_a_function_corrects_later_is_no_lesson(rows: Any) -> None:
    groups = rows.groupBy("x").applyInPandasWithState(
        lambda *_: [], "x double, y double", "n long", "update", "NoTimeout"
    )
    with pytest.raises(AnalysisException, match="update mode is not supported below fitStream"):
        check_streaming_plan(Level().fitStream(groups).plan, "update")


def test_the_model_itself_is_given_only_where_nothing_is_computed_from_its_predictions(rows: Any) -> None:
    trained = Level().fitStream(rows)
    assert [column.name for column in model_rows(trained.plan).output] == MODEL_ROW.names
    with pytest.raises(AnalysisException, match=r'format\("model"\) writes the model that a stream trains'):
        model_rows(trained.where("prediction > 0").plan)
