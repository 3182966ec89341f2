"""A range of a shard as an input partition, and how it is read anew where it is not at hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from streamcore.errors import OffsetsLost
from streamcore.sources.kinesis.offsets import Position
from streamcore.sources.kinesis.settings import FetchSettings
from streamcore.sources.kinesis.stream import Record, Stream
from streamcore.sources.kinesis.walk import ShardWalk
from streamcore.spi.datasource import InputPartition

_ROWS: Final = 20_000


@dataclass(frozen=True)
class ShardRange:
    """The records of a shard after `start` up to `end`; `hash_keys` is the range of the shard."""

    shard: str
    start: Position
    end: Position
    hash_keys: tuple[int, int]


class KinesisInputPartition(InputPartition):
    """The records of one shard between two positions."""

    def __init__(self, span: ShardRange, fetch: FetchSettings, columns: Sequence[str]) -> None:
        super().__init__(span)
        self.span = span
        self.fetch = fetch
        self.columns = tuple(columns)

    def __repr__(self) -> str:
        span = self.span
        return f"KinesisInputPartition({span.shard}, {span.start.records} to {span.end.records})"

    def with_columns(self, columns: Sequence[str]) -> KinesisInputPartition:
        """The same records, of which only `columns` are made."""
        kept = [name for name in self.columns if name in columns]
        return KinesisInputPartition(self.span, self.fetch, kept)


def in_pieces(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records in pieces that are worth an Arrow batch."""
    return (records[at : at + _ROWS] for at in range(0, len(records), _ROWS))


def read_again(stream: Stream, partition: KinesisInputPartition) -> Iterator[Sequence[Record]]:
    """The records of a range, asked of Kinesis: those that the range had when it was planned, or an error.

    Raises OffsetsLost when some of them have expired.
    """
    span, fetch, pausing = partition.span, partition.fetch, threading.Event()
    walk = ShardWalk(
        stream,
        span.shard,
        span.start,
        fetch.connection.patience,
        pausing,
        tell_loss=lambda _: None,  # they are counted here
    )
    left = span.end.records - span.start.records
    while left > 0:
        answer = walk.next(fetch.records_per_request)
        found = [one for one in answer.records if int(one.number) <= int(span.end.after)]
        left -= len(found)
        yield found
        is_past = len(found) < len(answer.records) or answer.next_iterator is None or answer.behind_ms == 0
        has_end = bool(found) and found[-1].number == span.end.after
        if left > 0 and (is_past or has_end):
            raise _lost(span, left)
        if left > 0:
            pausing.wait(fetch.interval_ms / 1000)


def _lost(span: ShardRange, missing: int) -> OffsetsLost:
    return OffsetsLost(
        f"{missing} records of {span.shard} after {span.start.after or span.start.begin} up to "
        f"{span.end.after} are gone: they expired before the batch was run again. Rewind the query no "
        "further than the stream's retention reaches, or start it with a new checkpoint"
    )
