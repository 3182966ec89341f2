"""The text file format: one string column, one line per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.errors import AnalysisException
from streamcore.sinks.files.formats import LineFormat, text_compression

if TYPE_CHECKING:
    from streamcore.spi.options import Options


@dataclass(frozen=True)
class _TextLines:
    end: str

    def __call__(self, table: pa.Table) -> pa.ChunkedArray:
        import pyarrow.compute as pc

        filled = pc.fill_null(table.column(0), "")
        return pc.binary_join_element_wise(filled, self.end, "")


def text_format(options: Options) -> LineFormat:
    """The text format that the options ask for; a null is an empty line."""
    return LineFormat("txt", text_compression(options), _TextLines(options.get("lineSep", "\n")), _check)


def _check(schema: pa.Schema) -> None:
    if len(schema) != 1 or not (
        pa.types.is_string(schema[0].type) or pa.types.is_large_string(schema[0].type)
    ):
        found = ", ".join(f"{field.name}: {field.type}" for field in schema)
        raise AnalysisException(
            f"the text format holds exactly one string column beside the partition columns, not ({found})"
        )
