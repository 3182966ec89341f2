"""Arguments of another kind than a method takes are refused with PySpark's class and condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamcore.errors import (
    AnalysisException,
    ArgumentTypeError,
    IllegalArgumentException,
)
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.sql.window import Window

Use = Callable[[Any], Any]


@pytest.fixture(scope="module")
def df(session: Session) -> DataFrame:
    return session.createDataFrame([(1, "a"), (2, None)], "k int, v string")


@pytest.mark.parametrize(
    ("use", "argument"),
    [
        (lambda df: df.select(1), "column"),
        (lambda df: df.select(["k"], ["v"]), "column"),
        (lambda df: df.filter(1), "condition"),
        (lambda df: df.groupBy(None), "column"),
        (lambda df: df.agg("k"), "exprs"),
        (lambda df: df.withColumn("a", "k"), "withColumn"),
        (lambda df: df.withColumns([("a", F.lit(1))]), "colsMap"),
        (lambda df: df.drop(1), "column"),
        (lambda df: df.limit("1"), "num"),
        (lambda df: df.limit(1.5), "num"),
        (lambda df: df.limit(True), "num"),
        (lambda df: df.offset("1"), "num"),
        (lambda df: df.sort("k", ascending="x"), "ascending"),
        (lambda df: df.alias(1), "alias"),
        (lambda df: df.dropDuplicates([1]), "subset"),
        (lambda df: df.fillna([1]), "value"),
        (lambda df: df.fillna(1, subset=1), "subset"),
        (lambda df: df.dropna(subset=[1]), "subset"),
        (lambda df: df.toDF(1, 2), "cols"),
        (lambda df: df.createTempView(1), "name"),
    ],
)
def test_an_argument_of_another_kind_is_a_type_error_that_names_it(
    df: DataFrame, use: Use, argument: str
) -> None:
    with pytest.raises(ArgumentTypeError, match=rf"\[NOT_EXPECTED_TYPE\] Argument `{argument}"):
        use(df)


def test_a_replacement_that_is_not_given_is_no_null(df: DataFrame) -> None:
    with pytest.raises(ArgumentTypeError, match="ARGUMENT_REQUIRED"):
        df.replace(1)
    assert [row.v for row in df.replace("a", None).collect()] == [None, None]
    assert [row.k for row in df.replace({1: 5}).collect()] == [5, 2]


def test_nothing_to_do_is_a_value_error(df: DataFrame) -> None:
    for use in (df.agg, df.groupBy("k").agg, df.orderBy):
        with pytest.raises(IllegalArgumentException, match="CANNOT_BE_EMPTY"):
            use()


@pytest.mark.parametrize(
    ("use", "condition"),
    [
        (
            lambda df: df.where(F.row_number().over(Window.orderBy("k")) == 1),
            "WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE",
        ),
        (lambda df: df.groupBy(F.max("k")).count(), "GROUP_BY_AGGREGATE"),
        (lambda df: df.agg(F.max(F.max("k"))), "NESTED_AGGREGATE_FUNCTION"),
        (lambda df: df.createTempView("a b"), "Invalid view name: a b"),
        (lambda df: df.createOrReplaceTempView("a.b"), "Invalid view name: a.b"),
    ],
)
def test_what_has_no_place_where_it_stands_is_refused_before_it_runs(
    df: DataFrame, use: Use, condition: str
) -> None:
    with pytest.raises(AnalysisException, match=condition):
        use(df)


def test_a_name_in_backticks_may_hold_anything(df: DataFrame) -> None:
    df.createOrReplaceTempView("`two words`")
    assert df.sparkSession.sql("SELECT count(*) FROM `two words`").collect()[0][0] == 2
    assert df.sparkSession.catalog.dropTempView("two words")
