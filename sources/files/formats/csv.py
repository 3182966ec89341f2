"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_schema import column_names, column_types, schema_of
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
from streamcore.sources.files.formats.sampling import sampled, sampling_ratio
from streamcore.sources.files.formats.time_forms import TIME_OPTIONS, TimeForms
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import ArrayType, DataType, MapType, StringType, StructType

if TYPE_CHECKING:
    import pyarrow as pa


class CsvFormat:
    """Cells are matched by position; what does not fit is treated as `mode` says."""

    name = "csv"
    options: tuple[str, ...] = (
        "sep", "delimiter", "quote", "escape", "header", "inferSchema", "samplingRatio", "nullValue",
        "emptyValue", "mode", "columnNameOfCorruptRecord", "multiLine", "encoding", "charset",
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
        ratio = sampling_ratio(options)
        names = column_names(paths, cells_of(options))
        kinds: Sequence[DataType] = [StringType()] * len(names)
        if names and options.boolean("inferSchema", default=False):
            cells = ((sampled(sql, ratio), inputs) for sql, inputs in _cells(paths, len(names), options))
            kinds = column_types(cells, len(names), TimeForms.of(options))
        return schema_of(names, kinds)

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        if cells_of(options).multi_line:
            # Where a record ends depends on all the quotes before: only `read` follows Spark there.
            return None
        read = _wanted(schema, columns, options)
        return SqlScan(rows_from_cells(read, _cells_sql(paths, options, [at for at, _ in read.judged])))

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        read = _wanted(schema, columns, options)
        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        with SlotEngine() as engine:
            for relation, inputs in _cells(paths, len(read.fields), options):
                rows = engine.run(rows_from_cells(read, relation), inputs)
                yield from (rows.cast(wanted) if columns else rows.select([])).to_batches()


def _cells(
    paths: Sequence[str], width: int, options: Options
) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
    """Queries for the records' cells: file after file by DuckDB, or with multiLine over Arrow."""
    cells = cells_of(options)
    for path in paths:
        if not cells.multi_line:
            yield _cells_sql([path], options, range(width)), {}
            continue
        for table in cells.tables(path, width):
            yield 'SELECT * FROM "cells"', {"cells": table}


def _cells_sql(paths: Sequence[str], options: Options, positions: Sequence[int]) -> str:
    require_gzip(paths)
    cells = cells_of(options)
    lines = lines_of(paths, [cells.lines_before_records(path) for path in paths])
    return cells_from_lines(cells, lines, positions)


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
