"""Iceberg tables keep the laws of sinks and of sources, over catalogs in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.execution.connectors import sink_class, source_class
from streamcore.iceberg.catalogs import load_table, opened
from streamcore.iceberg.names import address_of
from streamcore.iceberg.rows import as_ours
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.options import Options
from streamcore.spi.types import StructType, from_arrow_schema
from streamcore.testing.sink_contract import Rows, SinkContract, SinkHarness, every_type
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.postgres_databases import Database


class IcebergHarness:
    updates_by_key = True
    refuses_other_queries = True
    rewinds = True
    columns_of_every_type: Sequence[str] = every_type().column_names

    def __init__(self, folder: Path, uri: str, keys: str, **options: str) -> None:
        self.output_modes: Sequence[str] = (
            ("update", "append", "complete") if keys else ("append", "complete")
        )
        self._options = {
            "path": "lake.db.out",
            "catalog.uri": uri,
            "catalog.warehouse": str(folder / "warehouse"),
            **({"keyColumns": keys} if keys else {}),
            **options,
        }

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        kind: Any = sink_class("iceberg")
        sink = kind(Options(self._options | (options or {})))
        writer = sink.streamWriter(from_arrow_schema(schema), overwrite=False)
        assert isinstance(writer, ExactlyOnceStreamWriter)
        return writer

    def visible(self, schema: pa.Schema) -> Rows:
        address = address_of(Options(self._options))
        with opened(address) as catalog:
            table = load_table(catalog, address)
            files = [task.file.file_path for task in table.scan().plan_files()]
        # Plain Parquet, without our own reader's help: other engines see what is in the files.
        found = [as_ours(b, schema) for f in files for b in pq.ParquetFile(f).iter_batches()]
        return [tuple(row.values()) for batch in found for row in batch.to_pylist()]


class TestIcebergSinkOnSqlite(SinkContract):
    @pytest.fixture(params=["", "k"], ids=["append", "upsert"])
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> SinkHarness:
        return IcebergHarness(tmp_path, f"sqlite:///{tmp_path}/catalog.db", request.param)


@pytest.mark.soak  # the same decisions as on SQLite; a server killed in a commit is met in tests/recovery
@pytest.mark.integration
class TestIcebergSinkOnPostgresql(SinkContract):
    @pytest.fixture
    def harness(self, tmp_path: Path, postgres: Database) -> SinkHarness:
        return IcebergHarness(tmp_path, postgres.url, "")


class IcebergSource(SourceHarness):
    """A table to which rows are appended two at a time."""

    def __init__(self, folder: Path, uri: str) -> None:
        self._options = {
            "path": "lake.db.rows",
            "catalog.uri": uri,
            "catalog.warehouse": str(folder / "warehouse"),
        }
        self._arrow = pa.schema([("n", pa.int64()), ("word", pa.string())])
        self._readers: list[Any] = []
        self._next = 0
        kind: Any = sink_class("iceberg")
        self._sink = lambda: kind(Options(self._options)).writer(from_arrow_schema(self._arrow), False)
        self._append([])

    def reader(self) -> Any:
        return self.limited_reader(10**9)

    def limited_reader(self, rows: int) -> Any:
        kind: Any = source_class("iceberg")
        source = kind(Options({**self._options, "streaming-max-rows-per-micro-batch": str(rows)}))
        self._readers.append(source.streamReader(source.schema()))
        return self._readers[-1]

    def schema(self) -> StructType:
        kind: Any = source_class("iceberg")
        found: StructType = kind(Options(self._options)).schema()
        return found

    def add(self, rows: int) -> None:
        numbers = list(range(self._next, self._next + rows))
        self._next += rows
        for at in range(0, rows, 2):
            self._append(numbers[at : at + 2])

    def _append(self, numbers: list[int]) -> None:
        writer = self._sink()
        rows = pa.RecordBatch.from_pylist([{"n": n, "word": f"word {n}"} for n in numbers], self._arrow)
        writer.commit([writer.write(iter([rows]))])

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()


class TestIcebergSource(SourceContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[SourceHarness]:
        harness = IcebergSource(tmp_path, f"sqlite:///{tmp_path}/catalog.db")
        yield harness
        harness.close()
