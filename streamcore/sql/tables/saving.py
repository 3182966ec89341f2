"""df.write.saveAsTable and insertInto: what a batch writer collected becomes a table, or goes into one."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked
from streamcore.spi.sized_texts import as_declared
from streamcore.spi.types import StructType, TimestampType
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import by_name, by_position
from streamcore.sql.tables.checks import (
    arranged,
    checked_format,
    known_columns,
    require_known_options,
    require_padded,
)
from streamcore.sql.tables.metadata import Buckets, TableMetadata
from streamcore.sql.tables.names import TableName, parts_of
from streamcore.sql.tables.view_metadata import ViewMetadata
from streamcore.sql.tables.writing import create_as, insert, move_as, overwrite_as
from streamcore.storage.locations import local_folder
from streamcore.version import __version__

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

_LAYOUT: Final = ("path", "partitionby", "clusterby", "bucketby")


@dataclass(frozen=True)
class SavedTable:
    """What a writer collected for a table; `mode` is append, overwrite, ignore or error."""

    name: str
    format: str | None
    mode: str
    options: Mapping[str, Any]

    def columns(self, option: str) -> list[str] | None:
        """The columns that an option lists as JSON; None when it is not given."""
        text = next((value for key, value in self.options.items() if key.lower() == option), None)
        try:
            found: list[str] | None = None if text is None else json.loads(text)
        except ValueError:
            raise AnalysisException(f"option {option}={text!r} must be a JSON list of column names") from None
        return found

    @property
    def buckets(self) -> Buckets | None:
        """What is to be noted of buckets."""
        text = next((value for key, value in self.options.items() if key.lower() == "bucketby"), None)
        if text is None:
            return None
        found = json.loads(text)
        return Buckets(found["count"], tuple(found["columns"]), tuple(found["sorted_by"]))

    @property
    def path(self) -> str | None:
        """Where the files are to be, when it is not where the table's name says."""
        return next((str(value) for key, value in self.options.items() if key.lower() == "path"), None)

    @property
    def format_options(self) -> dict[str, str]:
        """The options of the format, which the table keeps."""
        return {key: str(value) for key, value in self.options.items() if key.lower() not in _LAYOUT}


def save_as_table(frame: DataFrame, saved: SavedTable) -> None:
    """Makes the table, adds to it or takes its place, as the mode says."""
    tables = frame.session.tables
    name = tables.new_name(parts_of(saved.name))
    old = tables.store.entry(name)
    if isinstance(old, ViewMetadata):
        raise refusals.expected_table("saveAsTable", name.quoted)
    if old is None:
        create_as(frame, described(frame.session, name, frame.schema, saved))
    elif saved.mode == "error":
        raise refusals.table_already_exists(name)
    elif saved.mode == "append":
        _append(frame, old, saved)
    elif saved.mode == "overwrite":
        _overwrite(frame, old, described(frame.session, name, frame.schema, saved))


def create_table_of(frame: DataFrame, saved: SavedTable, properties: Mapping[str, str]) -> None:
    """Makes a table of the frame's rows; raises AnalysisException when its name is taken."""
    tables = frame.session.tables
    name = tables.new_name(parts_of(saved.name))
    if tables.store.entry(name) is not None:
        raise refusals.table_already_exists(name)
    made = described(frame.session, name, frame.schema, saved)
    create_as(frame, replace(made, properties=dict(properties)))


def replace_table_by(frame: DataFrame, saved: SavedTable, properties: Mapping[str, str]) -> None:
    """Puts a table of the frame's rows and columns in the place of one that is there."""
    old = frame.session.tables.require(parts_of(saved.name), "REPLACE TABLE")
    new = described(frame.session, old.name, frame.schema, saved)
    _overwrite(frame, old, replace(new, properties=dict(properties)))


def insert_into(frame: DataFrame, saved: SavedTable) -> None:
    """Adds the frame's rows by position, or with the mode overwrite puts them in the place of the table's."""
    table = frame.session.tables.require(parts_of(saved.name))
    require_same(frame.session, table, saved)
    rows = by_position(frame, table, table.schema.fields)
    insert(rows, table, overwrite=saved.mode == "overwrite", asked=saved.format_options)


