"""One shard read from a position on, answer by answer, whatever stands in the way for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from streamcore.errors import OffsetsLost
from streamcore.kinesis.patience import EXPIRED_ITERATOR, Patience, asked, code_of, refused
from streamcore.sources.kinesis.offsets import Position
from streamcore.sources.kinesis.stream import Answer, Record, Stream

_LOG = logging.getLogger("streamcore.sources.kinesis")
_T = TypeVar("_T")
_FOREIGN_NUMBER: Final = "InvalidArgumentException"
_NO_SHARD: Final = "ResourceNotFoundException"


class ShardWalk:
    """Gives the records of a shard after a position, in order, each once.

    Whether records have expired since the position was taken is found out at the first answer: the record
    that was read last is asked for again.  When it is gone, and so much time has passed that later ones may
    be gone with it, that is a loss.
    """

    def __init__(
        self,
        stream: Stream,
        shard: str,
        start: Position,
        patience: Patience,
        stopping: threading.Event,
        *,
        tell_loss: Callable[[str], None],
        now_ms: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        self._stream = stream
        self._shard = shard
        self._start = start
        self._last = start.after
        self._patience = patience
        self._tell_loss = tell_loss
        self._stopping = stopping
        self._now_ms = now_ms
        self._iterator: str | None = None
        self._is_sure = not start.after

    def next(self, most: int) -> Answer:
        """The next records; may be none.

        Raises SourceUnavailable when Kinesis does not answer in time, OffsetsLost when records are gone.
        """
        try:
            answer = self._answer(most)
            if not self._is_sure and (answer.records or answer.behind_ms == 0 or not answer.next_iterator):
                self._check_loss(answer.records)
        except Exception as error:
            if code_of(error):
                raise refused(f"give the records of {self._shard}", error) from error
            raise
        self._iterator = answer.next_iterator
        fresh = self._after_last(answer.records)
        if fresh:
            self._last = fresh[-1].number
        return Answer(fresh, answer.next_iterator, answer.behind_ms)

    def _answer(self, most: int) -> Answer:
        """The answer at the iterator; one that has expired, after five minutes unused, is made anew."""
        while True:
            iterator = self._iterator or self._ask("give an iterator", self._iterator_at_last)
            try:
                return self._ask("give the records", partial(self._stream.records, iterator, most))
            except Exception as error:
                if code_of(error) != EXPIRED_ITERATOR:
                    raise
                self._iterator = None

    def _ask(self, what: str, request: Callable[[], _T]) -> _T:
        return asked(f"{what} of {self._shard}", request, self._patience, self._stopping)

    def _iterator_at_last(self) -> str:
        if not self._last:
            return self._stream.iterator_from(self._shard, self._start.begin)
        try:
            return self._stream.iterator_at(self._shard, self._last)
        except Exception as error:
            if code_of(error) in (_FOREIGN_NUMBER, _NO_SHARD):
                raise OffsetsLost(
                    f"the shard {self._shard} does not know the sequence number {self._last}, up to which "
                    f"the query has read it: the stream was made anew ({error}). Start the query with a new "
                    "checkpoint"
                ) from error
            raise

    def _after_last(self, records: Sequence[Record]) -> Sequence[Record]:
        """Without what was read already, and what came before the time to begin at."""
        if self._last:
            return [one for one in records if int(one.number) > int(self._last)]
        begin = self._start.begin
        if not isinstance(begin, int):
            return records
        first = next((n for n, one in enumerate(records) if one.arrived_ms >= begin), len(records))
        return records[first:]

    def _check_loss(self, records: Sequence[Record]) -> None:
        self._is_sure = True
        if records and records[0].number == self._start.after:
            return
        idle_ms = self._now_ms() - self._start.seen_ms
        retention_ms = self._ask("tell its retention", self._stream.retention_ms)
        if idle_ms < retention_ms:
            return
        self._tell_loss(
            f"the record {self._start.after}, up to which the query has read {self._shard}, has expired, and "
            f"it was read {idle_ms // 3_600_000} hours ago: records after it may have expired unread"
        )


def fails(loss: str) -> None:
    """Raises OffsetsLost."""
    raise OffsetsLost(
        f"{loss}. To go on with what is there, set kinesis.failOnDataLoss=false; a longer retention keeps "
        "this from happening"
    )


def goes_on(loss: str) -> None:
    """Warns."""
    _LOG.warning("%s (kinesis.failOnDataLoss=false: the query goes on)", loss)
