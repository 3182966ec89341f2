"""The Delta sink and source keep the laws that plug-ins are held to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

from streamcore.execution.connectors import sink_class
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from streamcore.testing.sink_contract import Rows, SinkContract, every_type

if TYPE_CHECKING:
    import pyarrow as pa


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
