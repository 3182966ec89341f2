"""A table as a leaf of a plan, batch or streaming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import make_data_source, source_class, with_session_zone
from streamcore.execution.leaves import BatchScan, scan_relation, stream_relation
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.sql.tables.checks import PLACE, option_names
from streamcore.storage.globs import escaped
from streamcore.streaming.stream_source import StreamSource

if TYPE_CHECKING:
    from pathlib import Path

    from streamcore.plan.logical import Relation
    from streamcore.spi.options import Options
    from streamcore.sql.tables.metadata import TableMetadata


def table_relation(
    table: TableMetadata, folder: Path, zone: str, options: Mapping[str, str] | None = None
) -> Relation:
    """A leaf that reads the table's files as they are when an action runs."""
    require_whole(table)
    source = make_data_source(
        source_class(table.provider), _source_options(table, folder, zone, options or {})
    )
    return scan_relation(BatchScan(source, table.read_schema, table.provider))


def table_stream(
    table: TableMetadata, folder: Path, zone: str, options: Mapping[str, str], name: str | None
) -> Relation:
    """A streaming leaf of the table's files, those that are there first; `name` is that of the source."""
    require_whole(table)
    known = _source_options(table, folder, zone, options)
    data_source: Any = make_data_source(source_class(table.provider), known)
    if isinstance(data_source, ChecksStreamOptions):
        data_source.check_stream_options()
    source = StreamSource(table.provider, data_source, table.read_schema, known, name)
    return stream_relation(source, table.read_schema, "stream")


def require_whole(table: TableMetadata) -> None:
    """Raises AnalysisException for a table whose rows and description may not belong together."""
    if table.is_unfinished:
        raise AnalysisException(
            f"the rows of the table {table.name.quoted} are being written for its columns, or were when the "
            "writer died: wait for the writer, overwrite the table, or drop it"
        )


def _source_options(table: TableMetadata, folder: Path, zone: str, options: Mapping[str, str]) -> Options:
    for key in options:
        if key.lower() in PLACE:
            raise AnalysisException(
                f"the table {table.name.quoted} is in {folder}: leave the option {key} out"
            )
    known = option_names(source_class(table.provider))
    own = {key: value for key, value in table.options.items() if key.lower() in known}
    place = {"path": escaped(str(folder))}
    return with_session_zone(table.provider, {**own, **options, **place}, zone)
