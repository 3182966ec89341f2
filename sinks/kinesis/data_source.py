"""The sink `aws-kinesis`, or `kinesis`."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.kinesis.connecting import CONNECTING, Connection, connection_of
from streamcore.sinks.kinesis.putting import Putting
from streamcore.sinks.kinesis.rows import check_columns, entries
from streamcore.spi.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceStreamArrowWriter,
    WriterCommitMessage,
)
from streamcore.spi.options import Options

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType

_AGGREGATION: Final = "kinesis.sink.aggregationEnabled"
_REFUSED: Final = {
    "kinesis.sink.recordTtl": "no record is dropped here: a batch fails when Kinesis goes on refusing one",
    "kinesis.sink.": "it is a setting of the Kinesis Producer Library, which is not used here; leave it out",
    "kinesis.consumer": "it is an option of the source",
    "proxy": "set HTTPS_PROXY in the environment",
}


class KinesisSink(DataSource):
    """Puts rows into a stream: columns data, partitionKey, and explicitHashKey if given.

    At-least-once: Kinesis has no transactions, so a batch that is run again after a failure puts its rows
    again.  Options are those of AWS's connector for Spark that say which stream and who asks.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options if isinstance(options, Options) else Options(options))

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "aws-kinesis"

    def describe(self) -> str:
        """One text for one stream."""
        return f"KinesisSink[{self.options.get('kinesis.streamName', '')}]"

    def writer(self, schema: StructType, overwrite: bool) -> KinesisWriter:
        """A batch writer; a stream cannot be overwritten."""
        if overwrite:
            raise AnalysisException("records of Kinesis cannot be overwritten: use mode('append')")
        return KinesisWriter(self._connection(schema))

    def streamWriter(self, schema: StructType, overwrite: bool) -> KinesisStreamWriter:
        """A streaming writer."""
        if overwrite:
            raise AnalysisException(
                "the kinesis sink adds records: it takes the output modes append and update, not complete"
            )
        return KinesisStreamWriter(self._connection(schema))

    def _connection(self, schema: StructType) -> Connection:
        assert isinstance(self.options, Options)
        _check_options(self.options)
        check_columns(schema)
        return connection_of(self.options)


def _check_options(options: Options) -> None:
    if options.boolean(_AGGREGATION, default=False):
        raise UnsupportedOperationException(
            f"{_AGGREGATION}=true is not offered: every row is a record of its own; leave it out"
        )
    for name in options:
        why = next((w for prefix, w in _REFUSED.items() if name.lower().startswith(prefix.lower())), None)
        if why is not None and name.lower() != _AGGREGATION.lower():
            raise UnsupportedOperationException(f"the kinesis sink does not read the option {name}: {why}")
    options.reject_unknown((*CONNECTING, _AGGREGATION), "the kinesis sink")


class KinesisWriter(DataSourceArrowWriter):
    """Puts the rows of a batch write."""

    def __init__(self, connection: Connection) -> None:
        self._putting = Putting(connection)

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Puts the rows of a partition, in order."""
        self._putting.put(row for batch in iterator for row in entries(batch))
        return WriterCommitMessage()


class KinesisStreamWriter(DataSourceStreamArrowWriter):
    """Puts the rows of every micro-batch; at-least-once."""

    def __init__(self, connection: Connection) -> None:
        self._putting = Putting(connection)

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Puts the rows of a partition, in order."""
        self._putting.put(row for batch in iterator for row in entries(batch))
        return WriterCommitMessage()
