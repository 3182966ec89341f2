"""A model of a store over DataFrames: which version predicts a row, and that a batch keeps its version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamcore import Session
from streamcore.checkpoint.inspection import inspect
from streamcore.commands.checkpoint import report
from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    IllegalArgumentException,
    ModelNotFound,
    ModelStoreError,
)
from streamcore.models import LinearRegression
from streamcore.models.serving import StoredModel
from streamcore.models.store import ModelStore
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from streamcore.testing.stream_test import StreamTest
from tests.learners import Level

COLUMNS = ["y", "prediction", "model_version"]


@pytest.fixture
def spark() -> Session:
    return Session.builder.master("local[2]").getOrCreate().newSession()


@pytest.fixture
def stream() -> MemoryStream:
    return MemoryStream("x double, y double", partitions=2)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    found = ModelStore(tmp_path / "store")
    for level in (1.0, 2.0, 3.0):
        found.publish({"level": np.array(level), "rows": np.array(1)}, model=Level())
    found.alias("champion", 1)
    return found


def served(store: ModelStore, reference: str | int = "champion") -> StoredModel:
    return StoredModel(store.location, reference)


def test_rows_of_a_batch_are_predicted_by_the_version_that_the_name_stands_for(
    spark: Session, store: ModelStore
) -> None:
    rows = spark.createDataFrame([(0.5, 7.0)], "x double, y double")
    before = served(store).transform(rows).select(COLUMNS)
    store.alias("champion", 2)
    assert before.collect() == [(7.0, 1.0, 1)]
    assert served(store).transform(rows).select(COLUMNS).collect() == [(7.0, 2.0, 2)]
    assert served(store, 3).transform(rows).select(COLUMNS).collect() == [(7.0, 3.0, 3)]


def test_columns_may_have_any_name(spark: Session, tmp_path: Path) -> None:
    model = LinearRegression(featuresCol=("a.b", "c `d"), labelCol="y")
    store = ModelStore(tmp_path / "odd")
    store.publish({**model.initial_state(), "intercept": np.array(2.0)}, model=model)
    rows = spark.createDataFrame([(1.0, 0.0)], ["x", "z"]).toDF("a.b", "c `d")
    assert served(store, "latest").transform(rows).select("prediction").collect() == [(2.0,)]


def test_a_store_is_found_wherever_the_program_goes(
    spark: Session, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = StoredModel(Path("store"), 2).transform(spark.createDataFrame([(0.5, 7.0)], "x double, y double"))
    monkeypatch.chdir("/")
    assert rows.select("prediction").collect() == [(2.0,)]


def test_each_batch_of_a_stream_asks_anew_which_version_it_is(
    spark: Session, stream: MemoryStream, store: ModelStore
) -> None:
    with StreamTest(served(store).transform(stream.toDF(spark)).select(COLUMNS)) as test:
        test.addData(stream, [(0.0, 7.0), (0.0, 8.0)]).checkNewAnswer([(7.0, 1.0, 1), (8.0, 1.0, 1)])
        store.alias("champion", 3)
        test.addData(stream, [(0.0, 9.0)]).checkNewAnswer([(9.0, 3.0, 3)])


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_a_batch_that_runs_again_has_the_version_that_it_was_planned_with(
    spark: Session, stream: MemoryStream, store: ModelStore, executor: str
) -> None:
    spark.conf.set("spark.streamcore.streaming.executor", executor)
    with StreamTest(served(store).transform(stream.toDF(spark)).select(COLUMNS)) as test:
        test.addData(stream, [(0.0, 7.0)]).crashAt("run:after")
        store.alias("champion", 3)
        store.gc(keep=1)
        test.startStream().checkNewAnswer([(7.0, 1.0, 1)])
        test.addData(stream, [(0.0, 8.0)]).checkNewAnswer([(8.0, 3.0, 3)])


def test_versions_are_held_as_long_as_a_retained_batch_was_computed_by_them(
    spark: Session, stream: MemoryStream, store: ModelStore, tmp_path: Path
) -> None:
    spark.conf.set("spark.sql.streaming.minBatchesToRetain", "2")
    writer = served(store).transform(stream.toDF(spark)).writeStream.format("memory").queryName("held")
    writer.option("checkpointLocation", str(tmp_path / "checkpoint"))
    with SteppedQuery(writer) as query:
        held = []
        for version in (1, 2, 2, 3, 3, 3):
            store.alias("champion", version)
            stream.addData([(0.0, 0.0)])
            progress = query.step()
            assert progress is not None
            assert progress.models == {f"champion of {store.location}": {"version": str(version)}}
            held.append(store.holds().get(f"{query.id}.champion"))
    assert held == [{1}, {1, 2}, {2}, {2, 3}, {3}, {3}]
    found = inspect(tmp_path / "checkpoint")
    assert f"computed by champion of {store.location}: version 3" in report(found).splitlines()
    assert [batch["models_read"] for batch in found["batches"]] == [
        {f"champion of {store.location}": "3"}
    ] * 2
    with SteppedQuery(writer) as query:
        store.alias("champion", 1)
        stream.addData([(0.0, 0.0)])
        query.step()
        assert store.holds() == {f"{query.id}.champion": {1, 3}}


def test_a_query_that_follows_two_names_lets_go_of_each_by_itself(
    spark: Session, stream: MemoryStream, store: ModelStore, tmp_path: Path
) -> None:
    spark.conf.set("spark.sql.streaming.minBatchesToRetain", "1")
    store.alias("challenger", 3)
    rows = served(store).transform(stream.toDF(spark)).withColumnRenamed("prediction", "champions")
    frame = served(store, "challenger").transform(rows.withColumnRenamed("model_version", "champion"))
    writer = frame.writeStream.format("memory").queryName("two")
    with SteppedQuery(writer.option("checkpointLocation", str(tmp_path / "checkpoint"))) as query:
        for version in (1, 2, 2, 2):
            store.alias("champion", version)
            stream.addData([(0.0, 0.0)])
            query.step()
        assert store.holds() == {f"{query.id}.champion": {2}, f"{query.id}.challenger": {3}}


def test_a_planned_batch_that_knows_nothing_of_the_model_is_not_run_with_it(
    spark: Session, stream: MemoryStream, store: ModelStore, tmp_path: Path
) -> None:
    with StreamTest(stream.toDF(spark), checkpointLocation=str(tmp_path / "checkpoint")) as test:
        test.addData(stream, [(0.0, 7.0)]).crashAt("run:after")
        with pytest.raises(CheckpointMismatch, match=r"batch 0 .* was planned without champion of"):
            test.startStream(served(store).transform(stream.toDF(spark)).select("x", "y"))


def test_a_version_that_predicts_other_columns_ends_the_query(
    spark: Session, stream: MemoryStream, store: ModelStore
) -> None:
    from streamcore.models import LinearRegression

    other = LinearRegression(featuresCol="y", labelCol="x", predictionCol="guess")
    store.publish(other.initial_state(), model=other)
    frame = served(store).transform(stream.toDF(spark))
    with SteppedQuery(frame.writeStream.format("noop")) as query:
        store.alias("champion", 4)
        stream.addData([(0.0, 7.0)])
        with pytest.raises(ModelStoreError, match=r"version 4 .* predicts guess; .* start it again"):
            query.step()


def test_what_cannot_be_served_is_refused_when_it_is_said(
    spark: Session, stream: MemoryStream, store: ModelStore, tmp_path: Path
) -> None:
    rows = stream.toDF(spark)
    with pytest.raises(ModelNotFound, match="challenger"):
        served(store, "challenger").transform(rows)
    with pytest.raises(AnalysisException, match="x"):
        served(store).transform(rows.select("y"))
    with pytest.raises(IllegalArgumentException, match="Output column prediction already exists"):
        served(store).transform(rows.withColumnRenamed("y", "prediction"))


def test_a_stream_is_served_by_what_another_query_trains(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path / "live")
    labelled = MemoryStream("x double, y double")
    training = Level().fitStream(labelled.toDF(spark)).writeStream.format("model")
    training.options(path=store.location, alias="champion", checkpointLocation=str(tmp_path / "training"))
    with SteppedQuery(training) as trained:
        labelled.addData([(0.0, 4.0)])
        trained.step()
        with StreamTest(served(store).transform(stream.toDF(spark)).select("prediction")) as test:
            test.addData(stream, [(0.0, 0.0)]).checkNewAnswer([(2.0,)])
            labelled.addData([(0.0, 8.0)])
            trained.step()
            test.addData(stream, [(0.0, 0.0)]).checkNewAnswer([(5.0,)])
