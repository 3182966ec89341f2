"""A connector in one class: a source of sensor readings, written against PySpark's Data Source API.

The class runs on PySpark as well: there the base classes come from `pyspark.sql.datasource`, and
`Replayable`, which makes queries over it exactly-once here, is left out.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from typing import Any

from streamcore import Session
from streamcore.spi.exactly_once import Replayable
from streamcore.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

_READINGS_PER_SECOND = 10


class SensorSource(DataSource):
    """Readings of a few sensors; the option `sensors` says how many."""

    @classmethod
    def name(cls) -> str:
        """Return the name for `format(...)`."""
        return "sensor"

    def schema(self) -> str:
        """Return the columns."""
        return "sensor INT, number BIGINT, celsius DOUBLE"

    def streamReader(self, schema: Any) -> DataSourceStreamReader:
        """Return the reader of a stream."""
        return SensorReader(int(self.options.get("sensors", "2")))


class SensorReadings(InputPartition):
    """The readings [start, end) of one sensor."""

    def __init__(self, sensor: int, start: int, end: int) -> None:
        super().__init__((sensor, start, end))


class SensorReader(DataSourceStreamReader, Replayable):
    """Reads by offset ranges; the same range gives the same rows at any later time, hence exactly once."""

    def __init__(self, sensors: int) -> None:
        self._sensors = sensors

    def initialOffset(self) -> dict[str, int]:
        """Return where a new query starts; a restarted one starts at its checkpoint."""
        return {"number": int(time.time() * _READINGS_PER_SECOND)}

    def latestOffset(self, start: dict[str, int], limit: Any) -> dict[str, int]:
        """Return what there is now."""
        return {"number": max(start["number"], int(time.time() * _READINGS_PER_SECOND))}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[InputPartition]:
        """Return one partition for each sensor: they are read in parallel."""
        return [SensorReadings(sensor, start["number"], end["number"]) for sensor in range(self._sensors)]

    def read(self, partition: InputPartition) -> Iterator[tuple[int, int, float]]:
        """Yield the rows of one partition."""
        sensor, start, end = partition.value
        for number in range(start, end):
            yield sensor, number, 20 + 5 * math.sin(number / 10 + sensor)


def main() -> None:
    """Print the mean of each sensor for a few seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args()
    session = Session.builder.appName("custom source").getOrCreate()
    session.dataSource.register(SensorSource)
    readings = session.readStream.format("sensor").option("sensors", asked.sensors).load()
    means = readings.groupBy("sensor").avg("celsius")
    query = (
        means.writeStream.format("console").outputMode("complete").trigger(processingTime="1 second").start()
    )
    query.awaitTermination(asked.seconds)
    query.stop()
    session.stop()


if __name__ == "__main__":
    main()
