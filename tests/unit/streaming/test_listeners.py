"""Listeners, and the handles of queries, tell what PySpark's tell."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from streamcore import Session
from streamcore.errors import ArgumentTypeError, IllegalArgumentException, StreamingQueryException
from streamcore.sql import functions as F
from streamcore.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


class Notes(StreamingQueryListener):
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.ended = threading.Event()

    def onQueryStarted(self, event: QueryStartedEvent) -> None:
        self.events.append(event)

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        self.events.append(event)

    def onQueryIdle(self, event: QueryIdleEvent) -> None:
        self.events.append(event)

    def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:
        self.events.append(event)
        self.ended.set()


@pytest.fixture
def notes(session: Session) -> Any:
    listener = Notes()
    session.streams.addListener(listener)
    yield listener
    session.streams.removeListener(listener)


def test_events_bear_uuids_names_tags_and_progress(session: Session, notes: Notes) -> None:
    stream = MemoryStream("v int")
    stream.addData([(1,), (2,)])
    session.sparkContext.addJobTag("nightly")
    writer = stream.toDF(session).observe("seen", F.sum("v").alias("s")).writeStream.format("noop")
    query = writer.queryName("told").trigger(availableNow=True).start()
    session.sparkContext.removeJobTag("nightly")
    query.awaitTermination()
    assert notes.ended.wait(5)
    started, progress, terminated = notes.events
    ids = UUID(query.id), UUID(query.runId)
    assert (started.id, started.runId, started.name, started.jobTags) == (*ids, "told", {"nightly"})
    assert progress.progress.observedMetrics["seen"].s == 3
    assert terminated == QueryTerminatedEvent(*ids, None, None)


@pytest.mark.parametrize(
    ("column", "condition"),
    [
        (F.raise_error(F.lit("boo")), "USER_RAISED_EXCEPTION"),
        (F.expr("cast('x' as int) + v"), "CAST_INVALID_INPUT"),
    ],
)
def test_a_failure_is_told_with_the_condition_of_its_cause(
    session: Session, notes: Notes, column: Any, condition: str
) -> None:
    stream = MemoryStream("v int")
    stream.addData([(1,)])
    query = stream.toDF(session).select(column).writeStream.format("noop").start()
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    error = query.exception()
    assert error is raised.value
    assert (error.getCondition(), error.getSqlState()) == ("STREAM_FAILED", "XXKST")
    assert query.id in str(error)
    assert query.runId in str(error)
    assert notes.ended.wait(5)
    terminated = notes.events[-1]
    assert terminated.errorClassOnException == condition
    assert terminated.exception == str(error)
    assert query.status == {
        "message": f"Terminated with exception: {error.cause}",
        "isDataAvailable": False,
        "isTriggerActive": False,
    }
    session.streams.resetTerminated()


def test_an_error_without_a_condition_tells_none(session: Session, notes: Notes) -> None:
    def boom(frame: Any, batch_id: int) -> None:
        raise ValueError("boom")

    stream = MemoryStream("v int")
    stream.addData([(1,)])
    query = stream.toDF(session).writeStream.foreachBatch(boom).start()
    with pytest.raises(StreamingQueryException, match="ValueError: boom"):
        query.processAllAvailable()
    assert notes.ended.wait(5)
    assert notes.events[-1].errorClassOnException is None
    with pytest.raises(StreamingQueryException, match="ValueError: boom"):
        session.streams.awaitAnyTermination(5)
    session.streams.resetTerminated()


def test_any_termination_is_waited_for_until_it_is_reset(session: Session) -> None:
    session.streams.resetTerminated()
    assert session.streams.awaitAnyTermination(0.01) is False
    query = MemoryStream("v int").toDF(session).writeStream.format("noop").start()
    assert session.streams.active == [query]
    assert session.streams.get(query.id) == query
    assert query.awaitTermination(0.01) is False
    query.stop()
    assert query.awaitTermination() is None
    assert query.awaitTermination(1) is True
    assert session.streams.get(query.id) is None
    assert session.streams.awaitAnyTermination(1) is True
    assert session.streams.awaitAnyTermination(1) is True
    session.streams.resetTerminated()
    assert session.streams.awaitAnyTermination(0.01) is False


@pytest.mark.parametrize("timeout", [0, -1, "1"])
def test_a_timeout_is_a_positive_number(session: Session, timeout: Any) -> None:
    query = MemoryStream("v int").toDF(session).writeStream.format("noop").start()
    for wait in (query.awaitTermination, session.streams.awaitAnyTermination):
        with pytest.raises(ValueError, match=r"\[VALUE_NOT_POSITIVE\] Value for `timeout` must be positive"):
            wait(timeout)
    query.stop()
    session.streams.resetTerminated()


def test_what_is_no_id_and_no_listener_is_refused(session: Session) -> None:
    assert session.streams.get(str(uuid4())) is None
    with pytest.raises(IllegalArgumentException, match="Invalid UUID string: nope"):
        session.streams.get("nope")
    for call in (session.streams.addListener, session.streams.removeListener):
        with pytest.raises(ArgumentTypeError, match="should be StreamingQueryListener, got int"):
            call(3)  # type: ignore[arg-type]


def test_events_are_read_from_json() -> None:
    ids = {"id": str(uuid4()), "runId": str(uuid4())}
    one, other = UUID(ids["id"]), UUID(ids["runId"])
    started = QueryStartedEvent.fromJson({**ids, "name": None, "timestamp": "t", "jobTags": ["a"]})
    assert started == QueryStartedEvent(one, other, None, "t", frozenset({"a"}))
    assert QueryIdleEvent.fromJson({**ids, "timestamp": "t"}) == QueryIdleEvent(one, other, "t")
    ended = QueryTerminatedEvent.fromJson({**ids, "exception": "e", "errorClassOnException": "C"})
    assert ended == QueryTerminatedEvent(one, other, "e", "C")
