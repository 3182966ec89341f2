"""What is written to Delta tables by batches and streams, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CommitFailed,
    IllegalArgumentException,
    StreamingQueryException,
    UnsupportedOperationException,
)
from streamcore.sinks.delta.data_source import DeltaSink
from streamcore.sinks.delta.stream_writer import DeltaStreamWriter
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema

ROWS = pa.table({"k": ["a", "b"], "n": [1, 2]})


@pytest.fixture
def session() -> Session:
    return Session.builder.master("local[2]").getOrCreate()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table"


def _save(session: Session, rows: list[Any], schema: str, table: Path, mode: str, **options: Any) -> None:
    frame = session.createDataFrame(rows, schema)
    writer = frame.write.format("delta").mode(mode).option("path", str(table))
    writer.options(**options).save()


def _rows(table: Path) -> list[tuple[Any, ...]]:
    found = DeltaTable(table).to_pyarrow_table()
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


def _stream(table: Path, rows: pa.Table, mode: str = "append", **options: str) -> DeltaStreamWriter:
    sink = DeltaSink(Options({"path": str(table), **options}))
    writer = sink.streamWriter(from_arrow_schema(rows.schema), overwrite=False)
    writer.open(QueryIdentity("query", "run", mode))
    writer.last_committed()
    return writer


def _commit(writer: DeltaStreamWriter, batch_id: int, rows: pa.Table = ROWS) -> None:
    writer.commit_batch([writer.write(iter(rows.to_batches()))], CommitRecord("query", batch_id, "{}"))


# ---- batches ---------------------------------------------------------------------------------------


def test_the_save_modes_add_replace_ignore_and_refuse(session: Session, table: Path) -> None:
    _save(session, [(1,)], "n long", table, "error")
    _save(session, [(2,)], "n long", table, "append")
    assert _rows(table) == [(1,), (2,)]
    _save(session, [(3,)], "n long", table, "ignore")
    with pytest.raises(AnalysisException, match="already exists"):
        _save(session, [(3,)], "n long", table, "error")
    _save(session, [(4,)], "n long", table, "overwrite")
    assert _rows(table) == [(4,)]


def test_a_write_that_fails_makes_no_table(session: Session, table: Path) -> None:
    frame = session.range(3).selectExpr("raise_error('no') AS x")
    with pytest.raises(Exception, match="no"):
        frame.write.format("delta").save(str(table))
    assert not DeltaTable.is_deltatable(str(table))


def test_a_transaction_that_is_there_is_left_out(session: Session, table: Path) -> None:
    for version in (0, 1, 1, 0):
        _save(session, [(version,)], "n long", table, "append", txnAppId="job", txnVersion=version)
    assert _rows(table) == [(0,), (1,)]


def test_a_dynamic_overwrite_replaces_the_partitions_that_it_has_rows_for(
    session: Session, table: Path
) -> None:
    whole: dict[str, Any] = {"partitionBy": '["p"]'}
    _save(session, [(1, "x"), (2, "y"), (3, None)], "n long, p string", table, "error", **whole)
    dynamic = {"partitionOverwriteMode": "dynamic"}
    _save(session, [(4, "y"), (5, None)], "n long, p string", table, "overwrite", **dynamic)
    assert _rows(table) == [(1, "x"), (4, "y"), (5, None)]


def test_a_dynamic_overwrite_finds_files_whose_names_are_escaped(session: Session, table: Path) -> None:
    rare = "a b/c%ü=d:{}"
    _save(session, [(1, rare), (2, "x")], "n long, p string", table, "error", partitionBy='["p"]')
    _save(session, [(3, rare)], "n long, p string", table, "overwrite", partitionOverwriteMode="dynamic")
    assert _rows(table) == [(2, "x"), (3, rare)]
    found = session.read.format("delta").load(str(table)).collect()
    assert sorted(map(tuple, found)) == [(2, "x"), (3, rare)]


def test_the_sessions_overwrite_mode_is_a_default(session: Session, table: Path) -> None:
    _save(session, [(1, "x"), (2, "y")], "n long, p string", table, "error", partitionBy='["p"]')
    session.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    try:
        _save(session, [(3, "x")], "n long, p string", table, "overwrite")
        assert _rows(table) == [(2, "y"), (3, "x")]
        _save(session, [(4, "y")], "n long, p string", table, "overwrite", replaceWhere="p = 'y'")
        with pytest.raises(IllegalArgumentException, match="overwriteSchema"):
            _save(session, [(5, "y")], "n long, p string", table, "overwrite", overwriteSchema=True)
    finally:
        session.conf.unset("spark.sql.sources.partitionOverwriteMode")
    assert _rows(table) == [(3, "x"), (4, "y")]


def test_replace_where_replaces_the_rows_of_a_condition_and_takes_no_others(
    session: Session, table: Path
) -> None:
    _save(session, [(1, "x"), (2, "y")], "n long, p string", table, "error")
    _save(session, [(3, "x")], "n long, p string", table, "overwrite", replaceWhere="p = 'x'")
    assert _rows(table) == [(2, "y"), (3, "x")]
    with pytest.raises(Exception, match="failed validation"):
        _save(session, [(4, "z")], "n long, p string", table, "overwrite", replaceWhere="p = 'x'")
    assert _rows(table) == [(2, "y"), (3, "x")]


def test_new_columns_are_added_only_when_asked_for(session: Session, table: Path) -> None:
    _save(session, [(1,)], "n long", table, "error")
    with pytest.raises(AnalysisException, match="mergeSchema"):
        _save(session, [(2, "z")], "n int, z string", table, "append")
    _save(session, [(2, "z")], "n int, z string", table, "append", mergeSchema=True)
    assert _rows(table) == [(1, None), (2, "z")]


def test_the_schema_and_the_partitions_are_replaced_only_when_asked_for(
    session: Session, table: Path
) -> None:
    _save(session, [(1, "x")], "n long, p string", table, "error", partitionBy='["p"]')
    with pytest.raises(AnalysisException, match="DELTA_FAILED_TO_MERGE_FIELDS"):
        _save(session, [("1", "x")], "n string, p string", table, "overwrite")
    _save(
        session, [("1", 2)], "a string, b int", table, "overwrite", overwriteSchema=True, partitionBy='["b"]'
    )
    assert _rows(table) == [("1", 2)]
    assert DeltaTable(table).metadata().partition_columns == ["b"]


def test_partition_values_of_every_type_come_back(session: Session, table: Path) -> None:
    instant = dt.datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=dt.UTC)
    day, clock = dt.date(2024, 2, 29), instant.replace(tzinfo=None)
    row = (1, "a/b=c ü%", True, 7, Decimal("1.50"), 0.1, day, instant, clock)
    types = (
        "n long, s string, b boolean, i int, d decimal(10,2), f double, e date, t timestamp, u timestamp_ntz"
    )
    names = [name.split()[0] for name in types.replace("(10,2)", "").split(", ")][1:]
    _save(session, [row, (2, *[None] * 8)], types, table, "error", partitionBy=json.dumps(names))
    assert _rows(table) == sorted([row, (2, *[None] * 8)], key=repr)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"noSuchOption": "1"}, IllegalArgumentException),
        ({"optimizeWrite": "true"}, UnsupportedOperationException),
        ({"txnAppId": "job"}, IllegalArgumentException),
        ({"replaceWhere": "n = 1"}, IllegalArgumentException),
        ({"overwriteSchema": "true"}, IllegalArgumentException),
        ({"keyColumns": "n"}, IllegalArgumentException),
        ({"partitionBy": '["no"]'}, AnalysisException),
        ({"path": "hdfs://host/table"}, UnsupportedOperationException),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused(
    session: Session, table: Path, options: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _save(session, [(1,)], "n long", table, "append", **options)
    assert not table.exists()


def test_a_column_of_a_type_that_delta_lacks_is_refused(session: Session, table: Path) -> None:
    with pytest.raises(AnalysisException, match=r"DELTA_UNSUPPORTED_DATA_TYPES.*nothing"):
        session.sql("SELECT 1 AS n, NULL AS nothing").write.format("delta").save(str(table))


# ---- tables with a will of their own ---------------------------------------------------------------


def test_a_table_with_constraints_is_refused(table: Path) -> None:
    write_deltalake(table, ROWS)
    DeltaTable(table).alter.add_constraint({"positive": "n > 0"})
    with pytest.raises(UnsupportedOperationException, match=r"the constraint delta\.constraints\.positive"):
        _stream(table, ROWS)


def test_a_null_in_a_column_that_may_have_none_fails_the_batch(table: Path) -> None:
    DeltaTable.create(
        table, pa.schema([pa.field("k", pa.string()), pa.field("n", pa.int64(), nullable=False)])
    )
    writer = _stream(table, ROWS)
    with pytest.raises(CommitFailed, match="NOT NULL constraint violated for column: n"):
        _commit(writer, 0, pa.table({"k": ["a"], "n": pa.array([None], pa.int64())}))
    _commit(writer, 0)
    assert _rows(table) == [("a", 1), ("b", 2)]


# ---- streams ---------------------------------------------------------------------------------------


def test_statistics_tell_readers_which_files_they_need(table: Path) -> None:
    rows = pa.table({"n": [3, 1, None], "x": [1.0, math.nan, 0.5], "t": ["b" * 40, "a", None]})
    _commit(_stream(table, rows), 0, rows)
    [found] = pa.table(DeltaTable(table).get_add_actions(flatten=True)).to_pylist()
    assert (found["num_records"], found["null_count.n"], found["min.n"], found["max.n"]) == (3, 1, 1, 3)
    assert (found["min.t"], found["max.t"]) == ("a", "b" * 32 + "\U0010ffff")
    assert found.get("max.x") is None, "NaN is greater than every bound that could be told"


def test_a_batch_is_cut_into_files_by_partition_and_size(table: Path) -> None:
    rows = pa.table({"p": ["x", "y"] * 5, "n": range(10)})
    _commit(_stream(table, rows, partitionBy='["p"]', maxRecordsPerFile="2"), 0, rows)
    files = pa.table(DeltaTable(table).get_add_actions(flatten=True)).to_pylist()
    assert sorted((file["partition.p"], file["num_records"]) for file in files) == [
        ("x", 1), ("x", 2), ("x", 2), ("y", 1), ("y", 2), ("y", 2)
    ]  # fmt: skip


def test_a_log_gets_its_checkpoints_and_loses_what_is_expired(table: Path) -> None:
    properties = {"delta.checkpointInterval": "5", "delta.logRetentionDuration": "interval 0 seconds"}
    DeltaTable.create(table, ROWS.schema, configuration=properties)
    writer = _stream(table, ROWS)
    for batch_id in range(12):
        _commit(writer, batch_id)
        writer.collect_garbage()
    names = {path.name for path in (table / "_delta_log").iterdir()}
    assert f"{10:020d}.checkpoint.parquet" in names
    assert f"{12:020d}.json" in names
    assert DeltaTable(table).to_pyarrow_table().num_rows == 24
    assert len(list((table / "_streamcore_commits").iterdir())) == 2, "the owner and the newest record"


def test_a_rewind_over_rows_of_others_is_refused(table: Path) -> None:
    writer = _stream(table, ROWS)
    record = CommitRecord("query", 0, "{}")
    _commit(writer, 0)
    _commit(writer, 1)
    DeltaTable(table).optimize.compact()
    write_deltalake(table, ROWS, mode="append")
    with pytest.raises(AnalysisException, match=r"version 4 is another writer's \(WRITE\)"):
        writer.rewind(record)
    assert len(_rows(table)) == 6


def test_a_compaction_is_no_hindrance_to_a_rewind(table: Path) -> None:
    writer = _stream(table, ROWS)
    _commit(writer, 0)
    _commit(writer, 1)
    DeltaTable(table).optimize.compact()
    writer.rewind(CommitRecord("query", 0, "{}"))
    assert len(_rows(table)) == 2
    _commit(writer, 1)
    assert len(_rows(table)) == 4


def test_a_column_that_another_writer_adds_is_null_in_what_a_query_writes(table: Path) -> None:
    writer = _stream(table, ROWS)
    _commit(writer, 0)
    write_deltalake(table, pa.table({"k": ["c"], "n": [3], "z": [1.5]}), mode="append", schema_mode="merge")
    _commit(writer, 1)
    assert _rows(table)[-1] == ("c", 3, 1.5)
    assert len(_rows(table)) == 5


def test_rows_that_were_written_for_other_columns_are_not_committed(table: Path) -> None:
    writer = _stream(table, ROWS)
    _commit(writer, 0)
    staged = writer.write(iter(ROWS.to_batches()))
    wider = pa.table({"k": ["c"], "n": [0.5]})
    write_deltalake(table, wider, mode="overwrite", schema_mode="overwrite", partition_by=["k"])
    with pytest.raises(AnalysisException, match="DELTA_FAILED_TO_MERGE_FIELDS"):
        writer.commit_batch([staged], CommitRecord("query", 1, "{}"))
    assert _rows(table) == [("c", 0.5)]


def test_a_checkpoint_of_the_log_by_others_costs_a_query_nothing(table: Path) -> None:
    writer = _stream(table, ROWS)
    for batch_id in range(3):
        _commit(writer, batch_id)
        write_deltalake(table, ROWS, mode="append")
        DeltaTable(table).create_checkpoint()
    assert len(_rows(table)) == 12


def test_a_run_whose_batches_were_taken_back_by_another_leaves_no_hole(table: Path) -> None:
    asleep = _stream(table, ROWS)
    for batch_id in range(3):
        _commit(asleep, batch_id)
    _stream(table, ROWS).rewind(CommitRecord("query", 0, "{}"))
    with pytest.raises(CheckpointFenced):
        _commit(asleep, 3)
    assert len(_rows(table)) == 2


def test_a_null_key_is_merged_as_other_keys_are(table: Path) -> None:
    writer = _stream(table, ROWS, "update", keyColumns="k")
    for batch_id, value in enumerate((1, 2)):
        _commit(writer, batch_id, pa.table({"k": pa.array([None, "a"], pa.string()), "n": [value, value]}))
    assert _rows(table) == [("a", 2), (None, 2)]


def test_the_case_of_a_columns_name_means_nothing(table: Path) -> None:
    write_deltalake(table, ROWS)
    rows = pa.table({"K": ["b", "c"], "N": pa.array([5, 6], pa.int32())})
    _commit(_stream(table, rows, "update", keyColumns="K"), 0, rows)
    assert _rows(table) == [("a", 1), ("b", 5), ("c", 6)]
    assert DeltaTable(table).to_pyarrow_table().column_names == ["k", "n"]


def test_a_query_without_keys_is_refused_in_update_mode(
    session: Session, table: Path, tmp_path: Path
) -> None:
    counts = session.readStream.format("rate").load().groupBy("value").count()
    writer = counts.writeStream.format("delta").outputMode("update").option("path", str(table))
    with pytest.raises((AnalysisException, StreamingQueryException), match="keyColumns"):
        writer.option("checkpointLocation", str(tmp_path / "checkpoint")).start()


def test_a_stream_goes_into_a_table_once_over_restarts(session: Session, table: Path, tmp_path: Path) -> None:
    session.range(20).write.parquet(str(tmp_path / "numbers"))
    for _ in range(2):
        numbers = session.readStream.schema("id BIGINT").parquet(str(tmp_path / "numbers"))
        query = (
            numbers.writeStream.format("delta")
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .option("deliveryGuarantee", "exactly-once")
            .trigger(availableNow=True)
            .start(str(table))
        )
        query.awaitTermination()
    assert _rows(table) == sorted([(n,) for n in range(20)], key=repr)
