from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    CommitFailed,
    CommitStateUnknown,
    IllegalArgumentException,
)
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.files.data_source import JsonSink, ParquetSink
from streamcore.sinks.files.formats import ParquetFormat
from streamcore.sinks.files.manifest_log import ManifestLog
from streamcore.sinks.files.settings import read_settings
from streamcore.sinks.files.stream_writer import FileStreamWriter
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.file_manifest import HIDDEN_FOLDER, REWOUND, STAGING, read_manifest, staged_path
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from streamcore.storage import open_storage
from streamcore.testing.clock import ManualClock

_ROWS = pa.table({"day": ["mon", "tue", "mon", None], "n": [1, 2, 3, 4]})


def _writer(folder: Path, run: str = "r1", query: str = "q", **options: Any) -> FileStreamWriter:
    sink = ParquetSink({"path": str(folder), **options})
    writer = sink.streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)
    assert isinstance(writer, FileStreamWriter)
    writer.open(QueryIdentity(query, run, "append"))
    writer.last_committed()
    return writer


def _commit(writer: FileStreamWriter, batch_id: int, *tables: pa.Table) -> None:
    messages: list[Any] = [writer.write(iter(table.to_batches())) for table in tables]
    writer.commit_batch(messages, CommitRecord("q", batch_id, "{}"))


def _data_files(folder: Path) -> set[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("part-*"))
    return {path for path in found if not path.startswith(HIDDEN_FOLDER)}


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _staged_files(folder: Path) -> set[str]:
    return _names(folder / HIDDEN_FOLDER / STAGING)


def _manifest_files(folder: Path) -> set[str]:
    manifest = read_manifest(open_storage(folder / HIDDEN_FOLDER))
    assert manifest is not None
    return {file.path for file in manifest.files}


