"""Parquet columns are read as types that lose nothing, and refused as any other, as by PySpark 4.3."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import QueryExecutionException
from streamcore.sources.files.source import ParquetDataSource
from streamcore.spi.types import StructType, parse_ddl

COLUMNS: dict[str, pa.Array] = {
    "int": pa.array([5], pa.int32()),
    "bigint": pa.array([5], pa.int64()),
    "double": pa.array([3.7], pa.float64()),
    "float": pa.array([3.5], pa.float32()),
    "decimal": pa.array([Decimal("1.25")], pa.decimal128(5, 2)),
    "string": pa.array(["5"]),
    "date": pa.array([dt.date(2024, 1, 1)]),
    "time": pa.array([dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")),
    "list": pa.array([[3.7]], pa.list_(pa.float64())),
    "struct": pa.array([{"a": 3.7}]),
}
READ: list[tuple[str, str, Any]] = [
    ("int", "smallint", 5), ("int", "bigint", 5), ("int", "double", 5.0),
    ("int", "decimal(38,10)", Decimal("5.0000000000")), ("bigint", "decimal(38,10)", Decimal("5.0000000000")),
    ("float", "double", 3.5), ("decimal", "decimal(10,4)", Decimal("1.2500")), ("string", "binary", b"5"),
    ("date", "timestamp_ntz", dt.datetime.fromisoformat("2024-01-01")),
    ("time", "timestamp_ntz", dt.datetime.fromisoformat("2024-01-01T10:00:00")),
    ("list", "array<double>", [3.7]), ("struct", "struct<a: double>", {"a": 3.7}),
]  # fmt: skip
REFUSED: list[tuple[str, str]] = [
    ("int", "float"), ("int", "decimal(5,2)"), ("int", "string"), ("int", "boolean"), ("bigint", "int"),
    ("bigint", "double"), ("double", "int"), ("double", "bigint"), ("double", "float"), ("double", "string"),
    ("double", "decimal(10,2)"), ("decimal", "decimal(5,1)"), ("decimal", "decimal(3,2)"), ("decimal", "int"),
    ("string", "int"), ("date", "timestamp"), ("date", "string"), ("time", "date"), ("time", "bigint"),
    ("list", "array<int>"), ("struct", "struct<a: int>"),
]  # fmt: skip


def values(column: str, kind: str, folder: Path) -> tuple[list[Any], list[Any]]:
    """What the scan by SQL gives, and what reading through Arrow gives."""
    pq.write_table(pa.table({"x": COLUMNS[column]}), folder / "a.parquet")
    schema = parse_ddl(f"x {kind}")
    assert isinstance(schema, StructType)
    reader: Any = ParquetDataSource({"path": str(folder)}).reader(schema)
    [part] = reader.partitions()
    read = [row["x"] for batch in reader.read(part) for row in batch.to_pylist()]
    with SlotEngine() as engine:
        return engine.run(part.sql_scan(["x"]).sql, {}).column("x").to_pylist(), read


@pytest.mark.parametrize(("column", "kind", "expected"), READ)
def test_a_wider_type_is_read(column: str, kind: str, expected: Any, tmp_path: Path) -> None:
    by_sql, by_arrow = values(column, kind, tmp_path)
    assert by_sql == by_arrow == [expected]


@pytest.mark.parametrize(("column", "kind"), REFUSED)
def test_a_type_that_loses_something_is_refused_with_file_and_column(
    column: str, kind: str, tmp_path: Path
) -> None:
    with pytest.raises(QueryExecutionException, match=r"DATA_TYPE_MISMATCH.*a\.parquet.*\[x\]"):
        values(column, kind, tmp_path)
