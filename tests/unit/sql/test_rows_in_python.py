"""mapInPandas, mapInArrow, applyInPandas, applyInArrow and cogroups, by PySpark 4.3's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
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
from streamcore.sql.session import Session
from streamcore.testing.memory_source import MemoryStream

SCHEMA = "id long, v double"
NAN, ZERO, ONE = "(np.float64(nan),)", "(np.int64(0),)", "(np.int64(1),)"


@pytest.fixture
def frame(session: Session) -> DataFrame:
    return session.createDataFrame([(1, 1.0), (1, 2.0), (2, 3.0), (None, 5.0), (2, None)], SCHEMA)


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def as_they_are(batches: Iterator[Any]) -> Iterator[Any]:
    yield from batches


def test_a_function_may_give_more_rows_or_fewer(frame: DataFrame) -> None:
    def ones(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for one in frames:
            yield one[one.id == 1]
            yield one[one.id == 1]

    assert rows(frame.mapInPandas(ones, SCHEMA)) == [(1, 1.0), (1, 2.0)] * 2
    assert frame.mapInPandas(ones, SCHEMA).where("v > 1").count() == 2


def test_columns_are_found_by_name_and_others_left_out(frame: DataFrame) -> None:
    turned = frame.mapInPandas(lambda it: (p.assign(x=1)[["x", "v", "id"]] for p in it), SCHEMA)
    assert rows(turned.limit(1)) == [(1, 1.0)]


def test_record_batches_come_and_go(frame: DataFrame) -> None:
    assert rows(frame.mapInArrow(as_they_are, SCHEMA)) == rows(frame)
    assert frame.mapInArrow(as_they_are, "a long, w double").columns == ["a", "w"]
    with pytest.raises(PythonException, match="'id' is declared as int32, and returned as int64"):
        frame.mapInArrow(as_they_are, "id int, v double").collect()


def test_batches_have_ten_thousand_rows(session: Session) -> None:
    def lengths(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield pa.RecordBatch.from_pydict({"n": [batch.num_rows]})

    assert rows(session.range(25_000).mapInArrow(lengths, "n long")) == [(10_000,), (10_000,), (5_000,)]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (
            lambda d: d.groupBy("id").applyInPandas(lambda p: p.assign(v=p.v - p.v.mean()), SCHEMA),
            [(None, 0.0), (1, -0.5), (1, 0.5), (2, 0.0), (2, None)],
        ),
        (
            lambda d: d.groupBy("id").applyInPandas(lambda k, p: pd.DataFrame([(*k, p.v.mean())]), SCHEMA),
            [(None, 5.0), (1, 1.5), (2, 3.0)],
        ),
        (
            lambda d: d.groupBy((F.col("id") % 2).alias("odd")).applyInPandas(
                lambda k, p: pd.DataFrame([(str(k), len(p), str(list(p)))]), "a string, n int, c string"
            ),
            [(NAN, 1, "['id', 'v']"), (ZERO, 2, "['id', 'v']"), (ONE, 2, "['id', 'v']")],
        ),
        (lambda d: d.groupBy().applyInPandas(lambda p: pd.DataFrame([(len(p),)]), "n int"), [(5,)]),
        (lambda d: d.groupBy("id").applyInPandas(lambda p: pd.DataFrame(), SCHEMA), []),
        (
            lambda d: d.groupBy("id").applyInArrow(lambda t: t, SCHEMA),
            [(None, 5.0), (1, 1.0), (1, 2.0), (2, 3.0), (2, None)],
        ),
        (
            lambda d: d.groupBy("id").applyInArrow(
                lambda k, t: pa.table({"k": [k[0].as_py()], "n": [t.num_rows]}), "k long, n long"
            ),
            [(None, 1), (1, 2), (2, 2)],
        ),
    ],
)  # fmt: skip
def test_a_function_sees_each_group_whole(
    frame: DataFrame, ask: Callable[[DataFrame], DataFrame], answer: list[Any]
) -> None:
    assert sorted(map(str, rows(ask(frame)))) == sorted(map(str, answer))


def test_many_groups_are_spread_over_slots_and_none_is_cut(session: Session) -> None:
    many = session.range(20_000).select((F.col("id") % 7).alias("k"), "id")
    found = many.groupBy("k").applyInPandas(
        lambda k, p: pd.DataFrame({"k": [k[0]], "n": [len(p)], "s": [p.id.sum()]}), "k long, n long, s long"
    )
    wanted = many.groupBy("k").agg(F.count("*").alias("n"), F.sum("id").alias("s"))
    assert rows(found) == sorted(rows(wanted))


def test_two_sides_meet_by_key(frame: DataFrame) -> None:
    def sizes(key: Any, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame([(str(key), len(left), len(right), str(list(right.columns)))])

    other = frame.where("id = 1").select(F.col("id").alias("i"), F.lit("x").alias("s"))
    found = (
        frame.groupBy("id")
        .cogroup(other.groupBy("i"))
        .applyInPandas(sizes, "k string, a int, b int, c string")
    )
    columns = "['i', 's']"
    assert rows(found) == [
        (NAN, 1, 0, columns),
        ("(np.int64(1),)", 2, 2, columns),
        ("(np.int64(2),)", 2, 0, columns),
    ]
    tables = (
        frame.groupBy("id")
        .cogroup(frame.groupBy("id"))
        .applyInArrow(lambda a, b: pa.table({"n": [a.num_rows + b.num_rows]}), "n long")
    )
    assert rows(tables) == [(2,), (4,), (4,)]


def test_what_is_no_frame_fails_by_name(frame: DataFrame) -> None:
    with pytest.raises(PythonException, match="but is iterator of int"):
        frame.mapInPandas(lambda it: [1], SCHEMA).collect()
    with pytest.raises(PythonException, match=r"should be pandas\.DataFrame, but is int"):
        frame.groupBy("id").applyInPandas(lambda p: 1, SCHEMA).collect()
    with pytest.raises(PythonException, match="RESULT_COLUMN_SCHEMA_MISMATCH"):
        frame.mapInPandas(lambda it: (p[["v"]] for p in it), SCHEMA).collect()


def test_what_cannot_be_meant_is_refused_at_the_call(session: Session, frame: DataFrame) -> None:
    with pytest.raises(ArgumentTypeError, match="`func` of mapInPandas should be a callable, got int"):
        frame.mapInPandas(3, SCHEMA)
    with pytest.raises(UnsupportedOperationException, match="barrier=True"):
        frame.mapInPandas(as_they_are, SCHEMA, barrier=True)
    with pytest.raises(UnsupportedOperationException, match=r"profile=\.\.\."):
        frame.mapInArrow(as_they_are, SCHEMA, profile=object())
    with pytest.raises(ArgumentTypeError, match="schema is a StructType or DDL"):
        frame.mapInPandas(as_they_are, "int")
    with pytest.raises(IllegalArgumentException, match="and this one takes 3"):
        frame.groupBy("id").applyInPandas(lambda a, b, c: a, SCHEMA)
    with pytest.raises(AnalysisException, match="rollup, cube and pivot"):
        frame.rollup("id").applyInPandas(lambda p: p, SCHEMA)
    with pytest.raises(AnalysisException, match="the types have to be the same"):
        frame.groupBy("id").cogroup(frame.groupBy("v")).applyInPandas(lambda a, b: a, SCHEMA)
    stream = MemoryStream("id long, v double").toDF(session)
    with pytest.raises(UnsupportedOperationException, match="is not offered on a stream"):
        stream.groupBy("id").applyInPandas(lambda p: p, SCHEMA)


def test_a_stream_is_mapped_batch_by_batch(session: Session) -> None:
    source = MemoryStream("id long")
    source.addData([(n,) for n in range(6)])
    mapped = (
        source.toDF(session)
        .where("id > 0")
        .mapInPandas(lambda it: (p.assign(x=p.id * 10) for p in it), "x long")
    )
    query = mapped.where("x < 50").writeStream.format("memory").queryName("mapped")
    query.trigger(availableNow=True).start().awaitTermination()
    found = rows(session.table("mapped"))
    session.catalog.dropTempView("mapped")
    assert found == [(10,), (20,), (30,), (40,)]
