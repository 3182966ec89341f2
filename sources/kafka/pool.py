"""Idle cursors of this process, kept from one micro-batch to the next."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, Protocol, TypeVar

from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka.settings import FetchSettings

_MOST_IDLE: Final = 64


class Cursor(Protocol):
    """What the pool asks of a cursor."""

    next_start: int

    def close(self) -> None:
        """Frees it."""


C = TypeVar("C", bound=Cursor)


class CursorPool(Generic[C]):
    """Lends cursors by reader (its group id) and topic partition; the longest idle one goes when full."""

    def __init__(self, make: Callable[[OffsetRange, FetchSettings], C], most_idle: int = _MOST_IDLE) -> None:
        self._make = make
        self._most_idle = most_idle
        self._lock = threading.Lock()
        self._idle: list[tuple[str, str, int, C]] = []
        self._closed: set[str] = set()
        self._pid = os.getpid()

    @contextmanager
    def lend(self, wanted: OffsetRange, fetch: FetchSettings) -> Iterator[C]:
        """A cursor for a range, by preference one that stands at its start; freed after an error."""
        cursor = self._take(wanted, fetch.group_id) or self._make(wanted, fetch)
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        self._give_back(cursor, wanted, fetch.group_id)

    def close(self, group_id: str) -> None:
        """Frees the cursors of a reader that has stopped, now and when they come back."""
        with self._lock:
            self._closed.add(group_id)
            gone = [entry for entry in self._idle if entry[0] == group_id]
            self._idle = [entry for entry in self._idle if entry[0] != group_id]
        for *_, cursor in gone:
            cursor.close()

    def _take(self, wanted: OffsetRange, group_id: str) -> C | None:
        key = (group_id, wanted.topic, wanted.partition)
        with self._lock:
            if self._pid != os.getpid():
                # A fork has copied the cursors, but not the threads that they live by.
                self._idle, self._pid = [], os.getpid()
            mine = [entry for entry in self._idle if entry[:3] == key]
            if not mine:
                return None
            best = next((entry for entry in mine if entry[3].next_start == wanted.start), mine[-1])
            self._idle.remove(best)
            return best[3]

    def _give_back(self, cursor: C, wanted: OffsetRange, group_id: str) -> None:
        with self._lock:
            closed = group_id in self._closed
            if not closed:
                self._idle.append((group_id, wanted.topic, wanted.partition, cursor))
            surplus = [self._idle.pop(0)[3]] if len(self._idle) > self._most_idle else []
        for one in [*surplus, *([cursor] if closed else [])]:
            one.close()
