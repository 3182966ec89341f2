"""The Delta sink and source keep the laws that plug-ins are held to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from streamcore.execution.connectors import sink_class
from streamcore.sources.delta.source import DeltaDataSource
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from streamcore.testing.sink_contract import Rows, SinkContract, every_type
from streamcore.testing.source_contract import SourceContract, SourceHarness

if TYPE_CHECKING:
    from streamcore.spi.types import StructType


class DeltaHarness:
    updates_by_key = True
    refuses_other_queries = True
    rewinds = True
    columns_of_every_type: Sequence[str] = every_type().column_names

    def __init__(self, folder: Path, **options: str) -> None:
        self._folder = folder / "table"
        self._options = {"path": str(self._folder), **options}
        self.output_modes: Sequence[str] = (
            ("update", "append", "complete") if "keyColumns" in options else ("append", "complete")
        )

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        kind: Any = sink_class("delta")
        sink = kind(Options(self._options | (options or {})))
        writer = sink.streamWriter(from_arrow_schema(schema), overwrite=False)
        assert isinstance(writer, ExactlyOnceStreamWriter)
        return writer

    def visible(self, schema: pa.Schema) -> Rows:
        found = DeltaTable(self._folder).to_pyarrow_table().select(schema.names)
        return [tuple(row.values()) for row in found.to_pylist()]


class TestDeltaSink(SinkContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> DeltaHarness:
        return DeltaHarness(tmp_path)


class TestDeltaSinkByKey(SinkContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> DeltaHarness:
        return DeltaHarness(tmp_path, keyColumns="k")


class DeltaSourceHarness(SourceHarness):
    """Every row is a file of its own, so that a limit of files is one of rows."""

    def __init__(self, folder: Path, **options: str) -> None:
        self._folder = folder / "table"
        self._options = {"path": str(self._folder), **options}
        self._next = 0
        properties = {"delta.enableChangeDataFeed": "true"}
        DeltaTable.create(self._folder, pa.schema([("n", pa.int64())]), configuration=properties)

    def reader(self) -> Any:
        return DeltaDataSource(Options(self._options)).streamReader(self.schema())

    def schema(self) -> StructType:
        return DeltaDataSource(Options(self._options)).schema()

    def add(self, rows: int) -> None:
        for _ in range(rows):
            write_deltalake(self._folder, pa.table({"n": [self._next]}), mode="append")
            self._next += 1

    def limited_reader(self, rows: int) -> Any:
        limited = Options(self._options | {"maxFilesPerTrigger": str(rows)})
        return DeltaDataSource(limited).streamReader(self.schema())


class TestDeltaSource(SourceContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> DeltaSourceHarness:
        return DeltaSourceHarness(tmp_path)


class TestDeltaChangeFeed(SourceContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> DeltaSourceHarness:
        return DeltaSourceHarness(tmp_path, readChangeFeed="true")
