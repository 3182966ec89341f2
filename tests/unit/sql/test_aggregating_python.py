"""pandas_udf and arrow_udf that aggregate, and functions of Arrow arrays."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from streamcore.errors import ArgumentTypeError, StreamcoreError
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.functions import arrow_udf, pandas_udf
from streamcore.sql.session import Session
from streamcore.sql.vectorized_udf import ArrowUDFType, PandasUDFType
from streamcore.sql.window import Window


@pandas_udf("double")
def mean_of(v: pd.Series) -> float:
    return float(v.mean())


@arrow_udf("double")
def most(v: pa.Array, weight: pa.Array) -> float:
    return float(pc.max(v).as_py()) + len(weight)


@pytest.fixture
def df(session: Session) -> DataFrame:
    rows = [(1, 1.0), (1, 2.0), (2, 3.0), (2, 5.0), (2, 10.0)]
    return session.createDataFrame(rows, "id int, v double")


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def test_a_function_that_aggregates_sees_each_group_whole(df: DataFrame) -> None:
    found = df.groupBy("id").agg(mean_of("v"), most("v", "id").alias("m"), F.sum("v")).orderBy("id")
    assert found.columns == ["id", "mean_of(v)", "m", "sum(v)"]
    assert rows(found) == [(1, 1.5, 4.0, 3.0), (2, 6.0, 13.0, 18.0)]
    assert rows(df.agg(mean_of(df.v * 2))) == [(8.4,)]


def test_a_function_that_aggregates_sees_the_rows_of_a_window(df: DataFrame) -> None:
    whole, sliding = Window.partitionBy("id"), Window.partitionBy("id").orderBy("v").rowsBetween(-1, 0)
    found = df.select("v", mean_of("v").over(whole).alias("w"), mean_of("v").over(sliding).alias("s"))
    assert rows(found.orderBy("v")) == [
        (1.0, 1.5, 1.0), (2.0, 1.5, 1.5), (3.0, 6.0, 3.0), (5.0, 6.0, 4.0), (10.0, 6.0, 7.5),
    ]  # fmt: skip
    assert df.select(mean_of("v").over(whole)).columns == [
        "mean_of(v) OVER (PARTITION BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    ]


def test_a_whole_partition_is_handed_over_once(df: DataFrame) -> None:
    drawn = pandas_udf(lambda v: random.random(), "double", PandasUDFType.GROUPED_AGG)
    whole = Window.partitionBy("id").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    found = rows(df.select("id", drawn("v").over(whole).alias("x")).distinct())
    assert sorted(key for key, _ in found) == [1, 2]


def test_sql_text_calls_a_function_that_aggregates(session: Session, df: DataFrame) -> None:
    session.udf.register("mean_of_text", mean_of)
    df.createOrReplaceTempView("aggregated")
    grouped = session.sql(
        "SELECT id, mean_of_text(v => v) AS m FROM aggregated GROUP BY id HAVING mean_of_text(v) > 2"
    )
    assert rows(grouped) == [(2, 6.0)]
    windowed = session.sql(
        "SELECT DISTINCT mean_of_text(v) OVER (PARTITION BY id) m FROM aggregated ORDER BY m"
    )
    assert rows(windowed) == [(1.5,), (6.0,)]
    session.catalog.dropTempView("aggregated")


def test_batches_of_a_group_come_as_an_iterator(df: DataFrame) -> None:
    @pandas_udf("double")
    def total(batches: Iterator[tuple[pd.Series, pd.Series]]) -> float:
        return float(sum((one * other).sum() for one, other in batches))

    assert rows(df.groupBy("id").agg(total("v", "id")).orderBy("id")) == [(1, 3.0), (2, 36.0)]


def test_the_kind_may_be_named_instead_of_hinted(df: DataFrame) -> None:
    named = pandas_udf(lambda v: v.max(), "double", PandasUDFType.GROUPED_AGG)
    assert rows(df.agg(named("v"))) == [(10.0,)]
    of_arrow = arrow_udf(lambda v: pc.min(v).as_py(), "double", ArrowUDFType.GROUPED_AGG)
    assert rows(df.agg(of_arrow("v"))) == [(1.0,)]


def test_nothing_becomes_null_and_no_column_is_needed(df: DataFrame) -> None:
    nothing = pandas_udf(lambda v: None, "double", PandasUDFType.GROUPED_AGG)
    constant = pandas_udf(lambda: 7, "int", PandasUDFType.GROUPED_AGG)
    assert rows(df.agg(nothing("v"), constant())) == [(None, 7)]


def test_a_function_of_arrays_gives_an_array(df: DataFrame) -> None:
    @arrow_udf("long")
    def next_id(ids: pa.Array) -> pa.Array:
        return pc.add(ids, 1)

    @arrow_udf("long")
    def counted(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        for batch in batches:
            yield pa.array([len(batch)] * len(batch))

    assert rows(df.select(next_id("id"), counted("id")))[0] == (2, 5)


def test_a_function_of_columns_sees_so_many_rows_at_once(session: Session) -> None:
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 4)
    try:
        length = pandas_udf(lambda s: pd.Series([len(s)] * len(s)), "int", PandasUDFType.SCALAR)
        found = session.range(10, numPartitions=1).select(length("id").alias("n"))
        assert [n for (n,) in rows(found)] == [4, 4, 4, 4, 4, 4, 4, 4, 2, 2]
    finally:
        session.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (pandas_udf(lambda v: v, "double", PandasUDFType.GROUPED_AGG), "one value for a group"),
        (arrow_udf(lambda v: 3, "double", ArrowUDFType.SCALAR), "should be pyarrow.Array"),
        (arrow_udf(lambda v: v.slice(1), "double", ArrowUDFType.SCALAR), "required length"),
    ],
)
def test_what_a_function_must_not_return_is_named(df: DataFrame, function: Any, message: str) -> None:
    with pytest.raises(StreamcoreError, match=message):
        df.select(function("v")).collect()


def test_a_return_type_is_needed() -> None:
    with pytest.raises(ArgumentTypeError, match="CANNOT_BE_NONE"):
        arrow_udf(lambda v: v)
