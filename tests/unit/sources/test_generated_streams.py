"""The sources rate and socket."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest

from streamcore.errors import IllegalArgumentException, OffsetsLost, QueryExecutionException
from streamcore.sources.rate import RateDataSource
from streamcore.sources.socket import SocketDataSource
from streamcore.spi.exactly_once import Guarantee, Replayable, guarantee_of
from streamcore.spi.limits import ReadAllAvailable
from streamcore.testing.clock import ManualClock
from streamcore.testing.source_contract import rows_between


def test_rate_spreads_its_rows_over_every_second() -> None:
    clock = ManualClock(now_ms=10_000)
    source = RateDataSource({"rowsPerSecond": "4", "numPartitions": "1"}, clock)
    reader = source.streamReader(source.schema())
    start = reader.initialOffset()
    clock.advance(1.9)
    end = reader.latestOffset(start, ReadAllAvailable())
    (part,) = reader.partitions(start, end)
    (batch,) = reader.read(part)
    assert batch.column("value").to_pylist() == [0, 1, 2, 3]  # type: ignore[union-attr]
    times = [time.timestamp() for time in batch.column("timestamp").to_pylist()]  # type: ignore[union-attr]
    assert times == [10.0, 10.25, 10.5, 10.75]


def test_rate_gives_the_same_rows_however_the_range_is_cut() -> None:
    clock = ManualClock()
    source = RateDataSource({"rowsPerSecond": "7", "rampUpTime": "3s", "numPartitions": "3"}, clock)
    reader = source.streamReader(source.schema())
    edges = [{"origin": 0, "second": second} for second in range(7)]
    whole = rows_between(reader, edges[0], edges[-1])
    pieces = [rows_between(reader, a, b) for a, b in pairwise(edges)]
    assert sum((piece.total() for piece in pieces), 0) == whole.total()
    for piece in pieces:
        assert piece <= whole


def test_rate_refuses_a_wrong_duration() -> None:
    with pytest.raises(IllegalArgumentException, match="rampUpTime='soon'"):
        RateDataSource({"rampUpTime": "soon"}).streamReader(RateDataSource({}).schema())


def _socket_source(server: socket.socket) -> SocketDataSource:
    return SocketDataSource({"host": "127.0.0.1", "port": str(server.getsockname()[1])})


def test_a_socket_without_a_server_is_refused_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = _socket_source(server)
    with pytest.raises(QueryExecutionException, match=r"no server at 127\.0\.0\.1:\d+"):
        source.streamReader(source.schema())


def test_a_socket_says_that_it_cannot_be_replayed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = _socket_source(server)
        reader = source.streamReader(source.schema())
        assert guarantee_of(reader) is Guarantee.AT_LEAST_ONCE
        with pytest.raises(OffsetsLost, match="Start with a new checkpoint"):
            reader.partitions({"offset": 3}, {"offset": 5})
        reader.stop()


def test_every_source_but_the_socket_declares_that_it_can_be_read_again() -> None:
    from streamcore.sources.files.stream_reader import FileStreamReader
    from streamcore.sources.kafka.stream_reader import KafkaStreamReader
    from streamcore.sources.rate import RateStreamReader
    from streamcore.sources.rate_micro_batch import RateMicroBatchReader
    from streamcore.testing.memory_source import MemoryStreamReader

    readers = (
        FileStreamReader,
        KafkaStreamReader,
        RateStreamReader,
        RateMicroBatchReader,
        MemoryStreamReader,
    )
    assert all(issubclass(reader, Replayable) for reader in readers)
