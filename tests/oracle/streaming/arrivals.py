"""A source whose micro-batches are laid down beforehand: offset n is the n-th batch to arrive."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from streamcore.spi.datasource import DataSource, DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadLimit
from streamcore.spi.types import StructType, parse_ddl, to_arrow_schema
from tests.oracle.streaming.scenarios import SCHEMA, Row

_ARRIVALS: dict[str, Arrivals] = {}
_names = itertools.count()
ARROW = to_arrow_schema(parse_ddl(SCHEMA))


class Arrivals:
    """The batches of one stream; `partitions` parts per batch."""

    def __init__(self, partitions: int = 1) -> None:
        self.name = f"arrivals-{next(_names)}"
        self.partitions = partitions
        self.batches: list[pa.Table] = []
        _ARRIVALS[self.name] = self

    def arrive(self, rows: Sequence[Row]) -> None:
        """Rows of the scenarios' schema; event times are seconds."""
        columns = [[row[n] for row in rows] for n in range(len(ARROW))]
        columns[0] = [None if ts is None else round(ts * 1_000_000) for ts in columns[0]]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, ARROW, strict=True)]
        self.batches.append(pa.Table.from_arrays(arrays, schema=ARROW))

    def to_df(self, session: Any) -> Any:
        session.dataSource.register(ArrivalsSource)
        return session.readStream.format("arrivals").option("name", self.name).load()


class ArrivalsSource(DataSource):
    @classmethod
    def name(cls) -> str:
        return "arrivals"

    def schema(self) -> StructType:
        return parse_ddl(SCHEMA)

    def streamReader(self, schema: StructType) -> ArrivalsReader:
        return ArrivalsReader(_ARRIVALS[self.options["name"]])


class ArrivalsReader(DataSourceStreamReader, Replayable):
    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    def initialOffset(self) -> Offset:
        return {"batch": 0}

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        return {"batch": min(start["batch"] + 1, len(self._arrivals.batches))}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        rows = pa.concat_tables(self._arrivals.batches[start["batch"] : end["batch"]])
        parts = self._arrivals.partitions
        size = -(-rows.num_rows // parts)
        return [InputPartition(rows.slice(n * size, size)) for n in range(parts) if n * size < rows.num_rows]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        return iter(partition.value.to_batches())
