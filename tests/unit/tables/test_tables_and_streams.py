"""Tables at either end of a stream: what is written once, what is read on, what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.spi.row import Row
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session


@pytest.fixture
def events(session: Session, tmp_path: Path) -> DataFrame:
    session.createDataFrame([(1, "x"), (2, "y")], "id int, k string").write.json(str(tmp_path / "in"))
    return session.readStream.schema("id int, k string").json(str(tmp_path / "in"))


def run(frame: DataFrame, table: str, checkpoint: Path, **options: Any) -> None:
    writer = frame.writeStream.trigger(availableNow=True)
    writer.toTable(table, checkpointLocation=str(checkpoint), **options).awaitTermination()


def more(session: Session, tmp_path: Path) -> None:
    session.createDataFrame([(3, "x")], "id int, k string").write.mode("append").json(str(tmp_path / "in"))


def test_a_stream_into_a_table_goes_on_where_it_stopped(
    session: Session, events: DataFrame, tmp_path: Path
) -> None:
    run(events, "out", tmp_path / "c")
    more(session, tmp_path)
    run(events, "out", tmp_path / "c")
    assert sorted(session.table("out").collect()) == [Row(id=1, k="x"), Row(id=2, k="y"), Row(id=3, k="x")]
    assert session.catalog.getTable("out").tableType == "MANAGED"


def test_rows_of_a_stream_are_in_the_partitions_of_its_table(
    session: Session, events: DataFrame, tmp_path: Path
) -> None:
    run(events, "out", tmp_path / "c", format="json", partitionBy="k")
    assert [p.partition for p in session.catalog.listPartitions("out")] == ["k=x", "k=y"]
    with pytest.raises(AnalysisException, match="Specified partitioning does not match"):
        run(events, "out", tmp_path / "c", partitionBy="id")


def test_a_table_is_read_as_a_stream_from_its_first_row_on(
    session: Session, events: DataFrame, tmp_path: Path
) -> None:
    run(events, "one", tmp_path / "c1")
    run(session.readStream.option("maxFilesPerTrigger", 1).table("one"), "two", tmp_path / "c2")
    more(session, tmp_path)
    run(events, "one", tmp_path / "c1")
    run(session.readStream.table("one"), "two", tmp_path / "c2")
    assert sorted(row.id for row in session.table("two").collect()) == [1, 2, 3]


def test_rows_that_batches_insert_come_out_of_the_stream(session: Session, tmp_path: Path) -> None:
    session.sql("CREATE TABLE src (a INT, d STRING) USING csv PARTITIONED BY (d)")
    session.sql("INSERT INTO src VALUES (1, 'x')")
    run(session.readStream.table("src"), "dst", tmp_path / "c")
    session.sql("INSERT INTO src VALUES (2, 'y')")
    run(session.readStream.table("src"), "dst", tmp_path / "c")
    assert sorted(session.table("dst").collect()) == [Row(a=1, d="x"), Row(a=2, d="y")]


def test_a_batch_adds_nothing_to_what_a_stream_writes(
    session: Session, events: DataFrame, tmp_path: Path, folder: Path
) -> None:
    run(events, "out", tmp_path / "c", partitionBy="k")
    for text in ("INSERT INTO out VALUES (9, 'z')", "INSERT OVERWRITE out PARTITION (k = 'x') VALUES (9)"):
        with pytest.raises(AnalysisException, match="output of a streaming query"):
            session.sql(text)
    with pytest.raises(AnalysisException, match="output of a streaming query"):
        session.range(1).write.parquet(str(folder / "out" / "k=z"))


def test_the_columns_of_a_stream_are_put_into_the_order_of_the_table(
    session: Session, events: DataFrame, tmp_path: Path
) -> None:
    session.sql("CREATE TABLE out (k STRING, id INT) USING csv")
    run(events, "out", tmp_path / "c")
    assert Row(k="x", id=1) in session.table("out").collect()


@pytest.mark.parametrize(
    ("columns", "options", "reason"),
    [
        (["id"], {}, "are not those of the table"),
        (["cast(id as long) as id", "k"], {}, "are not those of the table"),
        (["id", "k"], {"format": "json"}, "is different from the table out's data source provider"),
        (["id", "k"], {"path": "/elsewhere"}, "not in /elsewhere"),
    ],
)
def test_a_stream_that_does_not_fit_its_table_is_refused(
    session: Session,
    events: DataFrame,
    tmp_path: Path,
    columns: list[str],
    options: dict[str, str],
    reason: str,
) -> None:
    session.sql("CREATE TABLE out (id INT, k STRING)")
    with pytest.raises(AnalysisException, match=reason):
        run(events.selectExpr(*columns), "out", tmp_path / "c", **options)


def test_a_stream_that_cannot_start_leaves_no_table(
    session: Session, events: DataFrame, tmp_path: Path
) -> None:
    counts = events.groupBy("k").count()
    with pytest.raises(StreamcoreError):
        run(counts, "out", tmp_path / "c", outputMode="complete")
    assert not session.catalog.tableExists("out")


def test_a_view_is_a_stream_when_its_plan_is(session: Session, events: DataFrame, tmp_path: Path) -> None:
    events.createOrReplaceTempView("live")
    session.range(1).createOrReplaceTempView("still")
    assert session.readStream.table("live").isStreaming
    with pytest.raises(AnalysisException, match="is not a temp view of streaming logical plan"):
        session.readStream.table("still")
    with pytest.raises(AnalysisException, match="doesn't support streaming write"):
        run(events, "live", tmp_path / "c")
    with pytest.raises(AnalysisException, match="User specified schema not supported"):
        session.readStream.schema("a int").table("live")
    session.catalog.dropTempView("live")
    session.catalog.dropTempView("still")


def test_a_stream_sorts_the_rows_of_each_file_by_its_cluster_columns(
    session: Session, tmp_path: Path
) -> None:
    session.createDataFrame([(3,), (1,), (2,)], "a int").coalesce(1).write.json(str(tmp_path / "in"))
    frame = session.readStream.schema("a int").json(str(tmp_path / "in"))
    writer = frame.writeStream.clusterBy("a").trigger(availableNow=True)
    writer.toTable("out", checkpointLocation=str(tmp_path / "c")).awaitTermination()
    assert [row.a for row in session.table("out").collect()] == [1, 2, 3]
    with pytest.raises(AnalysisException, match="SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED"):
        frame.writeStream.clusterBy("a").partitionBy("a")


def test_a_query_explains_its_stages_and_extended_its_plans(
    session: Session, events: DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = events.groupBy("k").count().where("count > 0")
    query = counts.writeStream.outputMode("complete").format("noop").trigger(availableNow=True).start()
    query.awaitTermination()
    query.explain()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "== Physical Plan =="
    assert [line.split()[0] for line in lines if not line.startswith((" ", "+", "="))] == ["Stage", "Sink"]
    query.explain(True)
    assert capsys.readouterr().out.count("\n== ") == 3


def test_readers_and_writers_bear_the_names_of_pysparks_modules(session: Session, events: DataFrame) -> None:
    assert ".sql.streaming.readwriter.DataStreamReader object" in repr(session.readStream)
    assert ".sql.streaming.readwriter.DataStreamWriter object" in repr(events.writeStream)
    assert ".sql.readwriter.DataFrameReader object" in repr(session.read)
    assert ".sql.readwriter.DataFrameWriter object" in repr(session.range(1).write)
