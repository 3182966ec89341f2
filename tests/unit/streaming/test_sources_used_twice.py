"""A stream at several places of a query, and a static side of which a query reads some columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session

_names = (f"twice_{number}" for number in count())


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("twice").create() as made:
        yield made


@pytest.fixture
def stream(session: Session, tmp_path: Path) -> DataFrame:
    session.createDataFrame([(1, "x"), (2, "yy")], "k int, v string").write.json(str(tmp_path / "in"))
    return session.readStream.schema("k int, v string").json(str(tmp_path / "in"))


@pytest.fixture
def static(session: Session) -> DataFrame:
    return session.createDataFrame([(1, "one", 1.5), (2, "two", 2.5)], "k int, name string, weight double")


def rows(df: DataFrame, mode: str = "append") -> list[tuple[object, ...]]:
    name = next(_names)
    writer = df.writeStream.format("memory").queryName(name).outputMode(mode)
    writer.trigger(availableNow=True).start().awaitTermination()
    return sorted(tuple(row) for row in df.sparkSession.table(name).collect())


def test_each_side_of_a_union_of_a_stream_with_itself_keeps_its_rows(stream: DataFrame) -> None:
    assert rows(stream.filter("k = 1").union(stream.filter("k = 2"))) == [(1, "x"), (2, "yy")]
    assert rows(stream.union(stream)) == [(1, "x"), (1, "x"), (2, "yy"), (2, "yy")]


def test_each_side_reads_the_columns_that_it_needs(stream: DataFrame) -> None:
    assert rows(stream.select("k").union(stream.select(F.length("v")))) == [(1,), (1,), (2,), (2,)]


def test_an_aggregation_over_both_sides_counts_every_row(stream: DataFrame) -> None:
    both = stream.select("k").union(stream.select(F.length("v")))
    assert rows(both.groupBy("k").count(), "complete") == [(1, 2), (2, 2)]


def test_a_static_side_may_have_columns_that_nobody_reads(stream: DataFrame, static: DataFrame) -> None:
    joined = stream.join(static, "k")
    assert rows(joined.select("v", "name")) == [("x", "one"), ("yy", "two")]
    assert rows(joined.select("v")) == [("x",), ("yy",)]
    assert rows(joined.groupBy("name").count(), "complete") == [("one", 1), ("two", 1)]


def test_a_static_side_may_be_joined_twice(stream: DataFrame, static: DataFrame) -> None:
    again = static.select(F.col("k").alias("other"), "weight")
    joined = stream.join(static.select("k", "name"), "k").join(again, F.col("k") == F.col("other"))
    assert rows(joined.select("name", "weight")) == [("one", 1.5), ("two", 2.5)]


def test_a_stream_that_is_read_twice_leaves_the_names_of_others_alone(
    session: Session, stream: DataFrame, tmp_path: Path
) -> None:
    session.createDataFrame([(3, "z")], "k int, v string").write.json(str(tmp_path / "other"))
    reader = session.readStream.schema("k int, v string")
    other, twice = (
        reader.name("s_2").json(str(tmp_path / "other")),
        reader.name("s").json(str(tmp_path / "in")),
    )
    assert rows(other.union(twice).union(twice)) == [(1, "x"), (1, "x"), (2, "yy"), (2, "yy"), (3, "z")]
