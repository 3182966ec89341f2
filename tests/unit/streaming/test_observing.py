"""What a query observes is computed in the pass that computes its rows, and counted once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    CommitFailed,
    IllegalArgumentException,
    ObservationError,
)
from streamcore.sinks.memory import MemoryStreamWriter
from streamcore.spi.row import Row
from streamcore.sql import functions as F
from streamcore.sql.observation import Observation
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream, MemoryStreamReader
from streamcore.testing.stepped_query import SteppedQuery


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


class Hasty(ManualClock):
    """Does not wait between two attempts."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.is_set()


def rows_seen(frame: Any) -> Any:
    return frame.observe("seen", F.count(F.lit(1)).alias("rows"), F.sum("v").alias("sum"))


def test_every_partition_is_read_once_however_much_is_observed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    original = MemoryStreamReader.read

    def noted(self: MemoryStreamReader, partition: Any) -> Any:
        read.append(partition)
        return original(self, partition)

    monkeypatch.setattr(MemoryStreamReader, "read", noted)
    stream = MemoryStream("k string, v bigint", partitions=3)
    frame = rows_seen(stream.toDF(session)).where("v > 2").observe("left", F.max("v").alias("v"))
    stream.addData([("a", n) for n in range(6)])
    with SteppedQuery(frame.groupBy("k").count().writeStream.format("noop").outputMode("update")) as query:
        progress = query.step()
    assert len(read) == 3
    assert progress is not None
    assert progress.observedMetrics == {"seen": Row(rows=6, sum=15), "left": Row(v=5)}


def test_a_batch_whose_commit_is_tried_again_is_observed_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([CommitFailed("not now"), CommitFailed("not yet")])
    original = MemoryStreamWriter.commit_batch

    def commit(self: Any, messages: Any, record: Any) -> None:
        for failure in failures:
            raise failure
        original(self, messages, record)

    monkeypatch.setattr(MemoryStreamWriter, "commit_batch", commit)
    stream = MemoryStream("k string, v bigint")
    writer = rows_seen(stream.toDF(session)).writeStream.format("memory").queryName("observed_once")
    with SteppedQuery(writer, Hasty()) as query:
        stream.addData([("a", 1), ("a", 2)])
        progress = query.step()
    assert progress is not None
    assert progress.observedMetrics == {"seen": Row(rows=2, sum=3)}
    assert progress.sink.numOutputRows == 2


def test_partial_measures_of_many_tasks_make_one_row(session: Session) -> None:
    stream = MemoryStream("k string, v bigint", partitions=4)
    measures = (F.avg("v").alias("avg"), F.min("k"), (F.max("v") - F.min("v")).alias("span"))
    stream.addData([(f"k{n}", n) for n in range(9)])
    with SteppedQuery(stream.toDF(session).observe("m", *measures).writeStream.format("noop")) as query:
        progress = query.step()
    assert progress is not None
    (row,) = progress.observedMetrics.values()
    assert row.asDict() == {"avg": 4.0, "min(k)": "k0", "span": 8}


def test_measures_that_keep_values_are_merged_too_and_have_a_value_over_no_rows(session: Session) -> None:
    stream = MemoryStream("k string, v bigint", partitions=3)
    measures = (F.percentile("v", 0.5).alias("p"), F.collect_list("v").alias("l"), F.mode("k").alias("m"))
    writer = stream.toDF(session).where("v < 5").observe("m", *measures).writeStream.format("noop")
    with SteppedQuery(writer) as query:
        stream.addData([("a", n) for n in range(5)])
        some = query.step()
        stream.addData([("a", 7)])
        none = query.step()
    assert some is not None
    assert none is not None
    assert some.observedMetrics["m"] == Row(p=2.0, l=[0, 1, 2, 3, 4], m="a")
    assert none.observedMetrics["m"] == Row(p=None, l=[], m=None)


def test_both_sides_of_a_join_of_streams_and_its_rows_are_observed(session: Session) -> None:
    left, right = MemoryStream("t timestamp, k string", partitions=2), MemoryStream("u timestamp, j string")
    rows = F.count(F.lit(1)).alias("rows")
    one = left.toDF(session).observe("left", rows).withWatermark("t", "10 seconds")
    other = right.toDF(session).withWatermark("u", "10 seconds").observe("right", rows)
    joined = one.join(other, F.expr("k = j and t between u and u + interval 5 seconds")).observe(
        "joined", rows
    )
    left.addData([{"t": second * 1_000_000, "k": "a"} for second in range(6)])
    right.addData([{"u": second * 1_000_000, "j": "a"} for second in range(3)])
    with SteppedQuery(joined.writeStream.format("noop")) as query:
        progress = query.step()
    assert progress is not None
    assert {name: row.rows for name, row in progress.observedMetrics.items()} == {
        "left": 6,
        "right": 3,
        "joined": 15,
    }


def test_a_name_on_a_static_side_is_refused_for_nothing_would_report_it(session: Session) -> None:
    static = session.range(3).observe("static", F.count(F.lit(1)))
    stream = MemoryStream("id bigint").toDF(session).join(static, "id")
    with pytest.raises(AnalysisException, match=r"observe\('static', ...\) stands on a static side"):
        SteppedQuery(stream.writeStream.format("noop"))


def test_an_observation_object_is_for_batch_queries(session: Session) -> None:
    with pytest.raises(IllegalArgumentException, match="Observation does not support streaming"):
        MemoryStream("v bigint").toDF(session).observe(Observation(), F.max("v"))


def test_an_observation_keeps_what_the_first_action_that_ends_well_saw(session: Session) -> None:
    observation = Observation("first")
    frame = session.range(4).observe(observation, F.count(F.lit(1)).alias("n"))
    with pytest.raises(Exception, match="boo"):
        frame.select(F.raise_error(F.lit("boo"))).collect()
    assert frame.count() == 4
    assert observation.get == {"n": 4}
    assert frame.union(frame).count() == 8
    assert observation.get == {"n": 4}


def test_an_observation_belongs_to_one_frame_and_is_read_after_it(session: Session) -> None:
    observation = Observation()
    with pytest.raises(ObservationError, match="NO_OBSERVE_BEFORE_GET"):
        _ = observation.get
    session.range(4).observe(observation, F.max("id"))
    with pytest.raises(ObservationError, match="REUSE_OBSERVATION"):
        session.range(4).observe(observation, F.max("id"))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((Observation(),), "CANNOT_BE_EMPTY"),
        ((Observation(), "id"), "Argument `exprs` should be list"),
        ((3, F.max("id")), "Argument `observation` should be Observation or str, got int"),
        (("", F.max("id")), "INVALID_OBSERVED_METRICS.MISSING_NAME"),
    ],
)
def test_other_arguments_are_refused(session: Session, given: Any, error: str) -> None:
    with pytest.raises(Exception, match=error):
        session.range(1).observe(*given)


def test_rows_keep_their_order_under_an_observation(session: Session) -> None:
    observation = Observation()
    frame = session.range(100_000).observe(observation, F.sum("id").alias("s")).orderBy(F.desc("id"))
    assert [row.id for row in frame.limit(3).collect()] == [99_999, 99_998, 99_997]
    assert observation.get == {"s": 4_999_950_000}
