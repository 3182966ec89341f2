"""A clock that moves only when told to."""

from __future__ import annotations

import threading


class ManualClock:
    """The twin of `streamcore.spi.clock.SystemClock` for tests.

    >>> clock = ManualClock(now_ms=1_000)
    >>> clock.advance(2.5)
    >>> clock.now_ms()
    3500
    """

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._waiting = 0
        self._changed = threading.Condition()

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, as last set."""
        with self._changed:
            return self._now_ms

    @property
    def waiting(self) -> int:
        """How many threads are in `wait` at the moment."""
        with self._changed:
            return self._waiting

    def advance(self, seconds: float) -> None:
        """Moves on by `seconds`, and wakes those whose time has come."""
        with self._changed:
            self._now_ms += round(seconds * 1000)
            self._changed.notify_all()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until `event` is set or this clock has moved on by `seconds`; returns whether it is set."""
        with self._changed:
            until = self._now_ms + seconds * 1000
            self._waiting += 1
            try:
                while not event.is_set() and self._now_ms < until:
                    # Nobody tells the clock that the event was set, so it looks now and then.
                    self._changed.wait(0.002)
            finally:
                self._waiting -= 1
        return event.is_set()
