from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.errors import AnalysisException, CheckpointMismatch, IllegalArgumentException
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.files.data_source import JsonSink, ParquetSink
from streamcore.sinks.files.formats import ParquetFormat
from streamcore.sinks.files.manifest_log import ManifestLog
from streamcore.sinks.files.settings import read_settings
from streamcore.sinks.files.stream_writer import FileStreamWriter
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.file_manifest import HIDDEN_FOLDER, read_manifest
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from streamcore.storage import open_storage
from streamcore.testing.clock import ManualClock

_ROWS = pa.table({"day": ["mon", "tue", "mon", None], "n": [1, 2, 3, 4]})


def _writer(folder: Path, run: str = "r1", query: str = "q", **options: Any) -> FileStreamWriter:
    sink = ParquetSink({"path": str(folder), **options})
    writer = sink.streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)
    writer.open(QueryIdentity(query, run, "append"))
    writer.last_committed()
    return writer


def _commit(writer: FileStreamWriter, batch_id: int, *tables: pa.Table) -> None:
    messages: list[Any] = [writer.write(iter(table.to_batches())) for table in tables]
    writer.commit_batch(messages, CommitRecord("q", batch_id, "{}"))


def _data_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("part-*")}


def _manifest_files(folder: Path) -> set[str]:
    manifest = read_manifest(open_storage(folder / HIDDEN_FOLDER))
    assert manifest is not None
    return {file.path for file in manifest.files}


def test_partition_columns_are_in_the_folders_and_not_in_the_files(tmp_path: Path) -> None:
    _commit(_writer(tmp_path, partitionBy='["day"]'), 0, _ROWS)
    found = {path.parent.name: pq.ParquetFile(path).read().to_pydict() for path in tmp_path.rglob("part-*")}
    assert found == {
        "day=mon": {"n": [1, 3]}, "day=tue": {"n": [2]}, "day=__HIVE_DEFAULT_PARTITION__": {"n": [4]},
    }  # fmt: skip
    assert _manifest_files(tmp_path) == _data_files(tmp_path)


def test_no_file_holds_more_than_the_asked_for_records(tmp_path: Path) -> None:
    table = pa.table({"day": ["x"] * 10, "n": range(10)})
    _commit(_writer(tmp_path, maxRecordsPerFile="4"), 0, table)
    counts = sorted(pq.ParquetFile(path).metadata.num_rows for path in tmp_path.glob("part-*"))
    assert counts == [2, 4, 4]
    rows = pa.concat_tables([pq.read_table(path) for path in sorted(tmp_path.glob("part-*"))])
    assert sorted(rows.column("n").to_pylist()) == list(range(10))


def test_thousands_of_partitions_do_not_need_thousands_of_open_files(tmp_path: Path) -> None:
    table = pa.table({"day": [f"d{i % 300}" for i in range(600)], "n": range(600)})
    _commit(_writer(tmp_path, partitionBy='["day"]'), 0, table)
    assert len({Path(name).parent for name in _manifest_files(tmp_path)}) == 300


def test_a_task_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Any:
        yield from _ROWS.to_batches()
        raise ValueError("bad row")

    writer = _writer(tmp_path, maxRecordsPerFile="1")
    with pytest.raises(ValueError, match="bad row"):
        writer.write(failing())
    assert _data_files(tmp_path) == set()


def test_garbage_of_crashed_runs_goes_and_files_of_other_queries_and_newer_runs_stay(tmp_path: Path) -> None:
    crashed = _writer(tmp_path, "crashed")
    (left,) = crashed.write(iter(_ROWS.to_batches())).files
    os.utime(tmp_path / left.path, (1, 1))
    foreign = tmp_path / "part-foreign-0.parquet"
    foreign.write_bytes(b"")
    writer = _writer(tmp_path, "next")
    _commit(writer, 0, _ROWS)
    staged = writer.write(iter(_ROWS.to_batches()))
    newer = _writer(tmp_path, "newer").write(iter(_ROWS.to_batches()))
    writer.collect_garbage()
    staged.files += newer.files
    expected = _manifest_files(tmp_path) | {foreign.name} | {file.path for file in staged.files}
    assert _data_files(tmp_path) == expected


