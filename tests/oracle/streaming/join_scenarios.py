"""Joins of two streams: every kind, with and without watermarks and time ranges, and chains with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle.streaming.scenarios import Row, Scenario

Build = Callable[[Sequence[Any], Any], Any]

RANGED = "l.k = r.k and r.ts >= l.ts - interval 5 seconds and r.ts <= l.ts + interval 10 seconds"
FILTERED = f"{RANGED} and l.v + r.v > 14"


def rows(*written: tuple[float | None, str | None, int]) -> list[Row]:
    return [(ts, k, v, float(v)) for ts, k, v in written]


def both(*steps: tuple[Sequence[Row], Sequence[Row]]) -> list[list[list[Sequence[Row]]]]:
    """Steps of two streams with one micro-batch of each."""
    return [[[left], [right]] for left, right in steps]


_LATER = (
    (rows((12, "a", 5), (14, "c", 6)), rows((1, "b", 12), (22, "a", 13), (23, "c", 14))),
    (rows((31, "b", 7), (31, "b", 8)), rows((33, "b", 15), (33, "b", 16))),
    (rows((60, "d", 9)), rows((62, "e", 17))),
    (rows((25, "a", 10), (52, "e", 11)), rows((20, "a", 18), (45, "d", 19), (70, "d", 20))),
    (rows((120, "z", 12)), rows((125, "y", 21))),
    (rows((130, "y", 13)), rows((131, "z", 22))),
)
MEASURED = both(
    (rows((1, "a", 1), (2, "b", 2), (None, "a", 3), (4, None, 4)), rows((3, "a", 10), (5, None, 11))), *_LATER
)
# Rows without an event time never get a partner, nor does a watermark come to them: PySpark keeps those of
# an outer join for ever, and joins null keys of a full one.
TIMED = both((rows((1, "a", 1), (2, "b", 2), (4, None, 4)), rows((3, "a", 10), (5, "f", 11))), *_LATER)
# Partners that come long after, at once with others, and again.
WAITING = both(
    (rows((10, "a", 1), (10, "a", 2), (11, "b", 3)), rows()),
    (rows(), rows((12, "a", 10), (19, "b", 11))),
    (rows((14, "a", 4)), rows((13, "a", 12), (30, "c", 13))),
    (rows((33, "c", 5), (35, "d", 6)), rows((21, "a", 14), (24, "a", 15))),
    (rows((70, "x", 7)), rows((80, "x", 16))),
    (rows((71, "d", 8), (90, "q", 9)), rows((45, "d", 17), (76, "x", 18))),
    (rows((200, "q", 1)), rows((200, "q", 2))),
)


def sides(streams: Sequence[Any]) -> tuple[Any, Any]:
    left = streams[0].withWatermark("ts", "10 seconds").alias("l")
    return left, streams[1].withWatermark("ts", "20 seconds").alias("r")


def shown(joined: Any, F: Any) -> Any:
    return joined.select("l.ts", "l.k", "l.v", F.col("r.ts").alias("rts"), F.col("r.v").alias("rv"))


def joined(condition: str, how: str = "inner") -> Build:
    def build(streams: Sequence[Any], F: Any) -> Any:
        left, right = sides(streams)
        found = left.join(right, F.expr(condition), how)
        return found.select("l.ts", "l.k", "l.v") if how == "leftsemi" else shown(found, F)

    return build


def without_watermarks(streams: Sequence[Any], F: Any) -> Any:
    left, right = streams[0].alias("l"), streams[1].alias("r")
    return shown(left.join(right, F.expr("l.k = r.k")), F)


def one_watermark(streams: Sequence[Any], F: Any) -> Any:
    left, right = streams[0].withWatermark("ts", "10 seconds").alias("l"), streams[1].alias("r")
    return shown(left.join(right, F.expr(RANGED)), F)


def by_window(how: str) -> Build:
    def build(streams: Sequence[Any], F: Any) -> Any:
        def windowed(side: Any, value: str) -> Any:
            return side.select(F.window("ts", "10 seconds").alias("w"), "k", F.col("v").alias(value))

        left, right = sides(streams)
        found = windowed(left, "v").join(windowed(right, "rv"), ["w", "k"], how)
        return found.select("w.start", "k", "v", "rv")

    return build


def then_counted(streams: Sequence[Any], F: Any) -> Any:
    left, right = sides(streams)
    pairs = left.join(right, F.expr(RANGED)).select("l.ts", "l.v", F.col("r.v").alias("rv"))
    counted = pairs.groupBy(F.window("ts", "10 seconds")).agg(F.count("*").alias("n"), F.sum("rv").alias("s"))
    return counted.select("window.start", "n", "s")


def outer_then_counted(streams: Sequence[Any], F: Any) -> Any:
    left, right = sides(streams)
    pairs = left.join(right, F.expr(RANGED), "left").select("l.ts", "l.v", F.col("r.v").alias("rv"))
    counted = pairs.groupBy(F.window("ts", "10 seconds")).agg(F.count("*").alias("n"), F.sum("rv").alias("s"))
    return counted.select("window.start", "n", "s")


def distinct_first(streams: Sequence[Any], F: Any) -> Any:
    left, right = sides(streams)
    left = left.dropDuplicates(["k", "ts"]).alias("l")
    return shown(left.join(right, F.expr(RANGED)), F)


def counted_first(streams: Sequence[Any], F: Any) -> Any:
    def counted(side: Any, name: str) -> Any:
        return side.groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("v").alias(name))

    left, right = sides(streams)
    found = counted(left, "s").join(counted(right, "rs"), ["window", "k"], "left")
    return found.select("window.start", "k", "s", "rs")


def joined_again(streams: Sequence[Any], F: Any) -> Any:
    left, right = sides(streams)
    pairs = left.join(right, F.expr(RANGED)).select("l.ts", "l.k", "l.v", F.col("r.v").alias("rv")).alias("p")
    third = streams[0].withWatermark("ts", "5 seconds").select("ts", "k", F.col("v").alias("tv")).alias("t")
    near = "p.k = t.k and t.ts >= p.ts and t.ts <= p.ts + interval 4 seconds"
    return pairs.join(third, F.expr(near)).select("p.ts", "p.k", "p.v", "p.rv", "t.tv")


def self_joined(streams: Sequence[Any], F: Any) -> Any:
    marked = streams[0].withWatermark("ts", "10 seconds")
    left, right = marked.alias("l"), marked.alias("r")
    near = "l.k = r.k and r.ts > l.ts and r.ts <= l.ts + interval 20 seconds"
    return shown(left.join(right, F.expr(near)), F)


ALONE = [[[left], []] for [[left], _] in TIMED]
INNER: dict[str, Build] = {
    "join, no watermark": without_watermarks,
    "join on keys under watermarks": joined("l.k = r.k"),
    "join in a time range": joined(RANGED),
    "join in a time range, one watermark": one_watermark,
    "join with a filter": joined(FILTERED),
    "left semi join in a time range": joined(RANGED, "leftsemi"),
    "left semi join with a filter": joined(FILTERED, "leftsemi"),
    "join by event time": joined("l.ts = r.ts"),
    "join by window": by_window("inner"),
    "join between strict bounds": joined("l.k = r.k and r.ts > l.ts and r.ts - interval 8 seconds < l.ts"),
    "join by null-safe keys": joined(RANGED.replace("l.k = r.k", "l.k <=> r.k")),
    "join with a condition of one side": joined(f"{RANGED} and l.v > 3"),
    "join, then count": then_counted,
    "distinct, then join": distinct_first,
    "join, then join": joined_again,
}
OUTER: dict[str, Build] = {
    **{
        f"{how} join {what}": joined(condition, how)
        for how in ("left", "right", "full")
        for what, condition in (("in a time range", RANGED), ("with a filter", FILTERED))
    },
    "left join by event time": joined("l.ts = r.ts and l.k = r.k", "left"),
    **{f"{how} join by window": by_window(how) for how in ("left", "right", "full")},
    "left join with a condition of one side": joined(f"{RANGED} and l.v <> 7", "left"),
    "left join with a condition of the other side": joined(f"{RANGED} and r.v > 12", "left"),
    "full join with conditions of one side": joined(f"{RANGED} and l.v <> 7 and r.v <> 12", "full"),
    "left join, then count": outer_then_counted,
    "count, then left join": counted_first,
}

JOINS = [
    *(Scenario(name, "append", build, MEASURED) for name, build in INNER.items()),
    *(Scenario(f"{name}: waiting", "append", build, WAITING) for name, build in INNER.items()),
    *(Scenario(name, "append", build, TIMED) for name, build in OUTER.items()),
    *(Scenario(f"{name}: waiting", "append", build, WAITING) for name, build in OUTER.items()),
    Scenario("join in a time range, update", "update", joined(RANGED), MEASURED),
    Scenario("self-join", "append", self_joined, ALONE),
    Scenario(
        "join in a time range, the largest watermark",
        "append",
        joined(RANGED),
        MEASURED,
        {"spark.sql.streaming.multipleWatermarkPolicy": "max"},
    ),
]
