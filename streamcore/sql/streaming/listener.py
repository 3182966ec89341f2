"""Listeners: code of the user's that is told when a query starts, makes progress, idles or ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from streamcore.streaming.progress import StreamingQueryProgress

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class QueryStartedEvent:
    """A query has started; called before `start()` returns.

    `timestamp` is that of the start; `jobTags` are those of the thread that started it.
    """

    id: UUID
    runId: UUID
    name: str | None
    timestamp: str
    jobTags: frozenset[str] = frozenset()

    @classmethod
    def fromJson(cls, j: Mapping[str, Any]) -> Self:
        """The event of a parsed JSON text."""
        ids = UUID(j["id"]), UUID(j["runId"])
        return cls(*ids, j["name"], j["timestamp"], frozenset(j.get("jobTags", ())))


@dataclass(frozen=True)
class QueryProgressEvent:
    """A micro-batch has ended."""

    progress: StreamingQueryProgress

    @classmethod
    def fromJson(cls, j: Mapping[str, Any]) -> Self:
        """The event of a parsed JSON text."""
        return cls(StreamingQueryProgress.fromJson(j["progress"]))


@dataclass(frozen=True)
class QueryIdleEvent:
    """A query has had no new data for a while (`spark.sql.streaming.noDataProgressEventInterval`)."""

    id: UUID
    runId: UUID
    timestamp: str

    @classmethod
    def fromJson(cls, j: Mapping[str, Any]) -> Self:
        """The event of a parsed JSON text."""
        return cls(UUID(j["id"]), UUID(j["runId"]), j["timestamp"])


@dataclass(frozen=True)
class QueryTerminatedEvent:
    """A query has ended.

    `exception` is the error's text, or None; `errorClassOnException` the condition that its text begins
    with, such as `CAST_INVALID_INPUT`, or None when it names none.
    """

    id: UUID
    runId: UUID
    exception: str | None
    errorClassOnException: str | None = None

    @classmethod
    def fromJson(cls, j: Mapping[str, Any]) -> Self:
        """The event of a parsed JSON text."""
        return cls(UUID(j["id"]), UUID(j["runId"]), j["exception"], j["errorClassOnException"])


class StreamingQueryListener:
    """Override what you want to hear of; register with `session.streams.addListener`.

    Events of one query arrive in order, from the query's own thread; an error raised here is logged
    and does not stop the query.
    """

    spark: Any = None

    def onQueryStarted(self, event: QueryStartedEvent) -> None:
        """A query has started."""

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        """A micro-batch has ended."""

    def onQueryIdle(self, event: QueryIdleEvent) -> None:
        """A query waits for data."""

    def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:
        """A query has ended."""