def described(session: Session, name: TableName, schema: StructType, saved: SavedTable) -> TableMetadata:
    """The new table; raises AnalysisException for what it cannot be."""
    provider = checked_format(saved.format or str(session.conf.get("spark.sql.sources.default")))
    require_known_options(provider, saved.format_options)
    schema = StructType([as_declared(field) for field in schema.fields])
    columns, partition_by = arranged(name, schema, saved.columns("partitionby") or [])
    options = saved.format_options
    if any(isinstance(columns[column].dataType, TimestampType) for column in partition_by):
        # A folder's name does not say in which zone its instant is.
        options.setdefault("timeZone", str(session.conf.get("spark.sql.session.timeZone")))
    table = TableMetadata(
        name=name,
        provider=provider,
        schema=columns,
        partition_by=partition_by,
        cluster_by=known_columns(schema, saved.columns("clusterby") or [], "Clustering"),
        location=None if saved.path is None else str(local_folder(saved.path)),
        options=options,
        buckets=_known_buckets(saved.buckets, schema),
        created_ms=time.time_ns() // 1_000_000,
        created_by=f"streamcore {__version__}",
    )
    require_padded(table)
    session.tables.require_outside_catalog(table)
    return table


def _known_buckets(buckets: Buckets | None, schema: StructType) -> Buckets | None:
    if buckets is None:
        return None
    if not 0 < buckets.count <= 100_000:
        raise AnalysisException(
            "[INVALID_BUCKET_COUNT] Number of buckets should be greater than 0 but less than or equal to "
            f"bucketing.maxBuckets (`100000`). Got `{buckets.count}`. SQLSTATE: 22003"
        )
    columns = known_columns(schema, buckets.columns, "Bucketing")
    return Buckets(buckets.count, columns, known_columns(schema, buckets.sorted_by, "Sorting"))


def require_same(session: Session, table: TableMetadata, saved: SavedTable) -> None:
    """Raises AnalysisException where a write asks for another format, layout or place than a table has."""
    if saved.format is not None and saved.format.lower() != table.provider:
        raise AnalysisException(
            f"The format of the existing table {table.name} is `{table.provider}`. It doesn't match the "
            f"specified format `{saved.format}`."
        )
    cluster_by = saved.columns("clusterby")
    if cluster_by is not None and tuple(cluster_by) != table.cluster_by:
        raise AnalysisException(
            f"the table {table.name.quoted} is clustered by ({', '.join(table.cluster_by)}); leave "
            "clusterBy out"
        )
    folder = session.tables.folder(table)
    if saved.path is not None and local_folder(saved.path) != folder:
        raise AnalysisException(f"the table {table.name.quoted} is in {folder}, not in {saved.path}")
    partition_by = saved.columns("partitionby")
    if partition_by is not None and [n.lower() for n in partition_by] != [
        n.lower() for n in table.partition_by
    ]:
        raise AnalysisException(
            f"Specified partitioning does not match that of the existing table {table.name}.\nSpecified "
            f"partition columns: [{', '.join(partition_by)}].\nExisting partition columns: "
            f"[{', '.join(table.partition_by)}]."
        )


def _append(frame: DataFrame, table: TableMetadata, saved: SavedTable) -> None:
    require_same(frame.session, table, saved)
    if len(frame.columns) != len(table.schema.fields):
        raise AnalysisException(
            f"The column number of the existing table {table.name} ({table.schema.simpleString()}) doesn't "
            f"match the data schema ({frame.schema.simpleString()})."
        )
    given = {column.lower() for column in frame.columns}
    missing = [field.name for field in table.schema.fields if field.name.lower() not in given]
    if missing:
        raise AnalysisException(
            f"Cannot resolve {backticked(missing[0])} given input columns: [{', '.join(frame.columns)}]."
        )
    insert(by_name(frame, table), table, overwrite=False, asked=saved.format_options)


def _overwrite(frame: DataFrame, old: TableMetadata, new: TableMetadata) -> None:
    tables = frame.session.tables
    if tables.folder(old) == tables.folder(new):
        overwrite_as(frame, old, new)
    else:
        move_as(frame, old, new)
