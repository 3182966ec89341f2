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


def deduplicated(stream: Any) -> Any:
    return watermarked(stream).dropDuplicates(["ts", "k"])


def within(stream: Any) -> Any:
    return watermarked(stream).dropDuplicatesWithinWatermark(["k"])


def sessions(stream: Any, F: Any) -> Any:
    return watermarked(stream).groupBy(F.session_window("ts", "5 seconds"), "k").count()


def joined(left: Any, right: Any, how: str, condition: str, F: Any) -> Any:
    return left.alias("a").join(right.alias("b"), F.expr(condition), how)


JOIN_KINDS = ("inner", "left", "right", "full", "left_semi", "left_anti", "cross")
_RANGE = "a.k = b.k and a.ts between b.ts and b.ts + interval 10 seconds"
_STATELESS_ABOVE: dict[str, Shape] = {
    "filter": lambda s, b, F: s.where("v > 1"),
    "explode": lambda s, b, F: s.select("ts", "k", F.explode(F.array("v", "v")).alias("v")),
}
_TOPS: dict[str, Shape] = {
    "sort": lambda s, b, F: s.orderBy("k"),
    "limit": lambda s, b, F: s.limit(3),
    "sort and limit": lambda s, b, F: s.orderBy("k").limit(3),
    "distinct": lambda s, b, F: s.distinct(),
    "deduplicate by key": lambda s, b, F: s.dropDuplicates(["k"]),
    "aggregate by key": lambda s, b, F: s.groupBy("k").agg(F.count("*").alias("n")),
    "aggregate without keys": lambda s, b, F: s.agg(F.count("*").alias("n")),
    "explode": lambda s, b, F: s.select("k", F.explode(F.array("k", "k")).alias("e")),
    "join static": lambda s, b, F: s.join(b.select("k", F.col("v").alias("w")), "k"),
    "left join static": lambda s, b, F: s.join(b.select("k", F.col("v").alias("w")), "k", "left"),
    "union with itself": lambda s, b, F: s.union(s),
    "intersect with static": lambda s, b, F: s.select("k").intersect(b.select("k")),
    "except static": lambda s, b, F: s.select("k").subtract(b.select("k")),
    "sample": lambda s, b, F: s.sample(0.5),
    "rank": lambda s, b, F: s.selectExpr("k", "rank() over (partition by k order by k) as r"),
    "offset": lambda s, b, F: s.offset(1),
    "repartition": lambda s, b, F: s.repartition(3),
    "observe": lambda s, b, F: s.observe("seen", F.count("*").alias("n")),
}
_BOTTOMS: dict[str, Shape] = {
    "deduplication": lambda s, b, F: deduplicated(s),
    "deduplication within watermark": lambda s, b, F: within(s),
    "window count": lambda s, b, F: counted(s, F),
    "key count": lambda s, b, F: s.groupBy("k").count(),
    "sessions": lambda s, b, F: sessions(s, F),
    "limit": lambda s, b, F: s.limit(3),
    "stream join": lambda s, b, F: joined(watermarked(s), watermarked(s), "inner", _RANGE, F).select(
        "a.ts", "a.k", "a.v"
    ),
}


def _as_is(stream: Any) -> Any:
    return stream


