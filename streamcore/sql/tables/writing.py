"""Rows into the files of a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import make_data_source, sink_class, source_class, with_session_zone
from streamcore.plan.logical import Relation
from streamcore.sql.tables.assignment import of_declared_length
from streamcore.sql.tables.checks import option_names, require_known_options
from streamcore.sql.tables.reading import require_whole
from streamcore.sql.writing import write_rows

if TYPE_CHECKING:
    from streamcore.spi.options import Options
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session
    from streamcore.sql.tables.metadata import TableMetadata

_OVERWRITE_MODE = "partitionOverwriteMode"


def insert(
    frame: DataFrame,
    table: TableMetadata,
    *,
    overwrite: bool,
    partition: Mapping[str, Any] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """Adds rows that fit the table's columns, or puts them in the place of those it has.

    With `partition`, values of its first partition columns, only the rows there are replaced; `asked` are
    options of this write.  Raises AnalysisException when rows are to be replaced that the query reads, and
    for an option that would make files that the table reads otherwise.
    """
    require_whole(table)
    session = frame.session
    if overwrite:
        require_not_read(frame, session, table)
    options = sink_options(session, table)
    options.update(own_options(table, asked or {}))
    is_dynamic = str(options.get(_OVERWRITE_MODE)).lower() == "dynamic"
    if overwrite and partition and (not is_dynamic or len(partition) == len(table.partition_by)):
        options["overwritePartition"] = json.dumps(partition)
    write_files(frame, table, options, overwrite=overwrite)
    if table.statistics is not None:
        session.tables.store.replace(replace(table, statistics=None))


def create_as(frame: DataFrame, table: TableMetadata) -> None:
    """Makes a table of the frame's rows: it can be read when they are there, and not before.

    Its name is claimed first, so that of two that make the same table one fails before it writes.
    """
    frame = of_declared_length(frame, table)
    tables = frame.session.tables
    tables.create(replace(table, is_unfinished=True))
    try:
        tables.require_free_folder(table)
        write_files(frame, table, sink_options(frame.session, table), overwrite=False)
    except BaseException:
        tables.store.forget(table.name)
        raise
    tables.store.replace(table)


def overwrite_as(frame: DataFrame, old: TableMetadata, new: TableMetadata) -> None:
    """Puts the frame's rows in the place of a table's, and its columns in the place of the table's.

    Until both are done nobody reads the one as the other.
    """
    frame = of_declared_length(frame, new)
    session, store = frame.session, frame.session.tables.store
    if not old.is_unfinished:
        require_not_read(frame, session, old)
    options = sink_options(session, new)
    options[_OVERWRITE_MODE] = "static"
    store.replace(replace(old, is_unfinished=True))
    try:
        write_files(frame, new, options, overwrite=True)
    except BaseException:
        store.replace(old)
        raise
    store.replace(new)


def move_as(frame: DataFrame, old: TableMetadata, new: TableMetadata) -> None:
    """Puts the frame's rows and columns in the place of a table's whose files are elsewhere.

    The table stays as it was until the new rows are all there; then the files that were its own go.
    """
    frame = of_declared_length(frame, new)
    session, tables = frame.session, frame.session.tables
    if not old.is_unfinished:
        require_not_read(frame, session, old)
    if old.is_managed and tables.folder(new).is_relative_to(tables.folder(old)):
        raise AnalysisException(
            f"the table {old.name.quoted} cannot move from {tables.folder(old)} to {tables.folder(new)}, "
            "which is removed with its old files: choose a location outside of it"
        )
    tables.require_free_folder(new)
    write_files(frame, new, sink_options(session, new), overwrite=False)
    tables.move(old, new)


def write_files(frame: DataFrame, table: TableMetadata, options: Options, *, overwrite: bool) -> None:
    """Runs the query into the table's folder."""
    sink = make_data_source(sink_class(table.provider), options)
    write_rows(frame, sink, table.provider, overwrite=overwrite)
    frame.session.tables.forget_results(table)


def sink_options(session: Session, table: TableMetadata) -> Options:
    """The options of a sink into the table's folder."""
    known = option_names(sink_class(table.provider))
    own: dict[str, Any] = {key: value for key, value in table.options.items() if key.lower() in known}
    own["path"] = str(session.tables.folder(table))
    own.setdefault(_OVERWRITE_MODE, session.conf.get(f"spark.sql.sources.{_OVERWRITE_MODE}"))
    if table.partition_by:
        own["partitionBy"] = json.dumps(list(table.partition_by))
    if table.cluster_by:
        own["clusterBy"] = json.dumps(list(table.cluster_by))
    return with_session_zone(table.provider, own, str(session.conf.get("spark.sql.session.timeZone")))


def own_options(table: TableMetadata, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Options of one write into a table that is there: those of which readers know nothing.

    Raises AnalysisException for one that is not the table's, though its readers go by it.
    """
    has = {key.lower(): value for key, value in table.options.items()}
    readers = option_names(source_class(table.provider))
    require_known_options(table.provider, {key: str(value) for key, value in asked.items()})
    for key, value in asked.items():
        if key.lower() in readers and str(value) != has.get(key.lower()):
            raise AnalysisException(
                f"the table {table.name.quoted} is read with {key}={has.get(key.lower())!r}, and files "
                f"written with {key}={value!r} would be read otherwise; leave the option out"
            )
    return {key: value for key, value in asked.items() if key.lower() not in readers}


def require_not_read(frame: DataFrame, session: Session, table: TableMetadata) -> None:
    """Raises AnalysisException when the frame reads the table."""
    source = session.tables.relation(table).source
    if any(isinstance(node, Relation) and node.source is source for node in frame.plan.walk()):
        raise AnalysisException(
            f"[UNSUPPORTED_OVERWRITE.TABLE] Can't overwrite the target that is also being read from. The "
            f"target table is {table.name.quoted}. SQLSTATE: 42902"
        )
