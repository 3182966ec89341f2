"""DataFrames within the expressions of others; the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session


@pytest.fixture
def people(session: Session) -> DataFrame:
    rows = [(1, "Ann", 45, 101), (2, "Bob", 54, 101), (3, "Cy", 29, 102), (4, "Dee", 61, 102)]
    return session.createDataFrame(rows, "id int, name string, pay int, dept int")


def _names(frame: DataFrame) -> list[str]:
    return sorted(row["name"] for row in frame.collect())


def test_the_value_of_a_dataframe_is_compared_with_columns_of_another(people: DataFrame) -> None:
    assert _names(people.where(F.col("pay") > people.select(F.avg("pay")).scalar())) == ["Bob", "Dee"]
    own = people.alias("b").where(F.col("b.dept") == F.col("a.dept").outer()).select(F.avg("b.pay"))
    assert _names(people.alias("a").where(F.col("a.pay") > own.scalar())) == ["Bob", "Dee"]
    counts = people.alias("b").where(F.col("b.pay") > F.col("a.pay").outer()).groupBy().agg(F.count("*"))
    found = people.alias("a").select("name", counts.scalar().alias("n")).collect()
    assert {row["name"]: row["n"] for row in found} == {"Ann": 2, "Bob": 1, "Cy": 3, "Dee": 0}


def test_a_dataframe_of_several_rows_is_no_value(people: DataFrame) -> None:
    with pytest.raises(QueryExecutionException, match="SCALAR_SUBQUERY_TOO_MANY_ROWS"):
        people.where(F.col("id") == people.select("id").scalar()).collect()


def test_rows_are_kept_where_another_dataframe_has_some_for_them(session: Session, people: DataFrame) -> None:
    orders = session.createDataFrame([(1, 20), (3, 5)], "who int, amount int")
    mine = orders.where((F.col("who") == F.col("id").outer()) & (F.col("amount") > 10))
    assert _names(people.where(mine.exists())) == ["Ann"]
    assert _names(people.where(~mine.exists())) == ["Bob", "Cy", "Dee"]
    assert _names(people.where(F.col("id").isin(orders.select("who")))) == ["Ann", "Cy"]
    assert _names(people.where(~F.col("id").isin(orders.select("who")))) == ["Bob", "Dee"]
    assert people.select(F.col("id").isin(orders.select("who")).alias("is")).collect()[1]["is"] is False


def test_a_lateral_join_gives_each_row_its_own(session: Session, people: DataFrame) -> None:
    orders = session.createDataFrame([(1, 20), (1, 30), (3, 5)], "who int, amount int")
    most = orders.where(F.col("who") == people.id.outer()).orderBy(F.desc("amount")).limit(1)
    found = people.lateralJoin(most).select("name", "amount").collect()
    assert sorted(map(tuple, found)) == [("Ann", 30), ("Cy", 5)]
    assert people.lateralJoin(most, how="left").where("amount IS NULL").count() == 2
    assert _names(people.lateralJoin(most, F.col("amount") > 10)) == ["Ann"]


def test_an_expression_as_text_may_hold_a_subquery(session: Session, people: DataFrame) -> None:
    people.createOrReplaceTempView("people_of_text")
    try:
        assert _names(people.where("pay = (SELECT max(pay) FROM people_of_text)")) == ["Dee"]
        value = "(SELECT count(*) FROM people_of_text p WHERE p.dept = dept) AS n"
        assert {row.n for row in people.selectExpr(value).collect()} == {4}
    finally:
        session.catalog.dropTempView("people_of_text")


def test_a_dataframe_that_waits_for_outer_columns_has_no_rows(people: DataFrame) -> None:
    waiting = people.where(F.col("id") == F.col("other").outer())
    with pytest.raises(AnalysisException, match="collect is not offered for a DataFrame that reads columns"):
        waiting.collect()
    with pytest.raises(AnalysisException, match="`other` cannot be resolved"):
        people.where(waiting.exists())


def test_the_columns_of_a_struct_are_compared_with_those_of_a_dataframe(
    session: Session, people: DataFrame
) -> None:
    pairs = session.range(4).select(F.col("id"), F.lit("Bob"))
    assert _names(people.where(F.struct("id", "name").isin(pairs))) == ["Bob"]
