"""What JSON and CSV files have in common: large records, times, inference from a part."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.sources.files.source import CsvDataSource, FileDataSource, JsonDataSource
from streamcore.spi.types import StructType, parse_ddl


def rows(source: FileDataSource, schema: str) -> list[tuple[Any, ...]]:
    wanted = parse_ddl(schema)
    assert isinstance(wanted, StructType)
    reader: Any = source.reader(wanted)
    found: list[tuple[Any, ...]] = []
    with SlotEngine() as engine:
        for part in reader.partitions():
            scan = part.sql_scan(wanted.fieldNames())
            table = engine.run(scan.sql, {}, scan.careful_sql)
            found += [tuple(row.values()) for row in table.to_pylist()]
    return found


@pytest.mark.parametrize("schema", ["n int, s string", "n int, s string, _corrupt_record string"])
@pytest.mark.parametrize(
    ("kind", "small", "head"), [(JsonDataSource, "{}", '{"s":"'), (CsvDataSource, "1,", "1,")]
)
@pytest.mark.parametrize("order", ["large", "large small", "small large", "small large small"])
def test_a_record_larger_than_the_reader_takes_is_a_clear_error(
    kind: type[FileDataSource], small: str, head: str, order: str, schema: str, tmp_path: Path
) -> None:
    path = tmp_path / "large.txt"
    large = head + "x" * (34 << 20) + ('"}' if kind is JsonDataSource else "")
    path.write_text("".join({"small": small, "large": large}[which] + "\n" for which in order.split()))
    with pytest.raises(QueryExecutionException, match=r"RECORD_TOO_LARGE.*16 MiB.*split") as caught:
        rows(kind({"path": str(path)}), schema)
    assert len(str(caught.value)) < 1000


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
