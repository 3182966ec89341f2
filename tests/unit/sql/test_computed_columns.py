"""Columns that Python functions compute row by row, in batches and in streams."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, StreamcoreError
from streamcore.models.ml.columns import Computed, computed
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.types import LongType, StructField
from streamcore.testing.memory_source import MemoryStream


@dataclass(frozen=True)
class Plus:
    """A number more; rows that hold `dropped` are dropped."""

    number: int
    dropped: int = -1

    def __call__(self, rows: pa.Table) -> Computed:
        kept = pc.not_equal(rows.column(0), self.dropped).combine_chunks()
        return Computed([pc.add(rows.column(0), self.number)], kept)


@dataclass(frozen=True)
class Short:
    """Says less than it was asked."""

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([rows.column(0).slice(1)])


def plus(frame: DataFrame, column: str, made: str, function: Any = Plus(10, 3)) -> DataFrame:
    return computed(frame, [column], [StructField(made, LongType())], function)


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.collect())


def test_the_columns_stand_behind_those_that_are_there_and_rows_can_be_dropped(session: Session) -> None:
    frame = plus(session.range(5), "id", "more")
    assert rows(frame) == [(0, 10), (1, 11), (2, 12), (4, 14)]


def test_what_is_above_and_below_may_be_any_plan(session: Session) -> None:
    below = session.range(8).where("id > 1").repartition(3)
    frame = plus(plus(below, "id", "a"), "a", "b")  # of 2 to 7, without 3
    assert rows(frame.groupBy((F.col("b") % 2).alias("odd")).agg(F.count("*"))) == [(0, 3), (1, 2)]
    assert frame.select("id").count() == 5
    assert rows(frame.join(frame.select("id", F.col("b").alias("same")), "id").where("b <> same")) == []
    assert frame.union(frame).agg(F.sum("a")).collect()[0][0] == 2 * (2 + 4 + 5 + 6 + 7 + 5 * 10)
    assert frame.orderBy(F.desc("b")).limit(1).collect()[0]["b"] == 27


def test_columns_that_nobody_reads_are_not_computed_from_more_than_they_need(session: Session) -> None:
    seen: list[list[str]] = []

    @dataclass(frozen=True)
    class Seeing:
        def __call__(self, rows: pa.Table) -> Computed:
            seen.append(rows.column_names)
            return Computed([rows.column(0)])

    wide = session.range(2).selectExpr("id", "id AS x", "id AS y")
    assert rows(plus(wide, "y", "z", Seeing()).select("z")) == [(0,), (1,)]
    assert seen == [["y"]]


def test_no_rows_are_rows_too(session: Session) -> None:
    assert rows(plus(session.range(0), "id", "more")) == []


def test_an_input_that_is_missing_and_an_output_that_exists_are_refused(session: Session) -> None:
    with pytest.raises(IllegalArgumentException, match="No such struct field `nope` in `id`"):
        plus(session.range(1), "nope", "more")
    with pytest.raises(IllegalArgumentException, match="Output column ID already exists"):
        plus(session.range(1), "id", "ID")


def test_a_function_that_gives_too_few_values_fails_by_name(session: Session) -> None:
    with pytest.raises(StreamcoreError, match=r"Short was to compute 1 columns of 5 rows \(more\)"):
        plus(session.range(5), "id", "more", Short()).collect()


def run(frame: DataFrame, mode: str = "append") -> list[tuple[Any, ...]]:
    query = frame.writeStream.format("memory").queryName("found").outputMode(mode)
    started = query.trigger(availableNow=True).start()
    started.awaitTermination()
    found = rows(frame.session.table("found"))
    frame.session.catalog.dropTempView("found")
    return found


@pytest.fixture
def stream(session: Session) -> DataFrame:
    source = MemoryStream("n long, t timestamp")
    source.addData([(n, dt.datetime(2026, 1, 1, 0, 0, n, tzinfo=dt.UTC)) for n in range(8)])
    frame: DataFrame = source.toDF(session)
    return frame


def test_a_stream_gives_what_the_batch_gives(session: Session, stream: DataFrame) -> None:
    frame = plus(plus(stream.select("n").where("n < 6"), "n", "a").where("a <> 11"), "a", "b")
    assert run(frame) == [(n, n + 10, n + 20) for n in (0, 2, 4, 5)]


def test_functions_stand_before_and_behind_operators_with_state(stream: DataFrame) -> None:
    counted = plus(stream, "n", "a").groupBy((F.col("a") % 2).alias("odd")).count()
    assert run(plus(counted, "count", "more"), "complete") == [(0, 4, 14)]


def test_what_is_observed_on_either_side_is_reported(session: Session, stream: DataFrame) -> None:
    below = stream.observe("below", F.count("*").alias("n"))
    above = plus(below, "n", "a").observe("above", F.count("*").alias("n"))
    query = above.writeStream.format("memory").queryName("observed").trigger(availableNow=True).start()
    query.awaitTermination()
    session.catalog.dropTempView("observed")
    assert query.lastProgress is not None
    observed = query.lastProgress.observedMetrics
    assert (observed["below"].n, observed["above"].n) == (8, 7)


def test_a_watermark_below_a_function_moves_by_all_rows(stream: DataFrame) -> None:
    """The last row is dropped above, and still closes the windows before it."""
    kept = plus(stream.withWatermark("t", "1 second"), "n", "a", Plus(10, 7))
    assert run(kept.groupBy(F.window("t", "2 seconds")).count().select("count")) == [(2,), (2,), (2,)]
