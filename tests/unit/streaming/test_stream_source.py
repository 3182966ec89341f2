"""Readers as the loop sees them: ours, older signatures, simple readers, foreign base classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.datasource import (
    DataSource,
    DataSourceStreamReader,
    InputPartition,
    SimpleDataSourceStreamReader,
)
from streamcore.spi.exactly_once import Guarantee, NotReplayable, Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from streamcore.spi.metrics import ReportsSourceMetrics
from streamcore.spi.options import Options
from streamcore.spi.types import StructType, parse_ddl
from streamcore.storage import SubStorage
from streamcore.storage.memory import MemoryStorage
from streamcore.streaming.stream_source import SourceReader, StreamSource

SCHEMA = parse_ddl("n int")
Offset = dict[str, int]


class Of(DataSource):
    """A data source around a reader made by `make`."""

    def __init__(self, make: Any, kind: str = "streamReader") -> None:
        super().__init__({})
        self.make, self.kind = make, kind

    def streamReader(self, schema: StructType) -> Any:
        return self.make() if self.kind == "streamReader" else super().streamReader(schema)

    def simpleStreamReader(self, schema: StructType) -> Any:
        return self.make() if self.kind == "simpleStreamReader" else super().simpleStreamReader(schema)


def opened(data_source: Any, metadata: Any = None) -> SourceReader:
    return StreamSource("numbers", data_source, SCHEMA, Options()).open("source-0", metadata)


class Numbers(DataSourceStreamReader):
    """0, 1, 2, ... up to `available`, which a test moves."""

    def __init__(self) -> None:
        self.available = 3
        self.committed: list[Offset] = []
        self.stopped = False

    def initialOffset(self) -> Offset:
        return {"n": 0}

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        most = limit.max_rows if isinstance(limit, ReadMaxRows) else self.available
        return {"n": min(self.available, start["n"] + most)}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        return [InputPartition(range(start["n"], end["n"]))]

    def read(self, partition: InputPartition) -> Iterator[tuple[int]]:
        return iter([(n,) for n in partition.value])

    def commit(self, end: Offset) -> None:
        self.committed.append(end)

    def stop(self) -> None:
        self.stopped = True


class OldNumbers(Numbers):
    """The signature of PySpark 4.0 and 4.1."""

    def latestOffset(self) -> Offset:  # type: ignore[override]
        return {"n": self.available}


def test_a_reader_is_asked_for_an_end_under_its_limit() -> None:
    reader = opened(Of(Numbers))
    assert reader.initial_offset() == {"n": 0}
    assert reader.next_end({"n": 0}, ReadMaxRows(2)) == {"n": 2}
    assert reader.next_end({"n": 0}, ReadAllAvailable()) == {"n": 3}


def test_a_reader_with_the_older_signature_runs_unchanged() -> None:
    reader = opened(Of(OldNumbers))
    assert reader.next_end({"n": 1}, ReadMaxRows(1)) == {"n": 3}
    assert isinstance(reader.default_limit(), ReadAllAvailable)


def test_rows_commits_and_the_stop_go_through() -> None:
    numbers = Numbers()
    reader = opened(Of(lambda: numbers))
    (part,) = reader.partitions({"n": 1}, {"n": 3})
    assert list(reader.of_partitions.read(part)) == [(1,), (2,)]
    reader.commit({"n": 3})
    reader.stop()
    assert (numbers.committed, numbers.stopped) == ([{"n": 3}], True)


def test_a_reader_that_cannot_fix_todays_end_says_so() -> None:
    class Fixing(Numbers, SupportsTriggerAvailableNow):
        fixed = False

        def prepareForTriggerAvailableNow(self) -> None:
            self.fixed = True

    fixing = Fixing()
    assert not opened(Of(Numbers)).prepare_available_now()
    assert opened(Of(lambda: fixing)).prepare_available_now()
    assert fixing.fixed


def test_a_reader_is_replayable_when_it_declares_it() -> None:
    class Log(Numbers, Replayable):
        pass

    class Socket(Numbers, NotReplayable):
        pass

    assert opened(Of(Numbers)).guarantee is Guarantee.AT_LEAST_ONCE
    assert opened(Of(Log)).guarantee is Guarantee.EXACTLY_ONCE
    assert opened(Of(Socket)).guarantee is Guarantee.AT_LEAST_ONCE
    assert [opened(Of(kind)).declines_replay for kind in (Numbers, Log, Socket)] == [False, False, True]


def test_a_reader_with_a_log_gets_its_folder_of_the_checkpoint() -> None:
    class Logging(Numbers):
        def set_metadata(self, storage: Any) -> None:
            self.storage = storage

    logging, folder = Logging(), SubStorage(MemoryStorage(), "sources/source-0")
    opened(Of(lambda: logging), folder)
    assert logging.storage is folder


def test_a_source_that_is_no_stream_is_named() -> None:
    with pytest.raises(UnsupportedOperationException, match="'numbers' cannot be read as a stream"):
        opened(Of(Numbers, kind="reader"))


def test_a_source_that_refuses_an_option_is_heard() -> None:
    """Its message is the user's, and no sign that the source has no streaming reader."""

    def refuse() -> Any:
        raise UnsupportedOperationException("the option x.jks belongs to Java")

    with pytest.raises(UnsupportedOperationException, match=r"^the option x\.jks belongs to Java$"):
        opened(Of(refuse))
    with pytest.raises(UnsupportedOperationException, match=r"^the option x\.jks belongs to Java$"):
        opened(Of(refuse, kind="simpleStreamReader"))


