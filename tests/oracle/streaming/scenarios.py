"""Streaming queries with their input, step by step: run by PySpark to learn the answer, by us to give it.

A scenario imports neither engine: its query is built with the `functions` module that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]
Files = Sequence[Sequence[Row]]
"""What arrives at once; every element is a micro-batch of its own."""

SCHEMA = "ts timestamp, k string, v bigint, x double"


@dataclass(frozen=True)
class Scenario:
    """A query over one or more streams of SCHEMA.

    `steps` hold, per step and stream, the micro-batches that arrive before the query is left to run dry.
    Event times are seconds; `build(streams, functions)` gives the streaming DataFrame.
    """

    name: str
    mode: str
    build: Callable[[Sequence[Any], Any], Any]
    steps: Sequence[Sequence[Files]]
    conf: Mapping[str, str] = field(default_factory=dict)


def one_stream(*steps: Sequence[Row]) -> list[list[list[Sequence[Row]]]]:
    """Steps of one stream with one micro-batch each."""
    return [[[rows]] for rows in steps]


def row(ts: float | None, k: str | None = "a", v: int | None = 1, x: float | None = None) -> Row:
    return (ts, k, v, float(v) if x is None and v is not None else x)


MEASURED = one_stream(
    [row(1), row(3, "b", 5), row(12, "a", 7), row(4, None, 2), row(None, "a", 9)],
    [row(2, "a", None), row(25, "b", 1), row(13, "a", -3)],  # watermark 2 while this runs, 15 after
    [row(9, "b", 100), row(14, "b", 4), row(16, "a", 6)],  # [0, 10) is late by now
    [row(41, "c", 1)],  # closes [10, 20) and [20, 30) in a batch without data
    [row(22, "b", 50), row(31, "c", 1)],  # the first is late, the second just not
    [row(60, None, None), row(60, "a", 3)],
)


def windowed(length: str, slide: str | None = None, delay: str = "10 seconds") -> Callable[..., Any]:
    def build(streams: Sequence[Any], F: Any) -> Any:
        window = F.window("ts", length, slide) if slide else F.window("ts", length)
        return (
            streams[0]
            .withWatermark("ts", delay)
            .groupBy(window, "k")
            .agg(
                F.count("*").alias("n"),
                F.count("v").alias("nv"),
                F.sum("v").alias("total"),
                F.avg("v").alias("mean"),
                F.min("x").alias("low"),
                F.max("x").alias("high"),
            )
            .select("window.start", "window.end", "k", "n", "nv", "total", "mean", "low", "high")
        )

    return build


def by_key(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].groupBy("k").agg(F.count("*").alias("n"), F.sum("v").alias("s"), F.max("ts").alias("t"))


def without_keys(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].agg(F.count("*").alias("n"), F.sum("v").alias("s"), F.avg("x").alias("m"))


def by_event_time(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].withWatermark("ts", "5 seconds").groupBy("ts").agg(F.count("*").alias("n"))


def having(streams: Sequence[Any], F: Any) -> Any:
    counted = (
        streams[0]
        .withWatermark("ts", "10 seconds")
        .groupBy(F.window("ts", "10 seconds"))
        .agg(F.sum("v").alias("s"))
    )
    return counted.where("s > 5").select(F.col("window.end").alias("end"), (F.col("s") * 2).alias("twice"))


def sorted_counts(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].groupBy("k").count().orderBy(F.desc("count"), "k").limit(2)


def filtered_by(condition: str) -> Callable[..., Any]:
    def build(streams: Sequence[Any], F: Any) -> Any:
        rows = streams[0].withWatermark("ts", "10 seconds").where(condition)
        return rows.groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")

    return build


def projected(streams: Sequence[Any], F: Any) -> Any:
    rows = streams[0].withWatermark("ts", "10 seconds").where("v > 0")
    return rows.select("k", (F.col("v") + 1).alias("w"), "ts")


def distinct_events(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].withWatermark("ts", "10 seconds").dropDuplicates(["k", "ts"]).select("ts", "k", "v")


def distinct_keys(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].dropDuplicates(["k"]).select("k", "v")


def distinct_rows(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].select("k", "v").distinct()


def distinct_within(streams: Sequence[Any], F: Any) -> Any:
    rows = streams[0].withWatermark("ts", "10 seconds").dropDuplicatesWithinWatermark(["k"])
    return rows.select("ts", "k", "v")


def united(streams: Sequence[Any], F: Any) -> Any:
    left = streams[0].withWatermark("ts", "10 seconds")
    right = streams[1].withWatermark("ts", "20 seconds")
    counted = left.union(right).groupBy(F.window("ts", "10 seconds")).agg(F.sum("v").alias("s"))
    return counted.select("window.start", "s")


def united_below(streams: Sequence[Any], F: Any) -> Any:
    together = streams[0].union(streams[1]).withWatermark("ts", "10 seconds")
    return (
        together.groupBy(F.window("ts", "10 seconds")).agg(F.sum("v").alias("s")).select("window.start", "s")
    )


NAN = float("nan")

UNITED = [
    [[[row(1), row(31)]], [[row(2, "b", 10)]]],
    [[[row(12)]], [[row(70, "b", 20)]]],
    [[[row(75)]], [[row(3, "b", 30), row(44, "b", 40)]]],
    [[[row(90)]], [[row(95, "b", 50)]]],
    [[[row(41)]], []],
]

DUPLICATES = one_stream(
    [row(1, "a", 1), row(1, "a", 2), row(2, "b", 3), row(None, "c", 4)],
    [row(1, "a", 5), row(12, "a", 6), row(25, "d", 7)],
    [row(14, "e", 8), row(16, "a", 9), row(2, "b", 10), row(16, "b", 11)],
    [row(50, "a", 12), row(26, "a", 13), row(26, "d", 14)],
    [row(39, "z", 15), row(41, "z", 16), row(41, "z", 17), row(50, "a", 18)],
    [row(80, "b", 19), row(80, "b", 20)],
)

# An on-time row whose key is due at once: the watermark of eviction is ahead of that of lateness.
DUE_AT_ONCE = [
    [
        [
            [row(30, "a", 1)],
            [row(21, "b", 2), row(60, "c", 3)],
            [row(36, "b", 4), row(70, "a", 5)],
            [row(66, "b", 6)],
        ]
    ],
    [[[row(67, "b", 7)]]],
    [[[row(90, "b", 8)], [row(82, "b", 9)], [row(95, "b", 10)]]],
]

SPECIAL = one_stream(
    [row(1, "a", 1, NAN), row(2, "a", 2, 0.0), row(3, "b", None, None)],
    [row(4, "a", 3, -0.0), row(5, "b", 4, NAN), row(6, "a", 5, NAN)],
)


def by_number(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].groupBy("x").agg(F.count("*").alias("n"), F.sum("v").alias("s"))


def over_special(streams: Sequence[Any], F: Any) -> Any:
    return (
        streams[0]
        .groupBy("k")
        .agg(F.min("x").alias("low"), F.max("x").alias("high"), F.sum("x").alias("s"), F.avg("x").alias("m"))
    )


# Micro-batches that follow one another without a pause: no batch without data between them.
HURRIED = [
    [[[row(1), row(2, "b")], [row(25)], [row(3), row(16)], [row(50)], [row(18, "b"), row(47)]]],
    [[[row(90)], [row(55)], [row(120)]]],
]

SCENARIOS = [
    Scenario("append", "append", windowed("10 seconds"), MEASURED),
    Scenario("update", "update", windowed("10 seconds"), MEASURED),
    Scenario("complete", "complete", windowed("10 seconds"), MEASURED),
    Scenario("sliding append", "append", windowed("10 seconds", "5 seconds"), MEASURED),
    Scenario("sliding update", "update", windowed("10 seconds", "5 seconds"), MEASURED),
    Scenario("no delay", "append", windowed("10 seconds", delay="0 seconds"), MEASURED),
    Scenario("hurried append", "append", windowed("10 seconds"), HURRIED),
    Scenario("hurried update", "update", windowed("10 seconds"), HURRIED),
    Scenario(
        "no batches without data",
        "append",
        windowed("10 seconds"),
        MEASURED,
        {"spark.sql.streaming.noDataMicroBatches.enabled": "false"},
    ),
    Scenario("by key, update", "update", by_key, MEASURED),
    Scenario("by key, complete", "complete", by_key, MEASURED),
    Scenario("without keys, update", "update", without_keys, MEASURED),
    Scenario("without keys, complete", "complete", without_keys, MEASURED),
    Scenario("by event time", "append", by_event_time, MEASURED),
    Scenario("by event time, update", "update", by_event_time, MEASURED),
    Scenario("having", "append", having, MEASURED),
    Scenario("having, update", "update", having, MEASURED),
    Scenario("sorted and limited", "complete", sorted_counts, MEASURED),
    Scenario("filter on a value", "append", filtered_by("v > 1"), MEASURED),
    Scenario("filter on event time", "append", filtered_by("ts < timestamp'1970-01-01 00:00:30'"), MEASURED),
    Scenario("stateless", "append", projected, MEASURED),
    Scenario("distinct events", "append", distinct_events, DUPLICATES),
    Scenario("distinct events, update", "update", distinct_events, DUPLICATES),
    Scenario("distinct keys", "append", distinct_keys, DUPLICATES),
    Scenario("distinct rows", "append", distinct_rows, DUPLICATES),
    Scenario("distinct within watermark", "append", distinct_within, DUPLICATES),
    Scenario("distinct within watermark, due at once", "append", distinct_within, DUE_AT_ONCE),
    Scenario("distinct events, due at once", "append", distinct_events, DUE_AT_ONCE),
    Scenario("union of watermarks", "append", united, UNITED),
    Scenario(
        "union of watermarks, the largest",
        "append",
        united,
        UNITED,
        {"spark.sql.streaming.multipleWatermarkPolicy": "max"},
    ),
    Scenario("watermark over a union", "append", united_below, UNITED),
    Scenario("numbers as keys", "update", by_number, SPECIAL),
    Scenario("special numbers", "update", over_special, SPECIAL),
]
