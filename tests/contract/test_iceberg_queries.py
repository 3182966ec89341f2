"""What a PySpark user writes about Iceberg tables, from the session's settings to the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from pyiceberg import types as iceberg
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.schema import Schema

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    IllegalArgumentException,
    OffsetsLost,
    QueryExecutionException,
    StreamingQueryException,
)
from streamcore.execution.connectors import source_class
from streamcore.spi.datasource import Filter
from streamcore.spi.filters import GreaterThan, In, IsNull
from streamcore.spi.limits import ReadAllAvailable
from streamcore.spi.options import Options
from streamcore.sql import functions as F
from streamcore.storage.objects.given import give, take_back


@pytest.fixture
def session(tmp_path: Path) -> Session:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    found.conf.set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    found.conf.set("spark.sql.catalog.lake.type", "jdbc")
    found.conf.set("spark.sql.catalog.lake.uri", f"jdbc:sqlite:{tmp_path}/catalog.db")
    found.conf.set("spark.sql.catalog.lake.warehouse", str(tmp_path / "warehouse"))
    return found


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with load_catalog(
        "lake", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=str(tmp_path / "warehouse")
    ) as found:
        yield found


def numbers(session: Session, first: int, last: int) -> Any:
    return session.range(first, last).withColumn("part", F.col("id") % 2)


def ids(frame: Any) -> list[int]:
    return sorted(row.id for row in frame.select("id").collect())


def stream(session: Session, checkpoint: Path, **options: Any) -> Any:
    """Copies what the table has gained into lake.db.copy, and ends."""
    rows = session.readStream.format("iceberg").options(**options).load("lake.db.t")
    writer = rows.writeStream.option("checkpointLocation", str(checkpoint)).trigger(availableNow=True)
    query = writer.toTable("lake.db.copy")
    query.awaitTermination()
    return query


def test_tables_are_made_added_to_and_replaced_by_every_verb(session: Session) -> None:
    numbers(session, 0, 2).writeTo("lake.db.t").partitionedBy("part").create()
    numbers(session, 2, 4).writeTo("lake.db.t").append()
    numbers(session, 4, 6).write.format("iceberg").mode("append").save("lake.db.t")
    numbers(session, 6, 8).write.mode("append").saveAsTable("lake.db.t")
    assert ids(session.table("lake.db.t")) == [0, 1, 2, 3, 4, 5, 6, 7]
    session.range(8, 9).withColumn("part", F.lit(0).cast("long")).writeTo("lake.db.t").overwritePartitions()
    assert ids(session.sql("SELECT * FROM lake.db.t")) == [1, 3, 5, 7, 8]
    numbers(session, 0, 1).writeTo("lake.db.t").overwrite(F.lit(True))
    assert ids(session.read.table("lake.db.t")) == [0]
    numbers(session, 1, 2).writeTo("lake.db.t").createOrReplace()
    assert ids(session.read.format("iceberg").load("lake.db.t")) == [1]
    numbers(session, 1, 9).write.format("iceberg").mode("ignore").save("lake.db.t")
    with pytest.raises(AnalysisException, match="already exists"):
        numbers(session, 0, 1).writeTo("lake.db.t").create()
    with pytest.raises(AnalysisException, match=r"lake\.db\.none cannot be found"):
        numbers(session, 0, 1).writeTo("lake.db.none").append()
    assert ids(session.table("lake.db.t")) == [1]


def test_rows_are_merged_by_key_in_a_batch(session: Session) -> None:
    numbers(session, 0, 4).writeTo("lake.db.t").create()
    changed = session.range(2, 6).withColumn("part", F.lit(9).cast("long"))
    changed.write.format("iceberg").mode("append").option("keyColumns", "id").save("lake.db.t")
    rows = {row.id: row.part for row in session.table("lake.db.t").collect()}
    assert rows == {0: 0, 1: 1, 2: 9, 3: 9, 4: 9, 5: 9}


def test_columns_that_do_not_fit_are_named_and_by_option_added(session: Session) -> None:
    session.range(2).select(F.col("id").cast("int")).writeTo("lake.db.t").create()
    wider = session.range(2, 4).withColumn("word", F.lit("w"))
    with pytest.raises(AnalysisException, match=r"has no column 'word'.*mergeSchema"):
        wider.writeTo("lake.db.t").append()
    wider.writeTo("lake.db.t").option("mergeSchema", "true").append()
    found = session.table("lake.db.t")
    assert found.schema.simpleString() == "struct<id:bigint,word:string>"
    assert sorted(tuple(row) for row in found.collect()) == [(0, None), (1, None), (2, "w"), (3, "w")]


def test_an_older_state_is_read_by_snapshot_time_branch_and_tag(session: Session, catalog: Catalog) -> None:
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    table = catalog.load_table("db.t")
    first = table.current_snapshot()
    assert first is not None
    table.manage_snapshots().create_tag(first.snapshot_id, "v1").commit()
    table.manage_snapshots().create_branch(first.snapshot_id, "side").commit()
    numbers(session, 2, 4).writeTo("lake.db.t").append()
    moments: list[dict[str, Any]] = [
        {"snapshot-id": first.snapshot_id}, {"as-of-timestamp": first.timestamp_ms}, {"tag": "v1"},
        {"branch": "side"}, {"versionAsOf": "v1"},
    ]  # fmt: skip
    for moment in moments:
        assert ids(session.read.format("iceberg").options(**moment).load("lake.db.t")) == [0, 1], moment
    appended = session.read.option("start-snapshot-id", first.snapshot_id).table("lake.db.t")
    assert ids(appended) == [2, 3]
    assert session.table("lake.db.t.snapshots").count() == 2
    numbers(session, 0, 3).writeTo("lake.db.files").create()  # a table of that name is a table
    assert session.table("lake.db.files").count() == 3
    assert session.table("lake.db.files.files").count() == 1
    with pytest.raises(AnalysisException, match=r"branch or tag 'v2'.*main, side, v1"):
        session.read.option("tag", "v2").table("lake.db.t").collect()
    with pytest.raises(IllegalArgumentException, match="exclude each other"):
        session.read.option("tag", "v1").option("branch", "side").table("lake.db.t").collect()


def test_files_are_left_out_by_the_filters_of_a_query_and_no_row_is(session: Session) -> None:
    for first in (0, 10, 20):
        rows = numbers(session, first, first + 10).withColumn("f", F.expr("if(id = 29, double('nan'), id)"))
        rows.write.format("iceberg").mode("append").save("lake.db.t")
    assert ids(session.table("lake.db.t").where("id > 25 AND part = 1")) == [27, 29]
    source = iceberg_source(session)

    def files_for(offered: Filter) -> int:
        reader = source.reader(source.schema())
        assert list(reader.pushFilters([offered])) == [offered]
        return sum(len(part.tasks) for part in reader.partitions())

    assert files_for(GreaterThan(("id",), 25)) == 1
    assert files_for(In(("id",), (1, 11, None))) == 2
    assert files_for(IsNull(("id",))) == 0
    # NaN is larger than all, and not within the bounds that a file keeps.
    assert files_for(GreaterThan(("f",), 100.0)) == 3


def iceberg_source(session: Session) -> Any:
    settings = {k: v for k, v in session.conf.given.items() if k.startswith("spark.sql.catalog.")}
    kind: Any = source_class("iceberg")
    return kind(Options({**settings, "path": "lake.db.t"}))


def test_every_type_of_iceberg_is_read_and_written(session: Session, catalog: Catalog) -> None:
    field = iceberg.NestedField
    schema = Schema(
        field(1, "u", iceberg.UUIDType()),
        field(2, "x", iceberg.FixedType(2)),
        field(3, "t", iceberg.TimeType()),
        field(4, "d", iceberg.DecimalType(38, 10)),
        field(5, "l", iceberg.ListType(6, iceberg.StructType(field(7, "a", iceberg.LongType())), False)),
        field(8, "m", iceberg.MapType(9, iceberg.StringType(), 10, iceberg.TimestamptzType(), False)),
    )
    catalog.create_namespace("db")
    catalog.create_table("db.t", schema)
    assert session.table("lake.db.t").schema.simpleString() == (
        "struct<u:string,x:binary,t:time(6),d:decimal(38,10),l:array<struct<a:bigint>>,m:map<string,timestamp>>"
    )
    uuid = str(UUID(int=7))
    rows = session.sql(
        f"""SELECT '{uuid}' AS u, X'6162' AS x, TIME'10:11:12.5' AS t, CAST(1.5 AS DECIMAL(38, 10)) AS d,
        array(named_struct('a', 1L), null) AS l, map('k', TIMESTAMP'2024-01-01 00:00:00Z') AS m
        UNION ALL SELECT null, null, null, null, null, null"""
    )
    rows.write.format("iceberg").mode("append").save("lake.db.t")
    assert sorted(session.table("lake.db.t").collect(), key=repr) == sorted(rows.collect(), key=repr)
    stored = catalog.load_table("db.t").scan(selected_fields=("u",)).to_arrow().column("u")
    assert isinstance(stored.type, pa.UuidType)
    with pytest.raises(AnalysisException, match="does not fit"):
        session.sql("SELECT 'no uuid' AS u, * EXCEPT (u) FROM lake.db.t").write.format("iceberg").mode(
            "append"
        ).save("lake.db.t")


def test_nulls_inside_a_column_that_takes_none_there_are_refused(session: Session, catalog: Catalog) -> None:
    catalog.create_namespace("db")
    required = iceberg.ListType(2, iceberg.LongType(), element_required=True)
    catalog.create_table("db.t", Schema(iceberg.NestedField(1, "l", required)))
    with pytest.raises(AnalysisException, match="'l' has nulls inside"):
        session.sql("SELECT array(1L, null) AS l").writeTo("lake.db.t").append()
    session.sql("SELECT array(1L, 2L) AS l").writeTo("lake.db.t").append()
    assert session.table("lake.db.t").count() == 1


def test_a_stream_reads_the_table_first_and_then_what_is_appended(
    session: Session, tmp_path: Path, catalog: Catalog
) -> None:
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    numbers(session, 2, 4).writeTo("lake.db.t").append()
    checkpoint = tmp_path / "checkpoint"
    stream(session, checkpoint, **{"streaming-max-files-per-micro-batch": 1})
    numbers(session, 4, 6).writeTo("lake.db.t").append()
    numbers(session, 6, 8).writeTo("lake.db.t").append()
    query = stream(session, checkpoint, **{"streaming-max-files-per-micro-batch": 1})
    assert ids(session.table("lake.db.copy")) == list(range(8))
    assert query.lastProgress["sources"][0]["description"] == "Iceberg[lake.db.t]"
    written = "".join(path.read_text(errors="ignore") for path in checkpoint.rglob("*") if path.is_file())
    assert "catalog.db" not in written


def test_rows_that_are_taken_back_stop_a_stream_unless_they_are_skipped(
    session: Session, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    stream(session, checkpoint)
    numbers(session, 5, 6).writeTo("lake.db.t").createOrReplace()
    with pytest.raises(StreamingQueryException, match="streaming-skip-overwrite-snapshots"):
        stream(session, checkpoint)
    numbers(session, 6, 7).writeTo("lake.db.t").append()
    stream(session, checkpoint, **{"streaming-skip-overwrite-snapshots": "true"})
    assert ids(session.table("lake.db.copy")) == [0, 1, 6]


def test_expired_snapshots_are_a_loss_that_is_said(
    session: Session, tmp_path: Path, catalog: Catalog
) -> None:
    checkpoint = tmp_path / "checkpoint"
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    stream(session, checkpoint)
    for first in (2, 4, 6):
        numbers(session, first, first + 2).writeTo("lake.db.t").append()
    table = catalog.load_table("db.t")
    table.maintenance.expire_snapshots().by_ids(
        [s.snapshot_id for s in table.metadata.snapshots[:-1]]
    ).commit()
    with pytest.raises((OffsetsLost, StreamingQueryException), match="no longer in the table's history"):
        stream(session, checkpoint)


def test_a_column_that_is_renamed_under_a_stream_stops_it(session: Session, catalog: Catalog) -> None:
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    source = iceberg_source(session)
    reader = source.streamReader(source.schema())
    start = reader.initialOffset()
    with catalog.load_table("db.t").update_schema() as update:
        update.add_column("more", iceberg.StringType())
    assert reader.latestOffset(start, ReadAllAvailable())["complete"]
    with catalog.load_table("db.t").update_schema() as update:
        update.rename_column("part", "half")
    with pytest.raises(AnalysisException, match=r"the column 'part'.*start the query again"):
        reader.latestOffset(start, ReadAllAvailable())
    reader.stop()


def test_an_option_of_the_other_kind_of_read_is_refused(session: Session) -> None:
    numbers(session, 0, 2).writeTo("lake.db.t").create()
    with pytest.raises(IllegalArgumentException, match="streams only"):
        session.read.option("stream-from-timestamp", "1").table("lake.db.t").collect()
    with pytest.raises(IllegalArgumentException, match="batches only"):
        session.readStream.option("snapshot-id", "1").table("lake.db.t")
    with pytest.raises(IllegalArgumentException, match="does not know the option"):
        session.read.option("snapshotid", "1").table("lake.db.t")
    with pytest.raises(AnalysisException, match="known catalogs: lake"):
        session.read.format("iceberg").load("pond.db.t")


def test_nanoseconds_that_we_cannot_hold_are_refused_and_not_cut_off() -> None:
    from streamcore.iceberg.rows import as_ours

    ours = pa.schema([("t", pa.timestamp("us"))])
    whole = pa.RecordBatch.from_arrays([pa.array([1_000], pa.timestamp("ns"))], ["t"])
    assert as_ours(whole, ours).column(0).cast(pa.int64()).to_pylist() == [1]
    with pytest.raises(QueryExecutionException, match="without loss"):
        as_ours(pa.RecordBatch.from_arrays([pa.array([1], pa.timestamp("ns"))], ["t"]), ours)


@pytest.mark.soak  # versitygw answers every other multipart upload of Arrow's client with "400 Bad Request"
def test_a_warehouse_on_an_object_store_is_reached_by_the_settings_of_the_session(session: Session) -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket="lake")
        settings = {"endpoint": address, "access.key": "id", "secret.key": "secret"}
        give({f"spark.hadoop.fs.s3a.{name}": value for name, value in settings.items()})
        session.conf.set("spark.sql.catalog.lake.warehouse", "s3://lake/tables")
        numbers(session, 0, 3).writeTo("lake.db.t").create()
        assert ids(session.table("lake.db.t").where("id > 0")) == [1, 2]
    finally:
        take_back()
        server.stop()
