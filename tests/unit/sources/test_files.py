"""Files as streams and as batches."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import (
    AnalysisException,
    CheckpointCorrupted,
    CheckpointFenced,
    CheckpointMismatch,
    IllegalArgumentException,
    MalformedRecordException,
    OffsetsLost,
    StreamcoreError,
)
from streamcore.sources.files.file_log import FileLog, LoggedFile
from streamcore.sources.files.folder_watch import FolderWatch
from streamcore.sources.files.listing import Place, list_files
from streamcore.sources.files.packing import pack
from streamcore.sources.files.source import (
    CsvDataSource,
    FileDataSource,
    JsonDataSource,
    ParquetDataSource,
    TextDataSource,
)
from streamcore.spi.file_manifest import HIDDEN_FOLDER, OWNER, SEGMENTS, DataFile, Segment, encode, seal
from streamcore.spi.limits import ReadAllAvailable
from streamcore.spi.types import StructType, parse_ddl
from streamcore.storage.memory import MemoryStorage
from tests.scans import scan_rows, split_rows


def rows(source: FileDataSource, schema: str | None = None) -> list[tuple[Any, ...]]:
    """All rows of a batch read; where the partition can be read as SQL, both ways must agree."""
    wanted = parse_ddl(schema) if schema else source.schema()
    assert isinstance(wanted, StructType)
    reader: Any = source.reader(wanted)
    found: list[tuple[Any, ...]] = []
    for part in reader.partitions():
        read = [tuple(row.values()) for batch in reader.read(part) for row in batch.to_pylist()]
        scan = part.sql_scan(wanted.fieldNames())
        if scan is not None:
            with SlotEngine() as engine:
                tables = [scan_rows(engine, scan), *split_rows(engine, scan)]
            for table in tables:
                assert sorted(map(repr, read)) == sorted(
                    repr(tuple(row.values())) for row in table.to_pylist()
                )
        found += read
    return found


def write_json(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in records))
    return path


def values(source: FileDataSource) -> list[Any]:
    return sorted(row[0] for row in rows(source, "n int"))


# ---- which files count ---------------------------------------------------------------------------


def test_hidden_files_and_copies_in_flight_do_not_count(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"n": 1})
    for name in ("_b.json", ".c.json", "d.json._COPYING_", "_logs/f.json"):
        write_json(tmp_path / name, {"n": 2})
    assert values(JsonDataSource({"path": str(tmp_path)})) == [1]


@pytest.mark.parametrize("ending", [".tmp", ".inprogress"])
def test_files_in_flight_are_read_by_batches_and_not_by_streams(tmp_path: Path, ending: str) -> None:
    path = write_json(tmp_path / f"a.json{ending}", {"n": 1})
    assert values(JsonDataSource({"path": str(tmp_path)})) == [1]
    reader = stream(tmp_path)
    assert reader.latestOffset(reader.initialOffset(), ReadAllAvailable()) == reader.initialOffset()
    path.rename(tmp_path / "a.json")
    assert batches(stream(tmp_path)) == [[1]]


def test_nested_folders_are_read_when_asked(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"n": 1})
    write_json(tmp_path / "deep/er/b.json", {"n": 2})
    assert values(JsonDataSource({"path": str(tmp_path)})) == [1]
    assert values(JsonDataSource({"path": str(tmp_path), "recursiveFileLookup": "true"})) == [1, 2]


def test_globs_lists_and_name_filters_choose_files(tmp_path: Path) -> None:
    for n, name in enumerate(["x1.json", "x2.json", "y[1].json"]):
        write_json(tmp_path / name, {"n": n})
    assert values(JsonDataSource({"path": f"{tmp_path}/x*.json"})) == [0, 1]
    assert values(JsonDataSource({"path": str(tmp_path), "pathGlobFilter": "y*"})) == [2]
    assert values(JsonDataSource({"paths": json.dumps([f"{tmp_path}/x1.json"])})) == [0]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match=r"PATH_NOT_FOUND.*nowhere"):
        rows(JsonDataSource({"path": f"{tmp_path}/nowhere"}), "n int")


def test_values_in_folder_names_become_columns(tmp_path: Path) -> None:
    write_json(tmp_path / "day=2026-01-31/city=K%C3%B6ln/a.json", {"n": 1})
    write_json(tmp_path / "day=2026-02-01/city=__HIVE_DEFAULT_PARTITION__/b.json", {"n": 2})
    source = JsonDataSource({"path": str(tmp_path)})
    assert source.schema() == parse_ddl("n bigint, day date, city string")
    assert [(n, str(day), city) for n, day, city in rows(source)] == [
        (1, "2026-01-31", "Köln"), (2, "2026-02-01", None),
    ]  # fmt: skip
    assert rows(source, "city string, n int") == [("Köln", 1), (None, 2)]


def test_folders_that_disagree_about_partition_columns_are_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "a=1/x.json", {"n": 1})
    write_json(tmp_path / "b=1/x.json", {"n": 1})
    with pytest.raises(AnalysisException, match="disagree"):
        JsonDataSource({"path": str(tmp_path)}).schema()


def test_small_files_share_a_partition_and_large_ones_do_not() -> None:
    class Sized:
        def __init__(self, size: int) -> None:
            self.size = size

    small, large = [Sized(1000) for _ in range(40)], [Sized(200 << 20), Sized(200 << 20)]
    assert len(pack(small, 2, lambda _: 0)) == 2
    assert [len(group) for group in pack(large, 2, lambda _: 0)] == [1, 1]


def test_an_option_that_is_not_supported_is_refused_by_name(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"n": 1})
    with pytest.raises(IllegalArgumentException, match="locale"):
        rows(JsonDataSource({"path": str(tmp_path), "locale": "de"}), "n int")
    with pytest.raises(IllegalArgumentException, match="maxFilesPerTrigger has a meaning in streams only"):
        rows(JsonDataSource({"path": str(tmp_path), "maxFilesPerTrigger": "1"}), "n int")


# ---- formats -------------------------------------------------------------------------------------

BAD = ['{"n": 1, "s": "a"}', '{"n": "no", "s": "b"}', "{broken", '{"n": 1.5}', "", '[{"n": 7}, {"n": 8}]']


def test_permissive_json_keeps_what_fits_and_the_text_of_the_rest(tmp_path: Path) -> None:
    source = JsonDataSource({"path": str(write_json(tmp_path / "a.json", *BAD))})
    assert rows(source, "n int, s string") == [
        (1, "a"), (None, "b"), (None, None), (None, None), (7, None), (8, None),
    ]  # fmt: skip
    corrupt = [row[1] for row in rows(source, "n int, _corrupt_record string")]
    assert corrupt == [None, BAD[1], BAD[2], BAD[3], None, None]


def test_dropmalformed_json_drops_and_failfast_json_fails(tmp_path: Path) -> None:
    path = str(write_json(tmp_path / "a.json", *BAD))
    assert rows(JsonDataSource({"path": path, "mode": "dropmalformed"}), "n int") == [(1,), (7,), (8,)]
    with pytest.raises(MalformedRecordException, match="FAILFAST"):
        rows(JsonDataSource({"path": path, "mode": "FAILFAST"}), "n int")


@pytest.mark.parametrize("other", [{"n": 1}, "{broken"])
def test_json_values_of_another_kind_are_null_beside_any_other(tmp_path: Path, other: Any) -> None:
    path = write_json(tmp_path / "a.json", {"n": "12"}, {"n": True}, {"n": 2.5}, {"n": 9**12}, other)
    assert [n for (n,) in rows(JsonDataSource({"path": str(path)}), "n int")][:4] == [None] * 4


def test_json_documents_are_read_whole_with_multiLine(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[\n {"n": 1},\n {"n": 2}\n]')
    (tmp_path / "b.json").write_text('{\n "n": 3}')
    assert values(JsonDataSource({"path": str(tmp_path), "multiLine": "true"})) == [1, 2, 3]


def test_gzipped_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'{"n": 1}\n{"n": 2}\n'))
    assert values(JsonDataSource({"path": str(tmp_path)})) == [1, 2]
    (tmp_path / "b.json.zst").write_bytes(b"x")
    with pytest.raises(StreamcoreError, match="gzip"):
        values(JsonDataSource({"path": str(tmp_path)}))


def test_the_schema_of_json_is_found_by_sparks_rules(tmp_path: Path) -> None:
    path = write_json(
        tmp_path / "a.json",
        {"z": 1, "a": {"q": None, "p": []}},
        {"z": 1.5, "a": {"p": [1, 2.5]}, "none": None, "mix": 1},
        {"mix": "x", "a": {"q": [{"u": 1}]}},
    )
    assert JsonDataSource({"path": str(path)}).schema() == parse_ddl(
        "a struct<p: array<double>, q: array<struct<u: bigint>>>, mix string, none string, z double"
    )


def test_records_unlike_the_first_ones_count_in_the_schema(tmp_path: Path) -> None:
    usual = [{"a": n, "b": "x"} for n in range(300)]
    path = write_json(
        tmp_path / "a.json", *usual, {"a": 1.5, "b": "x"}, {"a": 1, "b": "x", "c": True}, "{bad"
    )
    assert JsonDataSource({"path": str(path)}).schema() == parse_ddl(
        "_corrupt_record string, a double, b string, c boolean"
    )


def test_csv_is_taken_apart_as_spark_does_it(tmp_path: Path) -> None:
    lines = ['1,"a,b",x', "2", '3,"",x,too,many', r'4,"q\"q"', '5,"q""q"', "six,s", "", "7,"]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    source = CsvDataSource({"path": str(tmp_path)})
    assert rows(source, "n int, s string, t string") == [
        (1, "a,b", "x"), (2, None, None), (3, None, "x"), (4, 'q"q', None), (5, '"q""q"', None),
        (None, "s", None), (7, None, None),
    ]  # fmt: skip
    corrupt = [row[1] for row in rows(source, "n int, _corrupt_record string")]
    assert corrupt[0] == lines[0]


def test_csv_headers_name_columns_and_types_are_inferred_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,c,d\n1,2.5,2024-01-01,true\n99999999999,3,2024-01-02,false\n")
    source = CsvDataSource({"path": str(tmp_path), "header": "true", "inferSchema": "true"})
    assert source.schema() == parse_ddl("a bigint, b double, c date, d boolean")
    assert CsvDataSource({"path": str(tmp_path)}).schema() == parse_ddl(
        "_c0 string, _c1 string, _c2 string, _c3 string"
    )


def test_csv_records_go_on_over_line_ends_with_multiLine(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('1,"two\nlines"\n2,one\n')
    source = CsvDataSource({"path": str(tmp_path), "multiLine": "true"})
    assert rows(source, "n int, s string") == [(1, "two\nlines"), (2, "one")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("kind", ["parquet", "json", "csv"])
def test_more_files_are_read_than_may_be_open_at_once(tmp_path: Path, kind: str) -> None:
    import resource

    for n in range(120):
        if kind == "parquet":
            pq.write_table(pa.table({"n": pa.array([n], pa.int32())}), tmp_path / f"{n}.parquet")
        else:
            (tmp_path / f"{n}.{kind}").write_text(f'{{"n": {n}}}\n' if kind == "json" else f"{n}\n")
    data_source = {"parquet": ParquetDataSource, "json": JsonDataSource, "csv": CsvDataSource}[kind]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/dev/fd").iterdir())) + 40, hard))
    try:
        assert values(data_source({"path": str(tmp_path)})) == list(range(120))
        assert whole_scan(data_source({"path": str(tmp_path)})) == list(range(120))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def whole_scan(source: FileDataSource) -> list[int]:
    """All files in one statement, as the engine reads them for a query that is not row by row."""
    reader: Any = source.reader(parse_ddl("n int"))
    with SlotEngine() as engine:
        scans = [part.sql_scan(["n"]).sql for part in reader.partitions()]
        table = engine.run(" UNION ALL ".join(scans), {}, None)
    found: list[int] = sorted(table.column(0).to_pylist())
    return found


def test_parquet_files_of_several_schemas_are_read_together(tmp_path: Path) -> None:
    for n in range(4):
        kind = pa.int64() if n % 2 else pa.int32()
        extra = {"x": [n]} if n == 3 else {}
        pq.write_table(pa.table({"n": pa.array([n], kind), **extra}), tmp_path / f"{n}.parquet")
    found = rows(ParquetDataSource({"path": str(tmp_path)}), "n bigint, x bigint")
    assert sorted(found) == [(0, None), (1, None), (2, None), (3, 3)]


def test_parquet_columns_are_matched_by_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"N": pa.array([1], pa.int16()), "x": ["a"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"n": pa.array([2], pa.int32())}), tmp_path / "b.parquet")
    assert rows(ParquetDataSource({"path": str(tmp_path)}), "x string, n int") == [("a", 1), (None, 2)]


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no parquet")
    with pytest.raises(AnalysisException, match=r"a\.parquet is no parquet file"):
        ParquetDataSource({"path": str(tmp_path)}).schema()


def test_text_is_lines_or_whole_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("eins\r\nzwölf\n\nlast".encode() + b"\xff")
    assert rows(TextDataSource({"path": str(tmp_path)})) == [("eins",), ("zwölf",), ("",), ("last�",)]
    assert len(rows(TextDataSource({"path": str(tmp_path), "wholetext": "true"}))) == 1


# ---- streams -------------------------------------------------------------------------------------


def stream(folder: Path | str, storage: MemoryStorage | None = None, **options: str) -> Any:
    reader: Any = JsonDataSource({"path": str(folder)} | options).streamReader(parse_ddl("n int"))
    reader.set_metadata(storage or MemoryStorage())
    return reader


def numbers(reader: Any, start: Any, end: Any) -> list[int]:
    parts = reader.partitions(start, end)
    return [row["n"] for part in parts for batch in reader.read(part) for row in batch.to_pylist()]


def add(folder: Path, n: int, age_s: int) -> Path:
    path = write_json(folder / f"{n}.json", {"n": n})
    os.utime(path, (1_700_000_000 - age_s,) * 2)
    return path


def batches(reader: Any) -> list[list[int]]:
    position, found = reader.initialOffset(), []
    while (end := reader.latestOffset(position, reader.getDefaultReadLimit())) != position:
        found.append(numbers(reader, position, end))
        position = end
    return found


def test_files_are_read_oldest_first_or_latest_first(tmp_path: Path) -> None:
    for n in range(3):
        add(tmp_path, n, age_s=100 - n)
    assert batches(stream(tmp_path, maxFilesPerTrigger="2")) == [[0, 1], [2]]
    assert batches(stream(tmp_path, maxFilesPerTrigger="2", latestFirst="true")) == [[2, 1], [0]]
    assert batches(stream(tmp_path, maxBytesPerTrigger="1b")) == [[0], [1], [2]]


def test_a_folder_that_did_not_change_is_not_listed_again(tmp_path: Path) -> None:
    add(tmp_path, 1, age_s=10)
    add(tmp_path / "day=1", 2, age_s=10)
    now = [time.time_ns() + 10**10]
    watch = FolderWatch(lambda: now[0])
    watch.start()
    place = Place((str(tmp_path),))
    assert len(list_files(place, visit=watch.visit)) == 2
    assert watch.unchanged()
    add(tmp_path / "day=1", 3, age_s=10)
    assert not watch.unchanged()


def test_a_folder_changed_just_now_is_listed_again(tmp_path: Path) -> None:
    changed = tmp_path.stat().st_mtime_ns
    watch = FolderWatch(lambda: changed + 10**9)
    watch.start()
    watch.visit(str(tmp_path))
    assert not watch.unchanged()


def test_files_much_older_than_the_newest_read_are_ignored(tmp_path: Path) -> None:
    add(tmp_path, 1, age_s=0)
    reader = stream(tmp_path, maxFileAge="1h")
    end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
    add(tmp_path, 2, age_s=7200)
    add(tmp_path, 3, age_s=1800)
    assert numbers(reader, end, reader.latestOffset(end, ReadAllAvailable())) == [3]


def test_a_file_is_known_by_its_name_alone_with_fileNameOnly(tmp_path: Path) -> None:
    write_json(tmp_path / "a/x.json", {"n": 1})
    reader = stream(tmp_path, recursiveFileLookup="true", fileNameOnly="true")
    end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
    write_json(tmp_path / "b/x.json", {"n": 2})
    assert reader.latestOffset(end, ReadAllAvailable()) == end


def test_files_logged_before_a_crash_come_in_the_same_batch_afterwards(tmp_path: Path) -> None:
    storage = MemoryStorage()
    add(tmp_path, 1, age_s=10)
    crashed = stream(tmp_path, storage)
    crashed.latestOffset(crashed.initialOffset(), ReadAllAvailable())
    add(tmp_path, 2, age_s=5)
    assert batches(stream(tmp_path, storage, maxFilesPerTrigger="5")) == [[1], [2]]


def test_a_file_of_a_batch_that_is_gone_is_named(tmp_path: Path) -> None:
    path = add(tmp_path, 1, age_s=0)
    reader = stream(tmp_path)
    end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
    path.unlink()
    with pytest.raises(OffsetsLost, match=r"1\.json"):
        numbers(reader, reader.initialOffset(), end)


def test_a_file_of_a_batch_that_is_gone_is_left_out_when_asked(tmp_path: Path) -> None:
    paths = [add(tmp_path, n, age_s=10 - n) for n in range(2)]
    reader = stream(tmp_path, ignoreMissingFiles="true")
    end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
    paths[0].unlink()
    assert numbers(reader, reader.initialOffset(), end) == [1]
    paths[1].unlink()
    assert numbers(reader, reader.initialOffset(), end) == []


def test_committed_files_are_deleted_or_archived_when_asked(tmp_path: Path) -> None:
    folder, archive = tmp_path / "in", tmp_path / "done"
    for kind in ("delete", "archive"):
        path = add(folder, 1, age_s=0)
        reader = stream(folder, cleanSource=kind, sourceArchiveDir=str(archive))
        end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
        assert path.exists()
        reader.commit(end)
        assert not path.exists()
    assert (archive / str(path).lstrip("/")).exists()
    with pytest.raises(IllegalArgumentException, match="inside the source path"):
        stream(folder, cleanSource="archive", sourceArchiveDir=str(folder / "done"))


# ---- the log -------------------------------------------------------------------------------------


def entry(batch: int) -> LoggedFile:
    return LoggedFile(f"/in/{batch}.json", "/in", 1, 1000 * batch, batch)


def test_the_log_is_folded_and_still_knows_every_batch() -> None:
    storage = MemoryStorage()
    log = FileLog(storage)
    for batch in range(120):
        log.append([entry(batch)])
        log.compact(batch, forget_before_ms=10**9)
    assert len(storage.list("files")) < 60
    again = FileLog(storage)
    assert again.last == 119
    assert [file.batch for file in again.files_between(9, 119)] == list(range(10, 120))


def test_a_second_driver_is_fenced_out_of_the_log() -> None:
    storage = MemoryStorage()
    mine, other = FileLog(storage), FileLog(storage)
    other.append([entry(0)])
    with pytest.raises(CheckpointFenced, match="two queries run on one checkpoint"):
        mine.append([entry(0)])


@pytest.mark.parametrize("gone", ["files/0000000000", "files/0000000001"])
def test_an_entry_missing_before_others_is_named(gone: str) -> None:
    storage = MemoryStorage()
    log = FileLog(storage)
    for batch in range(3):
        log.append([entry(batch)])
    storage.delete(gone)
    with pytest.raises(CheckpointCorrupted, match=f"{gone} is missing"):
        FileLog(storage)


@pytest.mark.parametrize("left", [0, 1])
def test_a_missing_newest_entry_is_named_before_a_new_file_takes_its_place(tmp_path: Path, left: int) -> None:
    storage = MemoryStorage()
    for n in range(2):
        add(tmp_path, n, age_s=10 - n)
    reader = stream(tmp_path, storage, maxFilesPerTrigger="1")
    position = reader.initialOffset()
    for _ in range(2):
        position = reader.latestOffset(position, reader.getDefaultReadLimit())
    for number in range(left, 2):
        storage.delete(f"files/{number:010d}")
    add(tmp_path, 3, age_s=0)
    with pytest.raises(CheckpointCorrupted, match="files/0000000001 is missing"):
        stream(tmp_path, storage).latestOffset(position, ReadAllAvailable())


def test_an_entry_that_is_none_is_named() -> None:
    storage = MemoryStorage()
    FileLog(storage).append([entry(0)])
    storage.replace("files/0000000000", b"[]")
    storage.put_if_absent("files/editor-backup~", b"")
    with pytest.raises(CheckpointCorrupted, match="files/0000000000 is no entry"):
        FileLog(storage)


def test_a_batch_that_the_log_does_not_have_is_an_error() -> None:
    with pytest.raises(CheckpointCorrupted, match="files/0000000000 is missing"):
        FileLog(MemoryStorage()).files_between(-1, 0)


def test_a_folder_that_was_moved_is_not_read_again(tmp_path: Path) -> None:
    storage = MemoryStorage()
    add(tmp_path / "in", 1, age_s=10)
    assert batches(stream(tmp_path / "in", storage)) == [[1]]
    (tmp_path / "in").rename(tmp_path / "moved")
    with pytest.raises(
        CheckpointMismatch, match=r"in/1\.json and other files, of which none is under .*moved"
    ):
        stream(tmp_path / "moved", storage)
    known_by_name = stream(tmp_path / "moved", storage, fileNameOnly="true")
    assert known_by_name.latestOffset({"logOffset": 0}, ReadAllAvailable()) == {"logOffset": 0}
    (tmp_path / "in").symlink_to("moved")
    assert stream(f"{tmp_path}/{{in,more}}", storage) is not None


def test_names_that_are_no_text_are_logged(tmp_path: Path) -> None:
    storage = MemoryStorage()
    path = os.fsencode(tmp_path) + b"/\xff.json"
    Path(os.fsdecode(path)).write_text('{"n": 1}\n')
    reader = stream(tmp_path, storage)
    end = reader.latestOffset(reader.initialOffset(), ReadAllAvailable())
    again = stream(tmp_path, storage)
    assert again.latestOffset(end, ReadAllAvailable()) == end


def test_an_offset_of_another_kind_of_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointMismatch, match="another kind of source"):
        stream(tmp_path).latestOffset({"topic": {"0": 5}}, ReadAllAvailable())


# ---- what a streaming query wrote ----------------------------------------------------------------


def test_only_files_that_a_query_committed_count_in_its_output_folder(tmp_path: Path) -> None:
    write_json(tmp_path / "part-0.json", {"n": 1})
    write_json(tmp_path / "part-of-a-crashed-attempt.json", {"n": 2})
    hidden = tmp_path / HIDDEN_FOLDER
    (hidden / SEGMENTS).mkdir(parents=True)
    (hidden / OWNER).write_bytes(seal({"version": 1, "query_id": "q"}))
    files = (DataFile("part-0.json", 9, 1, 0),)
    segment = Segment("q", 0, 0, "{}", files)
    (hidden / SEGMENTS / segment.name).write_bytes(encode(segment))
    assert values(JsonDataSource({"path": str(tmp_path)})) == [1]
    assert batches(stream(tmp_path)) == [[1]]


@pytest.mark.parametrize(("rows", "is_cut"), [(100_000, True), (100_001, False)])
def test_a_parquet_file_of_many_rows_is_not_read_whole_however_small_it_is(
    tmp_path: Path, rows: int, *, is_cut: bool
) -> None:
    pq.write_table(pa.table({"n": pa.repeat(pa.scalar(1), rows)}), tmp_path / "a.parquet")
    reader: Any = ParquetDataSource({"path": str(tmp_path)}).reader(parse_ddl("n bigint"))
    [part] = reader.partitions()
    assert part.size < 1 << 20
    assert (part.sql_scan(["n"]).split is not None) is is_cut
