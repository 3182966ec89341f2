"""The noop sink: runs the query and throws its rows away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.spi.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceStreamArrowWriter,
    WriterCommitMessage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.spi.types import StructType


class NoopSink(DataSource):
    """Takes every output mode and has no options; for measuring."""

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "noop"

    def writer(self, schema: StructType, overwrite: bool) -> NoopWriter:
        """A batch writer."""
        return NoopWriter()

    def streamWriter(self, schema: StructType, overwrite: bool) -> NoopStreamWriter:
        """A streaming writer."""
        return NoopStreamWriter()


class NoopWriter(DataSourceArrowWriter):
    """Pulls the rows of every partition and keeps none."""

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Reads to the end."""
        _exhaust(iterator)
        return WriterCommitMessage()


class NoopStreamWriter(DataSourceStreamArrowWriter):
    """Pulls the rows of every micro-batch and keeps none; at-least-once, for what it is worth."""

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Reads to the end."""
        _exhaust(iterator)
        return WriterCommitMessage()


def _exhaust(iterator: Iterator[pa.RecordBatch]) -> None:
    for _ in iterator:
        pass
