"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from streamcore.duck.time_forms import TIME_OPTIONS, TimeForms
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_header import check_headers
from streamcore.sources.files.formats.csv_schema import column_names, column_types, schema_of
from streamcore.sources.files.formats.csv_sql import (
    DROPMALFORMED,
    FAILFAST,
    PERMISSIVE,
    CsvRead,
    cells_from_lines,
    rows_from_cells,
)
from streamcore.sources.files.formats.line_sql import TextScan, text_lines
from streamcore.sources.files.formats.sampling import sampling_ratio
from streamcore.spi.options import Options
from streamcore.spi.scan import SplitScan, SqlScan
from streamcore.spi.types import ArrayType, DataType, MapType, StringType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.sources.files.formats.csv_schema import CellPart


class CsvFormat:
    """Cells are matched by position; what does not fit is treated as `mode` says."""

    name = "csv"
    options: tuple[str, ...] = (
        "sep", "delimiter", "quote", "escape", "header", "inferSchema", "samplingRatio", "nullValue",
        "emptyValue", "mode", "columnNameOfCorruptRecord", "multiLine", "encoding", "charset",
        "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", "comment", "enforceSchema", *TIME_OPTIONS,
    )  # fmt: skip

    def check(self, schema: StructType, options: Options) -> None:
        cells_of(options)
        options.boolean("enforceSchema", default=True)
        _wanted(schema, (), options)
        for field in schema.fields:
            if isinstance(field.dataType, ArrayType | MapType | StructType):
                raise AnalysisException(
                    f"csv has no {field.dataType.simpleString()} (column {field.name}); read a string, and "
                    "convert it with from_json"
                )

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        ratio, cells = sampling_ratio(options), cells_of(options)
        names = column_names(paths, cells)
        kinds: Sequence[DataType] = [StringType()] * len(names)
        if names and options.boolean("inferSchema", default=False):
            parts = _cell_parts(paths, cells, len(names))
            kinds = column_types(parts, len(names), TimeForms.of(options), ratio)
        return schema_of(names, kinds)

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        cells = cells_of(options)
        if cells.multi_line:
            # Where a record ends depends on all the quotes before: only `read` follows Spark there.
            return None
        read = _wanted(schema, columns, options)
        lines = _lines(paths, read, cells, options)
        if not lines.is_sql:
            return None
        query = partial(_rows, read, cells)
        return SqlScan(
            query(lines.fast.sql), lines.carefully(query), SplitScan(lines.fast.sql, partial(_over, query))
        )

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        read, cells = _wanted(schema, columns, options), cells_of(options)
        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        with SlotEngine() as engine:
            for rows in _tables(engine, paths, read, cells, options):
                yield from (rows.cast(wanted) if columns else rows.select([])).to_batches()


def _tables(
    engine: SlotEngine, paths: Sequence[str], read: CsvRead, cells: Cells, options: Options
) -> Iterator[pa.Table]:
    for path in paths:
        if not cells.multi_line:
            yield _lines([path], read, cells, options).run(engine, partial(_rows, read, cells))
            continue
        check_headers(cells, {path: cells.lines_before_records(path)}, read, options)
        for table in cells.tables(path, len(read.fields)):
            yield engine.run(rows_from_cells(read, 'SELECT * FROM "cells"'), {"cells": table})


def _cell_parts(paths: Sequence[str], cells: Cells, width: int) -> Iterator[CellPart]:
    for path in paths:
        if not cells.multi_line:
            yield partial(_part_of_lines, path, cells, width)
            continue
        for table in cells.tables(path, width):
            yield partial(_part_of_cells, table)


def _part_of_lines(
    path: str, cells: Cells, width: int, engine: SlotEngine, query: Callable[[str], str]
) -> pa.Table:
    lines = text_lines([path], [cells.lines_before_records(path)])
    return lines.run(engine, lambda sql: query(cells_from_lines(cells, sql, range(width))))


def _part_of_cells(table: pa.Table, engine: SlotEngine, query: Callable[[str], str]) -> pa.Table:
    return engine.run(query('SELECT * FROM "cells"'), {"cells": table})


def _over(query: Callable[[str], str], relation: str) -> str:
    return query(f"SELECT * FROM {relation}")  # noqa: S608 - quoted


def _rows(read: CsvRead, cells: Cells, lines: str) -> str:
    return rows_from_cells(read, cells_from_lines(cells, lines, [at for at, _ in read.judged]))


def _lines(paths: Sequence[str], read: CsvRead, cells: Cells, options: Options) -> TextScan:
    heads = {path: cells.lines_before_records(path) for path in paths}
    check_headers(cells, heads, read, options)
    return text_lines(paths, list(heads.values()))


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
