"""The rows of a write task in tables of the size of a row group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.sinks.conform import conform

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

# A row group of this size costs a reader little, and a writer has it in memory up to four times over.
_BYTES: Final = 16 << 20
_ROWS: Final = 1 << 19


def row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in their order, conformed to `schema`; no table is empty."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        size += batch.get_total_buffer_size()
        if rows >= _ROWS or size >= _BYTES:
            yield conform(held, schema)
            held, rows, size = [], 0, 0
    if rows:
        yield conform(held, schema)
