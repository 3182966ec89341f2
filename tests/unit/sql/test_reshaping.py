"""transpose, zip, joins by rank, grouping sets, and what a DataFrame tells of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.rdd.storagelevel import StorageLevel
from streamcore.spi.row import Row
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.sql.types import LongType, StructField, StructType


@pytest.fixture
def sales(session: Session) -> DataFrame:
    return session.createDataFrame([("a", "x", 1), ("a", "y", 2), ("b", "x", 4)], ["k", "l", "v"])


def test_transpose_takes_the_values_to_one_type_and_leaves_out_a_null_index(session: Session) -> None:
    df = session.createDataFrame([("B", 3, 4.0), ("A", 1, 2.5), (None, 5, 6.0)], ["id", "v", "w"])
    assert df.transpose().collect() == [Row(key="v", A=1.0, B=3.0), Row(key="w", A=2.5, B=4.0)]
    assert df.transpose().schema.simpleString() == "struct<key:string,A:double,B:double>"


@pytest.mark.parametrize(
    ("rows", "ddl", "condition"),
    [
        ([("A", 1, "x")], "id string, v int, w string", "TRANSPOSE_NO_LEAST_COMMON_TYPE"),
        ([([1], "x")], "id array<int>, v string", "TRANSPOSE_INVALID_INDEX_COLUMN"),
        ([(n, n) for n in range(501)], "id int, v int", "TRANSPOSE_EXCEED_ROW_LIMIT"),
    ],
)
def test_transpose_refuses_what_has_no_one_shape(
    session: Session, rows: list[tuple[object, ...]], ddl: str, condition: str
) -> None:
    with pytest.raises(AnalysisException, match=condition):
        session.createDataFrame(rows, ddl).transpose()


def test_zip_puts_columns_of_the_same_rows_side_by_side(sales: DataFrame) -> None:
    zipped = sales.select("k").zip(sales.select((sales.v * 2).alias("double")))
    assert zipped.collect() == [Row(k="a", double=2), Row(k="a", double=4), Row(k="b", double=8)]


def test_zip_refuses_other_rows(sales: DataFrame) -> None:
    with pytest.raises(AnalysisException, match="ZIP_PLANS_NOT_MERGEABLE"):
        sales.zip(sales.filter("v > 1"))


def test_the_index_counts_through_all_parts(session: Session) -> None:
    indexed = session.range(0, 6, 1, 3).zipWithIndex("n")
    assert [(row.id, row.n) for row in indexed.collect()] == [(n, n) for n in range(6)]


def test_the_number_of_a_part_is_known_below_other_operators(session: Session) -> None:
    parts = session.range(0, 6, 1, 3).select(F.spark_partition_id().alias("part"))
    assert [row.part for row in parts.distinct().orderBy("part").collect()] == [0, 1, 2]


def test_rows_go_to_the_part_that_a_column_says(session: Session) -> None:
    df = session.createDataFrame([(-1,), (None,), (5,)], "a int").repartitionById(3, "a")
    found = df.select("a", F.spark_partition_id().alias("part")).limit(9).collect()
    assert {row.a: row.part for row in found} == {None: 0, -1: 2, 5: 2}
    with pytest.raises(AnalysisException, match='requires the "INT" type'):
        df.repartitionById(2, df.a.cast("double"))


@pytest.mark.parametrize(("kind", "unmatched"), [("inner", []), ("leftouter", [(2, None)])])
def test_nearest_by_join_keeps_the_first_by_rank(
    session: Session, kind: str, unmatched: list[tuple[int, str | None]]
) -> None:
    users = session.createDataFrame([(1, 10.0), (2, None)], ["user", "score"])
    items = session.createDataFrame([("A", 11.0), ("B", 9.5), ("C", None)], ["item", "rating"])
    rank = F.abs(users.score - items.rating)
    found = users.nearestByJoin(items, rank, 2, "exact", "distance", joinType=kind).select("user", "item")
    assert sorted(map(tuple, found.collect()), key=repr) == sorted([(1, "B"), (1, "A"), *unmatched], key=repr)


@pytest.mark.parametrize(
    ("count", "mode", "direction", "condition"),
    [
        (0, "exact", "distance", "NUM_RESULTS_OUT_OF_RANGE"),
        (1, "fast", "distance", "UNSUPPORTED_MODE"),
        (1, "exact", "up", "UNSUPPORTED_DIRECTION"),
    ],
)
def test_nearest_by_join_refuses_what_it_does_not_know(
    session: Session, count: int, mode: str, direction: str, condition: str
) -> None:
    df = session.range(1)
    with pytest.raises(AnalysisException, match=condition):
        df.nearestByJoin(df, F.lit(1), count, mode, direction)


@pytest.mark.parametrize(
    ("direction", "exact", "found"),
    [
        ("backward", True, [(1, 1), (5, 3), (10, 7)]),
        ("backward", False, [(5, 3), (10, 7)]),
        ("forward", True, [(1, 1), (5, 6)]),
        ("nearest", True, [(1, 1), (5, 6), (10, 7)]),
    ],
)
def test_an_as_of_join_finds_the_nearest_time(
    session: Session, direction: str, exact: bool, found: list[tuple[int, int]]
) -> None:
    left = session.createDataFrame([(1,), (5,), (10,)], ["a"])
    right = session.createDataFrame([(1,), (2,), (3,), (6,), (7,)], ["b"])
    joined = left._joinAsOf(right, "a", "b", direction=direction, allowExactMatches=exact)
    assert [tuple(row) for row in joined.sort("a").collect()] == found


def test_grouping_sets_show_only_the_columns_that_are_named(sales: DataFrame) -> None:
    whole = sales.groupingSets([("k",), ("l",), ()], "k", "l").agg(F.sum("v").alias("n")).sort("k", "l")
    assert [tuple(row) for row in whole.collect()] == [
        (None, None, 7),
        (None, "x", 5),
        (None, "y", 2),
        ("a", None, 3),
        ("b", None, 4),
    ]
    hidden = sales.groupingSets([("k", "l"), ()], "k").agg(F.sum("v").alias("n")).sort("k", "n")
    assert [tuple(row) for row in hidden.collect()] == [(None, 7), ("a", 1), ("a", 2), ("b", 4)]


def test_plans_are_compared_apart_from_names(sales: DataFrame) -> None:
    one, other = sales.select((sales.v + 1).alias("x")), sales.select((sales.v + 1).alias("y"))
    assert one.sameSemantics(other)
    assert one.semanticHash() == other.semanticHash()
    assert not one.sameSemantics(sales.select((sales.v + 2).alias("x")))


def test_the_level_that_was_asked_for_is_told(session: Session) -> None:
    df = session.range(3)
    assert df.storageLevel == StorageLevel.NONE
    assert df.persist(StorageLevel.DISK_ONLY).storageLevel == StorageLevel.DISK_ONLY
    assert df.unpersist().storageLevel == StorageLevel.NONE


def test_the_files_behind_a_dataframe_are_listed_once(session: Session, tmp_path: Path) -> None:
    session.range(4).repartition(2).write.json(str(tmp_path / "rows"))
    read = session.read.json(str(tmp_path / "rows"))
    files = read.union(read).inputFiles()
    assert len(files) == 2
    assert all(re.match(r"file:///.*\.json$", file) for file in files)
    assert session.range(1).inputFiles() == []


def test_rows_are_made_to_fit_a_schema_by_name(session: Session) -> None:
    df = session.createDataFrame([(1, {"a": 1})], "n int, s struct<a:int>")
    wanted = StructType().add("s", "struct<b:int,a:bigint>").add("n", "string").add("z", "int")
    assert df.to(wanted).collect() == [Row(s=Row(b=None, a=1), n="1", z=None)]


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        (StructField("z", LongType(), nullable=False), "UNRESOLVED_COLUMN"),
        (StructField("n", LongType(), nullable=False), "NULLABLE_COLUMN_OR_FIELD"),
        (StructField("s", LongType()), "INVALID_COLUMN_OR_FIELD_DATA_TYPE"),
    ],
)
def test_rows_that_cannot_fit_a_schema_are_refused(
    session: Session, field: StructField, condition: str
) -> None:
    df = session.createDataFrame([(1, [1])], "n int, s array<int>")
    with pytest.raises(AnalysisException, match=condition):
        df.to(StructType([field]))


def test_statistics_that_are_not_known_are_refused(sales: DataFrame) -> None:
    with pytest.raises(StreamcoreError, match="UNRECOGNIZED_STATISTIC"):
        sales.summary("middle")
    with pytest.raises(StreamcoreError, match="Percentiles must be in the range"):
        sales.summary("200%")
