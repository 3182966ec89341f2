"""Joins of two streams: when rows come out, what is refused, and how much of the state a batch touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.view import StoreView
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest

NEAR = "l.k = r.k and r.ts >= l.ts and r.ts <= l.ts + interval 10 seconds"
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def session() -> Session:
    session = Session.builder.getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.fixture
def streams() -> tuple[MemoryStream, MemoryStream]:
    return MemoryStream("ts timestamp, k string, v bigint"), MemoryStream("ts timestamp, k string, v bigint")


def joined(session: Session, streams: Sequence[MemoryStream], how: str, condition: str = NEAR) -> Any:
    left, right = (
        stream.toDF(session).withWatermark("ts", "0 seconds").alias(name)
        for stream, name in zip(streams, "lr", strict=True)
    )
    found = left.join(right, F.expr(condition), how)
    return found.selectExpr("l.v") if how == "leftsemi" else found.selectExpr("l.v", "r.v as rv")


def add(test: StreamTest, stream: MemoryStream, *rows: tuple[float | None, str | None, int]) -> None:
    test.addData(stream, [(None if ts is None else at(ts), k, v) for ts, k, v in rows])


def test_a_row_without_a_partner_comes_out_when_the_watermark_says_that_none_will_come(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, right = streams
    with StreamTest(joined(session, streams, "left")) as test:
        add(test, left, (1, "a", 1), (2, "b", 2))
        add(test, right, (3, "b", 20))
        test.processAllAvailable().checkNewAnswer([(2, 20)])
        add(test, left, (11, "x", 3))
        add(test, right, (11, "y", 30))
        test.processAllAvailable().checkNewAnswer([])
        add(test, left, (12, "x", 4))
        add(test, right, (12, "y", 40))
        test.processAllAvailable().checkNewAnswer([(1, None)])


def test_rows_without_an_event_time_come_out_at_once_and_are_not_kept(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, right = streams
    with StreamTest(joined(session, streams, "full")) as test:
        add(test, left, (None, "a", 1))
        add(test, right, (None, "a", 10), (None, None, 11))
        test.processAllAvailable().checkNewAnswer([(1, None), (None, 10), (None, 11)])
        test.assertOnQuery(lambda progress: progress.stateOperators[0].numRowsTotal == 0)


@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_row_of_the_epoch_or_before_waits_for_its_partner_as_any_other(
    session: Session, streams: tuple[MemoryStream, MemoryStream], seconds: int
) -> None:
    left, right = streams
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    with StreamTest(joined(session, streams, "left", "l.k = r.k and l.ts = r.ts")) as test:
        test.addData(left, [(moment, "a", 1), (moment, "b", 2)]).processAllAvailable().checkNewAnswer([])
        test.addData(right, [(moment, "b", 20)]).processAllAvailable().checkNewAnswer([(2, 20)])
        add(test, left, (50, "x", 3))
        add(test, right, (50, "y", 30))
        test.processAllAvailable().checkNewAnswer([(1, None), (3, None)])


def test_null_keys_have_no_partner_in_a_full_join(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, right = streams
    with StreamTest(joined(session, streams, "full")) as test:
        add(test, left, (1, None, 1))
        add(test, right, (1, None, 10))
        test.processAllAvailable().checkNewAnswer([])
        add(test, left, (50, "x", 3))
        add(test, right, (50, "y", 30))
        test.processAllAvailable().checkNewAnswer([(1, None), (None, 10)])


def test_a_left_row_comes_out_of_a_semi_join_once_whenever_its_partners_come(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, right = streams
    with StreamTest(joined(session, streams, "leftsemi")) as test:
        add(test, left, (1, "a", 1), (1, "a", 2))
        test.processAllAvailable().checkNewAnswer([])
        add(test, right, (2, "a", 10), (3, "a", 11))
        test.processAllAvailable().checkNewAnswer([(1,), (2,)])
        add(test, right, (4, "a", 12))
        add(test, left, (3, "a", 3))
        test.processAllAvailable().checkNewAnswer([(3,)])
        test.stopStream().startStream()
        add(test, right, (5, "a", 13))
        test.processAllAvailable().checkNewAnswer([])


def test_one_side_alone_moves_no_watermark(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, _ = streams
    with StreamTest(joined(session, streams, "left")) as test:
        add(test, left, (1, "a", 1), (1_000, "b", 2))
        test.processAllAvailable().checkNewAnswer([])


@pytest.mark.parametrize(
    "condition", ["l.v = r.k", "l.v + 1 = cast(r.v as int)", "l.v = cast(r.v as double)"]
)
def test_keys_of_different_types_meet_as_sql_compares_them(
    session: Session, streams: tuple[MemoryStream, MemoryStream], condition: str
) -> None:
    left, right = streams
    with StreamTest(joined(session, streams, "inner", condition)) as test:
        add(test, left, (1, "a", 7), (1, "a", 6))
        test.processAllAvailable()
        add(test, right, (1, "7", 7))
        test.processAllAvailable().checkAnswer([(6 if "+ 1" in condition else 7, 7)])


def test_another_condition_under_the_same_checkpoint_is_refused_and_named(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    with StreamTest(joined(session, streams, "inner")) as test:
        add(test, streams[0], (1, "a", 1))
        test.processAllAvailable().stopStream()
        longer = NEAR.replace("10 seconds", "20 seconds")
        with pytest.raises(CheckpointMismatch, match=r"keys of join-0.*10.*->.*20"):
            test.startStream(joined(session, streams, "inner", longer))
        with pytest.raises(CheckpointMismatch, match="inner join -> left join"):
            test.startStream(joined(session, streams, "left"))


@pytest.mark.parametrize(
    ("how", "condition", "words"),
    [
        ("left", "l.k = r.k", "call withWatermark on the right side"),
        ("right", "l.k = r.k", "left.ts <= right.ts + interval 1 hour"),
        ("inner", "r.ts > l.ts", "without equality predicate"),
        ("leftanti", NEAR, "left outer join and keep the rows whose right side is null"),
        ("inner", f"{NEAR} and rand() > 0.5", "before the join"),
    ],
)
def test_a_refusal_says_what_to_write(
    session: Session, streams: tuple[MemoryStream, MemoryStream], how: str, condition: str, words: str
) -> None:
    found = joined(session, streams, "inner" if how == "leftanti" else how, condition)
    if how == "leftanti":
        found = (
            streams[0].toDF(session).alias("l").join(streams[1].toDF(session).alias("r"), F.expr(NEAR), how)
        )
    with pytest.raises(AnalysisException, match=words.replace("+", r"\+")):
        found.writeStream.format("noop").start()


def test_rows_with_two_event_times_are_refused_where_one_is_needed(
    session: Session, streams: tuple[MemoryStream, MemoryStream]
) -> None:
    left, right = (
        stream.toDF(session).withWatermark("ts", "0 seconds").alias(name)
        for stream, name in zip(streams, "lr", strict=True)
    )
    pairs = left.join(right, F.expr(NEAR))
    with pytest.raises(AnalysisException, match="More than one event time columns"):
        pairs.selectExpr("l.ts", "r.ts as later").dropDuplicates().writeStream.format("noop").start()


# ---- work ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [100, 3_000])
@pytest.mark.parametrize("how", ["inner", "full"])
def test_a_batch_looks_at_the_rows_of_its_keys_and_writes_what_it_brings(
    session: Session,
    streams: tuple[MemoryStream, MemoryStream],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    kept: int,
) -> None:
    left, right = streams
    looked_at: list[int] = []
    real = StoreView.lookup

    def lookup(self: StoreView, wanted: Any) -> HashedRows:
        found = real(self, wanted)
        looked_at.append(len(found))
        return found

    with StreamTest(joined(session, streams, how)) as test:
        add(test, left, *((5, f"k{n}", n) for n in range(kept)), *((5, "hot", n) for n in range(kept)))
        add(test, right, *((5, f"other{n}", n) for n in range(kept)))
        test.processAllAvailable()
        monkeypatch.setattr(StoreView, "lookup", lookup)
        add(test, right, (6, "k3", 1), (6, "k4", 2))
        add(test, left, (6, "hot", -1))
        progress = test.processNextBatch().lastProgress
        assert progress is not None
        assert progress.sink.numOutputRows == 2
        assert sum(looked_at) == 2
        assert progress.stateOperators[0].numRowsUpdated == 3
