"""JSON files are read as PySpark reads them, by DuckDB's reader and line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import MalformedRecordException
from streamcore.sources.files.source import JsonDataSource
from streamcore.spi.types import StructType, parse_ddl
from tests.oracle.freeze_json_file_answers import TARGET, shown
from tests.scans import scan_rows, split_rows

FROZEN: list[dict[str, Any]] = json.loads(TARGET.read_text(encoding="utf-8"))

# Text: where the answers differ, and why.
DIFFERENCES: tuple[tuple[str, str], ...] = (
    (r"^null\n$", "a line that is null gives a row of nulls where the text of records is not asked for"),
    (r'^\[\{"a":1\},\{"a":"x"\}\]$', "of an array the text of the malformed element is given, not all"),
)


def differs(text: str) -> bool:
    return any(re.search(pattern, text) for pattern, _ in DIFFERENCES)


def plain(kind: pa.DataType, value: Any) -> Any:
    if value is not None and pa.types.is_map(kind):
        return dict(value)
    return value


def rows(table: pa.Table, columns: list[str]) -> list[list[Any]]:
    kinds = [table.schema.field(name).type for name in columns]
    lists = [table.column(name).to_pylist() for name in columns]
    return [
        [shown(plain(kind, value)) for kind, value in zip(kinds, row, strict=True)]
        for row in zip(*lists, strict=True)
    ]


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


@pytest.mark.parametrize(
    "case",
    [case for case in FROZEN if not differs(case["bytes"])],
    ids=lambda c: f"{c['bytes']}-{c['schema']}",
)
def test_json_files_are_read_as_by_pyspark(engine: SlotEngine, case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(case["bytes"].encode("latin-1"))
    schema = parse_ddl(case["schema"])
    assert isinstance(schema, StructType)
    columns = schema.fieldNames()
    reader: Any = JsonDataSource({"path": str(tmp_path)} | case["options"]).reader(schema)
    [part] = reader.partitions()
    scan = part.sql_scan(columns)

    if case["rows"] == "FAILFAST":
        with pytest.raises(MalformedRecordException, match="FAILFAST"):
            scan_rows(engine, scan)
        return
    careful = scan.careful()
    tables = (scan_rows(engine, scan), engine.run(careful.sql, careful.inputs), *split_rows(engine, scan))
    for table in tables:
        assert rows(table, columns) == case["rows"]
    # With one column more, the text of malformed records, all is read line by line.
    without = [name for name in columns if name != "_corrupt_record"]
    scan = part.sql_scan(without)
    for table in (scan_rows(engine, scan), *split_rows(engine, scan)):
        assert rows(table, without) == [row[: len(without)] for row in case["rows"]]
