"""What a DataFrame does beside computing rows; the rows themselves are held to PySpark in tests/oracle."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.leaves import stream_relation
from streamcore.plan.logical import Relation
from streamcore.spi.not_offered import gaps_of
from streamcore.spi.row import Row
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session


@pytest.fixture
def df(session: Session) -> DataFrame:
    return session.createDataFrame([(1, "x", 2.5), (2, None, None)], "n int, s string, d double")


def test_show_prints_as_pyspark_does(df: DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    df.show(1)
    assert capsys.readouterr().out == (
        "+---+---+---+\n|  n|  s|  d|\n+---+---+---+\n|  1|  x|2.5|\n+---+---+---+\nonly showing top 1 row\n"
    )


def test_print_schema_draws_the_tree(df: DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    df.printSchema()
    assert capsys.readouterr().out.startswith("root\n |-- n: integer (nullable = true)\n |-- s: string")


def test_explain_shows_the_plan_and_the_sql(df: DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    df.filter(df.n > 1).select("s").explain()
    shown = capsys.readouterr().out
    assert "Filter (n > 1)" in shown
    assert shown.count("SELECT") == 2
    assert shown.startswith("== Physical Plan ==")


def test_an_extended_explanation_has_pysparks_headings(
    df: DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    df.filter(df.n > 1).explain(True)
    titles = re.findall(r"^== (.*) ==$", capsys.readouterr().out, re.MULTILINE)
    assert titles == [
        "Parsed Logical Plan",
        "Analyzed Logical Plan",
        "Optimized Logical Plan",
        "Physical Plan",
    ]


def test_the_short_text_names_columns_and_types(df: DataFrame) -> None:
    assert repr(df) == "DataFrame[n: int, s: string, d: double]"


def test_actions_hand_over_the_same_rows(df: DataFrame) -> None:
    rows = [Row(n=1, s="x", d=2.5), Row(n=2, s=None, d=None)]
    assert df.collect() == list(df.toLocalIterator()) == df.take(5) == df.head(5) == df.tail(2) == rows
    assert df.first() == df.head() == rows[0]
    assert df.filter("n > 5").first() is None
    assert df.filter("n > 5").isEmpty()
    assert df.count() == 2
    assert df.toArrow().to_pylist() == [row.asDict() for row in rows]
    assert df.toPandas()["n"].tolist() == [1, 2]
    total = df.sparkSession.sparkContext.accumulator(0)
    df.foreach(lambda row: total.add(row.n))
    assert total.value == 3


def test_arrow_and_pandas_keep_columns_of_one_name_apart(df: DataFrame) -> None:
    both = df.select("n", F.col("s").alias("n"))
    assert both.toArrow().column_names == ["n", "n"]
    assert [tuple(row) for row in both.collect()] == [(1, "x"), (2, None)]
    assert list(both.toPandas().columns) == ["n", "n"]


def test_two_columns_of_one_name_can_be_read_but_not_named(session: Session) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    odd = session.createDataFrame(table)
    assert tuple(odd.collect()[0]) == (1, 2)
    assert odd.select(odd[1]).collect()[0][0] == 2
    with pytest.raises(AnalysisException, match="AMBIGUOUS_REFERENCE"):
        odd.select("a")


def test_case_matters_when_the_session_says_so(session: Session, df: DataFrame) -> None:
    session.conf.set("spark.sql.caseSensitive", True)
    try:
        with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
            df.select("N")
        assert df.withColumn("N", F.lit(5)).columns == ["n", "s", "d", "N"]
    finally:
        session.conf.unset("spark.sql.caseSensitive")


def test_a_column_used_twice_does_not_lose_its_place(df: DataFrame) -> None:
    total = F.sum("n")
    assert df.select(total, total + 1).collect() == [Row(**{"sum(n)": 3, "(sum(n) + 1)": 4})]


def test_a_cached_result_is_not_computed_again(session: Session) -> None:
    drawn = session.range(3).select(F.rand().alias("r")).cache()
    assert drawn.is_cached
    assert drawn.collect() == drawn.collect()
    assert drawn.filter("r >= 0").collect() == drawn.collect()
    drawn.unpersist()
    assert not drawn.is_cached


def test_views_are_found_by_name_until_they_are_dropped(session: Session) -> None:
    session = session.newSession()  # whose views are its own
    df = session.createDataFrame([(1, "x"), (2, None)], "n int, s string")
    df.createTempView("a_view")
    with pytest.raises(AnalysisException, match="TEMP_TABLE_OR_VIEW_ALREADY_EXISTS"):
        df.createTempView("A_VIEW")
    assert session.table("a_view").count() == 2
    assert session.sql("SELECT a_view.n FROM a_view WHERE n > 1").collect() == [Row(n=2)]
    assert [t.name for t in session.catalog.listTables()] == ["a_view"]
    assert session.catalog.dropTempView("a_view")
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        session.table("a_view")


def test_parameters_are_values_and_never_text(session: Session) -> None:
    tricky = "x' OR '1'='1"
    assert session.sql("SELECT :t AS t", {"t": tricky}).collect() == [Row(t=tricky)]
    assert session.sql("SELECT ? + ? AS s", [1, 2]).collect() == [Row(s=3)]
    frame = session.range(3)
    assert session.sql("SELECT count(*) AS n FROM {f} WHERE id > {low}", f=frame, low=0).collect() == [
        Row(n=2)
    ]


@pytest.mark.parametrize(
    "text", ["DELETE FROM t", "DROP TABLE IF EXISTS t CASCADE; x", "CREATE TABLE t (a INT) ENGINE = x"]
)
def test_statements_that_are_not_offered_say_so(session: Session, text: str) -> None:
    with pytest.raises((UnsupportedOperationException, AnalysisException)):
        session.sql(text)


@pytest.mark.parametrize("name", sorted(gaps_of(DataFrame)))
def test_every_declared_gap_names_the_way_out(df: DataFrame, name: str) -> None:
    with pytest.raises(UnsupportedOperationException, match=name):
        getattr(df, name)


def test_a_stream_refuses_batch_actions_and_a_batch_refuses_write_stream(
    session: Session, df: DataFrame
) -> None:
    stream = DataFrame(stream_relation(object(), df.schema, "rate"), session)
    assert stream.isStreaming
    assert isinstance(stream.plan, Relation)
    for action in (stream.collect, stream.count, stream.show, stream.toArrow):
        with pytest.raises(AnalysisException, match=r"must be executed with writeStream\.start\(\)"):
            action()
    with pytest.raises(AnalysisException, match="WRITE_STREAM_NOT_ALLOWED"):
        _ = df.writeStream


def test_a_self_join_by_a_column_of_both_sides_needs_aliases(df: DataFrame) -> None:
    with pytest.raises(AnalysisException, match="Alias the DataFrames"):
        df.join(df, df.n > 1)


def test_a_sample_is_repeatable_by_its_seed(session: Session) -> None:
    numbers = session.range(1000)
    assert numbers.sample(0.1, 7).collect() == numbers.sample(0.1, 7).collect()
    assert 50 < numbers.sample(0.1, 7).count() < 150


def test_rows_can_be_filtered_by_a_draw(session: Session) -> None:
    kept = session.range(1000).filter(F.rand(5) < 0.1).count()
    assert 50 < kept < 150
    assert session.range(100).sampleBy("id", {1: 1.0, 2: 0.0}, 3).collect() == [Row(id=1)]


def test_a_cross_tabulation_counts_pairs(session: Session) -> None:
    df = session.createDataFrame([(1, 11), (1, 11), (3, 10)], ["c1", "c2"])
    assert df.crosstab("c1", "c2").orderBy("c1_c2").collect() == [
        Row(**{"c1_c2": "1", "10": 0, "11": 2}),
        Row(**{"c1_c2": "3", "10": 1, "11": 0}),
    ]


def test_a_random_split_loses_and_doubles_nothing(session: Session) -> None:
    parts = session.range(100).randomSplit([1.0, 2.0], 3)
    assert sorted(row.id for part in parts for row in part.collect()) == list(range(100))


def test_a_random_split_gives_the_rows_of_spark_for_a_seed_whatever_their_order(session: Session) -> None:
    rows = session.range(20).sort("id", ascending=False)
    parts = [[row.id for row in part.collect()] for part in rows.randomSplit([1.0, 2.0, 0.5], 3)]
    assert parts == [
        [0, 4, 5, 17],
        [1, 3, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 19],
        [2, 11, 13],
    ]


def test_rows_with_columns_that_have_no_order_are_split_by_the_others(session: Session) -> None:
    rows = session.sql("SELECT id, map('k', id) AS m FROM range(20)").sort("id", ascending=False)
    assert [row.id for row in rows.randomSplit([1.0, 2.5], 3)[0].collect()] == [0, 4, 5, 17]


def test_rows_without_a_column_are_split(session: Session) -> None:
    counts = [part.count() for part in session.range(20).drop("id").randomSplit([1.0, 2.0, 0.5], 3)]
    assert counts == [4, 13, 3]


def test_weights_of_a_split_that_say_nothing_are_refused(session: Session) -> None:
    with pytest.raises(ValueError, match=r"VALUE_NOT_POSITIVE.*weights.*got '-1.0'"):
        session.range(2).randomSplit([-1.0, 2.0])
    with pytest.raises(IllegalArgumentException, match=r"Sum of weights must be positive, but got \[0.0\]"):
        session.range(2).randomSplit([0.0])


def test_a_cross_tabulation_shows_nulls_as_text_among_its_sorted_columns(session: Session) -> None:
    df = session.createDataFrame([("b", 2.0), (None, 2.0), ("a", None), ("a", 1.5)], "p string, q double")
    found = df.crosstab("p", "q")
    assert found.columns == ["p_q", "1.5", "2.0", "null"]
    assert sorted(tuple(row) for row in found.collect()) == [
        ("a", 1, 0, 1),
        ("b", 0, 1, 0),
        ("null", 0, 1, 0),
    ]


def test_rows_without_a_column_are_rows(session: Session) -> None:
    assert session.createDataFrame([(1,), (2,)], "n int").drop("n").collect() == [Row(), Row()]


def test_a_null_struct_whose_fields_are_never_null_comes_back(session: Session) -> None:
    found = session.sql("SELECT named_struct('a', 1) AS s UNION ALL SELECT null")
    assert sorted(map(repr, found.collect())) == ["Row(s=None)", "Row(s=Row(a=1))"]