def test_files_of_rewound_batches_stay_for_readers_until_the_delay_is_over(tmp_path: Path) -> None:
    clock = ManualClock(1_000)
    options = Options({"path": str(tmp_path), "cleanupDelayMs": "500"})
    writer = FileStreamWriter(
        read_settings(options),
        nullable_schema(_ROWS.schema),
        ParquetFormat("snappy"),
        "parquet",
        lambda: ManifestLog(open_storage(tmp_path / HIDDEN_FOLDER), str(tmp_path)),
        clock,
    )
    writer.open(QueryIdentity("q", "r", "append"))
    _commit(writer, 0, _ROWS)
    _commit(writer, 1, _ROWS)
    before = _data_files(tmp_path)
    writer.rewind(CommitRecord("q", 0, "{}"))
    writer.collect_garbage()
    clock.advance(0.499)
    writer.collect_garbage()
    assert _data_files(tmp_path) == before
    clock.advance(0.001)
    writer.collect_garbage()
    assert _data_files(tmp_path) == _manifest_files(tmp_path)
    assert len(_data_files(tmp_path)) == 1


def test_a_folder_with_files_that_readers_would_lose_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old.parquet").write_bytes(b"")
    with pytest.raises(AnalysisException, match=r"a/old\.parquet"):
        _writer(tmp_path)
    (tmp_path / "a" / "old.parquet").rename(tmp_path / "_SUCCESS")
    _writer(tmp_path)


def test_a_new_checkpoint_over_an_old_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    _commit(_writer(tmp_path), 0, _ROWS)
    with pytest.raises(CheckpointMismatch, match=r"query q, not of this one \(q2\).*another folder"):
        _writer(tmp_path, query="q2")


def test_a_folder_keeps_its_layout(tmp_path: Path) -> None:
    _writer(tmp_path)
    with pytest.raises(AnalysisException, match="partition_by"):
        _writer(tmp_path, partitionBy='["day"]')


def test_a_batch_write_into_a_streaming_folder_is_refused(tmp_path: Path) -> None:
    _writer(tmp_path)
    for overwrite in (False, True):
        with pytest.raises(AnalysisException, match="output of a streaming query"):
            ParquetSink({"path": str(tmp_path)}).writer(from_arrow_schema(_ROWS.schema), overwrite=overwrite)


def test_a_batch_write_appends_or_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    sink = ParquetSink({"path": str(folder), "partitionBy": '["day"]'})
    assert not sink.exists()
    for overwrite, files in ((False, 3), (False, 6), (True, 3)):
        writer = sink.writer(from_arrow_schema(_ROWS.schema), overwrite=overwrite)
        writer.commit([writer.write(iter(_ROWS.to_batches()))])
        assert len(_data_files(folder)) == files
    assert sink.exists()
    assert sorted(path.name for path in folder.iterdir()) == [
        "_SUCCESS", "day=__HIVE_DEFAULT_PARTITION__", "day=mon", "day=tue",
    ]  # fmt: skip


def test_a_batch_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    sink = ParquetSink({"path": str(tmp_path)})
    (tmp_path / "old.parquet").write_bytes(b"old")
    writer = sink.writer(from_arrow_schema(_ROWS.schema), overwrite=True)
    writer.abort([writer.write(iter(_ROWS.to_batches())), None])
    assert [path.name for path in tmp_path.iterdir()] == ["old.parquet"]


def test_a_pickled_writer_can_stage_for_the_original(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    copy = pickle.loads(pickle.dumps(writer))
    writer.commit_batch([copy.write(iter(_ROWS.to_batches()))], CommitRecord("q", 0, "{}"))
    assert _manifest_files(tmp_path) == _data_files(tmp_path) != set()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, IllegalArgumentException, "needs the option 'path'"),
        ({"path": "x", "compresion": "gzip"}, IllegalArgumentException, "did you mean 'compression'"),
        ({"path": "x", "partitionBy": "day"}, IllegalArgumentException, "JSON list"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ParquetSink(options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"partitionBy": '["nope"]'}, "'nope' is not in the data"),
        ({"partitionBy": '["day","n"]'}, "cannot use all columns"),
        ({"compression": "rar"}, "must be one of snappy"),
    ],
)
def test_options_that_do_not_fit_the_data_are_refused(
    options: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises((AnalysisException, IllegalArgumentException), match=words):
        _writer(tmp_path, **options)


def test_another_encoding_than_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IllegalArgumentException, match="UTF-8 only"):
        JsonSink({"path": str(tmp_path), "encoding": "latin1"})
