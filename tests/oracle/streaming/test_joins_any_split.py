"""However rows are split over batches, partitions and drivers, a join of streams ends as the batch query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.sql import functions as F
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import plain
from tests.oracle.streaming.scenarios import row
from tests.oracle.streaming.test_any_split import History, normal, replay
from tests.oracle.streaming.test_chains_any_split import HISTORIES, LATEST, marked

NEAR = "l.k = r.k and r.ts >= l.ts - interval 20 seconds and r.ts <= l.ts + interval 30 seconds"


def sides(frame: Any) -> tuple[Any, Any]:
    """Two streams with keys in common: one source, read twice."""
    rows = marked(frame)
    return rows.where("v > 0").alias("l"), rows.where("v <= 0").alias("r")


def joined(how: str, condition: str = NEAR) -> Callable[[Any], Any]:
    def build(frame: Any) -> Any:
        left, right = sides(frame)
        found = left.join(right, F.expr(condition), how)
        columns = ["l.ts", "l.k", "l.v"]
        if how != "leftsemi":
            columns += ["r.ts as rts", "r.k as rk", "r.v as rv"]
        return found.selectExpr(*columns)

    return build


def by_window(frame: Any) -> Any:
    left, right = (
        side.select(F.window("ts", "20 seconds").alias("w"), "k", F.col("v").alias(name))
        for side, name in zip(sides(frame), ("v", "rv"), strict=True)
    )
    return left.join(right, ["w", "k"], "full").select("w.start", "k", "v", "rv")


def distinct_then_joined(frame: Any) -> Any:
    left, right = sides(frame)
    left = left.dropDuplicates(["ts", "k", "v"]).alias("l")
    return left.join(right, F.expr(NEAR), "left").selectExpr("l.ts", "l.k", "l.v", "r.ts as rts", "r.v as rv")


def joined_then_counted(frame: Any) -> Any:
    pairs = joined("left")(frame).select("ts", "k", "rv")
    counted = pairs.groupBy(F.window("ts", "20 seconds"), "k").agg(
        F.count("*").alias("n"), F.sum("rv").alias("s")
    )
    return counted.select("window.start", "k", "n", "s")


def joined_twice(frame: Any) -> Any:
    pairs = joined("inner")(frame).select("ts", "k", "v", "rv").alias("p")
    third = marked(frame).where("v is not null").select("ts", "k", F.col("v").alias("tv")).alias("t")
    near = "p.k = t.k and t.ts >= p.ts - interval 5 seconds and t.ts <= p.ts + interval 5 seconds"
    return pairs.join(third, F.expr(near), "left").selectExpr("p.ts", "p.k", "p.v", "p.rv", "t.tv")


def counted_then_joined(frame: Any) -> Any:
    left, right = (
        side.groupBy(F.window("ts", "20 seconds"), "k").agg(F.count("*").alias(name))
        for side, name in zip(sides(frame), ("n", "rn"), strict=True)
    )
    return left.join(right, ["window", "k"], "full").select("window.start", "k", "n", "rn")


# Moves the watermarks of both sides past all that came before: rows with a key, and no partner.
FLUSH = ([row(10 * LATEST, "left", 1), row(10 * LATEST, "right", -1)], False)
JOINS = {
    **{how: joined(how) for how in ("inner", "left", "right", "full", "leftsemi")},
    **{f"{how}, filtered": joined(how, f"{NEAR} and l.v + r.v > 0") for how in ("left", "full", "leftsemi")},
    "full, conditions of one side": joined("full", f"{NEAR} and l.v <> 3 and r.v <> -2"),
    "full, null-safe": joined("full", f"{NEAR} and l.v + r.v <> 0".replace("l.k = r.k", "l.k <=> r.k")),
    "full by window": by_window,
    "distinct, then left": distinct_then_joined,
    "left, then count": joined_then_counted,
    "inner, then left": joined_twice,
    "counts, then full": counted_then_joined,
}


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def check(
    session: Session, history: History, build: Callable[[Any], Any], parts: int, state_parts: int
) -> None:
    batches = replay(session, [*history, FLUSH], "append", build, parts, state_parts)
    together = Arrivals()
    together.arrive([row for rows, _ in history for row in rows])
    from_scratch = build(session.createDataFrame(together.batches[0]))
    expected = [[plain(value) for value in row] for row in from_scratch.collect()]
    assert normal([row for batch in batches for row in batch]) == normal(expected)


@pytest.mark.parametrize("name", JOINS)
@settings(max_examples=4)
@given(history=HISTORIES, parts=st.integers(1, 2), state_parts=st.integers(1, 3))
def test_a_join_gives_what_the_batch_query_gives(
    session: Session, name: str, history: History, parts: int, state_parts: int
) -> None:
    check(session, history, JOINS[name], parts, state_parts)


@pytest.mark.soak
@pytest.mark.parametrize("name", JOINS)
@settings(max_examples=400)
@given(history=HISTORIES, parts=st.integers(1, 2), state_parts=st.integers(1, 3))
def test_a_join_gives_what_the_batch_query_gives_at_length(
    session: Session, name: str, history: History, parts: int, state_parts: int
) -> None:
    check(session, history, JOINS[name], parts, state_parts)
