"""Running a batch DataFrame into a sink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.execution.rows import rows_of_batches
from streamcore.spi.capabilities import takes_arrow
from streamcore.spi.datasource import is_missing_method
from streamcore.sql.execution.caching import cache_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.spi.types import StructType
    from streamcore.sql.dataframe import DataFrame


def write_rows(frame: DataFrame, sink: Any, name: str, *, overwrite: bool) -> None:
    """Runs the query and writes its rows through a new writer of `sink`, which is called `name`."""
    session, schema = frame.session, frame.schema
    writer = _writer(sink, name, schema, overwrite=overwrite)
    plan = cache_of(session).applied(frame.plan)
    in_arrow = takes_arrow(writer)
    parts = session.execution.parts(plan, "save", 1)

    def write(batches: Iterator[pa.RecordBatch]) -> Any:
        return writer.write(batches if in_arrow else rows_of_batches(batches, schema))

    try:
        # Each part is written where it is computed, while it is computed.
        messages = parts.write(write)
    except BaseException:
        writer.abort([None] * parts.count)
        raise
    writer.commit(messages)


def _writer(sink: Any, name: str, schema: StructType, *, overwrite: bool) -> Any:
    try:
        return sink.writer(schema, overwrite)
    except NotImplementedError as error:
        if not is_missing_method(error):
            raise
        raise UnsupportedOperationException(
            f"The sink {name!r} cannot write a batch DataFrame; use writeStream."
        ) from error
