"""A query is started from values, and its tasks are values."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pyarrow as pa
import pytest

from streamcore import Session
from streamcore.conf import Conf
from streamcore.duck.engine import SlotEngine
from streamcore.execution.execute import Execution
from streamcore.execution.leaves import stream_relation
from streamcore.execution.slot_executor import SlotExecutor
from streamcore.execution.stores.store import Store
from streamcore.execution.tasks import Shared, Task
from streamcore.plan.translate import TranslationContext
from streamcore.scheduler.serial import dumps_code
from streamcore.scheduler.slots import ThreadSlots
from streamcore.spi.options import Options
from streamcore.sql import functions as F
from streamcore.sql.conf import RuntimeConfig
from streamcore.sql.types import LongType, StructField, StructType
from streamcore.streaming.services import Services, WriteDescription
from streamcore.streaming.starting import prepare_run
from streamcore.streaming.stream_source import StreamSource
from streamcore.streaming.trigger import ProcessingTime
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery

T = TypeVar("T")


class ByValue(SlotExecutor):
    """Pickles what goes in and out, as if tasks ran elsewhere."""

    def run(self, tasks: Sequence[Task[T]], *, name: str) -> list[T]:
        sent: list[Task[T]] = [_copied(task) for task in tasks]
        return [_copied(result) for result in super().run(sent, name=name)]

    def share(self, value: T) -> Shared[T]:
        return _Sent(super().share(_copied(value)))


class _Sent:
    """What is shared is known by its number, wherever a task is."""

    known: ClassVar[list[Shared[Any]]] = []

    def __init__(self, shared: Shared[Any]) -> None:
        self.number = len(self.known)
        self.known.append(shared)

    @property
    def value(self) -> Any:
        return self.known[self.number].value

    def destroy(self) -> None:
        self.known[self.number].destroy()


def _copied(value: T) -> T:
    found: T = pickle.loads(dumps_code(value))
    return found


@pytest.fixture
def slots() -> Iterator[ThreadSlots]:
    made = ThreadSlots(2)
    yield made
    made.stop()


def test_a_query_is_run_from_a_plan_without_a_session(slots: ThreadSlots) -> None:
    stream, seen = MemoryStream("n int"), list[pa.Table]()
    source = StreamSource("memory-stream", stream.data_source(), stream.schema, Options())
    executor = SlotExecutor(slots)
    services = Services(
        settings=RuntimeConfig(Conf(loadDefaults=False)),
        execution=Execution(executor, TranslationContext),
        executor=executor,
        clock=ManualClock(),
        batch_frame=lambda rows: rows,
        publish=lambda name, source, schema: None,
    )
    write = WriteDescription(
        format=None,
        foreach=None,
        foreach_batch=lambda rows, _: seen.append(rows),
        output_mode="append",
        trigger=ProcessingTime(),
        name=None,
        options=Options(),
        checkpoint=None,
        guarantee=None,
    )
    run = prepare_run(stream_relation(source, stream.schema, "stream"), write, services)
    stream.addData([(1,), (2,)])
    run.loop.run_next()
    run.close()
    assert [rows.to_pydict() for rows in seen] == [{"n": [1, 2]}]


ROWS = [("2026-01-01 00:00:01", "a", 1), ("2026-01-01 00:00:09", "b", 2), ("2026-01-01 00:00:59", "a", 3)]


def counted(rows: Any) -> Any:
    return rows.groupBy("k").count()


def windows(rows: Any) -> Any:
    return rows.groupBy(F.window("ts", "10 seconds"), "k").agg(F.avg("n"), F.max("n"))


def of_every_kind(rows: Any) -> Any:
    n = F.col("n")
    several = (F.collect_list("n"), F.stddev("n"), F.approx_count_distinct("n"), F.min_by("k", "n"))
    return rows.groupBy("k").agg(*several, F.percentile_approx(n, 0.5), F.count_distinct("n"), F.mode(n))


def sessions(rows: Any) -> Any:
    return rows.groupBy(F.session_window("ts", "10 seconds"), "k").count()


def windows_of_first_ones(rows: Any) -> Any:
    return windows(rows.dropDuplicates(["k", "ts"]))


def joined_streams(rows: Any) -> Any:
    others = rows.select(F.col("k").alias("other"), F.col("ts").alias("moment"), "n")
    near = F.expr("k = other AND moment BETWEEN ts - INTERVAL 5 SECONDS AND ts + INTERVAL 5 SECONDS")
    return rows.select("k", "ts").join(others, near, "left_outer")


def first_rows(rows: Any) -> Any:
    return rows.where("n > 1").limit(1)


def sorted_counts(rows: Any) -> Any:
    return counted(rows).orderBy("k").limit(1)


def answer(query: Any, mode: str, checkpoint: Path) -> list[str]:
    name = f"{query.__name__}_{checkpoint.name}"
    session = Session.builder.getOrCreate()
    stream = MemoryStream("ts string, k string, n int", partitions=2)
    rows = stream.toDF(session).withColumn("ts", F.col("ts").cast("timestamp"))
    writer = query(rows.withWatermark("ts", "5 seconds")).writeStream.outputMode(mode)
    writer.format("memory").queryName(name).option("checkpointLocation", str(checkpoint))
    with SteppedQuery(writer) as stepped:
        for row in ROWS:
            stream.addData([row, row])
            stepped.run_dry()
    return sorted(map(str, session.table(name).collect()))


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        (counted, "complete"),
        (of_every_kind, "complete"),
        (windows, "append"),
        (sessions, "append"),
        (windows_of_first_ones, "append"),
        (joined_streams, "append"),
        (first_rows, "append"),
        (sorted_counts, "complete"),
    ],
)
def test_tasks_and_their_results_may_be_sent(
    query: Any, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answer(query, mode, tmp_path / "here")
    session = Session.builder.getOrCreate()
    monkeypatch.setattr(Session, "executor", ByValue(session.slots))
    assert answer(query, mode, tmp_path / "sent") == expected
    assert expected


def test_a_store_is_loaded_once_for_all_batches_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, loads, load = Session.builder.getOrCreate(), list[Any](), Store.load

    def noted(*args: Any) -> Store:
        loads.append(args)
        return load(*args)

    monkeypatch.setattr(Store, "load", noted)
    stream = MemoryStream("k int")
    writer = stream.toDF(session).groupBy("k").count().writeStream.outputMode("update").format("noop")
    with SteppedQuery(writer.option("checkpointLocation", str(tmp_path))) as stepped:
        for n in range(5):
            stream.addData([(n,), (0,)])
            stepped.run_dry()
    assert len(loads) == 1


@pytest.mark.parametrize("names", [("a", "b", "c"), ("a", "A", "c")])
def test_a_fragment_that_only_chooses_columns_hands_them_on_as_they_were_read(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.caseSensitive", "true")
    stream = MemoryStream(StructType([StructField(name, LongType()) for name in names]))
    stream.addData(pa.table([pa.array([number, number + 1]) for number in range(3)], names=list(names)))
    frame = stream.toDF(session)
    chosen = frame.select(frame[2].alias("z"), frame[0].alias("x"))
    with monkeypatch.context() as patched:
        patched.setattr(SlotEngine, "run", _must_not_run)
        with SteppedQuery(chosen.writeStream.format("memory").queryName("chosen")) as query:
            progress = query.step()
    assert progress is not None
    assert progress.numInputRows == 2
    assert session.table("chosen").collect() == [(2, 0), (3, 1)]


def _must_not_run(*_: object) -> None:
    raise AssertionError("no SQL is needed here")
