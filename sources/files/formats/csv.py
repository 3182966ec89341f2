"""Comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sources.files.formats.csv_cells import Cells, cell_sql
from streamcore.sources.files.formats.csv_schema import infer_csv
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import ArrayType, MapType, StringType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

_MODES: Final = ("PERMISSIVE", "DROPMALFORMED", "FAILFAST")


class CsvFormat:
    """Cells are matched by position; what does not fit is treated as `mode` says."""

    name = "csv"
    options: tuple[str, ...] = (
        "sep", "delimiter", "quote", "escape", "header", "inferSchema", "nullValue", "emptyValue", "mode",
        "columnNameOfCorruptRecord", "multiLine", "encoding", "charset", "timeZone",
        "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", "comment",
    )  # fmt: skip

    def check(self, schema: StructType, options: Options) -> None:
        cells_of(options)
        options.choice("mode", _MODES, "PERMISSIVE")
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
        return None

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        corrupt = options.get("columnNameOfCorruptRecord", "_corrupt_record")
        kept = (
            corrupt
            if corrupt in schema.fieldNames() and isinstance(schema[corrupt].dataType, StringType)
            else None
        )
        fields = [field for field in schema.fields if field.name != kept]
        mode = options.choice("mode", _MODES, "PERMISSIVE")
        sql = cell_sql(fields, columns, mode, kept, options.get("timeZone", "UTC"))
        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        cells = cells_of(options)
        with SlotEngine() as engine:
            for path in paths:
                for table in cells.tables(path, len(fields)):
                    rows = engine.run(sql, {"cells": table})
                    yield from (rows.cast(wanted) if columns else rows.select([])).to_batches()


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
