"""Running a batch DataFrame into a sink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.execution.rows import iterate_rows
from streamcore.spi.capabilities import takes_arrow
from streamcore.spi.datasource import is_missing_method
from streamcore.sql.execution.caching import cache_of

if TYPE_CHECKING:
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

    def write(_: int, table: pa.Table) -> Any:
        return writer.write(iter(table.to_batches()) if in_arrow else iterate_rows(table, schema))

    try:
        # Each part is written where it was computed, and let go.
        messages = parts.compute(range(parts.count), write)
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
