"""A range of one topic partition as an input partition, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka.cursor import PartitionCursor
from streamcore.sources.kafka.pool import CursorPool
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.datasource import InputPartition

if TYPE_CHECKING:
    import pyarrow as pa

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
    with CURSORS.lend(partition.span, partition.fetch) as cursor:
        yield from cursor.batches(partition.span, partition.columns)
