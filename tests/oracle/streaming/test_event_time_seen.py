"""Which rows move a watermark: PySpark 4.3's answers to the same queries over the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery

SECONDS = {"a": 10, "b": 50, None: 100}

Query = Callable[[Any, Any], Any]
Keys = list[str | None]

A: Keys = ["a"]
AB: Keys = ["a", "b"]
ALL: Keys = ["a", "b", None]

CASES: dict[str, tuple[Query, Keys]] = {
    "nothing in between": (lambda rows, _: rows, ALL),
    "a filter": (lambda rows, _: rows.where("k = 'a'"), A),
    "a filter of the event time": (lambda rows, _: rows.where("ts < '1970-01-01 00:00:20'"), ALL),
    "a filter of both": (lambda rows, _: rows.where("k = 'a' AND ts < '2025-01-01'"), A),
    "a filter that draws lots": (lambda rows, _: rows.where("v < rand()"), ALL),
    "a filter over a projection": (
        lambda rows, _: rows.selectExpr("ts", "upper(k) AS u").where("u = 'A'"),
        A,
    ),
    "a filter under a name": (lambda rows, _: rows.alias("r").where("r.k = 'a'"), A),
    "an inner join": (lambda rows, static: rows.join(static, "k"), AB),
    "a semi join": (lambda rows, static: rows.join(static, "k", "left_semi"), AB),
    "a left join": (lambda rows, static: rows.join(static, "k", "left"), ALL),
    "a join and a filter of the static side": (
        lambda rows, static: rows.join(static, "k").where("w = 7"),
        AB,
    ),
    "a join and a filter of the stream": (lambda rows, static: rows.join(static, "k").where("v = 1"), A),
    "an explode": (
        lambda rows, _: rows.withColumn("x", F.explode(F.expr("filter(array(k), k -> k = 'a')"))),
        ALL,
    ),
}


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.mark.parametrize(("query", "seen"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("operator", ["aggregation", "deduplication", "deduplication without the time"])
def test_a_watermark_sees_what_sparks_sees(session: Session, query: Query, seen: Keys, operator: str) -> None:
    stream = MemoryStream("ts timestamp, k string, v int")
    stream.addData([{"ts": at * 1_000_000, "k": k, "v": v} for v, (k, at) in enumerate(SECONDS.items(), 1)])
    static = session.createDataFrame([("a", 1)], "k string, w int")
    frame = query(stream.toDF(session).withWatermark("ts", "0 seconds"), static)
    match operator:
        case "aggregation":
            frame = frame.groupBy(F.window("ts", "10 seconds")).count()
        case "deduplication":
            frame = frame.dropDuplicates(["ts"])
        case _:
            frame = frame.drop("ts").distinct()
    writer = frame.writeStream.outputMode("update").format("noop")
    with SteppedQuery(writer, ManualClock(1_700_000_000_000)) as stepped:
        progress = stepped.step()
    assert progress is not None
    times = [SECONDS[k] for k in seen]
    found = {name: progress["eventTime"][name] for name in ("min", "max", "avg")}
    assert found == {name: at_second(of(times)) for name, of in (("min", min), ("max", max), ("avg", mean))}


def mean(times: list[int]) -> float:
    return sum(times) / len(times)


def at_second(seconds: float) -> str:
    minutes, rest = divmod(int(seconds * 1000), 60_000)
    return f"1970-01-01T00:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}Z"


def test_a_windows_groups_close_by_the_time_of_rows_that_a_join_drops(session: Session) -> None:
    stream = MemoryStream("ts timestamp, k string")
    static = session.createDataFrame([("a", 1)], "k string, w int")
    frame = stream.toDF(session).withWatermark("ts", "0 seconds").join(static, "k")
    frame = frame.groupBy(F.window("ts", "10 seconds")).count().select("count")
    writer = frame.writeStream.outputMode("append").format("memory").queryName("joined_windows")
    with SteppedQuery(writer, ManualClock(1_700_000_000_000)) as stepped:
        stream.addData([{"ts": 5_000_000, "k": "a"}])
        stepped.step()
        stream.addData([{"ts": 3_600_000_000, "k": "other"}])
        while stepped.step() is not None:
            pass
        assert [row[0] for row in session.table("joined_windows").collect()] == [1]
