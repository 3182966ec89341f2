"""Batch writes into files: what is replaced, and what is left when a write fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    CommitFailed,
    IllegalArgumentException,
    QueryExecutionException,
    StreamcoreError,
)
from streamcore.sinks.files.data_source import CsvSink, ParquetSink
from streamcore.spi.types import from_arrow_schema

_ROWS = pa.table({"day": ["mon", "tue", "mon", None], "n": [1, 2, 3, 4]})
_MODE = "spark.sql.sources.partitionOverwriteMode"


def written(folder: Path, table: pa.Table = _ROWS, *, overwrite: bool = False, **options: str) -> None:
    writer = ParquetSink({"path": str(folder), **options}).writer(from_arrow_schema(table.schema), overwrite)
    writer.commit([writer.write(iter(table.to_batches()))])


def data_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("part-*")}


def test_a_batch_write_appends_or_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert not ParquetSink({"path": str(folder)}).exists()
    for overwrite, files in ((False, 3), (False, 6), (True, 3)):
        written(folder, overwrite=overwrite, partitionBy='["day"]')
        assert len(data_files(folder)) == files
    assert ParquetSink({"path": str(folder)}).exists()
    assert sorted(path.name for path in folder.iterdir()) == [
        "_SUCCESS", "day=__HIVE_DEFAULT_PARTITION__", "day=mon", "day=tue",
    ]  # fmt: skip


# ---- dynamic overwrite ---------------------------------------------------------------------------


@pytest.fixture
def session() -> Any:
    session = Session.builder.master("local[2]").getOrCreate()
    yield session
    session.conf.unset(_MODE)


def overwritten(session: Session, folder: Path, *keys: str, row: str = "1, 'a', 'x'", **options: str) -> Any:
    """Eight rows in the partitions a to d, and a row written over them: what is there then."""
    rows = (
        "SELECT n, substr('abcd', n % 4 + 1, 1) AS p, substr('xy', n % 2 + 1, 1) AS q FROM range(8) AS t(n)"
    )
    session.sql(rows).selectExpr("CAST(n AS INT) n", "p", "q").write.partitionBy(*keys).parquet(str(folder))
    frame = session.sql(f"SELECT CAST(c1 AS INT) AS n, c2 AS p, c3 AS q FROM VALUES ({row}) AS t(c1, c2, c3)")
    frame.write.mode("overwrite").partitionBy(*keys).options(**options).parquet(str(folder))
    found = session.read.schema("n int, p string, q string").parquet(str(folder))
    return sorted(f"{n}{p}{q}" for n, p, q in found.collect())


# What PySpark 4.3 leaves of 0ax 1by 2cx 3dy 4ax 5by 6cx 7dy.
_OTHERS = ["1by", "2cx", "3dy", "5by", "6cx", "7dy"]


@pytest.mark.parametrize("mode", ["dynamic", "DYNAMIC"])
def test_a_dynamic_overwrite_replaces_the_partitions_that_it_has_rows_for(
    session: Session, tmp_path: Path, mode: str
) -> None:
    assert overwritten(session, tmp_path / "option", "p", partitionOverwriteMode=mode) == ["1ax", *_OTHERS]
    session.conf.set(_MODE, mode)
    assert overwritten(session, tmp_path / "conf", "p") == ["1ax", *_OTHERS]


def test_a_dynamic_overwrite_of_nested_partitions_replaces_the_innermost(
    session: Session, tmp_path: Path
) -> None:
    session.conf.set(_MODE, "dynamic")
    assert overwritten(session, tmp_path / "same", "p", "q") == ["1ax", *_OTHERS]
    there = overwritten(session, tmp_path / "new", "p", "q", row="9, 'a', 'z'")
    assert there == ["0ax", *_OTHERS[:3], "4ax", *_OTHERS[3:], "9az"]


def test_an_overwrite_replaces_everything_unless_it_is_dynamic(session: Session, tmp_path: Path) -> None:
    assert session.conf.get(_MODE) == "STATIC"
    assert overwritten(session, tmp_path / "default", "p") == ["1ax"]
    session.conf.set(_MODE, "dynamic")
    assert overwritten(session, tmp_path / "option", "p", partitionOverwriteMode="static") == ["1ax"]
    assert overwritten(session, tmp_path / "no-partitions") == ["1ax"]


def test_another_overwrite_mode_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(IllegalArgumentException, match=r"OUT_OF_RANGE_OF_OPTIONS.*'STATIC, DYNAMIC'"):
        session.conf.set(_MODE, "sometimes")
    with pytest.raises(IllegalArgumentException, match="partitionOverwriteMode='sometimes' must be one of"):
        overwritten(session, tmp_path / "out", "p", partitionOverwriteMode="sometimes")


def test_a_stream_is_not_asked_to_overwrite(tmp_path: Path) -> None:
    sink = ParquetSink({"path": str(tmp_path), "partitionOverwriteMode": "dynamic"})
    with pytest.raises(IllegalArgumentException, match="in batch writes only"):
        sink.streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)


# ---- failures ------------------------------------------------------------------------------------


def test_a_batch_write_that_is_given_up_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "old.parquet").write_bytes(b"old")
    writer = ParquetSink({"path": str(tmp_path)}).writer(from_arrow_schema(_ROWS.schema), overwrite=True)
    writer.abort([writer.write(iter(_ROWS.to_batches())), None])
    assert [path.name for path in tmp_path.iterdir()] == ["old.parquet"]


@pytest.mark.parametrize("options", [{}, {"partitionOverwriteMode": "dynamic"}], ids=["static", "dynamic"])
@pytest.mark.parametrize("renames", range(6))
def test_an_overwrite_that_fails_at_any_rename_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int, options: dict[str, str]
) -> None:
    folder = tmp_path / "out"
    written(folder, partitionBy='["day"]')
    before = sorted(folder.rglob("*"))
    rename, done = Path.rename, [0]

    def failing(self: Path, target: Path) -> Path:
        done[0] += 1
        if done[0] == renames + 1:
            raise OSError(28, "No space left on device", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(CommitFailed, match=r"No space left.*is as it was"):
        written(folder, overwrite=True, partitionBy='["day"]', **options)
    assert sorted(folder.rglob("*")) == before
    assert pq.read_table(folder).num_rows == 4


def test_what_cannot_be_put_back_is_kept_and_its_place_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    written(folder)
    (old,) = data_files(folder)
    rename, done = Path.rename, [0]

    def failing(self: Path, target: Path) -> Path:
        done[0] += 1
        if done[0] > 2:
            raise OSError(5, "Input/output error", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(CommitFailed, match=r"is in .*_temporary-.*move it back"):
        written(folder, overwrite=True)
    assert [path.name for path in folder.glob("_temporary-*/replaced/part-*")] == [old]


def test_a_query_that_fails_leaves_neither_files_nor_folders(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    frame = session.range(10).selectExpr("CAST(CAST(id AS STRING) || 'x' AS INT) AS n")
    with pytest.raises(StreamcoreError):
        frame.write.parquet(str(target))
    assert list(tmp_path.iterdir()) == []


def test_a_value_too_long_for_a_folders_name_is_an_error_that_shows_it(tmp_path: Path) -> None:
    rows = pa.table({"day": ["mon", "x" * 300], "n": [1, 2]})
    with pytest.raises(QueryExecutionException, match=r"'xxx.*partition column 'day'.*longer than 255 bytes"):
        written(tmp_path / "out", rows, partitionBy='["day"]')
    assert data_files(tmp_path) == set()


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    for overwrite in (False, True):
        with pytest.raises(AnalysisException, match="out is a file"):
            written(tmp_path / "out", overwrite=overwrite)


def test_a_data_set_without_rows_keeps_its_columns(session: Session, tmp_path: Path) -> None:
    session.createDataFrame([], "n int, s string").write.parquet(str(tmp_path / "parquet"))
    assert session.read.parquet(str(tmp_path / "parquet")).columns == ["n", "s"]
    writer = CsvSink({"path": str(tmp_path / "csv"), "header": "true"}).writer(
        from_arrow_schema(_ROWS.schema), overwrite=False
    )
    writer.commit([])
    (file,) = (tmp_path / "csv").glob("*.csv")
    assert file.read_text() == "day,n\n"
