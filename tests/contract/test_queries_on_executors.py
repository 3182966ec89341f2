"""A query gives the same rows, and a stateful one the same state files, wherever its tasks run."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import StreamingQueryException
from streamcore.execution.worker_executor import WorkerExecutor
from streamcore.scheduler.errors import UnpicklableValue
from streamcore.sql import functions as F
from streamcore.sql.observation import Observation
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery

EXECUTOR = "spark.streamcore.streaming.executor"


def at(second: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, 0, 0, second, tzinfo=dt.UTC)


SCHEMA = "ts timestamp, k string, n bigint"
BATCHES = [
    [(at(1), "a", 1), (at(2), "b", 2), (at(3), "a", 3)],
    [(at(21), "a", 4), (at(4), "b", 5), (at(22), "c", 1)],
    [(at(59), "d", 7), (at(2), "a", 8), (at(58), "d", 7)],
]
Query = Callable[[Any], Any]
_names = itertools.count()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    builder = Session.builder.master("local[2]").config("spark.sql.shuffle.partitions", 2)
    with builder.config("spark.sql.session.timeZone", "UTC").create() as made:
        yield made


def counted(rows: Any) -> Any:
    return rows.groupBy("k").agg(F.count("*").alias("c"), F.sum("n").alias("s"))


def windows(rows: Any) -> Any:
    late = rows.withWatermark("ts", "5 seconds")
    return late.groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("n").alias("s"))


def first_ones(rows: Any) -> Any:
    return rows.withWatermark("ts", "5 seconds").dropDuplicates(["k", "n"]).where("n > 1")


def windows_of_windows(rows: Any) -> Any:
    wide = windows(rows).groupBy(F.window(F.window_time("window"), "20 seconds"))
    return wide.agg(F.max("s").alias("m"))


def joined_streams(rows: Any) -> Any:
    late = rows.withWatermark("ts", "5 seconds")
    others = late.select(F.col("k").alias("other"), F.col("ts").alias("moment"), "n")
    near = F.expr("k = other AND moment BETWEEN ts - INTERVAL 5 SECONDS AND ts + INTERVAL 5 SECONDS")
    return late.select("k", "ts").join(others, near, "left_outer")


def with_a_static_side(rows: Any) -> Any:
    side = rows.sparkSession.createDataFrame([("a", 10), ("d", 20)], "k string, x int")
    return rows.join(side, "k").groupBy("x").agg(F.avg("n").alias("mean"))


def numbered(rows: Any) -> Any:
    return rows.select("k", F.monotonically_increasing_id().alias("i"))


def observed(rows: Any) -> Any:
    return rows.observe("seen", F.max("n").alias("most")).where("n > 1").limit(4)


def counted_in_python(rows: Any) -> Any:
    def count(key: Any, frames: Any, state: Any) -> Any:
        import pandas as pd

        total = sum(len(frame) for frame in frames) + (state.get[0] if state.exists else 0)
        state.update((total,))
        yield pd.DataFrame({"k": [key[0]], "c": [total]})

    return rows.groupBy("k").applyInPandasWithState(
        count, "k string, c long", "c long", "update", "NoTimeout"
    )


def run(session: Session, query: Query, mode: str, folder: Path, executors: list[str]) -> list[Any]:
    """The rows of each batch; the query is started anew for each, on the executor that is next."""
    stream, batches = MemoryStream(SCHEMA, partitions=2), []
    out: list[Any] = []
    for rows, executor in zip(BATCHES, executors, strict=True):
        session.conf.set(EXECUTOR, executor)
        writer = query(stream.toDF(session)).writeStream.outputMode(mode)
        writer.foreachBatch(lambda df, _: out.append(sorted(map(str, df.collect()))))
        writer.option("checkpointLocation", str(folder))
        stream.addData(rows)
        with SteppedQuery(writer) as stepped:
            stepped.run_dry()
        batches.append(list(out))
        out.clear()
    return batches


def state_files(folder: Path) -> dict[tuple[str, str], bytes]:
    """(Partition, version) -> the file's bytes; names are those of an attempt."""
    files = sorted((folder / "state").rglob("*.run"))
    return {(str(f.parent.relative_to(folder)), f.name.partition("-")[0]): f.read_bytes() for f in files}


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        (counted, "update"),
        (windows, "append"),
        (first_ones, "append"),
        (windows_of_windows, "append"),
        (joined_streams, "append"),
        (with_a_static_side, "complete"),
        (numbered, "append"),
        (observed, "append"),
        (counted_in_python, "update"),
    ],
)
def test_rows_and_state_are_the_same_wherever_tasks_run(
    session: Session, tmp_path: Path, query: Query, mode: str
) -> None:
    here = run(session, query, mode, tmp_path / "here", ["threads"] * 3)
    there = run(session, query, mode, tmp_path / "there", ["processes", "threads", "processes"])
    assert there == here
    assert state_files(tmp_path / "there") == state_files(tmp_path / "here")


