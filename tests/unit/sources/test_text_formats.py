"""What JSON and CSV files have in common: large records, times, inference from a part."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.sources.files.source import CsvDataSource, FileDataSource, JsonDataSource, TextDataSource
from streamcore.spi.types import StructType, parse_ddl
from tests.scans import scan_rows


def rows(source: FileDataSource, schema: str) -> list[tuple[Any, ...]]:
    wanted = parse_ddl(schema)
    assert isinstance(wanted, StructType)
    reader: Any = source.reader(wanted)
    found: list[tuple[Any, ...]] = []
    with SlotEngine() as engine:
        for part in reader.partitions():
            scan = part.sql_scan(wanted.fieldNames())
            if scan is None:
                batches = reader.read(part.with_columns(wanted.fieldNames()))
                found += [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
                continue
            table = scan_rows(engine, scan)
            found += [tuple(row.values()) for row in table.to_pylist()]
    return found


@pytest.mark.parametrize(
    ("kind", "small", "head", "size"),
    [(JsonDataSource, "{}", '{"s":"', 18 << 20), (CsvDataSource, "1,", "1,", 34 << 20)],
)
@pytest.mark.parametrize("order", ["large small", "small large small"])
def test_a_record_of_any_size_is_read(
    kind: type[FileDataSource], small: str, head: str, size: int, order: str, tmp_path: Path
) -> None:
    path = tmp_path / "large.txt"
    large = head + "x" * size + ('"}' if kind is JsonDataSource else "")
    path.write_text("".join({"small": small, "large": large}[which] + "\n" for which in order.split()))
    found = rows(kind({"path": str(path)}), "n int, s string")
    assert [len(row[1] or "") for row in found] == [{"small": 0, "large": size}[w] for w in order.split()]


def test_json_times_are_read_in_the_forms_of_spark(tmp_path: Path) -> None:
    texts = ["2024-1-2", "2024", "2024-01-02 03:04", "2024-01-02T03:04:05+01:00", "infinity", "2024/01/02"]
    (tmp_path / "a.json").write_text("".join(f'{{"t": "{text}", "d": "{text}"}}\n' for text in texts))
    found = rows(JsonDataSource({"path": str(tmp_path), "timeZone": "+02:00"}), "t timestamp, d date")
    assert [day and str(day) for _, day in found] == [
        "2024-01-02", "2024-01-01", "2024-01-02", "2024-01-02", None, None,
    ]  # fmt: skip
    assert [time and f"{time.astimezone(dt.UTC):%d %H:%M}" for time, _ in found] == [
        "01 22:00", "31 22:00", "02 01:04", "02 02:04", None, None,
    ]  # fmt: skip


def test_json_times_are_read_by_patterns_when_given(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"d": "02.01.2024", "t": "02.01.2024 03:04"}\n{"d": "2024-01-02"}\n')
    options = {"path": str(tmp_path), "dateFormat": "dd.MM.yyyy", "timestampNTZFormat": "dd.MM.yyyy HH:mm"}
    assert rows(JsonDataSource(options), "d date, t timestamp_ntz") == [
        (dt.date(2024, 1, 2), dt.datetime.fromisoformat("2024-01-02 03:04")), (None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [JsonDataSource, CsvDataSource])
def test_a_pattern_with_letters_that_are_not_offered_is_refused(
    kind: type[FileDataSource], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("{}\n")
    with pytest.raises(IllegalArgumentException, match="INVALID_DATETIME_PATTERN"):
        rows(kind({"path": str(tmp_path), "dateFormat": "QQQ"}), "d date")


@pytest.mark.parametrize(
    ("kind", "lines", "whole"),
    [
        (JsonDataSource, ['{"a": 1}'] * 999 + ['{"a": "x"}'], "a string"),
        (CsvDataSource, [str(n) for n in range(999)] + ["x"], "_c0 string"),
    ],
)
def test_a_schema_is_inferred_from_a_part_of_the_records_when_asked(
    kind: type[FileDataSource], lines: list[str], whole: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("\n".join(lines))
    options = (
        {"path": str(tmp_path), "inferSchema": "true"} if kind is CsvDataSource else {"path": str(tmp_path)}
    )
    assert kind(options).schema() == parse_ddl(whole)
    # The line x is not in this part: which lines are is decided by their text.
    sampled = kind(options | {"samplingRatio": "0.01"}).schema()
    assert sampled != kind(options).schema()
    with pytest.raises(IllegalArgumentException, match="samplingRatio"):
        kind(options | {"samplingRatio": "0"}).schema()


@pytest.mark.parametrize("multi_line", ["false", "true"])
def test_csv_types_are_the_narrowest_that_take_every_cell(multi_line: str, tmp_path: Path) -> None:
    lines = [
        "1,1,1,2024-01-01,2024-01-01,true,1,,2024-01-01,1",
        "2,99999999999,2.5,2024-01-02,2024-01-02 03:04:05,FALSE,true,,x,2024-01-01",
        ",,,,,,,,,",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    source = CsvDataSource({"path": str(tmp_path), "inferSchema": "true", "multiLine": multi_line})
    assert [field.dataType.simpleString() for field in source.schema().fields] == [
        "int", "bigint", "double", "date", "timestamp", "boolean", "string", "string", "string", "string",
    ]  # fmt: skip


def test_gzipped_csv_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"n,s\n1,a\n2,b\n"))
    assert rows(CsvDataSource({"path": str(tmp_path), "header": "true"}), "n int, s string") == [
        (1, "a"), (2, "b"),
    ]  # fmt: skip


_TEXTS: dict[str, tuple[type[FileDataSource], str]] = {
    "json": (JsonDataSource, '{"n": 1, "s": "a"}\n'),
    "csv": (CsvDataSource, "1,a\n"),
    "text": (TextDataSource, "1,a\n"),
}


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 255]) + data[-4:]


def _plain(data: bytes) -> bytes:
    return gzip.decompress(data)


@pytest.mark.parametrize("damage", [_truncated, _flipped, _plain])
@pytest.mark.parametrize("multi_line", [False, True])
@pytest.mark.parametrize("format_name", _TEXTS)
def test_a_damaged_gzip_is_an_error_that_names_the_file(
    format_name: str, multi_line: bool, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    kind, line = _TEXTS[format_name]
    path = tmp_path / f"a.{format_name}.gz"
    random = Random(1)
    path.write_bytes(
        damage(gzip.compress("".join(line.replace("a", str(random.random())) for _ in range(9000)).encode()))
    )
    options = {"path": str(path)}
    if multi_line:
        options["wholetext" if format_name == "text" else "multiLine"] = "true"
    with pytest.raises(QueryExecutionException, match=rf"FAILED_READ_FILE.*{path}"):
        rows(kind(options), "value string" if format_name == "text" else "n int, s string")


@pytest.mark.parametrize("format_name", ["json", "csv"])
def test_a_damaged_gzip_stops_the_inference_of_a_schema(format_name: str, tmp_path: Path) -> None:
    kind, line = _TEXTS[format_name]
    path = tmp_path / f"a.{format_name}.gz"
    path.write_bytes(_truncated(gzip.compress((line * 9000).encode())))
    with pytest.raises(QueryExecutionException, match=rf"FAILED_READ_FILE.*{path}"):
        kind(
            {"path": str(path), "inferSchema": "true"} if format_name == "csv" else {"path": str(path)}
        ).schema()


def test_gzip_members_one_after_the_other_and_an_empty_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"1,a\n") + gzip.compress(b"2,b\n"))
    (tmp_path / "b.csv.gz").write_bytes(b"")
    assert rows(CsvDataSource({"path": str(tmp_path)}), "n int, s string") == [(1, "a"), (2, "b")]


def test_a_lone_carriage_return_ends_a_csv_line_and_takes_no_character_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\r\nn,s\r\n1,a\r2,b\r\n3,c\r\n")
    source = CsvDataSource({"path": str(tmp_path), "header": "true"})
    assert rows(source, "n int, s string") == [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED"])
def test_bytes_of_another_encoding_in_csv_become_replacement_characters(mode: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"caf\xe9,1\nx\xe2\x82y,2\nok,3\n")
    found = rows(CsvDataSource({"path": str(tmp_path), "mode": mode}), "s string, n int")
    assert found == [("caf\ufffd", 1), ("x\ufffdy", 2), ("ok", 3)]


def test_csv_of_another_encoding_has_a_schema(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"caf\xe9,1\nok,2\n")
    schema = CsvDataSource({"path": str(tmp_path), "inferSchema": "true"}).schema()
    assert schema.simpleString() == "struct<_c0:string,_c1:int>"


@pytest.mark.parametrize(
    ("header", "schema", "columns", "difference"),
    [
        ("b,a", "a string, b string", ["a", "b"], "Expected: a but found: b"),
        ("b,a", "a string, b string", ["b"], "Expected: b but found: a"),
        ("a", "a string, b string", ["a", "b"], "Header length: 1, schema size: 2"),
        ("a,b,c", "a string, b string", ["a", "b"], "Header length: 3, schema size: 2"),
        ("a,b,c", "a string, b string", ["b"], None),
        ("A,B", "a string, b string", ["a", "b"], None),
        (",b", "a string, b string", ["b"], None),
    ],
)
@pytest.mark.parametrize("multi_line", ["false", "true"])
def test_a_csv_header_that_differs_is_an_error_without_enforce_schema_and_else_a_warning(
    header: str, schema: str, columns: list[str], difference: str | None, multi_line: str, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    (tmp_path / "a.csv").write_text(f"{header}\n1,x\n")
    wanted = parse_ddl(schema)
    assert isinstance(wanted, StructType)

    def read(enforced: str) -> list[dict[str, Any]]:
        options = {
            "path": str(tmp_path),
            "header": "true",
            "enforceSchema": enforced,
            "multiLine": multi_line,
        }
        reader: Any = CsvDataSource(options).reader(wanted)
        parts = [part.with_columns(columns) for part in reader.partitions()]
        return [row for part in parts for batch in reader.read(part) for row in batch.to_pylist()]

    assert read("true") == [{name: {"a": "1", "b": "x"}[name] for name in columns}]
    assert bool(caplog.records) == (difference is not None)
    if difference is None:
        assert read("false")
        return
    assert difference in caplog.text
    with pytest.raises(IllegalArgumentException, match=f"{difference}.*a.csv.*enforceSchema"):
        read("false")


@pytest.mark.parametrize(
    "schema", ["a string", "b int", "a struct<a: string>", "a string, _corrupt_record string"]
)
def test_a_deeply_nested_record_does_not_end_the_process(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a":' * 30_000 + "1" + "}" * 30_000 + '\n{"b": 1}\n')
    assert len(rows(JsonDataSource({"path": str(path)}), schema)) == 2


def test_a_deeply_nested_record_is_malformed_in_the_inference_of_a_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    deep = '{"a":' * 1001 + "1" + "}" * 1001
    many = '{"b":[' + ",".join(['{"c":1}'] * 2000) + "]}"
    path.write_text(f"{deep}\n{many}\n")
    found = JsonDataSource({"path": str(path)}).schema().simpleString()
    assert found == "struct<_corrupt_record:string,b:array<struct<c:bigint>>>"


def test_keys_that_differ_in_case_alone_are_refused_as_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"N": 1, "n": 2}\n')
    source = JsonDataSource({"path": str(path)})
    with pytest.raises(AnalysisException, match=r"COLUMN_ALREADY_EXISTS.*`n`"):
        source.schema()
    with pytest.raises(AnalysisException, match=r"COLUMN_ALREADY_EXISTS.*`n`"):
        rows(source, "N int, n int")
    assert rows(source, "n int") == [(2,)]


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "ab\n", "abc", "abc\n", "\n\n", "a\n\n", "a\r\n"])
def test_a_file_of_a_few_bytes_has_the_lines_that_it_has(text: str, tmp_path: Path) -> None:
    path = tmp_path / "small.txt"
    path.write_bytes(text.encode())
    assert rows(TextDataSource({"path": str(path)}), "value string") == [
        (line,) for line in text.splitlines()
    ]
