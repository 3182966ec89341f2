"""Events are predicted when they come; a model learns from each when its label has come, too."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from streamcore import Session
from streamcore.models import MAE, LinearRegression, PageHinkley, Prequential
from streamcore.models.serving import StoredModel
from streamcore.models.store import ModelStore
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from streamcore.testing.stream_test import StreamTest
from tests.learners import Level


@pytest.fixture
def spark() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.fixture
def events() -> MemoryStream:
    return MemoryStream("id long, ts timestamp, x double")


@pytest.fixture
def labels() -> MemoryStream:
    return MemoryStream("event long, seen_at timestamp, y double")


def at(minute: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, 0, minute, tzinfo=dt.UTC)


def labelled(events, labels):
    """Each event with its label, when that comes within ten minutes."""
    marked = events.withWatermark("ts", "10 minutes")
    told = labels.withWatermark("seen_at", "0 minutes")
    near = F.expr("event = id AND seen_at BETWEEN ts AND ts + INTERVAL 10 MINUTES")
    return marked.join(told, near)


def test_a_label_that_comes_within_its_time_teaches_and_one_that_comes_later_does_not(
    spark: Session, events: MemoryStream, labels: MemoryStream
) -> None:
    trained = Level().fitStream(labelled(events.toDF(spark), labels.toDF(spark)))
    with StreamTest(trained.select("id", "y", "prediction", "model_version")) as test:
        test.addData(events, [(1, at(0), 0.1), (2, at(1), 0.2), (3, at(2), 0.3)]).checkNewAnswer([])
        test.addData(labels, [(2, at(3), 8.0)]).checkNewAnswer([(2, 8.0, 0.0, -1)])
        test.stopStream().startStream()
        test.addData(labels, [(1, at(4), 2.0)]).checkNewAnswer([(1, 2.0, 4.0, 1)])
        test.addData(labels, [(3, at(30), 6.0)]).checkNewAnswer([])


def test_what_was_predicted_then_is_compared_with_what_came(
    spark: Session, events: MemoryStream, labels: MemoryStream, tmp_path: Path
) -> None:
    """What the champion of its time said of an event stands beside the label that teaches."""
    store = ModelStore(tmp_path / "store")
    store.publish({"level": np.array(5.0), "rows": np.array(0)}, model=Level())
    store.alias("champion", 1)
    predicted = StoredModel(store.location, "champion").transform(events.toDF(spark))
    served = predicted.withColumnsRenamed({"prediction": "served", "model_version": "served_by"})
    pairs = Level().fitStream(labelled(served, labels.toDF(spark)))
    with StreamTest(pairs.select("id", "served", "served_by", "y")) as test:
        test.addData(events, [(1, at(0), 0.1)]).checkNewAnswer([])
        better = store.publish({"level": np.array(7.0), "rows": np.array(0)}, model=Level())
        store.alias("champion", better.version)
        test.addData(events, [(2, at(1), 0.1)])
        test.addData(labels, [(1, at(1), 2.0)]).checkNewAnswer([(1, 5.0, 1, 2.0)])
        test.addData(labels, [(2, at(2), 3.0)]).checkNewAnswer([(2, 7.0, 2, 3.0)])


def test_pairs_that_meet_in_a_batch_that_runs_again_teach_in_the_same_order(
    spark: Session, events: MemoryStream, labels: MemoryStream, tmp_path: Path
) -> None:
    def digest(folder: str, crash: str | None) -> str:
        frame = Level().fitStream(labelled(events.toDF(spark), labels.toDF(spark)))
        with StreamTest(frame, checkpointLocation=str(tmp_path / folder)) as test:
            if crash is not None:
                test.crashAt(crash).startStream()
            test.processAllAvailable()
            progress = test.lastProgress
            assert progress is not None
            return str(progress.models["model-1"]["sha256"])

    events.addData([(number, at(0), float(number * 7 % 31)) for number in range(200)])
    labels.addData([(number, at(1), float(number % 17)) for number in reversed(range(200))])
    assert digest("undisturbed", None) == digest("disturbed", "run:after")


def test_measures_and_drift_are_in_the_progress_and_go_on_after_a_restart(
    spark: Session, tmp_path: Path
) -> None:
    rows = MemoryStream("features array<double>, label double")
    model = Prequential(
        model=LinearRegression(stepSize=0.1),
        measures=(MAE(),),
        drift=PageHinkley(minInstances=10, threshold=5.0, mode="up"),
        onDrift="reset",
    )
    writer = model.fitStream(rows.toDF(spark)).writeStream.format("memory").queryName("watched")
    writer.option("checkpointLocation", str(tmp_path / "checkpoint"))
    figures = []
    for level in (1.0, 1.0, 20.0):
        rows.addData([([1.0], level)] * 40)
        with SteppedQuery(writer) as query:
            (progress,) = query.run_dry()
            figures.append(progress.models["model-0"])
    assert [figure["evaluated"] for figure in figures] == [40, 80, 120]
    assert [figure["drift"]["changes"] for figure in figures] == [0, 0, 1]
    assert 80 <= figures[2]["drift"]["lastAtRow"] < 120
    assert figures[0]["mae"] > figures[1]["mae"] < figures[2]["mae"]
