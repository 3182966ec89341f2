"""The data source `rate-micro-batch`: the same number of rows in every micro-batch, whatever the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.sources.fixed_schema import require_schema
from streamcore.sources.rate import RATE_SCHEMA, partition_count
from streamcore.spi.datasource import DataSource, DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.options import Options

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType

_KNOWN = ("rowsPerBatch", "numPartitions", "startTimestamp", "advanceMillisPerBatch")


class RateMicroBatchReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Batch k holds the values from k * rows on, all at one timestamp, which moves on by a fixed step."""

    def __init__(self, rows: int, partitions: int, start_ms: int, advance_ms: int) -> None:
        self._rows = rows
        self._partitions = partitions
        self._start_ms = start_ms
        self._advance_ms = advance_ms
        self._batches_left: int | None = None

    def initialOffset(self) -> Offset:
        return {"offset": 0, "timestamp": self._start_ms}

    def prepareForTriggerAvailableNow(self) -> None:
        self._batches_left = 1

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        if self._batches_left is not None:
            self._batches_left -= 1
            if self._batches_left < 0:
                return start
        return {"offset": start["offset"] + self._rows, "timestamp": start["timestamp"] + self._advance_ms}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        count = self._partitions
        return [] if start == end else [InputPartition((start, end, i, count)) for i in range(count)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        import numpy as np

        from streamcore.sources.arrow_rows import timestamps_and_values

        start, end, first, stride = partition.value
        values = np.arange(start["offset"] + first, end["offset"], stride, dtype=np.int64)
        batch = (values - start["offset"]) // self._rows
        times = (start["timestamp"] + batch * self._advance_ms) * 1000
        if len(values):
            yield timestamps_and_values(times, values)


class RateMicroBatchDataSource(DataSource):
    """Options: rowsPerBatch (required), numPartitions, startTimestamp (0), advanceMillisPerBatch (1000)."""

    @classmethod
    def name(cls) -> str:
        return "rate-micro-batch"

    def schema(self) -> StructType:
        return RATE_SCHEMA

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        require_schema(schema, RATE_SCHEMA, self.name())
        options = Options(self.options)
        options.reject_unknown(_KNOWN, "the rate-micro-batch source")
        rows = options.integer("rowsPerBatch", minimum=1)
        if rows is None:
            raise IllegalArgumentException("the rate-micro-batch source needs the option rowsPerBatch")
        start = options.integer("startTimestamp", 0, minimum=0) or 0
        advance = options.integer("advanceMillisPerBatch", minimum=0)
        return RateMicroBatchReader(
            rows, partition_count(options), start, 1000 if advance is None else advance
        )
