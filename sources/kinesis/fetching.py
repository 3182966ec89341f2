"""What is fetched of one shard ahead of the query, by a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from streamcore.sources.kinesis.offsets import Position
from streamcore.sources.kinesis.settings import FetchSettings
from streamcore.sources.kinesis.stream import Answer, Record, Stream
from streamcore.sources.kinesis.walk import ShardWalk, fails, goes_on

_MOST_BYTES: Final = 64 << 20
"""Of one shard this much is kept ahead; it is what Kinesis hands out in about half a minute."""


class ShardFetcher:
    """Fetches a shard from `start` on, and keeps the records until they are committed.

    All fetchers of a reader share `changed`: a condition that is told of every answer.
    """

    def __init__(
        self,
        stream: Stream,
        shard: str,
        start: Position,
        fetch: FetchSettings,
        changed: threading.Condition,
    ) -> None:
        self.shard = shard
        self._fetch = fetch
        self._wanted: tuple[int, int | None] = (start.records, 0)
        self._changed = changed
        self._stopping = threading.Event()
        self._walk = ShardWalk(
            stream,
            shard,
            start,
            fetch.connection.patience,
            self._stopping,
            tell_loss=fails if fetch.fail_on_data_loss else goes_on,
        )
        self._base = start
        self._records: list[Record] = []
        self._bytes = 0
        self._is_at_end = False
        self._empty_since = -1.0
        self._seen_ms = start.seen_ms
        self.behind_ms = 0
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"kinesis {shard}", daemon=True)
        self._thread.start()

    # ---- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                began, began_ms = time.monotonic(), int(time.time() * 1000)
                answer = self._walk.next(self._fetch.records_per_request)
                self._take(answer, began, began_ms)
                if answer.next_iterator is None:
                    return
                self._stopping.wait(max(0.0, began + self._fetch.interval_ms / 1000 - time.monotonic()))
                self._wait_for_room()
        except Exception as error:  # noqa: BLE001 - told to whoever plans next
            with self._changed:
                self.failure = error
                self._changed.notify_all()

    def _take(self, answer: Answer, began: float, began_ms: int) -> None:
        with self._changed:
            self._records += answer.records
            self._bytes += sum(len(one.data) for one in answer.records)
            self.behind_ms = answer.behind_ms
            self._is_at_end = answer.next_iterator is None
            if answer.behind_ms == 0:
                self._empty_since, self._seen_ms = began, began_ms
            self._changed.notify_all()

    def _wait_for_room(self) -> None:
        with self._changed:
            while not self._stopping.is_set() and self._is_full():
                self._changed.wait()

    def _is_full(self) -> bool:
        """Whether two batches are there, the next one included, or what fits into memory."""
        begin, most = self._wanted
        ahead = self._base.records + len(self._records) - begin
        if most is None or ahead <= 0:
            return False
        return ahead >= max(2 * most, 1) or self._bytes * ahead // len(self._records) >= _MOST_BYTES

    # ---- whoever plans; holds `changed` ----------------------------------------------------------

    def want(self, at: Position, most: int | None) -> None:
        """The next batch begins at `at` and takes at most `most` records; None for all there are."""
        self._wanted = (at.records, most)
        self._changed.notify_all()

    def holds(self, at: Position) -> bool:
        """Whether everything after a position is here, or will be."""
        index = at.records - self._base.records
        if not 0 <= index <= len(self._records):
            return False
        return (self._records[index - 1].number if index else self._base.after) == at.after

    def is_settled(self, at: Position, asked_at: float, until_ms: int | None) -> bool:
        """Whether nothing more need be waited for to plan the batch that begins at `at`.

        There is enough for it, or the shard was seen empty by a request made after `asked_at`, or it has
        ended, or has come to `until_ms`.
        """
        if self._is_at_end or self._empty_since >= asked_at or self._is_full():
            return True
        waiting, most = self._waiting(at), self._wanted[1]
        if most is not None and len(waiting) >= most:
            return True
        return until_ms is not None and bool(waiting) and waiting[-1].arrived_ms > until_ms

    def end(self, at: Position, most: int | None, until_ms: int | None) -> Position:
        """Where a batch ends that begins at `at`: at most `most` records later, none after `until_ms`."""
        waiting = self._waiting(at)
        taken = waiting if most is None else waiting[:most]
        if until_ms is not None:
            taken = list(takewhile(lambda one: one.arrived_ms <= until_ms, taken))
        is_all = len(taken) == len(waiting)
        end = at
        if taken:
            # What follows came no earlier than the next record, or than the last look at an empty shard.
            seen_ms = max(self._seen_ms, taken[-1].arrived_ms) if is_all else waiting[len(taken)].arrived_ms
            end = at.read_up_to(taken[-1].number, len(taken), seen_ms)
        return replace(end, closed=is_all and self._is_at_end)

    def seen_ms(self, at: Position) -> int:
        """When it was last known that nothing follows a position; as it says itself when something does."""
        return at.seen_ms if self._waiting(at) else max(at.seen_ms, self._seen_ms)

    def _waiting(self, at: Position) -> Sequence[Record]:
        return self._records[at.records - self._base.records :]

    def between(self, start: Position, end: Position) -> Sequence[Record]:
        """The records of a range that is here."""
        first = start.records - self._base.records
        return self._records[first : first + end.records - start.records]

    def forget(self, at: Position) -> None:
        """Everything up to a position is committed."""
        if not self.holds(at):
            return
        index = at.records - self._base.records
        self._bytes -= sum(len(one.data) for one in self._records[:index])
        self._records = self._records[index:]
        self._base = at
        self._changed.notify_all()

    def stop(self) -> None:
        """Ends the thread; what it fetches from now on is not looked at."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
