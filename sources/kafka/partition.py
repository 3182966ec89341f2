"""A range of one topic partition as an input partition, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.kafka.gc_pause import gc_paused
from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka.cursor import PartitionCursor
from streamcore.sources.kafka.pool import CursorPool
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.datasource import InputPartition

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import Message

    from streamcore.sources.kafka.columns import BatchBuilder

_BATCH_ROWS: Final = 100_000
_BATCH_BYTES: Final = 64 << 20

CURSORS: Final = CursorPool(lambda wanted, fetch: PartitionCursor(wanted.topic, wanted.partition, fetch))
"""The idle consumers of this process."""


class KafkaInputPartition(InputPartition):
    """The records of one topic partition between two offsets."""

    def __init__(self, span: OffsetRange, fetch: FetchSettings, columns: Sequence[str]) -> None:
        super().__init__(span)
        self.span = span
        self.fetch = fetch
        self.columns = tuple(columns)

    def __repr__(self) -> str:
        span = self.span
        return f"KafkaInputPartition({span.topic}-{span.partition}, {span.start} to {span.end})"

    def with_columns(self, columns: Sequence[str]) -> KafkaInputPartition:
        """The same records, of which only `columns` are made; the others cost nothing then."""
        wanted = set(columns)
        kept = [name for name in self.columns if name in wanted]
        return KafkaInputPartition(self.span, self.fetch, kept)


def read_partition(partition: KafkaInputPartition) -> Iterator[pa.RecordBatch]:
    """The records as Arrow, in the order of their offsets."""
    from streamcore.sources.kafka.columns import BatchBuilder

    span = partition.span
    with CURSORS.lend(span, partition.fetch) as cursor:
        chunks = cursor.chunks(span)
        while True:
            builder = BatchBuilder(span.topic, span.partition, partition.columns)
            with gc_paused():
                _fill(builder, chunks)
            if builder.rows == 0:
                return
            yield builder.build()


def _fill(builder: BatchBuilder, chunks: Iterator[list[Message]]) -> None:
    for chunk in chunks:
        builder.add(chunk)
        if builder.rows >= _BATCH_ROWS or builder.bytes >= _BATCH_BYTES:
            return
