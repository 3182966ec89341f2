"""However rows are split over batches, partitions and drivers, a chain ends with the batch query's answer."""

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

LATEST = 100
# No row is late under this delay; the last batch moves every watermark past all that came before: a filter
# of values stands below `withWatermark`, wherever it was written.
DELAY = f"{2 * LATEST} seconds"
FLUSH = ([row(10 * LATEST, None, 1), row(10 * LATEST, None, -1)], False)

ROWS = st.builds(
    row, st.integers(0, LATEST).map(float), st.none() | st.sampled_from("ab"), st.none() | st.integers(-5, 5)
)
HISTORIES = st.lists(st.tuples(st.lists(ROWS, max_size=8), st.booleans()), min_size=1, max_size=5)


def marked(frame: Any) -> Any:
    return frame.withWatermark("ts", DELAY)


def counted(frame: Any, seconds: int, *keys: str) -> Any:
    return frame.groupBy(F.window("ts", f"{seconds} seconds"), *keys).agg(
        F.count("*").alias("n"), F.sum("v").alias("s")
    )


def distinct_then_window(frame: Any) -> Any:
    return counted(marked(frame).dropDuplicates(["ts", "k", "v"]), 10, "k").select(
        "window.start", "k", "n", "s"
    )


def window_of_windows(frame: Any) -> Any:
    outer = counted(marked(frame), 10, "k").groupBy(F.window("window", "30 seconds", "15 seconds"))
    return outer.agg(F.sum("n").alias("n"), F.max("s").alias("s")).select("window.start", "n", "s")


def window_then_distinct(frame: Any) -> Any:
    return counted(marked(frame), 10, "k").select("window", "n").dropDuplicates().select("window.start", "n")


def four_in_a_row(frame: Any) -> Any:
    small = counted(marked(frame).dropDuplicates(["ts", "k"]), 5, "k").where("n > 0")
    larger = small.groupBy(F.window(F.window_time("window"), "10 seconds"), "k").agg(F.sum("n").alias("n"))
    largest = larger.groupBy(F.window("window", "50 seconds")).agg(
        F.sum("n").alias("n"), F.count("k").alias("k")
    )
    return largest.select("window.start", "n", "k")


def united(frame: Any) -> Any:
    rows = marked(frame)
    left = counted(rows.where("v > 0"), 10).select("window", "n")
    right = counted(rows.where("v <= 0"), 20).select("window", "n")
    outer = left.union(right).groupBy(F.window("window", "40 seconds")).agg(F.sum("n").alias("n"))
    return outer.select("window.start", "n")


CHAINS = (distinct_then_window, window_of_windows, window_then_distinct, four_in_a_row, united)


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


@pytest.mark.parametrize("build", CHAINS, ids=lambda build: build.__name__)
@settings(max_examples=5)
@given(history=HISTORIES, parts=st.integers(1, 2), state_parts=st.integers(1, 3))
def test_a_chain_gives_what_the_batch_query_gives(
    session: Session, build: Callable[[Any], Any], history: History, parts: int, state_parts: int
) -> None:
    check(session, history, build, parts, state_parts)


@pytest.mark.soak
@pytest.mark.parametrize("build", CHAINS, ids=lambda build: build.__name__)
@settings(max_examples=500)
@given(history=HISTORIES, parts=st.integers(1, 2), state_parts=st.integers(1, 3))
def test_a_chain_gives_what_the_batch_query_gives_at_length(
    session: Session, build: Callable[[Any], Any], history: History, parts: int, state_parts: int
) -> None:
    check(session, history, build, parts, state_parts)
