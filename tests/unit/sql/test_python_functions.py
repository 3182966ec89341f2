"""udf and pandas_udf: Python functions wherever an expression may stand, by PySpark 4.3's rules."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from streamcore.errors import (
    AnalysisException,
    ArgumentTypeError,
    IllegalArgumentException,
    PythonException,
    UnsupportedOperationException,
)
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.functions import pandas_udf, udf
from streamcore.sql.session import Session
from streamcore.sql.window import Window
from streamcore.testing.memory_source import MemoryStream


def plus(a: int, b: int = 1) -> int:
    return a + b


MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001 - of the machine's zone, as PySpark has it
plus_udf = udf(plus, "int")
odd = udf(lambda n: n % 2, "int")


@pytest.fixture
def ids(session: Session) -> DataFrame:
    return session.range(5)


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def test_a_call_is_an_expression_like_any_other(ids: DataFrame) -> None:
    frame = ids.select(plus_udf("id"), plus_udf(plus_udf("id"), F.lit(10)), plus_udf(F.col("id") * 2) + 1)
    assert frame.columns == ["plus(id)", "plus(plus(id), 10)", "(plus((id * 2)) + 1)"]
    assert rows(frame)[:2] == [(1, 11, 2), (2, 12, 4)]


def test_arguments_may_be_named(ids: DataFrame) -> None:
    frame = ids.select(plus_udf(b=F.lit(7), a=F.col("id")), plus_udf("id", b=F.col("id")))
    assert frame.columns == ["plus(b => 7, a => id)", "plus(id, b => id)"]
    assert rows(frame)[1] == (8, 2)


def test_functions_of_one_name_and_arguments_are_told_apart(ids: DataFrame) -> None:
    one, two = udf(lambda n: 1, "int"), udf(lambda n: 2, "int")
    assert rows(ids.select(one("id"), two("id")).limit(1)) == [(1, 2)]
    assert rows(ids.groupBy(one("id").alias("a"), two("id").alias("b")).count()) == [(1, 2, 5)]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda d: d.where(udf(lambda n: n > 2, "boolean")("id")), [(3,), (4,)]),
        (lambda d: d.orderBy(udf(lambda n: -n, "int")("id")).limit(2), [(4,), (3,)]),
        (
            lambda d: d.groupBy(odd("id").alias("k")).agg(F.sum(plus_udf("id")), plus_udf(F.sum("id"))),
            [(0, 9, 7), (1, 6, 5)],
        ),
        (lambda d: d.agg(plus_udf(F.max(plus_udf("id")))), [(6,)]),
        (
            lambda d: d.join(
                d.select(F.col("id").alias("z")), udf(lambda a, b: a + b == 8, "boolean")("id", "z")
            ),
            [(4, 4)],
        ),
        (
            lambda d: d.join(
                d.where("id < 2").select(F.col("id").alias("z")), odd("id") == F.col("z"), "left"
            ).where("id > 2"),
            [(3, 1), (4, 0)],
        ),
        (
            lambda d: d.select(F.explode(udf(lambda n: [n] * n, "array<int>")("id"))).limit(3),
            [(1,), (2,), (2,)],
        ),
        (lambda d: d.select(udf(lambda: 5, "int")()).limit(1), [(5,)]),
        (lambda d: d.where("id > 99").select(plus_udf("id")), []),
        (
            lambda d: d.dropDuplicates(["id"]).withColumn("odd", odd("id")).where("odd = 1 AND id > 1"),
            [(3, 1)],
        ),
    ],
)  # fmt: skip
def test_a_call_may_stand_wherever_expressions_do(
    ids: DataFrame, ask: Callable[[DataFrame], DataFrame], answer: list[Any]
) -> None:
    assert sorted(rows(ask(ids))) == sorted(answer)


def test_a_condition_over_both_sides_of_an_outer_join_is_refused(ids: DataFrame) -> None:
    other = ids.select(F.col("id").alias("z"))
    with pytest.raises(AnalysisException, match=r"PYTHON_UDF_IN_ON_CLAUSE.*LEFT OUTER JOIN"):
        ids.join(other, udf(lambda a, b: a == b, "boolean")("id", "z"), "left").collect()


def test_values_come_as_pyspark_gives_them(session: Session) -> None:
    seen = "int 1, str a, float 1.5, date 2020-01-02, datetime 2020-01-02 03:04:05, list [1], dict {'k': 1}, "
    frame = session.createDataFrame(
        [(1, "a", 1.5, MOMENT.date(), MOMENT, [1], {"k": 1}, (1,), None)],
        "a int, b string, c double, d date, e timestamp, f array<int>, g map<string,int>, "
        "h struct<x:int>, i int",
    )
    shown = udf(lambda *values: ", ".join(f"{type(v).__name__} {v}" for v in values))
    assert rows(frame.select(shown(*frame.columns))) == [(f"{seen}Row Row(x=1), NoneType None",)]


@pytest.mark.parametrize(
    ("returns", "value", "answer"),
    [
        ("string", True, "true"), ("string", 1.5, "1.5"), ("string", [1, 2], "[1, 2]"),
        ("string", MOMENT, str(MOMENT)),
        ("int", 1.5, 1), ("int", "12", 12), ("int", decimal.Decimal("1.25"), 1), ("double", 1, 1.0),
        ("double", "12", 12.0), ("boolean", 1, True), ("date", MOMENT, MOMENT.date()),
        ("timestamp", MOMENT, MOMENT), ("decimal(10,2)", decimal.Decimal("1.25"), decimal.Decimal("1.25")),
        ("array<string>", [1, 2], ["1", "2"]), ("array<int>", (1, 2), [1, 2]),
        ("map<string,int>", {"a": 1}, {"a": 1}),
        ("struct<a:int,b:string>", (1, 2), (1, "2")), ("struct<a:int,b:string>", {"a": 1}, (1, None)),
        ("int", None, None), ("struct<a:int>", None, None),
    ],
)  # fmt: skip
def test_what_is_returned_becomes_the_declared_type(
    ids: DataFrame, returns: str, value: Any, answer: Any
) -> None:
    assert rows(ids.limit(1).select(udf(lambda _: value, returns)("id"))) == [(answer,)]


@pytest.mark.parametrize(
    ("returns", "value"),
    [
        ("int", "a"), ("int", float("nan")), ("tinyint", 1000), ("binary", "a"), ("timestamp", 1),
        ("decimal(10,2)", 1.5), ("array<string>", "ab"), ("map<string,int>", [1]),
        ("struct<a:int,b:string>", 1),
        ("struct<a:int,b:string>", (1,)),
    ],
)  # fmt: skip
def test_what_does_not_fit_fails(ids: DataFrame, returns: str, value: Any) -> None:
    with pytest.raises(PythonException):
        ids.select(udf(lambda _: value, returns)("id")).collect()


def test_an_exception_shows_the_lines_of_the_user_and_no_others(ids: DataFrame) -> None:
    with pytest.raises(PythonException, match="ZeroDivisionError") as caught:
        ids.select(udf(lambda n: 1 // 0, "int")("id")).collect()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "python_calls" not in str(caught.value)


def test_sql_text_calls_what_is_registered(session: Session, ids: DataFrame) -> None:
    half = session.udf.register("half_of", lambda n: n / 2, "double")
    assert rows(session.sql("SELECT half_of(id) AS h FROM range(3) WHERE HALF_OF(id) > 0")) == [
        (0.5,),
        (1.0,),
    ]
    assert ids.selectExpr("half_of(id)").columns == ["half_of(id)"]
    assert rows(ids.select(F.call_udf("half_of", "id"), half("id"))) == [(n / 2, n / 2) for n in range(5)]
    session.udf.register("upper", udf(lambda s: "mine"))
    assert rows(session.sql("SELECT upper('a')")) == [("mine",)]
    assert rows(session.newSession().sql("SELECT upper('a')")) == [("A",)]
    session.udf._functions.clear()


def test_wrong_arguments_are_refused_by_name(session: Session, ids: DataFrame) -> None:
    with pytest.raises(ArgumentTypeError, match="`func` should be callable, got int"):
        udf(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="`returnType` should be a DataType or str, got int"):
        udf(plus, 3)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedOperationException, match="useArrow=False"):
        udf(plus, "int", useArrow=False)
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        ids.select(plus_udf("nope"))
    with pytest.raises(AnalysisException, match="FILTER_NOT_BOOLEAN"):
        ids.where(plus_udf("id"))
    with pytest.raises(IllegalArgumentException, match="plain name"):
        session.udf.register("a b", plus)
    with pytest.raises(ArgumentTypeError, match="CANNOT_SPECIFY_RETURN_TYPE_FOR_UDF"):
        session.udf.register("p", plus_udf, "int")


@pytest.mark.parametrize("name", ["sum", "COUNT", "cast", "explode", "row_number"])
def test_a_name_that_sql_text_would_not_call_is_refused(session: Session, name: str) -> None:
    with pytest.raises(UnsupportedOperationException, match="register it under another name"):
        session.udf.register(name, plus)


def test_a_call_within_a_lambda_is_refused_as_by_spark(session: Session, ids: DataFrame) -> None:
    with pytest.raises(AnalysisException, match="LAMBDA_FUNCTION_WITH_PYTHON_UDF"):
        ids.select(F.transform(F.array("id"), lambda x: plus_udf(x) + 1))


@pytest.mark.parametrize("call", ["one_more(DISTINCT id)", "one_more(id) FILTER (WHERE id > 1)"])
def test_what_only_aggregates_take_is_refused(session: Session, ids: DataFrame, call: str) -> None:
    session.udf.register("one_more", plus, "int")
    with pytest.raises((AnalysisException, UnsupportedOperationException), match="not offered"):
        ids.selectExpr(call)
    session.udf._functions.clear()


def test_decorated_functions_say_what_they_are() -> None:
    @udf(returnType="long")
    def twice(n: int) -> int:
        """Two times."""
        return 2 * n

    assert (twice.__name__, twice.__doc__, twice.returnType.simpleString()) == (
        "twice",
        "Two times.",
        "bigint",
    )
    assert twice.func(2) == 4
    assert twice.deterministic
    assert not twice.asNondeterministic().deterministic


# ---- pandas ----------------------------------------------------------------------------------------


def test_functions_of_series_see_whole_columns(session: Session, ids: DataFrame) -> None:
    @pandas_udf("long")
    def doubled(s: pd.Series) -> pd.Series:
        assert len(s) > 0
        return s * 2

    @pandas_udf("a long, b string")
    def both(s: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({"b": s.astype(str), "a": s})

    frame = ids.select(doubled("id"), both(doubled(plus_udf("id"))))
    assert rows(frame)[1] == (2, (4, "4"))


def test_functions_of_iterators_and_of_structs(ids: DataFrame) -> None:
    @pandas_udf("long")
    def more(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        for batch in batches:
            yield batch + 1

    @pandas_udf("long")
    def summed(frame: pd.DataFrame) -> pd.Series:
        return frame["id"] + frame["one"]

    pair = F.struct("id", F.lit(1).alias("one"))
    assert rows(ids.select(more("id"), summed(pair)))[4] == (5, 5)


def test_a_series_of_another_length_fails(ids: DataFrame) -> None:
    with pytest.raises(PythonException, match="was not the required length: expected 5, got 1"):
        ids.select(pandas_udf(lambda s: s[:1], "long")("id")).collect()


# ---- streams ---------------------------------------------------------------------------------------


def test_a_stream_calls_functions_before_and_behind_its_state(session: Session) -> None:
    source = MemoryStream("n long")
    source.addData([(n,) for n in range(8)])
    counted = source.toDF(session).where(odd("n") == 0).groupBy(odd(F.col("n") / 2).alias("k")).count()
    query = counted.select("k", plus_udf("count")).writeStream.format("memory").queryName("counted")
    query.outputMode("complete").trigger(availableNow=True).start().awaitTermination()
    found = rows(session.table("counted"))
    session.catalog.dropTempView("counted")
    assert sorted(found) == [(0, 3), (1, 3)]


def test_sql_text_names_arguments_and_calls_functions_in_conditions_of_subqueries(
    session: Session, ids: DataFrame
) -> None:
    session.udf.register("added", plus_udf)
    ids.createOrReplaceTempView("ids")
    text = (
        "SELECT added(id, b => 10) FROM ids a WHERE EXISTS (SELECT 1 FROM ids b WHERE added(b.id, 3) = a.id)"
    )
    assert rows(session.sql(text)) == [(13,), (14,)]


# ---- which rows functions are called for -----------------------------------------------------------

tenth = udf(lambda n: 10 // n, "int")


@pytest.mark.parametrize(
    "query",
    [
        lambda ids: ids.select("id", tenth("id").alias("t")).filter("id = 4"),
        lambda ids: ids.select((F.col("id") + 1).alias("id"), tenth("id").alias("t")).filter("id - 1 = 4"),
        lambda ids: ids.filter((tenth("id") == 2) & (F.col("id") == 4)).select("id", F.lit(2)),
        lambda ids: ids.withColumn("t", tenth("id")).filter("id > 3").filter("t = 2"),
        lambda ids: ids.withColumn("t", tenth("id")).alias("x").orderBy("t").filter("x.id = 4"),
        lambda ids: ids.withColumn("t", tenth("id")).join(ids.select("id"), "id").filter("id = 4"),
        lambda ids: ids.withColumn("t", F.explode(F.array(tenth("id")))).filter("id = 4"),
        lambda ids: ids.orderBy(F.desc("id")).select("id", tenth("id")).limit(1),
        lambda ids: ids.withColumn("t", tenth("id")).select("id", F.lit(2)).filter("id = 4"),
    ],
)
def test_a_function_is_not_called_for_rows_that_are_dropped(
    ids: DataFrame, query: Callable[[DataFrame], DataFrame]
) -> None:
    assert [row[1] for row in query(ids).collect()] == [2]


def test_a_function_whose_column_nobody_reads_is_not_called(ids: DataFrame) -> None:
    assert ids.withColumn("t", tenth("id")).count() == 5


def test_filters_stay_above_what_may_differ_from_call_to_call(ids: DataFrame) -> None:
    frame = ids.select("id", tenth.asNondeterministic()("id").alias("t")).filter("id = 4")
    with pytest.raises(PythonException, match="ZeroDivisionError"):
        frame.collect()


def test_a_filter_stays_above_a_window_and_a_limit_above_it_too(ids: DataFrame) -> None:
    ranked = ids.select(
        "id", odd("id").alias("o"), F.count("*").over(Window.partitionBy(F.lit(1))).alias("n")
    )
    assert rows(ranked.filter("id = 4")) == [(4, 0, 5)]
    assert rows(ranked.orderBy("id").limit(1)) == [(0, 0, 5)]


def test_each_call_of_a_nondeterministic_function_is_its_own(ids: DataFrame) -> None:
    def agree(function: Any) -> bool:
        return bool(rows(ids.limit(1).select(function() == function()))[0][0])

    drawn = udf(lambda: __import__("random").random(), "double")
    assert agree(drawn)
    assert not agree(drawn.asNondeterministic())


@pytest.mark.parametrize(
    ("raised", "message"),
    [(SystemExit(3), "SystemExit: 3"), (StopIteration(), "STOP_ITERATION_OCCURRED")],
)
def test_what_is_no_exception_elsewhere_fails_the_query_too(
    ids: DataFrame, raised: BaseException, message: str
) -> None:
    def leave(_: int) -> int:
        raise raised

    with pytest.raises(PythonException, match=message):
        ids.select(udf(leave, "int")("id")).collect()


@pytest.mark.parametrize(
    ("value", "found"), [("1.255", "1.26"), ("1.245", "1.24"), ("1", "1.00"), ("NaN", None)]
)
def test_a_decimal_is_rounded_half_to_even_as_by_spark(ids: DataFrame, value: str, found: str | None) -> None:
    given = udf(lambda _: decimal.Decimal(value), "decimal(6,2)")
    (row,) = rows(ids.limit(1).select(given("id")))
    assert row[0] == (None if found is None else decimal.Decimal(found))
