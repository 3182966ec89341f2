"""Chains of stateful operators: one over the result of another, and several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle.streaming.scenarios import (
    DUPLICATES,
    HURRIED,
    MEASURED,
    UNITED,
    Scenario,
    one_stream,
    row,
)


def marked(stream: Any, delay: str = "10 seconds") -> Any:
    return stream.withWatermark("ts", delay)


def distinct_then_window(streams: Sequence[Any], F: Any) -> Any:
    rows = marked(streams[0]).dropDuplicates(["k", "ts"])
    return (
        rows.groupBy(F.window("ts", "10 seconds"))
        .agg(F.count("*").alias("n"), F.sum("v").alias("s"))
        .select("window.start", "n", "s")
    )


def within_then_window(streams: Sequence[Any], F: Any) -> Any:
    rows = marked(streams[0]).dropDuplicatesWithinWatermark(["k"])
    return (
        rows.groupBy(F.window("ts", "10 seconds"), "k")
        .agg(F.sum("v").alias("s"))
        .select("window.start", "k", "s")
    )


def window_of_windows(streams: Sequence[Any], F: Any) -> Any:
    small = marked(streams[0]).groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    return (
        small.groupBy(F.window(F.window_time("window"), "20 seconds"))
        .agg(F.sum("n").alias("total"), F.max("n").alias("most"))
        .select("window.start", "total", "most")
    )


def window_column_of_windows(streams: Sequence[Any], F: Any) -> Any:
    small = marked(streams[0]).groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    return (
        small.groupBy(F.window("window", "20 seconds"))
        .agg(F.sum("n").alias("total"))
        .select("window.start", "total")
    )


def same_window_again(streams: Sequence[Any], F: Any) -> Any:
    small = marked(streams[0]).groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    return (
        small.groupBy("window")
        .agg(F.max("n").alias("most"), F.count("*").alias("keys"))
        .select("window.start", "most", "keys")
    )


def filtered_between(streams: Sequence[Any], F: Any) -> Any:
    small = marked(streams[0]).groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    large = small.where("n > 1").select(F.window_time("window").alias("at"), (F.col("n") * 10).alias("m"))
    return large.groupBy(F.window("at", "30 seconds")).agg(F.sum("m").alias("s")).select("window.start", "s")


def window_then_distinct(streams: Sequence[Any], F: Any) -> Any:
    small = marked(streams[0]).groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    return small.dropDuplicates(["window", "n"]).select("window.start", "n")


def three_in_a_row(streams: Sequence[Any], F: Any) -> Any:
    rows = marked(streams[0]).dropDuplicates(["k", "ts"])
    small = rows.groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"))
    return (
        small.groupBy(F.window(F.window_time("window"), "20 seconds"))
        .agg(F.sum("n").alias("total"))
        .select("window.start", "total")
    )


def union_of_aggregates(streams: Sequence[Any], F: Any) -> Any:
    def counted(stream: Any, delay: str) -> Any:
        return (
            marked(stream, delay)
            .groupBy(F.window("ts", "10 seconds"))
            .agg(F.sum("v").alias("s"))
            .select("window.start", "s")
        )

    return counted(streams[0], "10 seconds").union(counted(streams[1], "20 seconds"))


def union_of_aggregate_and_rows(streams: Sequence[Any], F: Any) -> Any:
    counted = marked(streams[0]).groupBy(F.window("ts", "10 seconds")).agg(F.sum("v").alias("s")).select("s")
    return counted.union(streams[1].select(F.col("v").alias("s")))


def aggregate_over_union_of_distinct_and_rows(streams: Sequence[Any], F: Any) -> Any:
    left = marked(streams[0]).dropDuplicates(["k", "ts"]).select("ts", "v")
    right = marked(streams[1], "20 seconds").select("ts", "v")
    return (
        left.union(right)
        .groupBy(F.window("ts", "10 seconds"))
        .agg(F.sum("v").alias("s"))
        .select("window.start", "s")
    )


Build = Callable[[Sequence[Any], Any], Any]

_BUILDS: dict[str, Build] = {
    "distinct, then window": distinct_then_window,
    "distinct within watermark, then window": within_then_window,
    "window of windows": window_of_windows,
    "window of a window column": window_column_of_windows,
    "the same window again": same_window_again,
    "filter and project between": filtered_between,
    "window, then distinct": window_then_distinct,
    "three in a row": three_in_a_row,
}

LATE_BETWEEN = one_stream(
    [row(1), row(2, "b"), row(3, "b")],
    [row(31), row(11, "b"), row(12, "c")],
    [row(22), row(23, "b"), row(14, "c")],
    [row(65), row(44, "b")],
    [row(56, "b"), row(58, "c"), row(91)],
    [row(200)],
)

CHAINS = [
    *(Scenario(f"{name}: measured", "append", build, MEASURED) for name, build in _BUILDS.items()),
    *(Scenario(f"{name}: late between", "append", build, LATE_BETWEEN) for name, build in _BUILDS.items()),
    *(Scenario(f"{name}: hurried", "append", build, HURRIED) for name, build in _BUILDS.items()),
    Scenario("distinct, then window: duplicates", "append", distinct_then_window, DUPLICATES),
    Scenario("distinct within watermark, then window: duplicates", "append", within_then_window, DUPLICATES),
    Scenario("union of aggregates", "append", union_of_aggregates, UNITED),
    Scenario("union of an aggregate and rows", "append", union_of_aggregate_and_rows, UNITED),
    Scenario(
        "window over a union of distinct events and rows",
        "append",
        aggregate_over_union_of_distinct_and_rows,
        UNITED,
    ),
]
