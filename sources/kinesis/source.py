"""The data source `aws-kinesis`, or `kinesis`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.sources.kinesis.settings import settings_of
from streamcore.spi.datasource import DataSource, DataSourceReader, DataSourceStreamReader
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from streamcore.spi.types import StructType


class KinesisDataSource(DataSource, ChecksStreamOptions):
    """Records of a stream of Amazon Kinesis: data, streamName, partitionKey, sequenceNumber,
    approximateArrivalTimestamp.

    Options are those of AWS's connector for Spark. Two defaults differ: `kinesis.failOnDataLoss` is true, and
    `kinesis.endpointUrl` need not be given where a region is known.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options if isinstance(options, Options) else Options(options))

    @classmethod
    def name(cls) -> str:
        return "aws-kinesis"

    def describe(self) -> str:
        """One text for one stream."""
        return f"KinesisSource[{self.options.get('kinesis.streamName', '')}]"

    def schema(self) -> StructType:
        from streamcore.sources.kinesis.columns import SCHEMA

        return SCHEMA

    def reader(self, schema: StructType) -> DataSourceReader:
        raise UnsupportedOperationException(
            "a stream of Kinesis is read with readStream; for what is there now, with "
            "trigger(availableNow=True) and kinesis.startingPosition=TRIM_HORIZON"
        )

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.kinesis.stream_reader import KinesisStreamReader

        if schema != self.schema():
            raise AnalysisException(
                "the kinesis source has a fixed schema: leave out schema(...), and convert data with "
                "functions such as from_json after the read"
            )
        assert isinstance(self.options, Options)
        return KinesisStreamReader(settings_of(self.options), schema.fieldNames())

    def check_stream_options(self) -> None:
        assert isinstance(self.options, Options)
        settings_of(self.options)
