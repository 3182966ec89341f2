"""Where the buffers of rows to send are, for the C library."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from streamcore.kafka.native.structures import ColumnPart, RowParts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


class PointedRows:
    """A record batch as `rows_t`; the buffers live as long as this does.

    `topics` are librdkafka's handles; `topic_of` says per row which of them, None that all go to the first.
    """

    def __init__(self, rows: pa.RecordBatch, topics: ctypes.Array[Any], topic_of: pa.Array | None) -> None:
        self._kept = [rows, topics, topic_of]
        self.parts = RowParts(count=rows.num_rows, topics=ctypes.addressof(topics))
        if topic_of is not None:
            self.parts.topic_of = _start_of(topic_of, 1)
        for name in ("key", "value", "partition"):
            if name in rows.schema.names:
                setattr(self.parts, name, self._column(rows.column(name)))
        if "headers" in rows.schema.names:
            headers = rows.column("headers")
            self.parts.headers = self._column(headers)
            self.parts.header_key = self._column(headers.values.field("key"))
            self.parts.header_value = self._column(headers.values.field("value"))

    def _column(self, column: pa.Array) -> ColumnPart:
        self._kept.append(column)
        validity = column.buffers()[0]
        data = column.buffers()[2] if len(column.buffers()) > 2 else None
        return ColumnPart(
            validity=None if validity is None else validity.address,
            ends=_start_of(column, 1),
            data=None if data is None else data.address,
            first=column.offset,
        )


def topics_in(rows: pa.RecordBatch, topic: str | None) -> tuple[Sequence[str], pa.Array | None]:
    """The topics that rows go to, and which of them each does; None when it is one for all."""
    if topic is not None:
        return [topic], None
    encoded = rows.column("topic").dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices


def _start_of(column: pa.Array, buffer: int) -> int | None:
    """Where row 0 of a column of 32-bit numbers, or of the ends of its values, is."""
    found = column.buffers()[buffer]
    return None if found is None else int(found.address + 4 * column.offset)
