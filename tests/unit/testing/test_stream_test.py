"""The kit with which users test their streaming queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import CheckpointError, IllegalArgumentException, StreamcoreError
from streamcore.spi import steps
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.master("local[2]").getOrCreate().newSession()


@pytest.fixture
def words() -> MemoryStream:
    return MemoryStream("word string")


@pytest.fixture
def counts(session: Session, words: MemoryStream) -> Any:
    return words.toDF(session).groupBy("word").count()


def test_an_answer_is_checked_as_a_bag_of_rows(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "complete") as test:
        test.addData(words, ["a", "b", "a"])
        test.checkAnswer([("b", 1), ("a", 2)])


def test_a_wrong_answer_names_what_is_missing_and_what_is_too_much(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "complete") as test:
        test.addData(words, ["a", "a"])
        with pytest.raises(AssertionError) as caught:
            test.checkAnswer([("a", 1)])
    assert "missing:    ('a', 1)" in str(caught.value)
    assert "unexpected: ('a', 2)" in str(caught.value)


def test_a_row_too_many_is_found_though_it_is_equal_to_another(session: Session, words: MemoryStream) -> None:
    with StreamTest(words.toDF(session)) as test:
        test.addData(words, ["a", "a"])
        with pytest.raises(AssertionError, match="unexpected"):
            test.checkAnswer(["a"])


def test_nan_maps_arrays_and_structs_are_compared_by_value(session: Session) -> None:
    stream = MemoryStream("x double, m map<string, int>, a array<int>, s struct<p: int>")
    with StreamTest(stream.toDF(session)) as test:
        test.addData(stream, [(float("nan"), {"k": 1}, [1, None], {"p": 2})])
        test.checkAnswer([(float("nan"), {"k": 1}, [1, None], (2,))])


def test_only_rows_since_the_last_check_are_new(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "update") as test:
        test.addData(words, ["a"]).checkNewAnswer([("a", 1)])
        test.checkNewAnswer([])
        test.addData(words, ["b"]).addData(words, ["a"]).checkNewAnswer([("a", 2), ("b", 1)])


def test_the_last_batch_is_told_from_those_before(session: Session, words: MemoryStream) -> None:
    words.max_rows_per_batch = 2
    with StreamTest(words.toDF(session)) as test:
        test.addData(words, ["a", "b", "c"]).checkLastBatch(["c"]).checkAnswer(["a", "b", "c"])


def test_one_batch_runs_at_a_time_and_none_without_data(session: Session, words: MemoryStream) -> None:
    words.max_rows_per_batch = 1
    with StreamTest(words.toDF(session)) as test:
        test.addData(words, ["a", "b"]).processNextBatch()
        assert test.lastProgress is not None
        assert test.lastProgress.batchId == 0
        test.processNextBatch()
        with pytest.raises(AssertionError, match="no batch to run"):
            test.processNextBatch()


def test_the_clock_moves_only_when_told_to(session: Session, words: MemoryStream) -> None:
    stamped = words.toDF(session).select(F.unix_timestamp(F.current_timestamp()).alias("at"))
    with StreamTest(stamped) as test:
        test.advanceManualClock(5).addData(words, ["a"]).checkNewAnswer([5])
        test.advanceManualClock(2).addData(words, ["a"]).checkNewAnswer([7])


@pytest.mark.parametrize("point", [f"{step}:{side}" for step in steps.STEPS for side in ("before", "after")])
def test_a_crash_at_any_step_neither_loses_nor_doubles_a_row(
    counts: Any, words: MemoryStream, point: str
) -> None:
    with StreamTest(counts, "update") as test:
        test.addData(words, ["a", "b"]).checkNewAnswer([("a", 1), ("b", 1)])
        test.addData(words, ["a"]).crashAt(point).startStream()
        test.checkNewAnswer([("a", 2)])


def test_a_point_that_does_not_exist_is_refused(counts: Any) -> None:
    with StreamTest(counts, "update") as test, pytest.raises(IllegalArgumentException, match="sink-commit"):
        test.crashAt("sink-comit:after")


def test_a_crash_that_does_not_come_is_an_error(counts: Any) -> None:
    with StreamTest(counts, "update") as test, pytest.raises(AssertionError, match="no batch came to"):
        test.crashAt("sink-commit:after")


def test_a_stream_that_does_not_run_says_so(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "update") as test:
        test.stopStream()
        with pytest.raises(IllegalArgumentException, match="not running"):
            test.processAllAvailable()
        test.startStream()
        with pytest.raises(IllegalArgumentException, match="already running"):
            test.startStream()


def test_a_failure_is_expected_and_the_query_goes_on_after_it(session: Session, words: MemoryStream) -> None:
    numbers = words.toDF(session).select(F.col("word").cast("int").alias("n"))
    with StreamTest(numbers) as test:
        test.addData(words, ["x"]).expectFailure(StreamcoreError)
        test.startStream(words.toDF(session).selectExpr("try_cast(word as int) as n"))
        test.checkAnswer([None])


def test_a_failure_that_does_not_come_is_an_error(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "update") as test, pytest.raises(AssertionError, match="did not fail"):
        test.addData(words, ["a"]).expectFailure(StreamcoreError)


def test_a_query_that_does_not_fit_its_checkpoint_is_refused_at_the_start(
    session: Session, counts: Any, words: MemoryStream
) -> None:
    with StreamTest(counts, "update") as test:
        test.addData(words, ["a"]).processAllAvailable().stopStream()
        with pytest.raises(CheckpointError):
            test.startStream(words.toDF(session).dropDuplicates().selectExpr("word", "1L as count"))


def test_progress_can_be_asked(counts: Any, words: MemoryStream) -> None:
    with StreamTest(counts, "update") as test:
        test.addData(words, ["a"]).assertOnQuery(
            lambda progress: progress.stateOperators[0].numRowsTotal == 1
        )
        with pytest.raises(AssertionError, match="more rows"):
            test.assertOnQuery(lambda progress: progress.numInputRows > 1, "more rows")


def test_a_test_leaves_no_table_and_no_folder_behind(
    session: Session, counts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tables = session.catalog.listTables()
    with StreamTest(counts, "update"):
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
    assert session.catalog.listTables() == tables
