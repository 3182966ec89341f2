"""StreamingQueryManager: the streaming queries of a session."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.sql.streaming.listener import StreamingQueryListener
from streamcore.sql.streaming.listeners import ListenerBus
from streamcore.streaming.termination import ends_in_order, require_positive_timeout

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.streaming.query import StreamingQuery

_log = logging.getLogger("streamcore.streaming")
_AFTER_INTERRUPTION_SECONDS = 5.0


class StreamingQueryManager:
    """`session.streams`: active queries, waiting for any of them, and listeners."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = threading.Condition()
        self._active: dict[str, StreamingQuery] = {}
        self._terminated: list[StreamingQuery] = []
        self.bus = ListenerBus()
        session.sparkContext.before_stop(self.stop_all)

    @property
    def active(self) -> list[StreamingQuery]:
        """The queries that run now."""
        with self._changed:
            return list(self._active.values())

    def get(self, id: str) -> StreamingQuery | None:
        """The active query with this id, or None; raises IllegalArgumentException for what is no id."""
        try:
            id = str(UUID(str(id)))
        except ValueError as error:
            raise IllegalArgumentException(f"Invalid UUID string: {id}") from error
        with self._changed:
            return self._active.get(id)

    def awaitAnyTermination(self, timeout: float | None = None) -> bool | None:
        """Waits until any query has ended since the session began or `resetTerminated` was called.

        With `timeout` (seconds) returns whether one has; raises its error when it failed.
        """
        require_positive_timeout(timeout)
        deadline = None if timeout is None else time.monotonic() + timeout
        with ends_in_order(), self._changed:
            while not self._terminated:
                left = 0.2 if deadline is None else min(0.2, deadline - time.monotonic())
                if left <= 0:
                    return False
                self._changed.wait(left)
            ended = list(self._terminated)
        for query in ended:
            query.awaitTermination()
        return None if timeout is None else True

    def resetTerminated(self) -> None:
        """Forgets queries that have ended, so that `awaitAnyTermination` waits for the next."""
        with self._changed:
            self._terminated.clear()

    def addListener(self, listener: StreamingQueryListener) -> None:
        """From now on `listener` is told of every query of this session."""
        _require_listener(listener)
        listener.spark = self._session
        self.bus.add(listener)

    def removeListener(self, listener: StreamingQueryListener) -> None:
        """`listener` is told no more."""
        _require_listener(listener)
        self.bus.remove(listener)

    def require_free(self, name: str | None) -> None:
        """Raises when an active query has this name."""
        with self._changed:
            if name is not None and any(query.name == name for query in self._active.values()):
                raise IllegalArgumentException(
                    f"Cannot start query with name {name} as a query with that name is already active in "
                    "this session"
                )

    def register(self, query: StreamingQuery) -> None:
        """A query is about to run."""
        with self._changed:
            self._active[query.id] = query

    def deregister(self, query: StreamingQuery) -> None:
        """A query has ended."""
        with self._changed:
            if self._active.get(query.id) is query:
                del self._active[query.id]
            self._terminated.append(query)
            self._changed.notify_all()

    def stop_all(self) -> None:
        """Ends every query, each at the end of the batch that is under way.

        What has not ended within `spark.streamcore.shutdown.timeout` is interrupted; the next start of
        the query runs its batch again.
        """
        queries = self.active
        for query in queries:
            query.request_stop()
        # One that stops its own session cannot be waited for.
        queries = [query for query in queries if not query.is_this_thread]
        timeout = self._session.sparkContext.shutdown_timeout
        deadline = time.monotonic() + timeout
        for query in queries:
            left = max(deadline - time.monotonic(), 0)
            if not query.has_ended_within(left) and not query.interrupt_within(_AFTER_INTERRUPTION_SECONDS):
                _log.error(
                    "the query %s has not ended %g s after it was interrupted, and is left as it is",
                    query.name or query.id,
                    _AFTER_INTERRUPTION_SECONDS,
                )


def _require_listener(listener: object) -> None:
    if not isinstance(listener, StreamingQueryListener):
        raise ArgumentTypeError(
            "[NOT_EXPECTED_TYPE] Argument `listener` should be StreamingQueryListener, got "
            f"{type(listener).__name__}."
        )
