"""The data sources `statestore` and `state-metadata`."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cached_property

import pyarrow as pa

from streamcore.checkpoint.reading import CommittedBatches
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.options import Options
from streamcore.spi.types import (
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    parse_ddl,
    to_arrow_schema,
)
from streamcore.streaming.state_reading.options import (
    METADATA_OPTIONS,
    StateOptions,
    path_in,
    state_options,
    whole_number,
)
from streamcore.streaming.state_reading.place import StorePlace, committed_batch, find_store, operators_of
from streamcore.streaming.state_reading.rows import changed_rows, state_rows

_METADATA = parse_ddl(
    "operatorId bigint, operatorName string, stateStoreName string, numPartitions int, minBatchId bigint, "
    "maxBatchId bigint, operatorProperties string"
)


class StateDataSource(DataSource):
    """The state of one store after a batch, or what batches changed in it.

    The batch is chosen when the schema is asked for, and stays.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options)
        self._options: StateOptions = state_options(Options(options))

    @classmethod
    def name(cls) -> str:
        return "statestore"

    def schema(self) -> StructType:
        shape = self._place.shape
        fields = [StructField("key", shape.key_type), StructField("value", shape.value_type)]
        if self._place.first is not None:
            before = [StructField("batch_id", LongType()), StructField("change_type", StringType())]
            fields = [*before, *fields]
        return StructType([*fields, StructField("partition_id", IntegerType())])

    def reader(self, schema: StructType) -> DataSourceReader:
        return StateReader(self._batches, self._place)

    @cached_property
    def _batches(self) -> CommittedBatches:
        return CommittedBatches(self._options.path)

    @cached_property
    def _place(self) -> StorePlace:
        return find_store(self._batches, self._options)


class StateReader(DataSourceReader):
    """Reads one partition of the state, or of one batch's changes, at a time."""

    def __init__(self, batches: CommittedBatches, place: StorePlace) -> None:
        self._batches = batches
        self._place = place

    def partitions(self) -> Sequence[InputPartition]:
        place = self._place
        if place.first is None:
            return [InputPartition((place.last, number)) for number in self._partitions_of(place.last)]
        return [
            InputPartition((batch_id, number))
            for batch_id in range(place.first, place.last + 1)
            for number in self._partitions_of(batch_id)
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        batch_id, number = partition.value
        if self._place.first is None:
            for table in state_rows(self._batches, self._place, number):
                yield from table.to_batches()
            return
        yield from changed_rows(self._batches, self._place, batch_id, number).to_batches()

    def _partitions_of(self, batch_id: int) -> Sequence[int]:
        if self._place.partition is not None:
            return [self._place.partition]
        return range(self._batches.offsets(batch_id).operators[self._place.operator].partitions)


class StateMetadataDataSource(DataSource):
    """The stateful operators of a query and their stores."""

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options)
        found = Options(options)
        found.reject_unknown(METADATA_OPTIONS, "the state-metadata source")
        self._path = path_in(found)
        self._batch_id = whole_number(found, "batchId")

    @classmethod
    def name(cls) -> str:
        return "state-metadata"

    def schema(self) -> StructType:
        return _METADATA

    def reader(self, schema: StructType) -> DataSourceReader:
        return StateMetadataReader(CommittedBatches(self._path), self._batch_id)


class StateMetadataReader(DataSourceReader):
    """Reads what the description of a batch says of its operators."""

    def __init__(self, batches: CommittedBatches, batch_id: int | None) -> None:
        self._batches = batches
        self._batch_id = batch_id

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        batch_id = committed_batch(self._batches, self._batch_id)
        retained = self._batches.batches()
        told = self._batches.offsets(batch_id).operators
        rows = [
            {
                "operatorId": operator["number"],
                "operatorName": operator["operator"],
                "stateStoreName": store,
                "numPartitions": told[id_].partitions,
                "minBatchId": retained[0],
                "maxBatchId": retained[-1],
                "operatorProperties": json.dumps({"id": id_}),
            }
            for id_, operator in operators_of(self._batches, batch_id).items()
            for store in sorted(operator["stores"])
        ]
        yield from pa.Table.from_pylist(rows, to_arrow_schema(_METADATA)).to_batches()
