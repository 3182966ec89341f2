"""The data source `rate`: rows (timestamp, value) at a steady rate, for trials and load tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import IllegalArgumentException
from streamcore.sources.fixed_schema import require_schema
from streamcore.spi.clock import Clock, SystemClock
from streamcore.spi.datasource import DataSource, DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options
from streamcore.spi.types import LongType, StructField, StructType, TimestampType

if TYPE_CHECKING:
    import pyarrow as pa

RATE_SCHEMA: Final = StructType([StructField("timestamp", TimestampType()), StructField("value", LongType())])

_BATCH_ROWS: Final = 100_000
_SECONDS: Final = {"": 0.001, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Speed:
    """How many rows there are at which second.

    During the ramp-up the speed grows by the same amount every second.
    """

    rows_per_second: int
    ramp_up_seconds: int = 0

    def rows_until(self, second: int) -> int:
        """The number of rows in the first `second` seconds.

        >>> [Speed(10, ramp_up_seconds=4).rows_until(second) for second in range(7)]
        [0, 2, 6, 12, 20, 30, 40]
        """
        ramped = min(second, self.ramp_up_seconds)
        growth = self.rows_per_second // (self.ramp_up_seconds + 1)
        return growth * ramped * (ramped + 1) // 2 + (second - ramped) * self.rows_per_second


class RateInputPartition(InputPartition):
    """Every `stride`-th row from the `first` on, of the seconds `start` to `end`."""

    def __init__(self, origin_ms: int, start: int, end: int, first: int, stride: int, speed: Speed) -> None:
        super().__init__((start, end))
        self.origin_ms = origin_ms
        self.start = start
        self.end = end
        self.first = first
        self.stride = stride
        self.speed = speed


class RateStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Rows decided by the second they belong to, so that any range gives the same rows at any time.

    The offset carries when the query was first started, so a restart goes on with the same rows.
    """

    def __init__(self, speed: Speed, partitions: int, clock: Clock) -> None:
        self._speed = speed
        self._partitions = partitions
        self._clock = clock
        self._stop_ms: int | None = None

    def initialOffset(self) -> Offset:
        return {"origin": self._clock.now_ms(), "second": 0}

    def prepareForTriggerAvailableNow(self) -> None:
        self._stop_ms = self._clock.now_ms()

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        now = self._clock.now_ms() if self._stop_ms is None else self._stop_ms
        second = max(start["second"], (now - start["origin"]) // 1000)
        return {"origin": start["origin"], "second": second}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        begin, until = start["second"], end["second"]
        if self._speed.rows_until(begin) == self._speed.rows_until(until):
            return []
        count = self._partitions
        return [
            RateInputPartition(start["origin"], begin, until, i, count, self._speed) for i in range(count)
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, RateInputPartition)
        return _rows_of(partition)


def _rows_of(partition: RateInputPartition) -> Iterator[pa.RecordBatch]:
    import numpy as np

    from streamcore.sources.arrow_rows import timestamps_and_values

    speed = partition.speed
    seconds = np.arange(partition.start, partition.end + 1)
    edges = np.array([speed.rows_until(int(second)) for second in seconds], np.int64)
    step = _BATCH_ROWS * partition.stride
    for low in range(int(edges[0]) + partition.first, int(edges[-1]), step):
        values = np.arange(low, min(low + step, int(edges[-1])), partition.stride, dtype=np.int64)
        index = np.searchsorted(edges, values, side="right") - 1
        within = (values - edges[index]) * 1000 // (edges[index + 1] - edges[index])
        times = (partition.origin_ms + seconds[index] * 1000 + within) * 1000
        yield timestamps_and_values(times.astype(np.int64), values)


class RateDataSource(DataSource, ChecksStreamOptions):
    """Options: rowsPerSecond (1), rampUpTime (0s), numPartitions (the number of cores)."""

    def __init__(self, options: MutableMapping[str, str], clock: Clock | None = None) -> None:
        super().__init__(options)
        self._clock = clock or SystemClock()

    @classmethod
    def name(cls) -> str:
        return "rate"

    def schema(self) -> StructType:
        return RATE_SCHEMA

    def check_stream_options(self) -> None:
        """See `ChecksStreamOptions.check_stream_options`."""
        self._settings()

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        require_schema(schema, RATE_SCHEMA, "rate")
        return RateStreamReader(*self._settings(), self._clock)

    def _settings(self) -> tuple[Speed, int]:
        options = Options(self.options)
        options.reject_unknown(("rowsPerSecond", "rampUpTime", "numPartitions"), "the rate source")
        speed = Speed(options.integer("rowsPerSecond", 1, minimum=1) or 1, _ramp_up(options))
        return speed, partition_count(options)


def partition_count(options: Options) -> int:
    """The option numPartitions; as many as there are cores by default."""
    import os

    return options.integer("numPartitions", None, minimum=1) or os.cpu_count() or 1


def _ramp_up(options: Options) -> int:
    text = options.get("rampUpTime", "0s").strip().lower()
    match = re.fullmatch(r"(\d+)\s*([a-z]*)", text)
    if match is None or match[2] not in _SECONDS:
        raise IllegalArgumentException(f"option rampUpTime={text!r} must be a duration such as 5s or 2m")
    return int(int(match[1]) * _SECONDS[match[2]])
