"""udtf: Python classes that give tables, called with values, for each row of a table, or with a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.errors import ParseException, PythonException, StreamcoreError
from streamcore.spi.row import Row
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.functions import lit, udtf
from streamcore.sql.session import Session
from streamcore.sql.types import StructType
from streamcore.sql.udtf import AnalyzeArgument, AnalyzeResult, SkipRestOfInputTableException


class Squares:
    def eval(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        for number in range(start, end + 1):
            yield number, number * number


class Most:
    def __init__(self) -> None:
        self.key, self.most = "", 0

    def eval(self, row: Row) -> None:
        self.key, self.most = row["k"], row["n"]

    def terminate(self) -> Iterator[tuple[str, int]]:
        yield self.key, self.most


squares = udtf(Squares, returnType="num: int, squared: int")
most = udtf(Most, returnType="k: string, most: int")


@pytest.fixture
def table(session: Session) -> DataFrame:
    frame = session.createDataFrame([("a", 4), ("a", 2), ("b", 6)], "k string, n int")
    frame.createOrReplaceTempView("vals")
    session.udtf.register("squares", squares)
    session.udtf.register("most", most)
    return frame


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


@pytest.mark.usefixtures("session")
def test_a_call_with_values_is_a_table() -> None:
    assert rows(squares(lit(1), end=lit(3)).filter("num > 1")) == [(2, 4), (3, 9)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * FROM squares(1, 2)", [(1, 1), (2, 4)]),
        ("SELECT b FROM squares(end => 2, start => 2) AS s(a, b)", [(4,)]),
        ("SELECT n, num FROM vals, LATERAL squares(n, 4) ORDER BY n, num", [(2, 2), (2, 3), (2, 4), (4, 4)]),
        ("SELECT t.m FROM vals v, LATERAL squares(v.n, 4) t(m, s) WHERE s = 16 ORDER BY n", [(4,), (4,)]),
        ("SELECT * FROM most(TABLE(vals) PARTITION BY k ORDER BY n) ORDER BY 1", [("a", 4), ("b", 6)]),
        ("SELECT * FROM most(TABLE(vals) PARTITION BY (k) ORDER BY n DESC) ORDER BY 1", [("a", 2), ("b", 6)]),
        ("SELECT * FROM most(TABLE(SELECT * FROM vals) WITH SINGLE PARTITION ORDER BY n DESC)", [("a", 2)]),
    ],
)
@pytest.mark.usefixtures("table")
def test_sql_text_calls_a_table_function(session: Session, text: str, found: list[tuple[Any, ...]]) -> None:
    assert rows(session.sql(text)) == found


def test_a_dataframe_is_an_argument(table: DataFrame) -> None:
    by_key = most(table.asTable().partitionBy("k").orderBy("n"))
    assert rows(by_key.orderBy("k")) == [("a", 4), ("b", 6)]
    assert rows(most(table.asTable().withSinglePartition().orderBy(table.n.desc()))) == [("a", 2)]


def test_rows_behind_the_last_belong_to_it(session: Session) -> None:
    class Count:
        def __init__(self) -> None:
            self.seen = 0

        def eval(self, value: int) -> None:
            self.seen += 1

        def terminate(self) -> Iterator[tuple[int]]:
            yield (self.seen,)

    session.udtf.register("counted", udtf(Count, returnType="seen: int"))
    assert rows(session.sql("SELECT * FROM range(0, 10, 1, 1), LATERAL counted(id)")) == [(9, 10)]


def test_the_rest_of_a_table_may_be_skipped(table: DataFrame) -> None:
    class First:
        def eval(self, row: Row) -> Iterator[tuple[int]]:
            yield (row.n,)
            raise SkipRestOfInputTableException

    first = udtf(First, returnType="n: int")
    assert rows(first(table.asTable().withSinglePartition().orderBy("n"))) == [(2,)]


@pytest.mark.usefixtures("session")
def test_analyze_says_the_columns_of_a_call() -> None:
    class Wide:
        def __init__(self, result: AnalyzeResult) -> None:
            self.width = len(result.schema)

        @staticmethod
        def analyze(width: AnalyzeArgument) -> AnalyzeResult:
            schema = StructType()
            for at in range(width.value):
                schema = schema.add(f"c{at}", "int")
            return AnalyzeResult(schema)

        def eval(self, width: int) -> Iterator[list[int]]:
            yield list(range(self.width))

    assert udtf(Wide)(lit(2)).collect() == [Row(c0=0, c1=1)]


@pytest.mark.parametrize(
    ("rows_given", "condition"),
    [
        ([(1, 2, 3)], "UDTF_RETURN_SCHEMA_MISMATCH"),
        ([5], "UDTF_INVALID_OUTPUT_ROW_TYPE"),
        (5, "UDTF_RETURN_NOT_ITERABLE"),
    ],
)
@pytest.mark.usefixtures("session")
def test_rows_of_another_shape_are_refused(rows_given: Any, condition: str) -> None:
    class Wrong:
        def eval(self) -> Any:
            return rows_given

    with pytest.raises(PythonException, match=condition):
        udtf(Wrong, returnType="a int, b int")().collect()


@pytest.mark.usefixtures("session")
def test_what_a_function_raises_is_told_with_its_method() -> None:
    class Fails:
        def eval(self) -> None:
            raise ValueError("lost")

    with pytest.raises(PythonException, match=r"UDTF_EXEC_ERROR.*'eval' method: lost"):
        udtf(Fails, returnType="a int")().collect()


class _NoEval:
    pass


@pytest.mark.parametrize(
    ("handler", "returns", "condition"),
    [
        (lambda: None, "a int", "INVALID_UDTF_HANDLER_TYPE"),
        (_NoEval, "a int", "INVALID_UDTF_NO_EVAL"),
        (Squares, None, "INVALID_UDTF_RETURN_TYPE"),
        (Squares, "int", "UDTF_RETURN_TYPE_MISMATCH"),
    ],
)
def test_a_class_that_is_no_table_function_is_refused(handler: Any, returns: Any, condition: str) -> None:
    with pytest.raises((StreamcoreError, AttributeError), match=condition):
        udtf(handler, returnType=returns)


def test_how_rows_come_together_is_said_once(table: DataFrame) -> None:
    with pytest.raises(StreamcoreError, match="before orderBy"):
        table.asTable().orderBy("n")
    with pytest.raises(StreamcoreError, match="Cannot call partitionBy"):
        table.asTable().withSinglePartition().partitionBy("k")


def test_a_table_argument_is_part_of_a_call(session: Session) -> None:
    with pytest.raises(ParseException):
        session.sql("SELECT 1 PARTITION BY 2")
