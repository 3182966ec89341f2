"""CSV files are read as PySpark reads them: quotes, escapes, types, modes and column pruning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import MalformedRecordException
from streamcore.sources.files.source import CsvDataSource
from streamcore.spi.types import StructType, parse_ddl
from tests.oracle.freeze_csv_answers import TARGET, shown
from tests.scans import scan_rows, split_rows

FROZEN: dict[str, Any] = json.loads(TARGET.read_text(encoding="utf-8"))


def scanned(reader: Any, columns: list[str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for part in reader.partitions():
        scan = part.sql_scan(columns)
        with SlotEngine() as engine:
            rows = in_order(scan_rows(engine, scan), columns)
            for table in split_rows(engine, scan):
                assert repr(in_order(table, columns)) == repr(rows)
            found += rows
    return found


def in_order(table: pa.Table, columns: list[str]) -> list[list[Any]]:
    return [[row[name] for name in columns] for row in table.to_pylist()]


@pytest.mark.parametrize("name", FROZEN)
def test_csv_is_read_as_by_pyspark(name: str, tmp_path: Path) -> None:
    case = FROZEN[name]
    (tmp_path / "a.csv").write_bytes(case["text"].encode())
    schema = parse_ddl(case["schema"])
    assert isinstance(schema, StructType)
    reader: Any = CsvDataSource({"path": str(tmp_path)} | case["options"]).reader(schema)
    if case["rows"] == "FAILFAST":
        with pytest.raises(MalformedRecordException, match="FAILFAST"):
            scanned(reader, case["select"])
        return
    assert shown(scanned(reader, case["select"])) == case["rows"]
    read = [
        in_order(pa.Table.from_batches([batch]), case["select"])
        for part in reader.partitions()
        for batch in reader.read(part.with_columns(case["select"]))
    ]
    assert shown([row for rows in read for row in rows]) == case["rows"]
