"""Trying again what has failed without effect, a few times and with growing pauses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from streamcore.errors import WorkInterrupted

if TYPE_CHECKING:
    import threading

    from streamcore.spi.clock import Clock

T = TypeVar("T")

_log = logging.getLogger("streamcore.streaming")
_FIRST_PAUSE_SECONDS = 0.5


class Patience:
    """How often something is tried in all; `stopping` ends the waiting between two attempts."""

    def __init__(self, attempts: int, clock: Clock, stopping: threading.Event) -> None:
        self._attempts = attempts
        self._clock = clock
        self._stopping = stopping

    def tried(self, what: str, attempt: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
        """What `attempt` returns; errors of the types `passing` are raised only by the last attempt."""
        pause = _FIRST_PAUSE_SECONDS
        for number in range(1, self._attempts):
            try:
                return attempt()
            except passing as failure:
                _log.warning("%s failed without effect (attempt %d): %s", what, number, failure)
                if self._clock.wait(self._stopping, pause):
                    raise WorkInterrupted(f"stopped before {what} was tried again") from failure
                pause *= 2
        return attempt()