def _grouped_state(stream: Any, mode: str, timeout: str) -> Any:
    """applyInPandasWithState, which Spark plans as flatMapGroupsWithState."""

    def nothing(key: Any, frames: Any, state: Any) -> Any:
        return iter(())

    columns, kept = "k string, v bigint", "n bigint"
    return stream.groupBy("k").applyInPandasWithState(nothing, columns, kept, mode, timeout)


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
    **{f"{above} over plain rows": shape for above, shape in _TOPS.items()},
    **{
        f"{above} over {below}": lambda s, b, F, top=top, bottom=bottom: top(bottom(s, b, F), b, F)  # type: ignore[misc]
        for below, bottom in _BOTTOMS.items()
        for above, top in _TOPS.items()
    },
    **{
        f"{name} under a window count": lambda s, b, F, shape=shape: counted(shape(s, b, F), F)  # type: ignore[misc]
        for name, shape in _STATELESS_ABOVE.items()
    },
    "sessions": lambda s, b, F: sessions(s, F),
    "sessions without keys": lambda s, b, F: (
        watermarked(s).groupBy(F.session_window("ts", "5 seconds")).count()
    ),
    "sessions without a watermark": lambda s, b, F: s.groupBy(
        F.session_window("ts", "5 seconds"), "k"
    ).count(),
    "rollup": lambda s, b, F: s.rollup("k", "v").count(),
    "cube": lambda s, b, F: s.cube("k", "v").count(),
    "rollup with a window": lambda s, b, F: watermarked(s).rollup(F.window("ts", "10 seconds"), "k").count(),
    "pivot": lambda s, b, F: s.groupBy("k").pivot("v", [1, 2]).count(),
    "window count by window_time": lambda s, b, F: (
        counted(s, F)
        .select(F.window_time("window").alias("at"), "k")
        .groupBy(F.window("at", "1 minute"))
        .count()
    ),
    "sliding window": lambda s, b, F: (
        watermarked(s).groupBy(F.window("ts", "10 seconds", "5 seconds"), "k").count()
    ),
    "lag": lambda s, b, F: s.selectExpr("k", "lag(v) over (partition by k order by ts) as r"),
    "sum over partition": lambda s, b, F: s.selectExpr("k", "sum(v) over (partition by k) as r"),
    "watermark after deduplication": lambda s, b, F: s.dropDuplicates(["k"]).withWatermark("ts", "1 second"),
    "two watermarks": lambda s, b, F: watermarked(s).withWatermark("ts", "1 second"),
    "watermarks of two streams": lambda s, b, F: watermarked(s).union(s.withWatermark("ts", "1 second")),
    "distinct of two columns": lambda s, b, F: s.select("k", "v").distinct(),
    "deduplicate within by all": lambda s, b, F: watermarked(s).dropDuplicatesWithinWatermark(),
    "limit zero": lambda s, b, F: s.limit(0),
    "tail of a static part": lambda s, b, F: s.join(b.orderBy("v").limit(1).select("k"), "k"),
    "window function of a static part": lambda s, b, F: s.join(
        b.selectExpr("k", "row_number() over (partition by k order by v) as r"), "k"
    ),
    "distinct of a static part": lambda s, b, F: s.join(b.select("k").distinct(), "k"),
    "sample of a static part": lambda s, b, F: s.join(b.sample(0.5).select("k"), "k"),
    "intersect of static parts": lambda s, b, F: s.join(b.intersect(b).select("k"), "k"),
    "current_timestamp": lambda s, b, F: s.select("k", F.current_timestamp().alias("now")),
    "rand": lambda s, b, F: s.select("k", F.rand(7).alias("r")),
    "exists in a static table": lambda s, b, F: s.join(b, s.k == b.k, "left_semi"),
    "approximate distinct count": lambda s, b, F: s.groupBy("k").agg(F.approx_count_distinct("v")),
    "collect_list": lambda s, b, F: s.groupBy("k").agg(F.collect_list("v")),
    "sum distinct": lambda s, b, F: s.groupBy("k").agg(F.sum_distinct("v")),
    "flatMapGroups without time-out": lambda s, b, F: _grouped_state(s, "update", "NoTimeout"),
    "flatMapGroups that appends": lambda s, b, F: _grouped_state(s, "append", "NoTimeout"),
    "flatMapGroups with event time": lambda s, b, F: _grouped_state(
        watermarked(s), "append", "EventTimeTimeout"
    ),
    "flatMapGroups with event time but no watermark": lambda s, b, F: _grouped_state(
        s, "append", "EventTimeTimeout"
    ),
    "flatMapGroups with processing time": lambda s, b, F: _grouped_state(
        s, "update", "ProcessingTimeTimeout"
    ),
    "flatMapGroups over an aggregate": lambda s, b, F: _grouped_state(counted(s, F), "append", "NoTimeout"),
    "aggregate over flatMapGroups that appends": lambda s, b, F: (
        _grouped_state(s, "append", "NoTimeout").groupBy("k").count()
    ),
    "aggregate over flatMapGroups that updates": lambda s, b, F: (
        _grouped_state(s, "update", "NoTimeout").groupBy("k").count()
    ),
    "two flatMapGroups": lambda s, b, F: _grouped_state(
        _grouped_state(s, "append", "NoTimeout"), "append", "NoTimeout"
    ),
    **{
        f"streams {how} join by {by}{marks}": (
            lambda s, b, F, how=how, condition=condition, left=left, right=right: joined(  # type: ignore[misc]
                left(s), right(s), how, condition, F
            )
        )
        for how in JOIN_KINDS[:-1]
        for by, condition in (("key", "a.k = b.k"), ("key and range", _RANGE), ("time", "a.ts = b.ts"))
        for marks, left, right in (
            ("", _as_is, _as_is),
            (" under watermarks", watermarked, watermarked),
            (" with a watermark on the left", watermarked, _as_is),
            (" with a watermark on the right", _as_is, watermarked),
        )
    },
    "streams cross join": lambda s, b, F: s.alias("a").crossJoin(s.alias("b")),
    "streams join by range alone": lambda s, b, F: joined(s, s, "inner", "a.v < b.v", F),
    "stream join of aggregates": lambda s, b, F: joined(
        counted(s, F), counted(s, F), "inner", "a.k = b.k", F
    ),
    "stream left join of aggregates": lambda s, b, F: joined(
        counted(s, F), counted(s, F), "left", "a.k = b.k and a.window = b.window", F
    ),
    "aggregate over a left stream join": lambda s, b, F: (
        joined(watermarked(s), watermarked(s), "left", _RANGE, F)
        .groupBy(F.window("a.ts", "10 seconds"))
        .count()
    ),
    "aggregate over an inner stream join by window": lambda s, b, F: (
        joined(watermarked(s), watermarked(s), "inner", _RANGE, F)
        .groupBy(F.window("a.ts", "10 seconds"))
        .count()
    ),
    "deduplicate over a left stream join": lambda s, b, F: (
        joined(watermarked(s), watermarked(s), "left", _RANGE, F).select("a.ts", "a.k").dropDuplicates()
    ),
    "a join over a stream join": lambda s, b, F: joined(
        joined(watermarked(s), watermarked(s), "inner", _RANGE, F).select("a.ts", "a.k", "a.v"),
        watermarked(s),
        "inner",
        _RANGE,
        F,
    ),
    "aggregate of a join with an aggregate of a static part": lambda s, b, F: (
        s.join(b.groupBy("k").count(), "k").groupBy("k").agg(F.count("*"))
    ),
}


def _streams_joined(how: str, condition: str) -> Shape:
    return lambda s, b, F: joined(watermarked(s), watermarked(s), how, condition, F)


for _how in ("inner", "left", "right", "full", "leftsemi", "leftanti"):
    _name = f"{_how} join of streams"
    SHAPES |= {
        f"{_name} with an upper bound": _streams_joined(_how, "a.k = b.k and b.ts <= a.ts + interval 1 hour"),
        f"{_name} with a lower bound": _streams_joined(_how, "a.k = b.k and b.ts >= a.ts - interval 1 hour"),
        f"{_name} with a bound of a month": _streams_joined(
            _how, "a.k = b.k and b.ts <= a.ts + interval 1 month"
        ),
    }
SHAPES |= {
    "join of streams, then distinct over two event times": lambda s, b, F: joined(
        watermarked(s), watermarked(s), "inner", _RANGE, F
    ).dropDuplicates(),
}
