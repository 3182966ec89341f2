"""The static side of a join with a stream: read anew by each batch, unless nothing can have changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sources.files.batch_reader import FileReader
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest

LONG_AGO_NS = 1_600_000_000 * 10**9


class Counter(DataSource):
    """One row that says how often it was read."""

    reads = 0

    @classmethod
    def name(cls) -> str:
        return "counter"

    def schema(self) -> str:
        return "k int, x long"

    def reader(self, schema: Any) -> DataSourceReader:
        return CounterReader()


class CounterReader(DataSourceReader):
    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        Counter.reads += 1
        yield (1, Counter.reads)


class Versioned(Counter):
    """A counter that knows when its row is another one."""

    current: object = None

    @classmethod
    def name(cls) -> str:
        return "versioned"

    def rows_version(self) -> object:
        return Versioned.current


@pytest.fixture
def session() -> Session:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    found.dataSource.register(Counter)
    found.dataSource.register(Versioned)
    Counter.reads = 0
    return found


@pytest.fixture
def stream(session: Session) -> MemoryStream:
    return MemoryStream("k int")


def put(folder: Path, name: str, x: int, *, age_ns: int = 0) -> None:
    """A file whose time and size are no reason to look at it twice."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"k": 1, "x": x}))
    os.utime(path, ns=(LONG_AGO_NS + age_ns, LONG_AGO_NS + age_ns))


def joined(session: Session, stream: MemoryStream, static: Any) -> StreamTest:
    return StreamTest(stream.toDF(session).join(static, "k"))


def test_a_file_that_comes_changes_or_goes_is_seen_by_the_next_batch(
    session: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    folder = tmp_path / "places"
    put(folder, "a", 1)
    with joined(session, stream, session.read.schema("k int, x long").json(str(folder))) as test:
        test.addData(stream, [1]).checkNewAnswer([(1, 1)])
        put(folder, "b", 2)
        test.addData(stream, [1]).checkNewAnswer([(1, 1), (1, 2)])
        put(folder, "a", 3, age_ns=10**9)
        test.addData(stream, [1]).checkNewAnswer([(1, 3), (1, 2)])
        (folder / "b.json").unlink()
        test.addData(stream, [1]).checkNewAnswer([(1, 3)])


def test_files_that_are_the_same_are_read_once(
    session: Session, stream: MemoryStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[FileReader] = []
    partitions = FileReader.partitions

    def noted(reader: FileReader) -> Any:
        planned.append(reader)
        return partitions(reader)

    monkeypatch.setattr(FileReader, "partitions", noted)
    put(tmp_path / "places", "a", 1)
    static = session.read.schema("k int, x long").json(str(tmp_path / "places"))
    with joined(session, stream, static) as test:
        for _ in range(3):
            test.addData(stream, [1]).checkNewAnswer([(1, 1)])
    assert len(planned) == 1


def test_a_file_that_was_just_written_is_not_trusted_to_be_the_same(
    session: Session, stream: MemoryStream, tmp_path: Path
) -> None:
    path = tmp_path / "places" / "a.json"
    put(path.parent, "a", 1)
    os.utime(path)
    now = path.stat().st_mtime_ns
    with joined(session, stream, session.read.schema("k int, x long").json(str(path.parent))) as test:
        test.addData(stream, [1]).checkNewAnswer([(1, 1)])
        path.write_text(json.dumps({"k": 1, "x": 2}))
        os.utime(path, ns=(now, now))
        test.addData(stream, [1]).checkNewAnswer([(1, 2)])


def test_a_source_that_cannot_tell_is_read_by_each_batch(session: Session, stream: MemoryStream) -> None:
    with joined(session, stream, session.read.format("counter").load()) as test:
        for read in (1, 2, 3):
            test.addData(stream, [1]).checkNewAnswer([(1, read)])


def test_a_source_that_can_tell_is_read_again_when_it_has_changed_or_cannot_know(
    session: Session, stream: MemoryStream
) -> None:
    Versioned.current = "first"
    with joined(session, stream, session.read.format("versioned").load()) as test:
        for version, read in (("first", 1), ("first", 1), ("second", 2), (None, 3), (None, 4)):
            Versioned.current = version
            test.addData(stream, [1]).checkNewAnswer([(1, read)])


def test_a_cached_frame_stays_as_it_is(session: Session, stream: MemoryStream) -> None:
    static = session.read.format("counter").load().cache()
    static.count()
    with joined(session, stream, static) as test:
        for _ in range(3):
            test.addData(stream, [1]).checkNewAnswer([(1, 1)])


def test_an_rdd_is_computed_by_each_batch(session: Session, stream: MemoryStream, tmp_path: Path) -> None:
    kept = tmp_path / "x"
    rdd = session.sparkContext.parallelize([1], 1).map(lambda k: (k, int(kept.read_text())))
    kept.write_text("7")
    with joined(session, stream, session.createDataFrame(rdd, "k int, x int")) as test:
        test.addData(stream, [1]).checkNewAnswer([(1, 7)])
        kept.write_text("8")
        test.addData(stream, [1]).checkNewAnswer([(1, 8)])


@pytest.mark.parametrize("call", ["udf", "map"])
def test_a_python_function_over_a_static_side_is_called_by_each_batch(
    session: Session, stream: MemoryStream, tmp_path: Path, call: str
) -> None:
    kept = tmp_path / "x"
    static = session.createDataFrame([(1,)], "k int")
    if call == "udf":
        static = static.withColumn("x", F.udf(lambda _: int(kept.read_text()), "int")("k"))
    else:
        static = static.mapInPandas(
            lambda parts: (part.assign(x=int(kept.read_text())) for part in parts), "k int, x int"
        )
    kept.write_text("7")
    with joined(session, stream, static) as test:
        test.addData(stream, [1]).checkNewAnswer([(1, 7)])
        kept.write_text("8")
        test.addData(stream, [1]).checkNewAnswer([(1, 8)])


def test_what_asks_for_the_time_gets_that_of_the_batch(session: Session, stream: MemoryStream) -> None:
    static = session.range(1, 2).select(F.col("id").cast("int").alias("k"), F.unix_timestamp().alias("x"))
    with joined(session, stream, static) as test:
        test.addData(stream, [1]).processAllAvailable()
        test.advanceManualClock(8).addData(stream, [1]).processAllAvailable()
        (_, first), (_, second) = test._rows()
    assert second - first == 8


def test_random_values_of_a_static_side_are_the_same_in_every_batch(
    session: Session, stream: MemoryStream
) -> None:
    static = session.read.format("counter").load().select("k", F.rand())
    with joined(session, stream, static) as test:
        test.addData(stream, [1]).processAllAvailable()
        test.addData(stream, [1]).processAllAvailable()
        first, second = test._rows()
    assert first == second
    assert Counter.reads == 2


def test_a_static_side_behind_an_aggregation_is_read_by_each_batch_too(
    session: Session, stream: MemoryStream
) -> None:
    counted = stream.toDF(session).groupBy("k").count().join(session.read.format("counter").load(), "k")
    with StreamTest(counted, "update") as test:
        test.addData(stream, [1]).checkNewAnswer([(1, 1, 1)])
        test.addData(stream, [1]).checkNewAnswer([(1, 2, 2)])
