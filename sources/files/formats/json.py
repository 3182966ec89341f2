"""JSON, one record per line (or per document with multiLine)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from streamcore.duck.time_forms import TIME_OPTIONS, TimeForms
from streamcore.errors import AnalysisException
from streamcore.sources.files.formats.json_schema import infer_json, require_distinct
from streamcore.sources.files.formats.json_sql import (
    DROPMALFORMED,
    FAILFAST,
    PERMISSIVE,
    JsonRead,
    from_lines,
    from_source,
    source_of,
)
from streamcore.sources.files.formats.line_sql import TextScan, run_scan, text_documents, text_lines
from streamcore.sources.files.formats.sampling import sampling_ratio
from streamcore.spi.options import Options
from streamcore.spi.scan import SplitScan, SqlScan
from streamcore.spi.types import ArrayType, DataType, StringType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa


class JsonFormat:
    """Fields are matched by name, with case; what does not fit is treated as `mode` says."""

    name = "json"
    options: tuple[str, ...] = (
        "mode",
        "columnNameOfCorruptRecord",
        "multiLine",
        "encoding",
        "samplingRatio",
        "primitivesAsString",
        *TIME_OPTIONS,
    )

    def check(self, schema: StructType, options: Options) -> None:
        options.choice("encoding", ("UTF-8",), "UTF-8")
        read = _wanted(schema, schema.fieldNames(), options)
        require_distinct(schema)
        if read.corrupt is not None and not isinstance(schema[read.corrupt].dataType, StringType):
            raise AnalysisException(f"the column of corrupt records, {read.corrupt}, must be a string")

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        corrupt = options.get("columnNameOfCorruptRecord", "_corrupt_record")
        mode = options.choice("mode", (PERMISSIVE, DROPMALFORMED, FAILFAST), PERMISSIVE)
        ratio = sampling_ratio(options)
        texts = (_texts_of([path], options) for path in paths)
        found = infer_json(texts, corrupt, mode, ratio)
        return _with_texts(found) if options.boolean("primitivesAsString", default=False) else found

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        texts = _texts_of(paths, options)
        if not texts.is_sql:
            return None
        read = _wanted(schema, columns, options)
        careful = texts.carefully(partial(from_lines, read))
        if read.needs_text or _multi_line(options) or not read.fields:
            return SqlScan(from_lines(read, texts.fast.sql), careful)
        source, over = source_of(read, paths), partial(from_source, read)
        return SqlScan(over(source), careful, SplitScan(f"SELECT * FROM {source}", over))  # noqa: S608 - quoted

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        read = _wanted(schema, columns, options)
        with SlotEngine() as engine:
            for path in paths:
                scan = self.sql_scan([path], schema, columns, options)
                if scan is not None:
                    rows = run_scan(engine, scan)
                else:
                    rows = _texts_of([path], options).run(engine, partial(from_lines, read))
                yield from (rows.cast(wanted) if columns else rows.select([])).to_batches()


def _texts_of(paths: Sequence[str], options: Options) -> TextScan:
    return text_documents(paths) if _multi_line(options) else text_lines(paths)


def _multi_line(options: Options) -> bool:
    return options.boolean("multiLine", default=False)


def _wanted(schema: StructType, columns: Sequence[str], options: Options) -> JsonRead:
    corrupt = options.get("columnNameOfCorruptRecord", "_corrupt_record")
    return JsonRead(
        schema,
        tuple(columns),
        options.choice("mode", (PERMISSIVE, DROPMALFORMED, FAILFAST), PERMISSIVE),
        corrupt if corrupt in schema.fieldNames() else None,
        TimeForms.of(options),
    )


JSON: Final = JsonFormat()


def _with_texts(schema: StructType) -> StructType:
    """The schema with texts for all single values."""
    return StructType([StructField(f.name, _with_text(f.dataType), f.nullable) for f in schema.fields])


def _with_text(data_type: DataType) -> DataType:
    if isinstance(data_type, StructType):
        return _with_texts(data_type)
    if isinstance(data_type, ArrayType):
        return ArrayType(_with_text(data_type.elementType), data_type.containsNull)
    return StringType()
