from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, ArgumentTypeError, IllegalArgumentException
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.row import Row
from streamcore.spi.types import StructType
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session


@pytest.fixture
def df(session: Session) -> DataFrame:
    return session.createDataFrame([(1, "x"), (2, None), (3, "z")], "n int, s string")


@pytest.mark.parametrize("format_name", ["json", "parquet", "csv"])
def test_what_is_written_is_read_again(
    session: Session, df: DataFrame, tmp_path: Path, format_name: str
) -> None:
    path = str(tmp_path / "out")
    df.write.format(format_name).save(path)
    again = session.read.schema("n int, s string").format(format_name).load(path)
    assert again.orderBy("n").collect() == df.collect()


def test_save_modes_decide_about_what_is_there(session: Session, df: DataFrame, tmp_path: Path) -> None:
    path = str(tmp_path / "out")
    df.write.parquet(path)
    with pytest.raises(AnalysisException, match="PATH_ALREADY_EXISTS"):
        df.write.parquet(path)
    df.write.mode("ignore").parquet(path)
    df.write.mode("append").parquet(path)
    assert session.read.parquet(path).count() == 6
    df.write.mode("overwrite").parquet(path)
    assert session.read.parquet(path).count() == 3
    with pytest.raises(AnalysisException, match="INVALID_SAVE_MODE"):
        df.write.mode("sometimes")


def test_partition_columns_become_folders_and_columns_again(
    session: Session, df: DataFrame, tmp_path: Path
) -> None:
    df.write.partitionBy("n").parquet(str(tmp_path / "out"))
    assert sorted(f.name for f in (tmp_path / "out").iterdir() if f.is_dir()) == ["n=1", "n=2", "n=3"]
    assert session.read.parquet(str(tmp_path / "out")).select("n", "s").orderBy("n").collect() == df.collect()


def test_a_schema_that_lacks_a_partition_column_gets_it(
    session: Session, df: DataFrame, tmp_path: Path
) -> None:
    df.write.partitionBy("s").json(str(tmp_path / "out"))
    again = session.read.schema("n int").json(str(tmp_path / "out"))
    assert again.columns == ["n", "s"]
    assert sorted(map(tuple, again.collect()), key=repr) == [(1, "x"), (2, None), (3, "z")]


@pytest.mark.parametrize("schema", [None, "n int"])
@pytest.mark.parametrize("path", ["nowhere", "no*", "{a,b}/*"])
def test_a_path_that_nothing_fits_is_an_error_at_once(
    session: Session, tmp_path: Path, path: str, schema: str | None
) -> None:
    with pytest.raises(AnalysisException, match="PATH_NOT_FOUND"):
        session.read.load(f"{tmp_path}/{path}", format="json", schema=schema)
    assert session.readStream.schema("n int").json(f"{tmp_path}/{{later,*}}").isStreaming


def test_an_unknown_format_suggests_the_nearest(session: Session) -> None:
    with pytest.raises(AnalysisException, match=r"DATA_SOURCE_NOT_FOUND.*Did you mean 'parquet'"):
        session.read.format("parket").load("x")


class Squares(DataSource):
    """A source of a user: rows as tuples from one partition, as Arrow from the other."""

    @classmethod
    def name(cls) -> str:
        return "squares"

    def schema(self) -> str:
        return "n long, square long"

    def reader(self, schema: StructType) -> DataSourceReader:
        return SquaresReader()


class SquaresReader(DataSourceReader):
    def partitions(self) -> list[InputPartition]:
        return [InputPartition(0), InputPartition(1)]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        if partition.value == 0:
            yield (1, 1)
            yield Row(n=2, square=4)
        else:
            yield pa.RecordBatch.from_pydict({"square": [9], "n": [3]})


def test_a_registered_source_is_read_partition_by_partition(session: Session) -> None:
    session.dataSource.register(Squares)
    df = session.read.format("squares").load()
    assert df.collect() == [Row(n=1, square=1), Row(n=2, square=4), Row(n=3, square=9)]
    assert df.filter("n > 1").select("square").collect() == [Row(square=4), Row(square=9)]
    assert df.groupBy().sum("square").collect()[0][0] == 14


def test_a_source_without_a_schema_asks_for_one(session: Session) -> None:
    class Bare(DataSource):
        @classmethod
        def name(cls) -> str:
            return "bare"

    session.dataSource.register(Bare)
    with pytest.raises(AnalysisException, match=r"\.schema\("):
        session.read.format("bare").load()


def test_only_a_data_source_can_be_registered(session: Session) -> None:
    with pytest.raises(AnalysisException, match="DATA_SOURCE_INVALID"):
        session.dataSource.register(int)


# ---- texts in an RDD or DataFrame ------------------------------------------------------------------


def test_json_and_csv_are_read_from_the_texts_of_an_rdd(session: Session) -> None:
    texts = session.sparkContext.parallelize(['{"a": 1}', '{"b": "x"}', "bad"])
    assert [tuple(row) for row in session.read.json(texts).collect()] == [
        (None, 1, None), (None, None, "x"), ("bad", None, None),
    ]  # fmt: skip
    lines = session.sparkContext.parallelize(["x,y", "2,b"])
    assert session.read.csv(lines, header=True, inferSchema=True).collect() == [Row(x=2, y="b")]


def test_json_is_read_from_a_column_of_texts(session: Session) -> None:
    frame = session.createDataFrame([('{"a": 1}',)], "v string")
    assert session.read.json(frame, "a long").collect() == [Row(a=1)]
    with pytest.raises(AnalysisException, match="one column of strings"):
        session.read.json(session.range(1))


def test_what_holds_no_texts_is_refused(session: Session) -> None:
    for read in (session.read.json, session.read.csv):
        with pytest.raises(ArgumentTypeError, match="should be str, list, RDD, or DataFrame, got int"):
            read(3)
    with pytest.raises(AnalysisException, match="one record and one line"):
        session.read.csv(session.sparkContext.parallelize(["a\nb"]))


# ---- options of files ------------------------------------------------------------------------------


def test_files_count_by_the_time_of_their_change(session: Session, tmp_path: Path) -> None:
    for name, year in (("old", 2001), ("new", 2021)):
        file = tmp_path / f"{name}.txt"
        file.write_text(name)
        moment = dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()
        os.utime(file, (moment, moment))
    read = session.read.option("timeZone", "UTC")
    assert [row.value for row in read.text(str(tmp_path), modifiedAfter="2010-01-01T00:00:00").collect()] == [
        "new"
    ]
    older = session.read.text(str(tmp_path), modifiedBefore="2010-01-01T00:00:00")
    assert [row.value for row in older.collect()] == ["old"]
    with pytest.raises(IllegalArgumentException, match="accepts a timestamp"):
        session.read.text(str(tmp_path), modifiedBefore="soon")
    with pytest.raises(IllegalArgumentException, match="in batches only"):
        session.readStream.option("modifiedAfter", "2010-01-01T00:00:00").text(
            str(tmp_path)
        ).writeStream.format("noop").start()


def test_single_values_of_json_may_be_texts(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"n": 1.50, "b": true, "l": [1, 2]}\n')
    df = session.read.json(str(tmp_path), primitivesAsString=True)
    assert df.collect() == [Row(b="true", l=["1", "2"], n="1.50")]