def test_a_batch_plan_gives_the_same_rows_wherever_it_runs(session: Session, tmp_path: Path) -> None:
    for place in range(3):
        (tmp_path / f"{place}.json").write_text(f'{{"k": "a", "n": {place}}}\n{{"k": "b", "n": 7}}\n')
    files = session.read.schema("k string, n int").json(str(tmp_path))
    numbers = session.range(10).withColumn("k", F.lit("b"))
    there = replace(session.execution, executor=WorkerExecutor(session.sparkContext))
    for frame in (files.where("n > 0"), files.join(numbers, "k").groupBy("k").agg(F.sum("id").alias("s"))):
        rows = there.table(frame.plan)
        assert sorted(map(str, rows.to_pylist())) == sorted(map(str, frame.toArrow().to_pylist()))
        assert rows.num_rows


def test_a_batch_plan_tells_its_observation_wherever_it_runs(session: Session, tmp_path: Path) -> None:
    for place in range(3):
        (tmp_path / f"{place}.json").write_text(f'{{"k": "a", "n": {place}}}\n{{"k": "b", "n": 7}}\n')
    files = session.read.schema("k string, n int").json(str(tmp_path))
    observation = Observation("read")
    there = replace(session.execution, executor=WorkerExecutor(session.sparkContext))
    frame = files.observe(observation, F.count("*").alias("rows"), F.sum("n").alias("sum")).where("n > 6")
    assert there.table(frame.plan).num_rows == 3
    assert observation.get == {"rows": 6, "sum": 24}


def test_a_query_that_runs_on_finds_its_state_in_whichever_worker(session: Session, tmp_path: Path) -> None:
    session.conf.set(EXECUTOR, "processes")
    stream, name = MemoryStream(SCHEMA), f"counts_{next(_names)}"
    writer = counted(stream.toDF(session)).writeStream.outputMode("complete").format("memory").queryName(name)
    with SteppedQuery(writer.option("checkpointLocation", str(tmp_path))) as query:
        for rows in BATCHES * 2:
            stream.addData(rows)
            query.run_dry()
    counts = {row["k"]: row["c"] for row in session.table(name).collect()}
    assert counts == {"a": 8, "b": 4, "c": 2, "d": 4}


def test_a_checkpoint_in_memory_is_refused_where_tasks_run_elsewhere(session: Session) -> None:
    session.conf.set(EXECUTOR, "processes")
    stream, name = MemoryStream(SCHEMA), f"counts_{next(_names)}"
    writer = counted(stream.toDF(session)).writeStream.outputMode("complete").format("memory").queryName(name)
    with pytest.raises(UnpicklableValue, match="choose a folder on a disk"):
        SteppedQuery(writer)


def test_a_query_whose_python_function_fails_in_a_worker_ends_with_its_error(session: Session) -> None:
    source = MemoryStream(SCHEMA)
    source.addData(BATCHES[0])
    session.conf.set(EXECUTOR, "processes")
    failing = source.toDF(session).select(F.udf(lambda n: 1 // (n - n), "int")("n"))
    query = failing.writeStream.format("memory").queryName("failing").trigger(availableNow=True).start()
    with pytest.raises(StreamingQueryException, match="ZeroDivisionError"):
        query.awaitTermination(30)
    session.conf.unset(EXECUTOR)
