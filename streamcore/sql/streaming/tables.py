"""Tables and streams: what a query keeps in memory under its name, and tables of files at either end."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.leaves import BatchScan, scan_relation
from streamcore.spi.options import Options
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.tables.defining import define_table
from streamcore.sql.tables.names import parts_of
from streamcore.sql.tables.other_catalogs import FORMAT, is_elsewhere, require_format
from streamcore.sql.tables.reading import require_whole, table_stream
from streamcore.sql.tables.saving import SavedTable, require_same
from streamcore.sql.tables.writing import own_options, sink_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.spi.types import StructType
    from streamcore.sql.session import Session
    from streamcore.sql.tables.metadata import TableMetadata
    from streamcore.streaming.services import WriteDescription

_LAYOUT = ("path", "partitionby", "clusterby")
# A stream never overwrites, and its sink says so.
_ONLY_IN_BATCHES = "partitionOverwriteMode"


def register_memory_table(session: Session, name: str, data_source: Any, schema: StructType) -> None:
    """Makes the memory sink's table readable under the query's name."""
    session.views.create(name, scan_relation(BatchScan(data_source, schema, "memory")), replace=True)


def streaming_table(session: Session, name: str, options: Options, source_name: str | None) -> DataFrame:
    """The rows of a table as a stream, or the stream behind a view; raises when it is neither."""
    parts = parts_of(name)
    view = session.views.lookup(parts)
    if view is None and is_elsewhere(session, parts):
        reader = session.readStream.format(FORMAT).options(**options)
        return (reader if source_name is None else reader.name(source_name)).load(name)
    if view is None:
        table = session.tables.require(parts)
        zone = str(session.conf.get("spark.sql.session.timeZone"))
        return DataFrame(
            table_stream(table, session.tables.folder(table), zone, options, source_name), session
        )
    if not view.is_streaming:
        raise AnalysisException(
            f"{name} is not a temp view of streaming logical plan, please use batch API such as "
            "`DataFrameReader.table` to read it."
        )
    if options or source_name is not None:
        raise AnalysisException(f"{name} is a view: its source has its own options and name")
    return session.table(name)


@dataclass(frozen=True)
class IntoTable:
    """A stream that goes into a table: its rows in the table's columns, and the write into its files."""

    frame: DataFrame
    write: WriteDescription


@contextmanager
def stream_into_table(frame: DataFrame, name: str, write: WriteDescription) -> Iterator[IntoTable]:
    """The way into a table, which is made when there is none, and dropped again if the start fails.

    Raises AnalysisException when the table that is there has another format, other partitions, another place
    or other columns.
    """
    session, parts = frame.sparkSession, parts_of(name)
    if session.views.lookup(parts) is not None:
        raise AnalysisException(f"Temporary view {name} doesn't support streaming write.")
    if is_elsewhere(session, parts) or (write.format or "").lower() == FORMAT:
        require_format(write.format, parts)
        yield IntoTable(
            frame, replace(write, format=FORMAT, options=Options({**write.options, "path": name}))
        )
        return
    table = session.tables.find(parts)
    if table is not None:
        _require_alike(session, table, write)
        yield _into(_in_columns(frame, table), table, write)
        return
    made = define_table(session, parts, frame.schema, _saved(write))
    try:
        yield _into(frame, made, write)
    except BaseException:
        session.tables.drop(made)
        raise


def _into(frame: DataFrame, table: TableMetadata, write: WriteDescription) -> IntoTable:
    own = {k: v for k, v in sink_options(frame.sparkSession, table).items() if k != _ONLY_IN_BATCHES}
    asked = {key: value for key, value in write.options.items() if key.lower() not in _LAYOUT}
    options = Options({**own, **own_options(table, asked)})
    return IntoTable(frame, replace(write, format=table.provider, options=options))


def _saved(write: WriteDescription) -> SavedTable:
    return SavedTable("", write.format, "error", write.options)


def _require_alike(session: Session, table: TableMetadata, write: WriteDescription) -> None:
    require_whole(table)
    if write.format is not None and write.format.lower() != table.provider:
        raise AnalysisException(
            f"The input source({write.format}) is different from the table {table.name.table}'s data source "
            f"provider({table.provider})."
        )
    require_same(session, table, _saved(write))


def _in_columns(frame: DataFrame, table: TableMetadata) -> DataFrame:
    """The frame's columns in the order of the table's."""
    given = {field.name.lower(): field.dataType.simpleString() for field in frame.schema.fields}
    wanted = {field.name.lower(): field.dataType.simpleString() for field in table.schema.fields}
    if given != wanted or len(frame.columns) != len(wanted):
        raise AnalysisException(
            f"the columns of the stream are not those of the table {table.name.quoted}: "
            f"{frame.schema.simpleString()} and {table.schema.simpleString()}; cast and select them first"
        )
    return frame.select(*[frame[field.name].alias(field.name) for field in table.schema.fields])
