"""The Kinesis source keeps the laws of sources, and reads shards that are split and merged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from streamcore.errors import SourceUnavailable
from streamcore.sources.kinesis.columns import SCHEMA
from streamcore.sources.kinesis.source import KinesisDataSource
from streamcore.sources.kinesis.stream_reader import KinesisStreamReader
from streamcore.spi.limits import ReadAllAvailable
from streamcore.spi.types import StructType
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.kinesis_streams import KinesisServer, KinesisStreams

pytestmark = pytest.mark.integration


def reader_of(kinesis: KinesisStreams, stream: str, **options: str) -> Any:
    given = {
        **kinesis.options,
        "kinesis.streamName": stream,
        "kinesis.startingPosition": "TRIM_HORIZON",
        "kinesis.getRecords.fetchIntervalMs": "40",
        "kinesis.describeShardInterval": "0ms",
        **{f"kinesis.{name}": value for name, value in options.items()},
    }
    return KinesisDataSource(given).streamReader(SCHEMA)


class KinesisHarness(SourceHarness):
    def __init__(self, kinesis: KinesisStreams) -> None:
        self._kinesis = kinesis
        self._stream = kinesis.new_stream()
        self._count = 0
        self._readers: list[Any] = []

    def reader(self) -> Any:
        return self._made()

    def limited_reader(self, rows: int) -> Any:
        return self._made(maxFetchRecordsPerShard=str(rows))

    def _made(self, **options: str) -> Any:
        self._readers.append(reader_of(self._kinesis, self._stream, **options))
        return self._readers[-1]

    def schema(self) -> StructType:
        return SCHEMA

    def add(self, rows: int) -> None:
        time.sleep(0.003)  # the clock has milliseconds
        numbers = range(self._count, self._count + rows)
        self._kinesis.put(self._stream, [(f"key {n % 3}", f"{n}".encode()) for n in numbers])
        self._count += rows

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()


class TestKinesisSource(SourceContract):
    @pytest.fixture
    def harness(self, kinesis: KinesisStreams) -> Iterator[KinesisHarness]:
        harness = KinesisHarness(kinesis)
        yield harness
        harness.close()


# ---- shards --------------------------------------------------------------------------------------


@pytest.fixture
def stream(kinesis: KinesisStreams) -> str:
    return kinesis.new_stream(shards=2)


@pytest.fixture
def reader(kinesis: KinesisStreams, stream: str) -> Iterator[KinesisStreamReader]:
    made = reader_of(kinesis, stream)
    yield made
    made.stop()


def batches(reader: Any, start: Any, most: int = 20) -> list[Any]:
    """The ends of the batches until nothing is left, each committed before the next is planned."""
    ends = [start]
    for _ in range(most):
        end = reader.latestOffset(ends[-1], ReadAllAvailable())
        if end == ends[-1]:
            return ends
        reader.commit(ends[-1])
        ends.append(end)
    raise AssertionError(f"after {most} batches there was still more to read")


def rows(reader: Any, start: Any, end: Any) -> list[tuple[str, str]]:
    """Key and data of a range, in the order in which they are read."""
    return [
        (row["partitionKey"], row["data"].decode())
        for partition in reader.partitions(start, end)
        for batch in reader.read(partition)
        for row in batch.to_pylist()
    ]


def numbered(first: int, last: int) -> list[tuple[str, bytes]]:
    return [(f"key {n % 7}", f"{n}".encode()) for n in range(first, last)]


def of_key(found: list[tuple[str, str]], key: str) -> list[int]:
    return [int(data) for k, data in found if k == key]


def test_a_record_has_the_columns_of_the_connector_for_spark(
    kinesis: KinesisStreams, stream: str, reader: KinesisStreamReader
) -> None:
    before = time.time()
    kinesis.put(stream, [("a key", b"\x00\xff")])
    start = reader.initialOffset()
    (partition,) = reader.partitions(start, reader.latestOffset(start, ReadAllAvailable()))
    (row,) = [row for batch in reader.read(partition) for row in batch.to_pylist()]
    (record,) = kinesis.records(stream)
    assert (row["data"], row["streamName"], row["partitionKey"]) == (b"\x00\xff", stream, "a key")
    assert row["sequenceNumber"] == record["SequenceNumber"]
    assert abs(row["approximateArrivalTimestamp"].timestamp() - before) < 30


def test_shards_that_are_split_and_merged_are_read_once_and_in_the_order_of_their_keys(
    kinesis: KinesisStreams, stream: str, reader: KinesisStreamReader
) -> None:
    start = reader.initialOffset()
    kinesis.put(stream, numbered(0, 20))
    kinesis.split(stream)
    kinesis.put(stream, numbered(20, 40))
    kinesis.merge(stream)
    kinesis.put(stream, numbered(40, 60))
    ends = batches(reader, start)
    found = [row for a, b in pairwise(ends) for row in rows(reader, a, b)]
    assert sorted(int(data) for _, data in found) == list(range(60))
    for key in {key for key, _ in found}:
        assert of_key(found, key) == sorted(of_key(found, key))


def test_the_children_of_a_shard_are_read_after_the_batch_that_ends_it(
    kinesis: KinesisStreams, reader: KinesisStreamReader, stream: str
) -> None:
    start = reader.initialOffset()
    kinesis.put(stream, numbered(0, 9))
    kinesis.split(stream)
    kinesis.put(stream, numbered(9, 18))
    first = reader.latestOffset(start, ReadAllAvailable())
    parent = min(first)
    assert first[parent]["closed"]
    assert len(first) == 2
    second = reader.latestOffset(first, ReadAllAvailable())
    assert len(second) == 4
    assert sorted(int(data) for _, data in rows(reader, start, first) + rows(reader, first, second)) == list(
        range(18)
    )


def test_what_comes_from_now_on_is_what_latest_reads_also_of_new_shards(
    kinesis: KinesisStreams, stream: str
) -> None:
    kinesis.put(stream, numbered(0, 10))
    kinesis.split(stream)
    kinesis.put(stream, numbered(10, 20))
    time.sleep(0.005)
    reader = reader_of(kinesis, stream, startingPosition="LATEST")
    start = reader.initialOffset()
    kinesis.put(stream, numbered(20, 30))
    kinesis.split(stream, 2)
    kinesis.put(stream, numbered(30, 40))
    ends = batches(reader, start)
    found = [row for a, b in pairwise(ends) for row in rows(reader, a, b)]
    reader.stop()
    assert sorted(int(data) for _, data in found) == list(range(20, 40))


def test_a_time_to_begin_at_holds_for_every_shard(kinesis: KinesisStreams, stream: str) -> None:
    kinesis.put(stream, numbered(0, 10))
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    kinesis.put(stream, numbered(10, 20))
    kinesis.split(stream)
    kinesis.put(stream, numbered(20, 30))
    reader = reader_of(kinesis, stream, startingPosition=f"AT_TIMESTAMP {moment}")
    ends = batches(reader, reader.initialOffset())
    found = [row for a, b in pairwise(ends) for row in rows(reader, a, b)]
    reader.stop()
    assert sorted(int(data) for _, data in found) == list(range(10, 30))


@pytest.mark.soak
def test_a_server_that_goes_away_makes_the_source_unavailable_until_it_is_back(
    private_kinesis: KinesisServer,
) -> None:
    stream = private_kinesis.new_stream()
    reader = reader_of(private_kinesis, stream, clientNumRetries="1")
    start = reader.initialOffset()
    private_kinesis.put(stream, numbered(0, 5))
    first = reader.latestOffset(start, ReadAllAvailable())
    private_kinesis.put(stream, numbered(5, 9))
    time.sleep(0.5)  # until they are on the disk
    private_kinesis.stop()
    with pytest.raises(SourceUnavailable):
        reader.latestOffset(first, ReadAllAvailable())
    private_kinesis.start()
    second = reader.latestOffset(first, ReadAllAvailable())
    again = [*rows(reader, start, first), *rows(reader, first, second)]
    reader.stop()
    assert [int(data) for _, data in again] == list(range(9))
