"""State that is split into another number of partitions when a query starts again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.checkpoint.inspection import inspect
from streamcore.checkpoint.maintenance import rewind
from streamcore.errors import IllegalArgumentException
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest

WANTED = "spark.streamcore.state.partitions"
SCHEMA = "t timestamp, k int"
Frame = Any
Query = Callable[[Frame], Frame]


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    found.conf.set("spark.sql.shuffle.partitions", "3")
    yield found
    for key in (WANTED, "spark.sql.shuffle.partitions"):
        found.conf.unset(key)


def rows(numbers: range) -> list[tuple[Any, ...]]:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [(start + dt.timedelta(seconds=number), number % 40) for number in numbers]


def at_all_times(frame: Frame) -> Frame:
    return frame.withWatermark("t", "20 seconds")


QUERIES: dict[str, tuple[Query, str]] = {
    "counts": (lambda frame: frame.groupBy("k").count(), "update"),
    "one count": (lambda frame: frame.groupBy().count(), "complete"),
    "windows": (lambda frame: at_all_times(frame).groupBy(F.window("t", "9 seconds"), "k").count(), "append"),
    "distinct": (lambda frame: frame.dropDuplicates(["k"]), "append"),
    "sessions": (
        lambda frame: at_all_times(frame).groupBy(F.session_window("t", "3 seconds"), "k").count(),
        "append",
    ),
    "limit": (lambda frame: frame.limit(70), "append"),
    "chain": (
        lambda frame: (
            at_all_times(frame).dropDuplicates(["t", "k"]).groupBy(F.window("t", "9 seconds")).count()
        ),
        "append",
    ),
}


def partitions_told(place: Path) -> list[int]:
    """The number of partitions of each retained batch."""
    batches = inspect(place)["batches"]
    return [next(iter(batch["operators"].values()))["partitions"] for batch in batches]


CHANGES = [
    ("counts", 1),
    ("counts", 11),
    ("one count", 11),
    ("windows", 5),
    ("distinct", 2),
    ("sessions", 11),
    ("limit", 11),
    ("chain", 1),
]


@pytest.mark.parametrize(("name", "number"), CHANGES)
def test_a_query_goes_on_as_if_nothing_had_changed(
    session: Session, tmp_path: Path, name: str, number: int
) -> None:
    def answers(wanted: int | None) -> list[list[Any]]:
        session.conf.unset(WANTED)
        query, mode = QUERIES[name]
        stream, found = MemoryStream(SCHEMA), []
        place = str(tmp_path / str(wanted))
        with StreamTest(query(stream.toDF(session)), mode, checkpointLocation=place) as test:
            for part in (range(60), range(50, 90), range(80, 120)):
                test.addData(stream, rows(part)).processAllAvailable()
                found.append(sorted(test._rows(), key=str))
                if wanted is not None:
                    session.conf.set(WANTED, wanted)
                    test.stopStream().startStream()
        return found

    assert answers(number) == answers(None)
    assert partitions_told(tmp_path / str(number))[-1] == number


@pytest.fixture
def words() -> MemoryStream:
    return MemoryStream("k int")


def counting(session: Session, words: MemoryStream, place: Path) -> StreamTest:
    return StreamTest(words.toDF(session).groupBy("k").count(), "update", checkpointLocation=str(place))


def test_rows_lie_in_the_new_partitions_and_an_old_batch_in_its_own(
    session: Session, words: MemoryStream, tmp_path: Path
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, range(50)).processAllAvailable().stopStream()
        session.conf.set(WANTED, 5)
        test.startStream().addData(words, [0]).processAllAvailable()
    found = {
        batch_id: session.read.format("statestore").option("batchId", batch_id).load(str(tmp_path))
        for batch_id in (0, 1)
    }
    assert [{row.partition_id for row in frame.collect()} for frame in found.values()] == [
        {0, 1, 2},
        {0, 1, 2, 3, 4},
    ]
    assert [frame.count() for frame in found.values()] == [50, 50]


def test_only_what_the_batch_changed_is_in_its_change_feed(
    session: Session, words: MemoryStream, tmp_path: Path
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, range(50)).processAllAvailable().stopStream()
        session.conf.set(WANTED, 5)
        test.startStream().addData(words, [0, 99]).processAllAvailable()
    feed = session.read.format("statestore").options(readChangeFeed=True, changeStartBatchId=1)
    changes = feed.load(str(tmp_path)).orderBy("key.k").collect()
    assert [(row.change_type, row.key.k, row.value["count"]) for row in changes] == [
        ("update", 0, 2),
        ("update", 99, 1),
    ]


def test_the_shuffle_partitions_alone_change_nothing_and_say_what_would(
    session: Session, words: MemoryStream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, [1]).checkNewAnswer([(1, 1)]).stopStream()
        session.conf.set("spark.sql.shuffle.partitions", "7")
        with caplog.at_level(logging.WARNING, "streamcore"):
            test.startStream()
        test.addData(words, [1]).checkNewAnswer([(1, 2)])
    assert f"spark.sql.shuffle.partitions=7 is ignored: the state has 3 partitions; {WANTED}" in caplog.text
    assert partitions_told(tmp_path) == [3, 3]


def test_a_number_that_was_changed_once_stays(session: Session, words: MemoryStream, tmp_path: Path) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, [1]).processAllAvailable().stopStream()
        session.conf.set(WANTED, 5)
        test.startStream().addData(words, [1]).processAllAvailable().stopStream()
        session.conf.unset(WANTED)
        test.startStream().addData(words, [1]).checkLastBatch([(1, 3)])
    assert partitions_told(tmp_path) == [3, 5, 5]
    assert inspect(tmp_path)["state"]["aggregate-0"]["partitions"] == 5


def test_a_new_query_begins_with_the_number(session: Session, words: MemoryStream, tmp_path: Path) -> None:
    session.conf.set(WANTED, 2)
    with counting(session, words, tmp_path) as test:
        test.addData(words, [1]).processAllAvailable()
    assert partitions_told(tmp_path) == [2]


def test_a_rewind_goes_back_to_the_old_partitions(
    session: Session, words: MemoryStream, tmp_path: Path
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, range(50)).processAllAvailable().stopStream()
        session.conf.set(WANTED, 5)
        test.startStream().addData(words, [1]).processAllAvailable().stopStream()
        session.conf.unset(WANTED)
        rewind(tmp_path, 0)
        test.startStream().processAllAvailable()
        test.addData(words, [1, 2]).checkLastBatch([(1, 3), (2, 2)])
    assert partitions_told(tmp_path) == [3, 3, 3]


CRASHES = [
    "repartition-state:before",
    "repartition-state:after",
    "write-offsets:before",
    "write-offsets:after",
    "run:after",
    "sink-commit:before",
    "sink-commit:after",
    "write-commit:after",
    "source-commit:after",
]


@pytest.mark.parametrize("again", [True, False], ids=["asked again", "asked once"])
@pytest.mark.parametrize("point", CRASHES)
def test_a_crash_loses_and_repeats_nothing(
    session: Session, words: MemoryStream, tmp_path: Path, point: str, again: bool
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, range(20)).processAllAvailable().stopStream()
        session.conf.set(WANTED, 5)
        test.addData(words, [3]).startStream().crashAt(point)
        if not again:
            session.conf.unset(WANTED)
        test.startStream().processAllAvailable()
        test.addData(words, [3, 4]).processAllAvailable()
        expected = [(k, 1) for k in range(20)] + [(3, 2), (3, 3), (4, 2)]
        test.checkAnswer(expected)
    is_planned = point not in ("repartition-state:before", "repartition-state:after", "write-offsets:before")
    assert set(partitions_told(tmp_path)[1:]) == ({5} if again or is_planned else {3})


def test_a_batch_that_was_planned_runs_as_planned_before_the_state_is_split(
    session: Session, words: MemoryStream, tmp_path: Path
) -> None:
    with counting(session, words, tmp_path) as test:
        test.addData(words, range(20)).processAllAvailable()
        test.addData(words, [3]).crashAt("write-offsets:after")
        session.conf.set(WANTED, 5)
        test.startStream().processAllAvailable()
        test.addData(words, [3]).checkLastBatch([(3, 3)])
    assert partitions_told(tmp_path) == [3, 3, 5]


@pytest.mark.parametrize("value", ["0", "many"])
def test_a_number_that_is_none_is_refused(session: Session, value: str) -> None:
    with pytest.raises(IllegalArgumentException, match=WANTED):
        session.conf.set(WANTED, value)
