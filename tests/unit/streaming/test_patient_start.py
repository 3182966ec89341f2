"""A sink that is not there yet, as a database that recovers, is waited for as long as a batch would be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from streamcore.errors import CommitFailed
from streamcore.spi.clock import SystemClock
from streamcore.spi.datasource import DataSource, WriterCommitMessage
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter, QueryIdentity
from streamcore.sql.session import Session
from streamcore.sql.streaming.starting import open_run
from streamcore.streaming.run import QueryRun
from streamcore.testing.memory_source import MemoryStream


class Hasty(SystemClock):
    """Notes how long it was asked to wait, and does not."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return event.is_set()


class LateSink(DataSource, ExactlyOnceStreamWriter):
    """Fails as often as `failures` says, when it is opened and when it is asked."""

    failures: ClassVar[dict[str, int]] = {}

    @classmethod
    def name(cls) -> str:
        return "late"

    def streamWriter(self, schema: Any, overwrite: bool) -> Any:
        return self

    def _maybe(self, what: str) -> None:
        if self.failures[what]:
            self.failures[what] -= 1
            raise CommitFailed("the database system is starting up")

    def open(self, query: QueryIdentity) -> None:
        self._maybe("open")

    def last_committed(self) -> CommitRecord | None:
        self._maybe("last")
        return None

    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        return WriterCommitMessage()

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        raise NotImplementedError


def start(tmp_path: Any, clock: Hasty, **failures: int) -> QueryRun:
    LateSink.failures = {"open": 0, "last": 0} | failures
    session = Session.builder.getOrCreate()
    session.dataSource.register(LateSink)
    writer = MemoryStream("n int").toDF(session).writeStream.format("late")
    writer.option("checkpointLocation", str(tmp_path / "checkpoint"))
    return open_run(writer.dataframe, writer.described(), clock)


@pytest.mark.parametrize("what", ["open", "last"])
def test_a_start_is_tried_again_with_growing_pauses(tmp_path: Any, what: str) -> None:
    clock = Hasty()
    start(tmp_path, clock, **{what: 3}).close()
    assert clock.pauses == [0.5, 1, 2]


@pytest.mark.parametrize("what", ["open", "last"])
def test_a_start_gives_up_after_as_many_attempts_as_a_batch(tmp_path: Any, what: str) -> None:
    clock = Hasty()
    with pytest.raises(CommitFailed, match="starting up"):
        start(tmp_path, clock, **{what: 4})
    assert clock.pauses == [0.5, 1, 2]
    start(tmp_path, Hasty()).close()
