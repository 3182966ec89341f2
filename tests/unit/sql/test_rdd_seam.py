"""Where DataFrames become RDDs and RDDs become DataFrames."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.scheduler.status import TaskStatus
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.row import Row
from streamcore.spi.types import LongType
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.sql.types import DoubleType, StringType, StructField, StructType


class Logged(DataSource):
    """Three partitions of two numbers; every partition that is read leaves a line in a file."""

    @classmethod
    def name(cls) -> str:
        return "logged"

    def schema(self) -> str:
        return "n bigint"

    def reader(self, schema: StructType) -> LoggedReader:
        return LoggedReader(Path(self.options["log"]))


class LoggedReader(DataSourceReader):
    def __init__(self, log: Path) -> None:
        self._log = log

    def partitions(self) -> list[InputPartition]:
        return [InputPartition(number) for number in range(3)]

    def read(self, partition: InputPartition) -> Iterator[tuple[int]]:
        with self._log.open("a") as log:
            log.write(f"{partition.value}\n")
        return iter([(partition.value * 2,), (partition.value * 2 + 1,)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def logged(session: Session, log: Path) -> DataFrame:
    session.dataSource.register(Logged)
    return session.read.format("logged").option("log", str(log)).load()


def read_parts(log: Path) -> list[str]:
    return sorted(log.read_text().split())


def die_once(marker: Path, x: int) -> int:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x


# ---- df.rdd --------------------------------------------------------------------------------------


def test_nothing_is_read_before_an_action(logged: DataFrame, log: Path) -> None:
    numbers = logged.filter("n > 0").rdd.map(lambda row: row.n)
    assert numbers.getNumPartitions() == 3
    assert b"MapPartitionsRDD" in (numbers.toDebugString() or b"")
    assert read_parts(log) == []
    assert numbers.glom().collect() == [[1], [2, 3], [4, 5]]
    assert read_parts(log) == ["0", "1", "2"]


def test_a_missing_folder_is_found_out_by_the_action(session: Session, tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1]}), tmp_path / "a.parquet")
    rdd = session.read.schema("n bigint").parquet(str(tmp_path)).rdd
    (tmp_path / "a.parquet").unlink()
    assert rdd.collect() == []


def test_an_action_reads_only_the_partitions_that_it_needs(logged: DataFrame, log: Path) -> None:
    assert logged.rdd.first() == Row(n=0)
    assert read_parts(log) == ["0"]


def test_later_jobs_and_shuffles_see_the_rows_of_the_first(logged: DataFrame, log: Path) -> None:
    pairs = logged.rdd.map(lambda row: (row.n % 2, row.n))
    assert pairs.reduceByKey(max).collectAsMap() == {0: 4, 1: 5}
    assert pairs.count() == 6
    assert logged.rdd.map(lambda row: row.n).sum() == 15
    assert read_parts(log) == ["0", "1", "2"]


def test_a_cached_rdd_needs_its_source_no_more(logged: DataFrame, log: Path) -> None:
    doubled = logged.rdd.map(lambda row: row.n * 2).cache()
    assert doubled.sum() == 30
    for file in frame_files(doubled):
        file.unlink()
    assert doubled.sum() == 30
    assert read_parts(log) == ["0", "1", "2"]


def frame_files(rdd: Any) -> list[Path]:
    node = rdd.node
    while node.parents():
        (node,) = node.parents()
    return sorted((rdd.ctx.runtime.folder / f"frame-{node.id}").iterdir())


def test_only_a_lost_partition_is_read_again(logged: DataFrame, log: Path) -> None:
    rdd = logged.rdd
    assert rdd.count() == 6
    frame_files(rdd)[1].unlink()
    assert rdd.map(lambda row: row.n).collect() == [0, 1, 2, 3, 4, 5]
    assert read_parts(log) == ["0", "1", "1", "2"]


def test_the_files_go_with_the_rdd(session: Session) -> None:
    rdd = session.range(4).rdd
    assert rdd.count() == 4
    folder = frame_files(rdd)[0].parent
    del rdd
    assert not folder.exists()


def test_a_worker_killed_in_the_middle_costs_a_retry(logged: DataFrame, tmp_path: Path) -> None:
    marker = tmp_path / "died"
    numbers = logged.rdd.map(lambda row: die_once(marker, row.n))
    assert numbers.collect() == [0, 1, 2, 3, 4, 5]
    status = logged.sparkSession.sparkContext.status
    stage = status.stage(status.jobs()[-1].stage_ids[-1])
    assert stage is not None
    assert [task.status for task in stage.tasks].count(TaskStatus.FAILED) >= 1


def test_rows_are_those_of_collect(session: Session) -> None:
    df = session.createDataFrame(
        [
            (1, Row(a="x", b=[1.5]), {"k": dt.date(2024, 1, 2)}, dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)),
            (2, None, {}, None),
        ],
        "id int, s struct<a string, b array<double>>, m map<string, date>, t timestamp",
    )
    rows = df.rdd.collect()
    assert rows == df.collect()
    assert repr(rows) == repr(df.collect())
    assert rows[0].s.a == "x"


@pytest.mark.parametrize(
    ("make", "partitions"),
    [
        (lambda s: s.range(10, numPartitions=4), 4),
        (lambda s: s.range(10, numPartitions=4).filter("id % 2 = 0"), 4),
        (lambda s: s.createDataFrame([(i,) for i in range(5)], ["n"]), 2),
        (lambda s: s.range(10).groupBy("id").count(), 1),
        (lambda s: s.sparkContext.parallelize([(1,)], 3).toDF(["n"]), 3),
    ],
)
def test_partitions_are_those_of_the_source_where_rows_need_not_move(
    session: Session, make: Callable[[Session], DataFrame], partitions: int
) -> None:
    df = make(session)
    assert df.rdd.getNumPartitions() == partitions
    assert sorted(df.rdd.collect()) == sorted(df.collect())


def test_ranges_are_cut_as_spark_cuts_them(session: Session) -> None:
    numbers = session.range(10, 0, -3, numPartitions=3).rdd
    assert numbers.map(lambda row: row.id).glom().collect() == [[10], [7], [4, 1]]


def test_random_numbers_stay_the_same_however_often_a_partition_is_computed(session: Session) -> None:
    rdd = session.range(20).selectExpr("id", "rand() AS r").rdd
    first = rdd.collect()
    for file in frame_files(rdd):
        file.unlink()
    assert rdd.collect() == first


def test_a_streaming_dataframe_has_no_rdd(session: Session) -> None:
    with pytest.raises(AnalysisException, match=r"writeStream\.start"):
        _ = session.readStream.format("rate").load().rdd


# ---- RDD to DataFrame ----------------------------------------------------------------------------


def test_an_rdd_with_a_schema_is_computed_by_the_action(session: Session, tmp_path: Path) -> None:
    called = tmp_path / "called"

    def touched(x: int) -> tuple[int]:
        called.touch()
        return (x,)

    df = session.sparkContext.parallelize(range(4), 2).map(touched).toDF("n bigint")
    assert df.rdd.getNumPartitions() == 2
    assert not called.exists()
    assert df.filter("n > 1").collect() == [Row(n=2), Row(n=3)]
    assert called.exists()


def test_the_first_record_decides_the_types(session: Session) -> None:
    records = session.sparkContext.parallelize([(1, "a"), (2, "b")])
    assert records.toDF().schema.simpleString() == "struct<_1:bigint,_2:string>"
    assert records.toDF(["n"]).schema.simpleString() == "struct<n:bigint,_2:string>"


def test_a_type_that_the_first_record_leaves_open_is_looked_for(session: Session) -> None:
    records: Any = session.sparkContext.parallelize([(None, [])] * 20 + [(1, ["a"])], 3)
    assert records.toDF(["n", "s"]).schema.simpleString() == "struct<n:bigint,s:array<string>>"
    with pytest.raises(AnalysisException, match="CANNOT_DETERMINE_TYPE"):
        session.sparkContext.parallelize([(None,)] * 3).toDF(["n"])


def test_a_sampling_ratio_looks_at_more_records(session: Session) -> None:
    records = session.sparkContext.parallelize([{"a": 1}, {"b": "x"}], 2)
    df = session.createDataFrame(records, samplingRatio=1.0)
    assert sorted(df.columns) == ["a", "b"]
    assert df.select("a", "b").collect() == [Row(a=1, b=None), Row(a=None, b="x")]


def test_what_cannot_be_inferred_is_refused(session: Session) -> None:
    sc = session.sparkContext
    with pytest.raises(AnalysisException, match="CANNOT_INFER_EMPTY_SCHEMA"):
        sc.parallelize([]).toDF(["n"])
    with pytest.raises(AnalysisException, match="CANNOT_INFER_SCHEMA_FOR_TYPE"):
        sc.parallelize([1, 2]).toDF(["n"])


def test_one_data_type_makes_a_column_called_value(session: Session) -> None:
    assert session.sparkContext.parallelize([1, 2]).toDF(LongType()).collect() == [Row(value=1), Row(value=2)]
    assert session.createDataFrame(session.sparkContext.emptyRDD(), "n int").collect() == []


def test_values_are_verified_in_the_tasks(session: Session) -> None:
    schema = StructType([StructField("s", StringType()), StructField("d", DoubleType())])
    df = session.createDataFrame(session.sparkContext.parallelize([("a", 1.0), ("b", 2)]), schema)
    with pytest.raises(StreamcoreError, match="FIELD_DATA_TYPE_UNACCEPTABLE"):
        df.collect()
    unverified = session.createDataFrame(
        session.sparkContext.parallelize([("a", 1)]), schema, verifySchema=False
    )
    assert unverified.collect() == [Row(s="a", d=1.0)]


def test_a_round_trip_keeps_rows_and_partitions(logged: DataFrame) -> None:
    back = logged.rdd.toDF(logged.schema)
    joined = back.join(logged, "n").groupBy().count()
    assert joined.collect() == [Row(count=6)]
    again = back.select((back.n + 1).alias("m")).rdd
    assert again.map(lambda row: row.m).glom().collect() == [[1, 2], [3, 4], [5, 6]]


# ---- row by row ----------------------------------------------------------------------------------


def test_the_local_iterator_reads_a_partition_when_it_comes_to_it(logged: DataFrame, log: Path) -> None:
    rows = logged.toLocalIterator()
    assert next(rows) == Row(n=0)
    assert read_parts(log) == ["0"]
    assert [row.n for row in rows] == [1, 2, 3, 4, 5]
    assert [row.n for row in logged.toLocalIterator(prefetchPartitions=True)] == [0, 1, 2, 3, 4, 5]


def test_foreach_partition_calls_the_function_once_per_partition(logged: DataFrame) -> None:
    calls = logged.sparkSession.sparkContext.accumulator(0)
    logged.foreachPartition(lambda rows: calls.add(1))
    assert calls.value == 3


# ---- repartition and coalesce --------------------------------------------------------------------


def test_repartition_says_how_many_parts_there_are(logged: DataFrame, log: Path) -> None:
    four = logged.repartition(4).filter("n > 0").rdd
    assert four.getNumPartitions() == 4
    assert read_parts(log) == []
    assert four.map(lambda row: row.n).glom().collect() == [[], [1, 2], [3], [4, 5]]
    assert read_parts(log) == ["0", "1", "2"]


def test_taking_one_part_of_a_repartition_computes_it_once(logged: DataFrame, log: Path) -> None:
    rdd = logged.repartition(3).rdd
    assert rdd.first() == Row(n=0)
    assert rdd.count() == 6
    assert list(logged.repartition(3).toLocalIterator()) == rdd.collect()
    assert read_parts(log) == ["0", "0", "1", "1", "2", "2"]


def test_rows_with_equal_keys_come_to_one_part(session: Session) -> None:
    df = session.range(100).selectExpr("id", "id % 7 AS k").repartition(3, "k")
    parts = [{row.k for row in part} for part in df.rdd.glom().collect()]
    assert len(parts) == 3
    assert sorted(k for part in parts for k in part) == list(range(7))
    assert df.columns == ["id", "k"]
    assert df.select("id").rdd.getNumPartitions() == 3


def test_ranges_follow_each_other(session: Session) -> None:
    parts = session.range(30).repartitionByRange(3, "id").rdd
    found = [[row.id for row in part] for part in parts.glom().collect()]
    assert [len(part) for part in found] == [10, 10, 10]
    assert max(found[0]) < min(found[1]) <= max(found[1]) < min(found[2])


def test_coalesce_never_makes_more_parts(logged: DataFrame) -> None:
    assert logged.coalesce(2).rdd.map(lambda row: row.n).glom().collect() == [[0, 1], [2, 3, 4, 5]]
    assert logged.coalesce(9).rdd.getNumPartitions() == 3
    assert logged.repartition(8).coalesce(1).rdd.getNumPartitions() == 1


def test_a_repartition_inside_a_plan_changes_no_rows(session: Session) -> None:
    df = session.range(10)
    pairs = df.repartition(4, "id").join(df.coalesce(1), "id")
    assert pairs.groupBy().count().collect() == [Row(count=10)]
    assert sorted(df.repartition(4).union(df.repartition(2, "id")).collect()) == sorted(
        df.union(df).collect()
    )
    assert df.repartition(3).collect() == df.collect()
    assert df.repartition(3).limit(2).count() == 2


def test_a_written_repartition_leaves_as_many_files(session: Session, tmp_path: Path) -> None:
    session.range(10).repartition(3).write.parquet(str(tmp_path / "three"))
    assert len(list((tmp_path / "three").rglob("*.parquet"))) == 3
    assert session.read.parquet(str(tmp_path / "three")).count() == 10
    session.read.parquet(str(tmp_path / "three")).coalesce(1).write.parquet(str(tmp_path / "one"))
    assert len(list((tmp_path / "one").rglob("*.parquet"))) == 1
