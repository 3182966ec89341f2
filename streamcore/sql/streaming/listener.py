"""Listeners: code of the user's that is told when a query starts, makes progress, idles or ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamcore.streaming.progress import StreamingQueryProgress


@dataclass(frozen=True)
class QueryStartedEvent:
    """A query has started; called before `start()` returns."""

    id: str
    runId: str
    name: str | None
    timestamp: str
    jobTags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class QueryProgressEvent:
    """A micro-batch has ended."""

    progress: StreamingQueryProgress


@dataclass(frozen=True)
class QueryIdleEvent:
    """A query has had no new data for a while."""

    id: str
    runId: str
    timestamp: str


@dataclass(frozen=True)
class QueryTerminatedEvent:
    """A query has ended; `exception` is the error's text, or None."""

    id: str
    runId: str
    exception: str | None
    errorClassOnException: str | None = None

    @property
    def json(self) -> str:
        """The event as JSON."""
        return json.dumps(self.__dict__)


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
