"""The listeners of a session, and how events reach them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.sql.streaming.listener import StreamingQueryListener

_log = logging.getLogger("streamcore.streaming")


class ListenerBus:
    """Calls every listener in the thread that posts; an error in a listener is logged, no more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[StreamingQueryListener, ...] = ()

    def add(self, listener: StreamingQueryListener) -> None:
        """From now on `listener` hears of all queries."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def remove(self, listener: StreamingQueryListener) -> None:
        """`listener` hears no more."""
        with self._lock:
            self._listeners = tuple(known for known in self._listeners if known is not listener)

    def post(self, method: str, event: object) -> None:
        """Calls `method` of every listener with the event."""
        for listener in self._listeners:
            try:
                getattr(listener, method)(event)
            except Exception:  # noqa: BLE001 - the user's code may raise anything
                _log.exception("the listener %r failed in %s", listener, method)
