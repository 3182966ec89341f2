"""Shapes of streaming plans, to ask which of them an engine refuses in which output mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MODES = ("append", "update", "complete")

Shape = Callable[[Any, Any, Any], Any]
"""(stream, static, functions) -> DataFrame; both have the columns ts timestamp, k string, v bigint."""


def watermarked(stream: Any) -> Any:
    return stream.withWatermark("ts", "10 seconds")


def counted(stream: Any, F: Any) -> Any:
    return watermarked(stream).groupBy(F.window("ts", "10 seconds"), "k").count()


SHAPES: dict[str, Shape] = {
    "select": lambda s, b, F: s.select("k", F.upper("k")).where("v > 1"),
    "watermark only": lambda s, b, F: watermarked(s),
    "aggregate by key": lambda s, b, F: s.groupBy("k").count(),
    "aggregate without keys": lambda s, b, F: s.agg(F.sum("v")),
    "aggregate by key under a watermark": lambda s, b, F: watermarked(s).groupBy("k").count(),
    "aggregate by window": lambda s, b, F: counted(s, F),
    "aggregate by window without a watermark": lambda s, b, F: s.groupBy(
        F.window("ts", "10 seconds")
    ).count(),
    "aggregate by event time": lambda s, b, F: watermarked(s).groupBy("ts").count(),
    "aggregate by a day of event time": lambda s, b, F: watermarked(s).groupBy(F.to_date("ts")).count(),
    "aggregate, then filter": lambda s, b, F: counted(s, F).where("count > 1"),
    "aggregate, then sort": lambda s, b, F: counted(s, F).orderBy("count"),
    "aggregate, then limit": lambda s, b, F: counted(s, F).limit(3),
    "aggregate, then sort and limit": lambda s, b, F: counted(s, F).orderBy("count").limit(3),
    "aggregate twice": lambda s, b, F: counted(s, F).groupBy("k").count(),
    "aggregate, then window again": lambda s, b, F: (
        counted(s, F).groupBy(F.window("window", "1 minute")).count()
    ),
    "aggregate, then distinct": lambda s, b, F: counted(s, F).distinct(),
    "distinct, then aggregate": lambda s, b, F: (
        watermarked(s).dropDuplicates(["ts", "k"]).groupBy("k").count()
    ),
    "sort": lambda s, b, F: s.orderBy("v"),
    "sort, then aggregate": lambda s, b, F: s.orderBy("v").groupBy("k").count(),
    "limit": lambda s, b, F: s.limit(3),
    "limit, then aggregate": lambda s, b, F: s.limit(3).groupBy("k").count(),
    "distinct": lambda s, b, F: s.distinct(),
    "distinct by event time": lambda s, b, F: watermarked(s).dropDuplicates(["ts", "k"]),
    "distinct within watermark": lambda s, b, F: watermarked(s).dropDuplicatesWithinWatermark(["k"]),
    "distinct within no watermark": lambda s, b, F: s.dropDuplicatesWithinWatermark(["k"]),
    "sample": lambda s, b, F: s.sample(0.5),
    "intersect with static": lambda s, b, F: s.intersect(b),
    "except static": lambda s, b, F: s.subtract(b),
    "except all static": lambda s, b, F: s.exceptAll(b),
    "static except stream": lambda s, b, F: b.subtract(s),
    "intersect of streams": lambda s, b, F: s.intersect(s),
    "except of streams": lambda s, b, F: s.subtract(s),
    "union of streams": lambda s, b, F: s.union(s),
    "union with static": lambda s, b, F: s.union(b),
    "static union stream": lambda s, b, F: b.union(s),
    "distinct count": lambda s, b, F: s.groupBy("k").agg(F.countDistinct("v")),
    "rank": lambda s, b, F: s.selectExpr("k", "row_number() over (partition by k order by v) as r"),
    "aggregate of a static part": lambda s, b, F: s.join(b.groupBy("k").count(), "k"),
    "sort of a static part": lambda s, b, F: s.join(b.orderBy("v").limit(3), "k"),
    "join of streams": lambda s, b, F: s.alias("a").join(s.alias("b"), F.expr("a.k = b.k")),
    "left join of streams": lambda s, b, F: s.alias("a").join(s.alias("b"), F.expr("a.k = b.k"), "left"),
    "aggregate, then join static": lambda s, b, F: counted(s, F).join(b, "k"),
    **{
        f"stream {how} join static": lambda s, b, F, how=how: s.join(b, "k", how)  # type: ignore[misc]
        for how in ("inner", "left", "right", "full", "left_semi", "left_anti")
    },
    **{
        f"static {how} join stream": lambda s, b, F, how=how: b.join(s, "k", how)  # type: ignore[misc]
        for how in ("inner", "left", "right", "full", "left_semi", "left_anti")
    },
    "stream cross join static": lambda s, b, F: s.crossJoin(b),
}
