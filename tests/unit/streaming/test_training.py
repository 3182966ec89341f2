"""A model that learns in a streaming query: what it predicts, what is kept of it, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore import Session
from streamcore.checkpoint.inspection import inspect
from streamcore.checkpoint.maintenance import rewind
from streamcore.commands.checkpoint import report
from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    IllegalArgumentException,
    UnsupportedOperationException,
)
from streamcore.models import MAE, LinearRegression, Prequential, StandardScaler
from streamcore.models.online.metrics.base import Measure
from streamcore.plan.rules import optimize
from streamcore.sql import functions as F
from streamcore.streaming.progress import StreamingQueryProgress
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from streamcore.testing.stream_test import StreamTest
from tests.learners import Level


@pytest.fixture
def spark() -> Session:
    return Session.builder.master("local[2]").getOrCreate().newSession()


@pytest.fixture
def stream() -> MemoryStream:
    return MemoryStream("x double, y double")


def into(folder: Path, frame, name: str = "trained"):
    writer = frame.writeStream.format("memory").queryName(name)
    return writer.option("checkpointLocation", str(folder / "checkpoint"))


def stepped(query: SteppedQuery) -> StreamingQueryProgress:
    progress = query.step()
    assert progress is not None
    return progress


def test_rows_are_predicted_by_the_version_before_and_say_which_it_was(
    spark: Session, stream: MemoryStream
) -> None:
    frame = Level().fitStream(stream.toDF(spark)).select("y", "prediction", "model_version")
    with StreamTest(frame) as test:
        test.addData(stream, [(0.0, 4.0), (0.0, 8.0)]).checkNewAnswer([(4.0, 0.0, -1), (8.0, 0.0, -1)])
        test.addData(stream, [(0.0, 1.0)]).checkNewAnswer([(1.0, 5.0, 0)])
        test.stopStream().startStream()
        test.addData(stream, [(0.0, 0.0)]).checkNewAnswer([(0.0, 3.0, 1)])


def test_a_batch_that_failed_has_taught_nothing(spark: Session, stream: MemoryStream) -> None:
    frame = Level().fitStream(stream.toDF(spark)).select("y", "prediction", "model_version")
    with StreamTest(frame) as test:
        test.addData(stream, [(0.0, 4.0)]).checkNewAnswer([(4.0, 0.0, -1)])
        test.addData(stream, [(0.0, 8.0)]).crashAt("sink-commit:before").startStream()
        test.checkNewAnswer([(8.0, 2.0, 0)])
        test.addData(stream, [(0.0, 9.0)]).crashAt("write-commit:before").startStream()
        test.addData(stream, [(0.0, 0.0)]).processNextBatch().checkLastBatch([(0.0, 7.0, 2)])


def test_rows_without_order_teach_in_the_order_of_what_the_model_reads(
    spark: Session, stream: MemoryStream
) -> None:
    left = stream.toDF(spark).dropDuplicates(["x"])
    with StreamTest(Level().fitStream(left).select("prediction")) as test:
        test.addData(stream, [(3.0, 8.0), (1.0, 2.0), (2.0, 4.0)]).checkNewAnswer([(0.0,)] * 3)
        test.addData(stream, [(9.0, 0.0)]).checkNewAnswer([(5.25,)])  # 2, 4, 8


def test_a_batch_without_rows_leaves_the_model_as_it_is(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark).where("x > 0")))) as query:
        stream.addData([(0.0, 1.0)])
        assert stepped(query).models == {}
        stream.addData([(1.0, 1.0)])
        learned = stepped(query).models["model-0"]
        stream.addData([(0.0, 1.0)])
        assert stepped(query).models["model-0"] == learned
    assert (learned["version"], learned["level"], learned["rows"]) == (1, 0.5, 1)


def test_commits_name_the_bytes_of_the_model_and_keep_one_file_of_it(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark)))) as query:
        reported = []
        for number in range(6):
            stream.addData([(0.0, float(number))])
            progress = stepped(query)
            reported.append({"model-0": progress.models["model-0"]["sha256"]})
            assert progress.stateOperators[0].customMetrics["stateFiles"] == 1
            assert progress.stateOperators[0].numRowsTotal == 1
    found = inspect(tmp_path / "checkpoint")
    assert [batch["models"] for batch in found["batches"]] == reported
    assert found["problems"] == []
    assert f"model model-0: sha256 {reported[-1]['model-0']}" in report(found).splitlines()
    assert len({models["model-0"] for models in reported}) == 6


def test_a_query_goes_back_to_the_model_of_an_earlier_batch(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    def digests(query: SteppedQuery) -> list[str]:
        return [progress.models["model-0"]["sha256"] for progress in query.run_dry()]

    writer = into(tmp_path, Level().fitStream(stream.toDF(spark)))
    first = []
    with SteppedQuery(writer) as query:
        for number in range(4):
            stream.addData([(0.0, float(number))])
            first += digests(query)
    rewind(str(tmp_path / "checkpoint"), 1)
    with SteppedQuery(writer) as query:
        assert digests(query) == first[3:]  # the rows of two batches, together in one
    kept = [batch["models"]["model-0"] for batch in inspect(tmp_path / "checkpoint")["batches"]]
    assert kept == [*first[:2], first[3]]


def test_another_setting_of_the_model_is_refused_by_its_name(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    stream.addData([(0.0, 1.0)])
    with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark)))) as query:
        stepped(query)
    with pytest.raises(CheckpointMismatch, match=r"\. rate of model-0: 0\.5 -> 0\.25\. "):
        SteppedQuery(into(tmp_path, Level(rate=0.25).fitStream(stream.toDF(spark))))


def test_a_setting_of_a_part_of_the_model_is_refused_by_its_path(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    def chain(step: float, *measures: Measure) -> Prequential:
        scaler = StandardScaler(inputCol=("x",))
        return Prequential(model=scaler | LinearRegression(labelCol="y", stepSize=step), measures=measures)

    stream.addData([(0.0, 1.0)])
    with SteppedQuery(into(tmp_path, chain(0.1).fitStream(stream.toDF(spark)))) as query:
        query.step()
    with pytest.raises(
        CheckpointMismatch, match=r"\. model\.stages\.1\.stepSize of model-0: 0\.1 -> 0\.2\. "
    ):
        SteppedQuery(into(tmp_path, chain(0.2).fitStream(stream.toDF(spark))))
    with pytest.raises(CheckpointMismatch, match=r'measures\.0 of model-0: none -> "MAE"'):
        SteppedQuery(into(tmp_path, chain(0.1, MAE()).fitStream(stream.toDF(spark))))


def test_columns_that_nobody_needs_are_not_read_for_a_model(spark: Session) -> None:
    wide = MemoryStream("x double, y double, k string, z double")
    trained = Level().fitStream(wide.toDF(spark))
    (leaf,) = (node for node in optimize(trained.select("k", "prediction").plan).walk() if not node.children)
    assert [column.name for column in leaf.output] == ["x", "y", "k"]


def test_other_columns_for_the_model_are_refused(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    stream.addData([(0.0, 1.0)])
    with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark)))) as query:
        stepped(query)
    renamed = stream.toDF(spark).withColumn("z", F.col("y"))
    with pytest.raises(
        CheckpointMismatch, match="keys of model-0: `x` double, `y` double -> `x` double, `z`"
    ):
        SteppedQuery(into(tmp_path, Level(label="z").fitStream(renamed)))


def test_a_column_may_be_read_twice_and_in_any_case_of_letters(spark: Session, tmp_path: Path) -> None:
    stream = MemoryStream("X double, y double")
    model = LinearRegression(featuresCol=("x", "y", "x"), labelCol="y")
    with SteppedQuery(into(tmp_path, model.fitStream(stream.toDF(spark)))) as query:
        stream.addData([(1.0, 2.0)])
        assert stepped(query).models["model-0"]["rows"] == 1


def test_what_a_model_cannot_learn_from_is_refused_when_it_is_said(
    spark: Session, stream: MemoryStream
) -> None:
    rows = stream.toDF(spark)
    with pytest.raises(UnsupportedOperationException, match=r"fitStream .* no stream"):
        Level().fitStream(spark.createDataFrame([(1.0, 1.0)], "x double, y double"))
    with pytest.raises(AnalysisException, match='Cannot resolve column name "y"'):
        Level().fitStream(rows.select("x"))
    with pytest.raises(AnalysisException, match="the column x must be of type double"):
        Level().fitStream(rows.withColumn("x", F.lit("a")))
    with pytest.raises(IllegalArgumentException, match="Output column prediction already exists"):
        Level().fitStream(rows.withColumn("prediction", F.lit(1)))
    with pytest.raises(IllegalArgumentException, match="Output column model_version already exists"):
        Level().fitStream(rows.withColumn("Model_Version", F.lit(1)))


def test_rows_that_are_corrected_later_are_no_lesson(spark: Session, stream: MemoryStream) -> None:
    counts = stream.toDF(spark).groupBy("x").agg(F.sum("y").alias("y"))
    with pytest.raises(AnalysisException, match="over the result of an aggregation is not supported"):
        SteppedQuery(Level().fitStream(counts).writeStream.format("noop").outputMode("update"))


def test_two_models_learn_beside_each_other_under_their_names(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    once = (
        Level()
        .fitStream(stream.toDF(spark))
        .withColumnsRenamed({"prediction": "slow", "model_version": "slow_version"})
    )
    writer = into(tmp_path, Level(rate=1.0).fitStream(once)).option("operatorNames", "slow,fast")
    stream.addData([(0.0, 4.0)])
    with SteppedQuery(writer) as query:
        models = stepped(query).models
    assert {name: model["level"] for name, model in models.items()} == {"slow": 2.0, "fast": 4.0}


def test_a_model_goes_on_when_the_state_is_split_into_other_partitions(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    seen = []
    for partitions in ("1", "3", "2"):
        spark.conf.set("spark.streamcore.state.partitions", partitions)
        with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark)))) as query:
            stream.addData([(0.0, 4.0)])
            progress = stepped(query)
            assert progress.stateOperators[0].numRowsTotal == 1
            seen.append(progress.models["model-0"]["rows"])
    assert seen == [1, 2, 3]


def test_the_state_of_a_model_can_be_read_as_a_table(
    spark: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    stream.addData([(0.0, 4.0)])
    with SteppedQuery(into(tmp_path, Level().fitStream(stream.toDF(spark)))) as query:
        digest = stepped(query).models["model-0"]["sha256"]
    kept = spark.read.format("statestore").load(str(tmp_path / "checkpoint"))
    assert kept.select("value.version", "value.sha256").collect() == [(0, digest)]
