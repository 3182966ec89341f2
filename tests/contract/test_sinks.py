"""Every built-in exactly-once sink keeps the laws that plug-ins are held to."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import itertools
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from streamcore.execution.connectors import sink_class
from streamcore.sinks.database.settings import read_settings
from streamcore.sinks.database.target import table_of
from streamcore.sinks.memory import MemorySink, MemoryTables
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.file_manifest import HIDDEN_FOLDER, read_manifest
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from streamcore.storage import open_storage
from streamcore.testing.sink_contract import Rows, SinkContract, SinkHarness, every_type
from tests.services.postgres_databases import Database

_ALL = every_type().column_names
_serial = itertools.count()


def _rows(table: pa.Table) -> Rows:
    return [tuple(row.values()) for row in table.to_pylist()]


def _writer(name: str, options: dict[str, str], schema: pa.Schema) -> ExactlyOnceStreamWriter:
    kind: Any = sink_class(name)
    writer = kind(Options(options)).streamWriter(from_arrow_schema(schema), overwrite=False)
    assert isinstance(writer, ExactlyOnceStreamWriter)
    return writer


class FileHarness:
    output_modes: Sequence[str] = ("append",)
    updates_by_key = True
    refuses_other_queries = True
    rewinds = True
    columns_of_every_type: Sequence[str] = _ALL

    def __init__(self, folder: Path, name: str, read: Callable[[Path, pa.Schema], pa.Table], **options: str):
        self._folder = folder / "out"
        self._name = name
        self._read = read
        self._options = {"path": str(self._folder), "compactInterval": "3", **options}

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        return _writer(self._name, self._options | (options or {}), schema)

    def visible(self, schema: pa.Schema) -> Rows:
        manifest = read_manifest(open_storage(self._folder / HIDDEN_FOLDER))
        assert manifest is not None
        rows: Rows = []
        for file in manifest.files:
            path = self._folder / file.path
            assert path.stat().st_size == file.bytes
            found = _rows(self._read(path, schema))
            assert len(found) == file.rows
            rows += found
        return rows


def _read_parquet(path: Path, schema: pa.Schema) -> pa.Table:
    return pq.read_table(path, schema=schema, partitioning=None)


def _read_csv(path: Path, schema: pa.Schema) -> pa.Table:
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(column_names=schema.names),
        parse_options=pa_csv.ParseOptions(escape_char="\\", double_quote=False, newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def _read_json(path: Path, schema: pa.Schema) -> pa.Table:
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]
    objects = [json.loads(line, parse_float=str, parse_int=str) for line in lines]
    columns = [pa.array([_value(o.get(f.name), f.type) for o in objects], f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _value(value: Any, kind: pa.DataType) -> Any:
    """A value as JSON or a database gives it, as Arrow would."""
    if value is None:
        return None
    if pa.types.is_list(kind):
        return [_value(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: _value(value.get(field.name), field.type) for field in kind}
    if pa.types.is_timestamp(kind):
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        if kind.tz is None:
            return moment.replace(tzinfo=None)
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    convert: dict[str, Callable[[Any], Any]] = {
        "string": str, "bool": bool, "float": float, "double": float, "int8": int, "int16": int, "int32": int,
        "int64": int, "date32[day]": lambda v: dt.date.fromisoformat(v) if isinstance(v, str) else v,
        "binary": lambda v: base64.b64decode(v) if isinstance(v, str) else bytes(v),
    }  # fmt: skip
    return convert.get(str(kind), lambda v: pa.scalar(Decimal(v), kind).as_py())(value)


class DatabaseHarness:
    updates_by_key = True
    refuses_other_queries = True
    columns_of_every_type: Sequence[str] = _ALL

    def __init__(self, url: str, keys: str) -> None:
        self.output_modes: Sequence[str] = (
            ("update", "append", "complete") if keys else ("append", "complete")
        )
        self.rewinds = bool(keys)
        self._options = {"url": url, "dbtable": f"Out put {next(_serial)}", "keyColumns": keys}

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        return _writer("database", self._options | (options or {}), schema)

    def visible(self, schema: pa.Schema) -> Rows:
        settings = read_settings(Options(self._options))
        engine = sa.create_engine(settings.url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            found = connection.execute(sa.select(table_of(settings, from_arrow_schema(schema)))).all()
        return [tuple(_value(v, f.type) for v, f in zip(row, schema, strict=True)) for row in found]


class MemoryHarness:
    output_modes: Sequence[str] = ("append", "complete", "update")
    updates_by_key = False
    refuses_other_queries = False
    rewinds = True
    columns_of_every_type: Sequence[str] = _ALL

    def __init__(self) -> None:
        self._tables = MemoryTables()

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        given = Options({"queryName": "t", **(options or {})})
        return MemorySink(given, self._tables).streamWriter(from_arrow_schema(schema), overwrite=False)

    def visible(self, schema: pa.Schema) -> Rows:
        table = self._tables.get("T")
        assert table is not None
        assert table.schema.names == schema.names
        return _rows(table.rows)


class TestParquetSink(SinkContract):
    @pytest.fixture(params=["snappy", "zstd"])
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> SinkHarness:
        return FileHarness(tmp_path, "parquet", _read_parquet, compression=request.param)


class TestJsonSink(SinkContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> SinkHarness:
        # The default formats cut off what is finer than a millisecond, as in Spark.
        local = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS"
        formats = {"timestampFormat": f"{local}XXX", "timestampNTZFormat": local}
        return FileHarness(tmp_path, "json", _read_json, compression="gzip", **formats)


class TestCsvSink(SinkContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> SinkHarness:
        harness = FileHarness(
            tmp_path, "csv", _read_csv, ignoreLeadingWhiteSpace="false", ignoreTrailingWhiteSpace="false"
        )
        harness.columns_of_every_type = [n for n in _ALL if n not in ("bytes", "list", "struct", "deep")]
        return harness


class TestDatabaseSinkOnSqlite(SinkContract):
    @pytest.fixture(params=["", "k"], ids=["append", "upsert"])
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> SinkHarness:
        return DatabaseHarness(f"sqlite:///{tmp_path}/out.db", request.param)


@pytest.mark.integration
class TestDatabaseSinkOnPostgresql(SinkContract):
    @pytest.fixture(params=["", "k"], ids=["append", "upsert"])
    def harness(self, request: pytest.FixtureRequest, postgres: Database) -> SinkHarness:
        return DatabaseHarness(postgres.url, request.param)


class TestMemorySink(SinkContract):
    @pytest.fixture
    def harness(self) -> SinkHarness:
        return MemoryHarness()
