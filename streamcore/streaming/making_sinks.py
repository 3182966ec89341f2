"""The sink that a write asks for, found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import (
    class_at,
    make_data_source,
    sink_class,
    with_session_zone,
    with_settings,
)
from streamcore.execution.rows import iterate_rows
from streamcore.spi.capabilities import DescribesItself
from streamcore.spi.types import to_arrow_schema
from streamcore.streaming.stream_sink import ForeachBatchSink, StreamSink, sink_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from streamcore.spi.row import Row
    from streamcore.spi.types import StructType
    from streamcore.streaming.services import Services, WriteDescription

FOREACH = "streamcore.sinks.foreach:ForeachStreamWriter"
_FOREACH_BATCH = "streamcore.sinks.foreach:ForeachBatchWriter"
_TAKES_EQUAL_NAMES = ("console", "noop")


def make_sink(schema: StructType, write: WriteDescription, services: Services) -> StreamSink:
    """The sink for rows of `schema`; raises what the connector has against its options."""

    def rows(table: pa.Table) -> Iterator[Row]:
        return iterate_rows(table, schema)

    def frame(tables: Sequence[pa.Table]) -> object:
        return services.batch_frame(_together(tables, schema))

    if write.foreach_batch is not None:
        return ForeachBatchSink(class_at(_FOREACH_BATCH)(write.foreach_batch), frame)
    if write.foreach is not None:
        return sink_over("ForeachSink", class_at(FOREACH)(write.foreach), rows)
    conf = services.settings
    name = write.sink_name(conf)
    if name not in _TAKES_EQUAL_NAMES:
        _refuse_equal_names(schema.names)
    options = {**write.options, **({"queryName": write.name} if name == "memory" and write.name else {})}
    zone = str(conf.get("spark.sql.session.timeZone"))
    class_ = sink_class(name)
    known = with_settings(class_, options, conf.given)
    data_source = make_data_source(class_, with_session_zone(name, known, zone))
    writer = data_source.streamWriter(schema, write.output_mode == "complete")
    if name == "memory":
        services.publish(str(write.name), data_source, schema)
    described = data_source.describe() if isinstance(data_source, DescribesItself) else name
    return sink_over(described, writer, rows)


def _refuse_equal_names(columns: Sequence[str]) -> None:
    folded = [column.casefold() for column in columns]
    for at, column in enumerate(columns):
        if folded[at] in folded[:at]:
            raise AnalysisException(
                f"[COLUMN_ALREADY_EXISTS] The column `{column}` already exists. Choose another name "
                "or rename the existing column: df.select(..., F.col(...).alias(...)). SQLSTATE: 42711"
            )


def _together(tables: Sequence[pa.Table], schema: StructType) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables) if tables else to_arrow_schema(schema).empty_table()
