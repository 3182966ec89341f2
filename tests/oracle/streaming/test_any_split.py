"""However rows are split, and wherever drivers restart, the answer is that of plain Python."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import plain
from tests.oracle.streaming.model import WindowModel
from tests.oracle.streaming.scenarios import Row

NAN = float("nan")
DELAY = 10

VALUES = st.none() | st.integers(-5, 5)
NUMBERS = st.none() | st.sampled_from([0.0, -0.0, 0.5, -2.25, 1e6, NAN])
ROWS = st.tuples(
    st.none() | st.integers(0, 120).map(float), st.none() | st.sampled_from(["a", "b", "ä"]), VALUES, NUMBERS
)
HISTORIES = st.lists(st.tuples(st.lists(ROWS, max_size=8), st.booleans()), min_size=1, max_size=6)
"""Micro-batches, each with whether the driver is restarted after it."""

History = Sequence[tuple[Sequence[Row], bool]]


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def replay(
    session: Session, history: History, mode: str, build: Callable[[Any], Any], parts: int, state_parts: int
) -> list[list[list[Any]]]:
    """The rows of every batch, those without data included."""
    session.conf.set("spark.sql.shuffle.partitions", str(state_parts))
    arrivals, outputs = Arrivals(parts), list[list[list[Any]]]()
    with tempfile.TemporaryDirectory() as folder:

        def started() -> SteppedQuery:
            writer = build(arrivals.to_df(session)).writeStream.outputMode(mode).foreachBatch(keep)
            return SteppedQuery(writer.option("checkpointLocation", folder))

        def keep(df: Any, batch_id: int) -> None:
            assert batch_id == len(outputs)
            outputs.append([[plain(value) for value in row] for row in df.collect()])

        query = started()
        for rows, restarts in history:
            arrivals.arrive(rows)
            query.step()
            if restarts:
                query.close()
                query = started()
        query.run_dry()
        query.close()
    return outputs


def aggregated(length: int, slide: int) -> Callable[[Any], Any]:
    def build(stream: Any) -> Any:
        window = F.window("ts", f"{length} seconds", f"{slide} seconds")
        grouped = stream.withWatermark("ts", f"{DELAY} seconds").groupBy(window, "k")
        return grouped.agg(
            F.count("*").alias("n"),
            F.count("v").alias("nv"),
            F.sum("v").alias("total"),
            F.avg("v").alias("mean"),
            F.min("x").alias("low"),
            F.max("x").alias("high"),
        ).select("window.start", "k", "n", "nv", "total", "mean", "low", "high")

    return build


def answer(start: float, key: Any, rows: Sequence[Row]) -> list[Any]:
    """The same aggregates by plain Python; NaN is the largest number, as in Spark."""
    values = [row[2] for row in rows if row[2] is not None]
    numbers = sorted((row[3] + 0.0 for row in rows if row[3] is not None), key=lambda x: (math.isnan(x), x))
    return [
        start,
        key,
        len(rows),
        len(values),
        sum(values) if values else None,
        sum(values) / len(values) if values else None,
        plain(numbers[0]) if numbers else None,
        plain(numbers[-1]) if numbers else None,
    ]


def normal(rows: Sequence[list[Any]]) -> list[Any]:
    return sorted(([v + 0.0 if isinstance(v, float) else v for v in row] for row in rows), key=repr)


def expected_batches(history: History, mode: str, length: int, slide: int) -> list[Any]:
    model = WindowModel(mode, length, slide, DELAY, key=lambda row: row[1])
    found = []
    pending = [list(rows) for rows, _ in history]
    while pending or model.may_close_more:
        groups = model.batch(pending.pop(0) if pending else [])
        found.append(normal([answer(window[0], key, rows) for (window, key), rows in groups.items()]))
    return found


def check_windows(
    session: Session, history: History, mode: str, size: tuple[int, int], parts: int, state_parts: int
) -> None:
    found = replay(session, history, mode, aggregated(*size), parts, state_parts)
    assert [normal(rows) for rows in found] == expected_batches(history, mode, *size)


SIZES = st.sampled_from([(10, 10), (10, 5), (30, 10)])
MODES = ["append", "update", "complete"]


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=10)
@given(history=HISTORIES, size=SIZES, parts=st.integers(1, 3), state_parts=st.integers(1, 3))
def test_windowed_aggregates_do_not_depend_on_the_split(
    session: Session, mode: str, history: History, size: tuple[int, int], parts: int, state_parts: int
) -> None:
    check_windows(session, history, mode, size, parts, state_parts)


@pytest.mark.soak
@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=2_000)
@given(history=HISTORIES, size=SIZES, parts=st.integers(1, 3), state_parts=st.integers(1, 3))
def test_windowed_aggregates_do_not_depend_on_the_split_at_length(
    session: Session, mode: str, history: History, size: tuple[int, int], parts: int, state_parts: int
) -> None:
    check_windows(session, history, mode, size, parts, state_parts)


def check_complete(session: Session, history: History, parts: int, state_parts: int) -> None:
    """The last complete result is the batch answer from scratch."""

    def build(frame: Any) -> Any:
        return frame.groupBy("k", "x").agg(
            F.count("*").alias("n"), F.sum("v").alias("s"), F.max("ts").alias("t")
        )

    found = replay(session, history, "complete", build, parts, state_parts)
    together = Arrivals()
    together.arrive([row for rows, _ in history for row in rows])
    from_scratch = build(session.createDataFrame(together.batches[0]))
    expected = [[plain(value) for value in row] for row in from_scratch.collect()]
    assert normal(found[-1]) == normal(expected)


@settings(max_examples=8)
@given(history=HISTORIES, parts=st.integers(1, 3), state_parts=st.integers(1, 3))
def test_a_complete_result_is_that_of_the_batch_query(
    session: Session, history: History, parts: int, state_parts: int
) -> None:
    check_complete(session, history, parts, state_parts)


@pytest.mark.soak
@settings(max_examples=1_000)
@given(history=HISTORIES, parts=st.integers(1, 3), state_parts=st.integers(1, 3))
def test_a_complete_result_is_that_of_the_batch_query_at_length(
    session: Session, history: History, parts: int, state_parts: int
) -> None:
    check_complete(session, history, parts, state_parts)


def check_distinct(session: Session, history: History, state_parts: int) -> None:
    """Each key passes once, with its first row."""

    def build(frame: Any) -> Any:
        return frame.dropDuplicates(["k", "x"]).select("k", "x", "v")

    found = replay(session, history, "append", build, 1, state_parts)
    seen: set[Any] = set()
    expected = []
    for rows, _ in history:
        batch = []
        for _, k, v, x in rows:
            key = (k, "NaN" if x is not None and math.isnan(x) else x)
            if key not in seen:
                seen.add(key)
                batch.append([k, plain(x), v])
        expected.append(normal(batch))
    assert [normal(rows) for rows in found] == expected


@settings(max_examples=10)
@given(history=HISTORIES, state_parts=st.integers(1, 3))
def test_each_key_passes_once_however_rows_are_split(
    session: Session, history: History, state_parts: int
) -> None:
    check_distinct(session, history, state_parts)


@pytest.mark.soak
@settings(max_examples=1_000)
@given(history=HISTORIES, state_parts=st.integers(1, 3))
def test_each_key_passes_once_however_rows_are_split_at_length(
    session: Session, history: History, state_parts: int
) -> None:
    check_distinct(session, history, state_parts)
