"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_schema import infer_csv
from streamcore.sources.files.formats.csv_sql import (
    DROPMALFORMED,
    FAILFAST,
    PERMISSIVE,
    CsvRead,
    cells_from_lines,
    rows_from_cells,
)
from streamcore.sources.files.formats.line_sql import lines_of
from streamcore.sources.files.formats.lines import require_gzip
from streamcore.sources.files.formats.time_forms import TIME_OPTIONS, TimeForms
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import ArrayType, MapType, StringType, StructType

if TYPE_CHECKING:
    import pyarrow as pa


class CsvFormat:
    """Cells are matched by position; what does not fit is treated as `mode` says."""

    name = "csv"
    options: tuple[str, ...] = (
        "sep", "delimiter", "quote", "escape", "header", "inferSchema", "nullValue", "emptyValue", "mode",
        "columnNameOfCorruptRecord", "multiLine", "encoding", "charset",
        "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", "comment", *TIME_OPTIONS,
    )  # fmt: skip

    def check(self, schema: StructType, options: Options) -> None:
        cells_of(options)
        _wanted(schema, (), options)
        for field in schema.fields:
            if isinstance(field.dataType, ArrayType | MapType | StructType):
                raise AnalysisException(
                    f"csv has no {field.dataType.simpleString()} (column {field.name}); read a string, and "
                    "convert it with from_json"
                )

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        return infer_csv(paths, cells_of(options), typed=options.boolean("inferSchema", default=False))

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        cells = cells_of(options)
        if cells.multi_line:
            # Where a record ends depends on all the quotes before: only `read` follows Spark there.
            return None
        require_gzip(paths)
        read = _wanted(schema, columns, options)
        lines = lines_of(paths, [cells.lines_before_records(path) for path in paths])
        positions = [position for position, _ in read.judged]
        return SqlScan(rows_from_cells(read, cells_from_lines(cells, lines, positions)))

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        read = _wanted(schema, columns, options)
        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        with SlotEngine() as engine:
            for path in paths:
                for sql, inputs in self._queries(path, read, options):
                    rows = engine.run(sql, inputs)
                    yield from (rows.cast(wanted) if columns else rows.select([])).to_batches()

    def _queries(
        self, path: str, read: CsvRead, options: Options
    ) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
        scan = self.sql_scan([path], read.schema, read.columns, options)
        if scan is not None:
            yield scan.sql, {}
            return
        sql = rows_from_cells(read, 'SELECT * FROM "cells"')
        for table in cells_of(options).tables(path, len(read.fields)):
            yield sql, {"cells": table}


def _wanted(schema: StructType, columns: Sequence[str], options: Options) -> CsvRead:
    corrupt = options.get("columnNameOfCorruptRecord", "_corrupt_record")
    is_kept = corrupt in schema.fieldNames() and isinstance(schema[corrupt].dataType, StringType)
    mode = options.choice("mode", (PERMISSIVE, DROPMALFORMED, FAILFAST), PERMISSIVE)
    return CsvRead(schema, tuple(columns), mode, corrupt if is_kept else None, TimeForms.of(options))


def cells_of(options: Options) -> Cells:
    """How the options say that cells are written."""
    options.choice("encoding", ("UTF-8",), options.get("charset", "UTF-8"))
    sep = options.get("sep", options.get("delimiter", ",")).replace("\\t", "\t")
    quote, escape = options.get("quote", '"'), options.get("escape", "\\")
    for name, text in (("sep", sep), ("quote", quote or "-"), ("escape", escape or "-")):
        if len(text) != 1:
            raise IllegalArgumentException(f"option {name}={text!r} must be one character")
    return Cells(
        sep=sep,
        quote=quote,
        escape=escape,
        header=options.boolean("header", default=False),
        null=options.get("nullValue", ""),
        empty=options.get("emptyValue", ""),
        comment=options.get("comment", ""),
        multi_line=options.boolean("multiLine", default=False),
        strip_left=options.boolean("ignoreLeadingWhiteSpace", default=False),
        strip_right=options.boolean("ignoreTrailingWhiteSpace", default=False),
    )


CSV: Final = CsvFormat()
