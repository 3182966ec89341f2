"""The laws of `streamcore.testing.source_contract`, over every source of our own."""

from __future__ import annotations

import contextlib
import importlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.sources.kafka.source import KafkaDataSource
from streamcore.sources.rate import RateDataSource
from streamcore.sources.rate_micro_batch import RateMicroBatchReader
from streamcore.sources.registry import BUILT_IN
from streamcore.sources.socket import SocketDataSource
from streamcore.spi.types import StructType, parse_ddl
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.kafka_topics import KafkaTopics


class MemoryHarness(SourceHarness):
    def __init__(self) -> None:
        self._stream = MemoryStream("n int, word string", partitions=3)
        self._next = 0

    def reader(self) -> Any:
        return self._stream.data_source().streamReader(self._stream.schema)

    def limited_reader(self, rows: int) -> Any:
        self._stream.max_rows_per_batch = rows
        return self.reader()

    def schema(self) -> StructType:
        return self._stream.schema

    def add(self, rows: int) -> None:
        self._stream.addData([(n, f"word {n}") for n in range(self._next, self._next + rows)])
        self._next += rows


class TestMemoryStream(SourceContract):
    @pytest.fixture
    def harness(self) -> SourceHarness:
        return MemoryHarness()


class RateHarness(SourceHarness):
    """One row per second: rows are added by letting time pass."""

    def __init__(self) -> None:
        self._clock = ManualClock(now_ms=1_700_000_000_123)
        self._source = RateDataSource({"rowsPerSecond": "1", "numPartitions": "2"}, self._clock)

    def reader(self) -> Any:
        return self._source.streamReader(self.schema())

    def schema(self) -> StructType:
        return self._source.schema()

    def add(self, rows: int) -> None:
        self._clock.advance(rows)


class TestRate(SourceContract):
    @pytest.fixture
    def harness(self) -> SourceHarness:
        return RateHarness()


class SocketHarness(SourceHarness):
    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._port = self._server.getsockname()[1]
        self._source = SocketDataSource({"host": "127.0.0.1", "port": str(self._port)})
        self._clients: list[socket.socket] = []
        self._readers: list[Any] = []

    def reader(self) -> Any:
        accepting = threading.Thread(target=lambda: self._clients.append(self._server.accept()[0]))
        accepting.start()
        reader = self._source.streamReader(self.schema())
        accepting.join()
        self._readers.append(reader)
        return reader

    def schema(self) -> StructType:
        return self._source.schema()

    def add(self, rows: int) -> None:
        reader = self._readers[-1]
        before = len(reader._lines)
        self._clients[-1].sendall(b"a line\n" * rows)
        while len(reader._lines) < before + rows:
            time.sleep(0.001)

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()
        for client in [*self._clients, self._server]:
            with contextlib.suppress(OSError):
                client.close()


class TestSocket(SourceContract):
    @pytest.fixture
    def harness(self) -> Iterator[SourceHarness]:
        harness = SocketHarness()
        yield harness
        harness.close()


class KafkaHarness(SourceHarness):
    def __init__(self, kafka: KafkaTopics) -> None:
        self._kafka = kafka
        self._topic = kafka.new_topic(partitions=3)
        self._readers: list[Any] = []
        self._next = 0

    def _source(self, **extra: str) -> KafkaDataSource:
        options = {
            "kafka.bootstrap.servers": self._kafka.bootstrap,
            "subscribe": self._topic,
            "startingOffsets": "earliest",
            "includeHeaders": "true",
        }
        return KafkaDataSource(options | extra)

    def _reader(self, **extra: str) -> Any:
        reader = self._source(**extra).streamReader(self.schema())
        self._readers.append(reader)
        return reader

    def reader(self) -> Any:
        return self._reader()

    def limited_reader(self, rows: int) -> Any:
        return self._reader(maxOffsetsPerTrigger=str(rows))

    def schema(self) -> StructType:
        return self._source().schema()

    def add(self, rows: int) -> None:
        for n in range(self._next, self._next + rows):
            self._kafka.produce(self._topic, [f"value {n}"], partition=n % 3)
        self._next += rows

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()


@pytest.mark.integration
class TestKafka(SourceContract):
    @pytest.fixture
    def harness(self, kafka: KafkaTopics) -> Iterator[SourceHarness]:
        harness = KafkaHarness(kafka)
        yield harness
        harness.close()


class TestKafkaWithoutTheCLibrary(TestKafka):
    @pytest.fixture(autouse=True)
    def _plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STREAMCORE_KAFKA_NATIVE", "off")


def test_every_micro_batch_of_rate_micro_batch_has_the_same_number_of_rows() -> None:
    reader = RateMicroBatchReader(rows=10, partitions=3, start_ms=5_000, advance_ms=1_000)
    start = reader.initialOffset()
    end = reader.latestOffset(start, reader.getDefaultReadLimit())
    rows = [
        row
        for part in reader.partitions(start, end)
        for batch in reader.read(part)
        for row in batch.to_pylist()
    ]
    assert sorted(row["value"] for row in rows) == list(range(10))
    assert {row["timestamp"].timestamp() for row in rows} == {5.0}
    assert end == {"offset": 10, "timestamp": 6_000}


class FileHarness(SourceHarness):
    """Every addition is one file; restarted readers share the checkpoint's folder."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._folder.mkdir()
        self._metadata = MemoryStorage()
        self._next = 0

    def _reader(self, **extra: str) -> Any:
        module, name = BUILT_IN[self._kind].split(":")
        source = getattr(importlib.import_module(module), name)({"path": str(self._folder)} | extra)
        reader = source.streamReader(self.schema())
        reader.set_metadata(self._metadata)
        return reader

    def reader(self) -> Any:
        return self._reader()

    def limited_reader(self, rows: int) -> Any:
        # Every addition of the law is one file of two rows.
        return self._reader(maxFilesPerTrigger=str(rows // 2))

    def schema(self) -> StructType:
        return parse_ddl("value string" if self._kind == "text" else "n int, word string")

    def add(self, rows: int) -> None:
        numbers = range(self._next, self._next + rows)
        path = self._folder / f"{self._next:05d}.{self._kind}"
        hidden = path.with_name(f".{path.name}")
        WRITERS[self._kind](hidden, numbers)
        hidden.rename(path)
        self._next += rows


def _write_lines(line: Callable[[int], str]) -> Callable[[Path, range], None]:
    def write(path: Path, numbers: range) -> None:
        path.write_text("".join(f"{line(n)}\n" for n in numbers))

    return write


def _write_parquet(path: Path, numbers: range) -> None:
    words = [f"word {n}" for n in numbers]
    pq.write_table(pa.table({"n": pa.array(numbers, pa.int32()), "word": words}), path)


WRITERS: dict[str, Callable[[Path, range], None]] = {
    "csv": _write_lines(lambda n: f'{n},"word, {n}"'),
    "json": _write_lines(lambda n: f'{{"n": {n}, "word": "word {n}"}}'),
    "parquet": _write_parquet,
    "text": _write_lines(lambda n: f"line {n}"),
}


class TestFiles(SourceContract):
    @pytest.fixture(params=sorted(WRITERS))
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> SourceHarness:
        return FileHarness(request.param, tmp_path / "in")