def test_a_folder_that_vanishes_under_a_write_is_no_matter_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanished(path: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr("streamcore.sinks.files.staging.sync_folder", vanished)
    writer = _writer(tmp_path)
    with pytest.raises(CommitFailed, match="another run of this query has taken over"):
        writer.write(iter(_ROWS.to_batches()))


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
    assert _data_files(tmp_path) == _staged_files(tmp_path) == set()


def test_garbage_of_crashed_runs_goes_and_files_of_other_queries_and_newer_runs_stay(tmp_path: Path) -> None:
    crashed = _writer(tmp_path, "crashed")
    crashed.write(iter(_ROWS.to_batches()))
    (left,) = _staged_files(tmp_path)
    os.utime(tmp_path / HIDDEN_FOLDER / STAGING / left, (1, 1))
    foreign = tmp_path / "part-foreign-0.parquet"
    foreign.write_bytes(b"")
    writer = _writer(tmp_path, "next")
    _commit(writer, 0, _ROWS)
    writer.write(iter(_ROWS.to_batches()))
    _writer(tmp_path, "newer").write(iter(_ROWS.to_batches()))
    writer.collect_garbage()
    assert _data_files(tmp_path) == _manifest_files(tmp_path) | {foreign.name}
    assert len(_staged_files(tmp_path) - {left}) == len(_staged_files(tmp_path)) == 2


def test_what_an_earlier_release_left_in_the_final_folders_is_garbage_too(tmp_path: Path) -> None:
    crashed = _writer(tmp_path, "crashed")
    (left,) = crashed.write(iter(_ROWS.to_batches())).files
    (tmp_path / HIDDEN_FOLDER / staged_path(left.path)).rename(tmp_path / left.path)
    os.utime(tmp_path / left.path, (1, 1))
    writer = _writer(tmp_path, "next")
    _commit(writer, 0, _ROWS)
    writer.collect_garbage()
    assert _data_files(tmp_path) == _manifest_files(tmp_path)


def test_a_folder_that_an_earlier_release_wrote_is_continued(tmp_path: Path) -> None:
    _commit(_writer(tmp_path), 0, _ROWS)
    hidden = tmp_path / HIDDEN_FOLDER
    (hidden / "run.json").rename(hidden / "opened")
    (hidden / STAGING).rmdir()
    writer = _writer(tmp_path, "next")
    assert writer.last_committed() == CommitRecord("q", 0, "{}")
    _commit(writer, 1, _ROWS)
    assert _ordinary(tmp_path) == 8


# ---- those who list the folder without knowing of manifests ---------------------------------------


def _ordinary(folder: Path) -> int:
    """How many rows pyarrow, and DuckDB by the broadest pattern, find in the folder."""
    by_duckdb = duckdb.sql(f"SELECT count(*) FROM read_parquet('{folder}/**/*.parquet')").fetchone()
    assert by_duckdb is not None
    found: int = pq.read_table(folder).num_rows
    assert found == by_duckdb[0]
    return found


def test_an_ordinary_reader_sees_committed_rows_only(tmp_path: Path) -> None:
    writer = _writer(tmp_path, partitionBy='["day"]')
    _commit(writer, 0, _ROWS)
    messages: list[Any] = [writer.write(iter(_ROWS.to_batches()))]
    assert _ordinary(tmp_path) == 4
    writer.commit_batch(messages, CommitRecord("q", 1, "{}"))
    assert _ordinary(tmp_path) == 8
    assert _staged_files(tmp_path) == set()


def test_an_ordinary_reader_sees_no_row_of_a_rewound_batch(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    for batch_id in range(3):
        _commit(writer, batch_id, _ROWS)
    writer.rewind(CommitRecord("q", 0, "{}"))
    assert _ordinary(tmp_path) == 4
    for batch_id in (1, 2):
        _commit(writer, batch_id, _ROWS)
    assert _ordinary(tmp_path) == 12


def test_files_that_a_crash_left_behind_their_commit_are_moved_by_the_next_start(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    _commit(writer, 0, _ROWS)
    (name,) = _data_files(tmp_path)
    (tmp_path / name).rename(tmp_path / HIDDEN_FOLDER / staged_path(name))
    _writer(tmp_path, "next")
    assert _data_files(tmp_path) == {name}
    assert _ordinary(tmp_path) == 4


def test_files_that_a_crashed_rewind_left_in_sight_are_hidden_by_the_next_start(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    for batch_id in range(2):
        _commit(writer, batch_id, _ROWS)
    log = ManifestLog(open_storage(tmp_path / HIDDEN_FOLDER), str(tmp_path))
    log.rewind(0, "{}", now_ms=1)
    assert _ordinary(tmp_path) == 8
    _writer(tmp_path, "next")
    assert _ordinary(tmp_path) == 4


def test_a_failed_attempt_leaves_nothing_even_when_no_message_tells_of_its_tasks(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    writer.write(iter(_ROWS.to_batches()))
    writer.abort([], 0)
    assert _staged_files(tmp_path) == set()


def test_a_batch_in_flight_at_a_takeover_is_refused_and_removed(tmp_path: Path) -> None:
    old = _writer(tmp_path, "old")
    messages: list[Any] = [old.write(iter(_ROWS.to_batches()))]
    new = _writer(tmp_path, "new")
    with pytest.raises(CheckpointFenced, match="another run of this query has taken over"):
        old.commit_batch(messages, CommitRecord("q", 0, "{}"))
    assert _staged_files(tmp_path) == set()
    _commit(new, 0, _ROWS)
    assert _ordinary(tmp_path) == 4


def test_a_committed_batch_that_cannot_be_moved_is_moved_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = _writer(tmp_path)
    messages: list[Any] = [writer.write(iter(_ROWS.to_batches()))]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", _refusing)
        with pytest.raises(CommitStateUnknown, match=r"is committed.*start the query again"):
            writer.commit_batch(messages, CommitRecord("q", 0, "{}"))
    again = _writer(tmp_path, "next")
    assert again.last_committed() == CommitRecord("q", 0, "{}")
    assert _ordinary(tmp_path) == 4


def _refusing(self: Path, target: Path) -> Path:
    raise OSError(28, "No space left on device", str(self))


def test_files_of_rewound_batches_are_kept_out_of_sight_until_the_delay_is_over(tmp_path: Path) -> None:
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
    writer.rewind(CommitRecord("q", 0, "{}"))
    clock.advance(0.499)
    writer.collect_garbage()
    assert len(_names(tmp_path / HIDDEN_FOLDER / REWOUND)) == 1
    clock.advance(0.001)
    writer.collect_garbage()
    assert _names(tmp_path / HIDDEN_FOLDER / REWOUND) == set()
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
        ({"partitionBy": '["day","n"]'}, "Cannot use all columns"),
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
