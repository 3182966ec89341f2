"""JSON, one record per line (or per document with multiLine)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.sources.files.formats.json_schema import infer_json
from streamcore.sources.files.formats.json_sql import (
    DROPMALFORMED,
    FAILFAST,
    PERMISSIVE,
    JsonRead,
    from_files,
    from_lines,
)
from streamcore.sources.files.formats.line_sql import documents_of, lines_of
from streamcore.sources.files.formats.lines import is_compressed, read_lines, read_whole
from streamcore.sources.files.formats.sampling import sampled, sampling_ratio
from streamcore.sources.files.formats.time_forms import TIME_OPTIONS, TimeForms
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import StringType, StructType

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
        *TIME_OPTIONS,
    )

    def check(self, schema: StructType, options: Options) -> None:
        options.choice("encoding", ("UTF-8",), "UTF-8")
        read = _wanted(schema, schema.fieldNames(), options)
        if read.corrupt is not None and not isinstance(schema[read.corrupt].dataType, StringType):
            raise AnalysisException(f"the column of corrupt records, {read.corrupt}, must be a string")

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        corrupt = options.get("columnNameOfCorruptRecord", "_corrupt_record")
        mode = options.choice("mode", (PERMISSIVE, DROPMALFORMED, FAILFAST), PERMISSIVE)
        ratio = sampling_ratio(options)
        records = ((sampled(sql, ratio), inputs) for sql, inputs in _relations(paths, options))
        return infer_json(records, corrupt, mode)

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        if any(map(is_compressed, paths)):
            return None
        read = _wanted(schema, columns, options)
        careful = from_lines(read, _texts_of(paths, options))
        if read.needs_text or _multi_line(options) or not read.fields:
            return SqlScan(careful)
        return SqlScan(from_files(read, paths), careful)

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        from streamcore.duck.engine import SlotEngine
        from streamcore.spi.types import to_arrow_schema

        wanted = to_arrow_schema(StructType([schema[name] for name in columns]))
        with SlotEngine() as engine:
            for scan, inputs in self._scans(paths, schema, columns, options):
                table = engine.run(scan.sql, inputs, scan.careful_sql)
                yield from (table.cast(wanted) if columns else table.select([])).to_batches()

    def _scans(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[tuple[SqlScan, Mapping[str, pa.Table]]]:
        for path in paths:
            scan = self.sql_scan([path], schema, columns, options)
            if scan is not None:
                yield scan, {}
                continue
            read = _wanted(schema, columns, options)
            for relation, inputs in _relations([path], options):
                yield SqlScan(from_lines(read, relation)), inputs


def _relations(paths: Sequence[str], options: Options) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
    """Queries for the records' texts: by DuckDB where it can decompress the file, else over Arrow."""
    import pyarrow as pa

    whole = _multi_line(options)
    for path in paths:
        if not is_compressed(path):
            yield _texts_of([path], options), {}
            continue
        query = 'SELECT line FROM "lines"'
        for texts in read_whole(path) if whole else read_lines(path):
            yield query, {"lines": pa.table({"line": texts})}


def _texts_of(paths: Sequence[str], options: Options) -> str:
    return documents_of(paths) if _multi_line(options) else lines_of(paths)


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
