"""Lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.sources.files.formats.lines import read_lines, read_whole
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import StringType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

_SCHEMA: Final = StructType([StructField("value", StringType())])


class TextFormat:
    """One string column, `value`: a line, or the whole file with wholetext."""

    name = "text"
    options: tuple[str, ...] = ("wholetext",)

    def check(self, schema: StructType, options: Options) -> None:
        options.boolean("wholetext", default=False)
        if not schema.fields or not isinstance(schema.fields[0].dataType, StringType):
            raise AnalysisException("the text source has one string column, value; leave out schema(...)")

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        return _SCHEMA

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        return None

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        whole = options.boolean("wholetext", default=False)
        for path in paths:
            for values in read_whole(path) if whole else read_lines(path):
                yield pa.RecordBatch.from_arrays([values], names=schema.fieldNames()).select(list(columns))


TEXT: Final = TextFormat()
