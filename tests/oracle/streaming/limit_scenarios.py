"""Limits over streams: the first rows of all that ever come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle.streaming.scenarios import DUPLICATES, MEASURED, Scenario


def limited(count: int) -> Callable[[Sequence[Any], Any], Any]:
    return lambda streams, F: streams[0].limit(count)


def filtered(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].where("v > 1").limit(3).select("k", (F.col("v") * 10).alias("w"))


def limit_of_limit(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].limit(5).where("v > 1").limit(3)


def limit_of_distinct(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].dropDuplicates(["k"]).limit(3)


def limit_of_windows(streams: Sequence[Any], F: Any) -> Any:
    rows = streams[0].withWatermark("ts", "10 seconds")
    return rows.groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count").limit(2)


def marked_limit(streams: Sequence[Any], F: Any) -> Any:
    return streams[0].withWatermark("ts", "10 seconds").limit(4)


LIMITS = tuple(
    Scenario(name, "append", build, steps)
    for name, build, steps in (
        ("limit", limited(3), DUPLICATES),
        ("limit in a later batch", limited(6), DUPLICATES),
        ("limit beyond all", limited(100), DUPLICATES),
        ("limit 0", limited(0), DUPLICATES),
        ("limit after a filter", filtered, DUPLICATES),
        ("limit of a limit", limit_of_limit, DUPLICATES),
        ("limit after distinct", limit_of_distinct, DUPLICATES),
        ("limit of windows", limit_of_windows, MEASURED),
        ("limit under a watermark", marked_limit, MEASURED),
    )
)
