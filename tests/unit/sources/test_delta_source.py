"""What is read of Delta tables: versions, what comes to them, what changes in them, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    IllegalArgumentException,
    OffsetsLost,
    StreamcoreError,
    UnsupportedOperationException,
)
from streamcore.sources.delta.changes import SourceChanged
from streamcore.sources.delta.source import DeltaDataSource
from streamcore.sources.delta.stream_reader import DeltaStreamReader
from streamcore.spi.filters import EqualTo, GreaterThan, In
from streamcore.spi.limits import ReadAllAvailable
from streamcore.spi.options import Options

FEED = {"delta.enableChangeDataFeed": "true"}


@pytest.fixture
def session() -> Session:
    return Session.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC").getOrCreate()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table"


def _add(table: Path, *numbers: int, **options: Any) -> None:
    write_deltalake(table, pa.table({"n": numbers}), mode="append", **options)


def _read(session: Session, table: Path, **options: Any) -> list[Any]:
    frame = session.read.format("delta").options(**options).load(str(table))
    return sorted(tuple(row) for row in frame.collect())


def _reader(table: Path, **options: str) -> DeltaStreamReader:
    source = DeltaDataSource(Options({"path": str(table), **options}))
    reader = source.streamReader(source.schema())
    assert isinstance(reader, DeltaStreamReader)
    return reader


def _batches(reader: DeltaStreamReader, start: Any = None) -> Iterator[list[tuple[Any, ...]]]:
    """The micro-batches from a start to the newest version, each as its rows."""
    start = start or reader.initialOffset()
    while (end := reader.latestOffset(start, reader.getDefaultReadLimit())) != start:
        yield _rows(reader, start, end)
        start = end


def _rows(reader: DeltaStreamReader, start: Any, end: Any) -> list[tuple[Any, ...]]:
    found = [batch for part in reader.partitions(start, end) for batch in reader.read(part)]
    return sorted((tuple(row.values()) for batch in found for row in batch.to_pylist()), key=repr)


# ---- batches ---------------------------------------------------------------------------------------


def test_a_table_is_read_as_it_is_and_as_it_was(session: Session, table: Path) -> None:
    _add(table, 1)
    _add(table, 2)
    assert _read(session, table) == [(1,), (2,)]
    assert _read(session, table, versionAsOf=0) == [(1,)]
    first = DeltaTable(table).history()[1]["timestamp"]
    instant = dt.datetime.fromtimestamp(first / 1000, dt.UTC)
    assert _read(session, table, timestampAsOf=instant.isoformat()) == [(1,)]
    assert _read(session, table, timestampAsOf=f"{instant:%Y-%m-%d %H:%M:%S.%f}") == [(1,)]


def test_a_version_that_is_not_there_is_refused(session: Session, table: Path) -> None:
    _add(table, 1)
    with pytest.raises(AnalysisException, match=r"DELTA_VERSION_NOT_FOUND.*version 7.*\[0, 0\]"):
        _read(session, table, versionAsOf=7)
    with pytest.raises(AnalysisException, match="DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION"):
        _read(session, table, timestampAsOf="2001-01-01")
    with pytest.raises(AnalysisException, match="DELTA_TIMESTAMP_GREATER_THAN_COMMIT"):
        _read(session, table, timestampAsOf="2201-01-01")
    with pytest.raises(AnalysisException, match="DELTA_PATH_DOES_NOT_EXIST"):
        _read(session, table.with_name("another"))


def test_columns_that_came_later_are_null_in_older_files(session: Session, table: Path) -> None:
    _add(table, 1)
    more = pa.table({"n": [2], "p": ["x"]})
    write_deltalake(table, more, mode="append", schema_mode="merge")
    frame = session.read.format("delta").load(str(table))
    assert sorted(tuple(row) for row in frame.where("n < 2 or p = 'x'").collect()) == [(1, None), (2, "x")]
    assert [row.p for row in frame.select("p").where("p is not null").collect()] == ["x"]


def test_files_that_cannot_hold_a_row_of_a_filter_are_not_read(table: Path) -> None:
    for n in range(5):
        write_deltalake(table, pa.table({"n": [n], "p": [f"p{n}"]}), mode="append", partition_by=["p"])
    source = DeltaDataSource(Options({"path": str(table)}))

    def read(*filters: Any) -> int:
        reader: Any = source.reader(source.schema())
        assert list(reader.pushFilters(list(filters))) == list(filters), (
            "they are applied to the rows as well"
        )
        return sum(len(part.paths) for part in reader.partitions())

    assert read() == 5
    assert read(EqualTo(("n",), 3)) == 1
    assert read(GreaterThan(("n",), 2)) == 2
    assert read(In(("p",), ("p1", "p4"))) == 2
    assert read(EqualTo(("n",), 3), EqualTo(("p",), "p4")) == 0


def test_the_changes_of_a_range_of_versions_are_read(session: Session, table: Path) -> None:
    _add(table, 1, 2, configuration=FEED)
    DeltaTable(table).update({"n": "n + 10"}, predicate="n = 2")
    DeltaTable(table).delete("n = 1")
    feed = session.read.format("delta").option("readChangeFeed", True)
    found = feed.option("startingVersion", 0).load(str(table))
    assert found.columns == ["n", "_change_type", "_commit_version", "_commit_timestamp"]
    rows = sorted(tuple(row)[:3] for row in found.collect())
    assert rows == [
        (1, "delete", 2), (1, "insert", 0),
        (2, "insert", 0), (2, "update_preimage", 1), (12, "update_postimage", 1),
    ]  # fmt: skip
    one = feed.option("startingVersion", 2).option("endingVersion", 2).load(str(table))
    assert one.count() == 1


def test_a_change_feed_that_is_not_recorded_or_has_no_start_is_refused(session: Session, table: Path) -> None:
    _add(table, 1)
    with pytest.raises(AnalysisException, match="DELTA_MISSING_CHANGE_DATA"):
        _read(session, table, readChangeFeed=True, startingVersion=0)
    with pytest.raises(AnalysisException, match="DELTA_NO_START_FOR_CDC_READ"):
        _read(session, table, readChangeFeed=True)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"noSuchOption": "1"}, IllegalArgumentException),
        ({"maxFilesPerTrigger": "1"}, IllegalArgumentException),
        ({"startingVersion": "0"}, IllegalArgumentException),
        ({"schemaTrackingLocation": "x"}, UnsupportedOperationException),
        ({"versionAsOf": "0", "timestampAsOf": "2024-01-01"}, IllegalArgumentException),
        ({"timestampAsOf": "yesterday"}, AnalysisException),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused(
    session: Session, table: Path, options: dict[str, str], error: type[StreamcoreError]
) -> None:
    _add(table, 1)
    with pytest.raises(error):
        _read(session, table, **options)


def test_a_schema_of_the_users_own_is_refused(session: Session, table: Path) -> None:
    _add(table, 1)
    with pytest.raises(AnalysisException, match="DELTA_UNSUPPORTED_SCHEMA_DURING_READ"):
        session.read.format("delta").schema("n string").load(str(table)).collect()


def test_a_table_with_other_names_in_its_files_is_refused(session: Session, table: Path) -> None:
    _add(table, 1)
    first = table / "_delta_log" / f"{0:020d}.json"
    text = first.read_text()
    assert '"configuration":{}' in text
    first.write_text(
        text.replace('"configuration":{}', '"configuration":{"delta.columnMapping.mode":"name"}')
    )
    with pytest.raises(UnsupportedOperationException, match=r"delta\.columnMapping\.mode=name"):
        _read(session, table)
    with pytest.raises(UnsupportedOperationException, match=r"delta\.columnMapping\.mode=name"):
        _reader(table, startingVersion="0").initialOffset()


# ---- streams ---------------------------------------------------------------------------------------


def test_the_first_version_is_read_as_it_is_and_then_what_is_added(table: Path) -> None:
    _add(table, 1)
    _add(table, 2)
    DeltaTable(table).delete("n = 1")
    reader = _reader(table)
    start = reader.initialOffset()
    assert start["isStartingVersion"] is True
    assert list(_batches(reader, start)) == [[(2,)]]
    _add(table, 3)
    DeltaTable(table).optimize.compact()
    _add(table, 4)
    assert list(_batches(reader, start)) == [[(2,), (3,), (4,)]]


def test_a_batch_is_no_larger_than_its_limits(table: Path) -> None:
    for n in range(5):
        _add(table, n)
    assert list(map(len, _batches(_reader(table, maxFilesPerTrigger="2")))) == [2, 2, 1]
    size = next(iter(DeltaTable(table)._table.get_add_file_sizes().values()))
    assert list(map(len, _batches(_reader(table, maxBytesPerTrigger=str(size * 3))))) == [3, 2]
    reader = _reader(table, maxFilesPerTrigger="2")
    start = reader.initialOffset()
    assert len(_rows(reader, start, reader.latestOffset(start, ReadAllAvailable()))) == 5


def test_a_stream_starts_where_it_is_told(table: Path) -> None:
    for n in range(3):
        _add(table, n)
    assert list(_batches(_reader(table, startingVersion="1"))) == [[(1,), (2,)]]
    assert list(_batches(_reader(table, startingVersion="latest"))) == []
    at = dt.datetime.fromtimestamp(DeltaTable(table).history()[0]["timestamp"] / 1000, dt.UTC)
    assert next(_batches(_reader(table, startingTimestamp=at.isoformat())))[-1:] == [(2,)]
    with pytest.raises(AnalysisException, match="DELTA_VERSION_NOT_FOUND"):
        _reader(table, startingVersion="9").initialOffset()


@pytest.mark.parametrize(
    ("change", "condition", "options"),
    [
        ("delete", "DELTA_SOURCE_IGNORE_DELETE", {"ignoreDeletes": [(1,)], "skipChangeCommits": [(1,)]}),
        (
            "update",
            "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
            {"ignoreChanges": [(1,), (11,)], "skipChangeCommits": [(1,)]},
        ),
    ],
)
def test_rows_that_go_or_change_stop_a_stream_unless_it_is_told_otherwise(
    table: Path, change: str, condition: str, options: dict[str, list[Any]]
) -> None:
    _add(table, 1)
    if change == "delete":
        DeltaTable(table).delete()
    else:
        DeltaTable(table).update({"n": "n + 10"})
    with pytest.raises(SourceChanged, match=condition):
        list(_batches(_reader(table, startingVersion="0")))
    for option, expected in options.items():
        [rows] = _batches(_reader(table, startingVersion="0", **{option: "true"}))
        assert rows == expected


def test_files_of_a_pattern_are_left_out(table: Path) -> None:
    for name in ("x", "y"):
        write_deltalake(table, pa.table({"n": [1], "p": [name]}), mode="append", partition_by=["p"])
    assert list(_batches(_reader(table, excludeRegex="p=x/"))) == [[(1, "y")]]


def test_a_column_that_comes_stops_a_stream_that_does_not_know_it(table: Path) -> None:
    _add(table, 1)
    reader = _reader(table)
    assert list(_batches(reader)) == [[(1,)]]
    write_deltalake(table, pa.table({"n": [2], "z": [0.5]}), mode="append", schema_mode="merge")
    with pytest.raises(SourceChanged, match="DELTA_SCHEMA_CHANGED_WITH_VERSION"):
        list(_batches(reader, reader.initialOffset() | {"reservoirVersion": 1, "isStartingVersion": False}))
    assert list(_batches(_reader(table, startingVersion="0"))) == [[(1, None), (2, 0.5)]]


def test_a_stream_of_changes_begins_with_all_rows_as_inserted(table: Path) -> None:
    _add(table, 1, configuration=FEED)
    reader = _reader(table, readChangeFeed="true")
    start = reader.initialOffset()
    DeltaTable(table).update({"n": "n + 10"})
    [rows] = _batches(reader, start)
    assert [row[:3] for row in rows] == [
        (1, "insert", 0), (1, "update_preimage", 1), (11, "update_postimage", 1)
    ]  # fmt: skip


def test_what_was_cleaned_up_is_lost_and_not_passed_over_in_silence(table: Path) -> None:
    for n in range(4):
        _add(table, n)
    start = _reader(table, startingVersion="0").initialOffset()
    DeltaTable(table).create_checkpoint()
    for version in range(2):
        (table / "_delta_log" / f"{version:020d}.json").unlink()
    reader = _reader(table)
    with pytest.raises(OffsetsLost, match="starts at 2"):
        reader.latestOffset(start, ReadAllAvailable())
    end = start | {"reservoirVersion": 2}
    with pytest.raises(OffsetsLost):
        reader.partitions(start, end)
    lenient = _reader(table, failOnDataLoss="false")
    assert list(_batches(lenient, start)) == [[(2,), (3,)]]


def test_a_file_that_was_vacuumed_is_lost(table: Path) -> None:
    _add(table, 1)
    reader = _reader(table, startingVersion="0")
    start = reader.initialOffset()
    end = reader.latestOffset(start, ReadAllAvailable())
    DeltaTable(table).delete()
    DeltaTable(table).vacuum(0, dry_run=False, enforce_retention_duration=False)
    with pytest.raises(OffsetsLost, match="vacuumed"):
        _rows(reader, start, end)


def test_another_table_in_the_place_is_refused(table: Path, tmp_path: Path) -> None:
    _add(table, 1)
    _add(tmp_path / "another", 1)
    start = _reader(table).initialOffset()
    with pytest.raises(CheckpointMismatch, match="DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE"):
        _reader(tmp_path / "another").latestOffset(start, ReadAllAvailable())
    with pytest.raises(CheckpointMismatch, match="another kind of source"):
        _reader(table).latestOffset({"logOffset": 1}, ReadAllAvailable())


def test_rows_go_from_table_to_table_once_over_restarts(
    session: Session, table: Path, tmp_path: Path
) -> None:
    def run() -> None:
        rows = session.readStream.format("delta").option("maxFilesPerTrigger", 1).load(str(table))
        writer = rows.selectExpr("n * 2 AS twice").writeStream.format("delta").trigger(availableNow=True)
        writer.option("checkpointLocation", str(tmp_path / "checkpoint")).start(
            str(tmp_path / "copy")
        ).awaitTermination()

    for n in range(3):
        _add(table, n)
    run()
    _add(table, 3)
    run()
    run()
    assert _read(session, tmp_path / "copy") == [(0,), (2,), (4,), (6,)]