def test_a_foreign_source_without_a_streaming_reader_is_named_too() -> None:
    class Foreign:
        def streamReader(self, schema: StructType) -> Any:
            raise NotImplementedError("[NOT_IMPLEMENTED] streamReader is not implemented.")

        simpleStreamReader = streamReader

    with pytest.raises(UnsupportedOperationException, match="'numbers' cannot be read as a stream"):
        opened(Foreign())


def test_a_reader_reports_figures_of_its_own() -> None:
    class Reporting(Numbers, ReportsSourceMetrics):
        def metrics(self, latestConsumedOffset: Offset | None) -> dict[str, str]:
            return {"seen": str(latestConsumedOffset)}

    assert opened(Of(Reporting)).metrics({"n": 1}) == {"seen": "{'n': 1}"}
    assert opened(Of(Numbers)).metrics({"n": 1}) == {}


# ---- simple readers ------------------------------------------------------------------------------


class Simple(SimpleDataSourceStreamReader):
    def __init__(self) -> None:
        self.available = 3
        self.reads = 0
        self.replays: list[tuple[Offset, Offset]] = []
        self.committed: list[Offset] = []

    def initialOffset(self) -> Offset:
        return {"n": 0}

    def read(self, start: Offset) -> tuple[Iterator[tuple[int]], Offset]:
        self.reads += 1
        return iter([(n,) for n in range(start["n"], self.available)]), {"n": self.available}

    def readBetweenOffsets(self, start: Offset, end: Offset) -> Iterator[tuple[int]]:
        self.replays.append((start, end))
        return iter([(n,) for n in range(start["n"], end["n"])])

    def commit(self, end: Offset) -> None:
        self.committed.append(end)


def simple() -> tuple[Simple, SourceReader]:
    reader = Simple()
    return reader, opened(Of(lambda: reader, kind="simpleStreamReader"))


def rows_of(reader: SourceReader, start: Offset, end: Offset) -> list[Any]:
    return [row for part in reader.partitions(start, end) for row in reader.of_partitions.read(part)]


def test_what_a_simple_reader_read_ahead_is_the_batch() -> None:
    source, reader = simple()
    end = reader.next_end({"n": 0}, ReadAllAvailable())
    assert rows_of(reader, {"n": 0}, end) == [(0,), (1,), (2,)]
    assert (source.reads, source.replays) == (1, [])


def test_an_attempt_that_is_repeated_gets_the_same_rows() -> None:
    _, reader = simple()
    end = reader.next_end({"n": 0}, ReadAllAvailable())
    assert rows_of(reader, {"n": 0}, end) == rows_of(reader, {"n": 0}, end)


def test_a_simple_reader_replays_a_logged_range() -> None:
    source, reader = simple()
    assert rows_of(reader, {"n": 1}, {"n": 2}) == [(1,)]
    assert source.replays == [({"n": 1}, {"n": 2})]


def test_a_simple_reader_without_data_is_asked_again() -> None:
    source, reader = simple()
    source.available = 0
    assert reader.next_end({"n": 0}, ReadAllAvailable()) == {"n": 0}
    source.available = 2
    end = reader.next_end({"n": 0}, ReadAllAvailable())
    assert end == {"n": 2}
    assert rows_of(reader, {"n": 0}, end) == [(0,), (1,)]


def test_an_empty_range_has_no_parts() -> None:
    _, reader = simple()
    assert reader.partitions({"n": 2}, {"n": 2}) == []


def test_a_simple_reader_need_not_have_a_stop() -> None:
    source, reader = simple()
    reader.commit({"n": 3})
    reader.stop()
    assert source.committed == [{"n": 3}]


# ---- PySpark's own base classes ------------------------------------------------------------------
# Stand-ins with PySpark's names and behaviour: nothing in them is ours.


class PySparkNotImplementedError(NotImplementedError):
    pass


class ForeignDataSource:
    def __init__(self, options: dict[str, str]) -> None:
        self.options = options

    @classmethod
    def name(cls) -> str:
        return cls.__name__

    def streamReader(self, schema: Any) -> Any:
        raise PySparkNotImplementedError("streamReader")

    def simpleStreamReader(self, schema: Any) -> Any:
        raise PySparkNotImplementedError("simpleStreamReader")


class ForeignPartition:
    def __init__(self, value: Any) -> None:
        self.value = value


class ForeignStreamReader:
    def initialOffset(self) -> Offset:
        return {"n": 0}

    def latestOffset(self) -> Offset:
        return {"n": 2}

    def partitions(self, start: Offset, end: Offset) -> Sequence[ForeignPartition]:
        return [ForeignPartition(n) for n in range(start["n"], end["n"])]

    def read(self, partition: ForeignPartition) -> Iterator[tuple[int]]:
        yield (partition.value,)

    def commit(self, end: Offset) -> None:
        pass

    def stop(self) -> None:
        pass


def test_a_connector_over_pysparks_base_classes_runs_unchanged() -> None:
    class Foreign(ForeignDataSource):
        def streamReader(self, schema: Any) -> Any:
            return ForeignStreamReader()

    reader = opened(Foreign({}))
    assert reader.next_end(reader.initial_offset(), reader.default_limit()) == {"n": 2}
    assert rows_of(reader, {"n": 0}, {"n": 2}) == [(0,), (1,)]
    assert reader.guarantee is Guarantee.AT_LEAST_ONCE
    assert reader.newest_offset() is None


def test_a_simple_connector_over_pysparks_base_classes_runs_unchanged() -> None:
    class Foreign(ForeignDataSource):
        def simpleStreamReader(self, schema: Any) -> Any:
            return Simple()

    reader = opened(Foreign({}))
    end = reader.next_end({"n": 0}, ReadAllAvailable())
    assert rows_of(reader, {"n": 0}, end) == [(0,), (1,), (2,)]
