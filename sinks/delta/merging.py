"""Rows merged into a table by their keys, in one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.duck.quoting import identifier
from streamcore.errors import AnalysisException
from streamcore.sinks.delta.through_library import commit_properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deltalake import DeltaTable

    from streamcore.sinks.delta.settings import SinkSettings
    from streamcore.spi.exactly_once import CommitRecord
    from streamcore.spi.types import StructType


def check_keys(keys: Sequence[str], schema: StructType) -> None:
    """Raises AnalysisException for a key column that the data does not have, or that cannot be compared."""
    columns = {field.name: field.dataType.typeName() for field in schema.fields}
    for key in keys:
        if key not in columns:
            raise AnalysisException(
                f"keyColumns names {key!r}, which is not in the data; its columns are {', '.join(columns)}"
            )
        if columns[key] in ("array", "map", "struct"):
            raise AnalysisException(f"the key column {key!r} is of type {columns[key]}, which is no key")


def merge(
    handle: DeltaTable, rows: pa.Table, settings: SinkSettings, record: CommitRecord, info: dict[str, Any]
) -> None:
    """Updates the rows whose keys are there and adds the others; raises DeltaError as delta-rs does.

    A null key is a key like others.
    """
    named = {name.lower(): name for name in rows.column_names}
    keys = [named[key.lower()] for key in settings.key_columns]
    same = " AND ".join(f"(t.{identifier(key)} IS NOT DISTINCT FROM s.{identifier(key)})" for key in keys)
    merger = handle.merge(
        last_of_each_key(rows, keys),
        same,
        source_alias="s",
        target_alias="t",
        streamed_exec=False,
        commit_properties=commit_properties((record.query_id, record.batch_id), info, settings.user_metadata),
    )
    values = {identifier(name): f"s.{identifier(name)}" for name in rows.column_names}
    merger.when_matched_update(values).when_not_matched_insert(values).execute()


def last_of_each_key(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The last row of every key, in the order of the rows."""
    numbered = rows.select(list(keys)).append_column("", pa.array(range(rows.num_rows), pa.int64()))
    last = numbered.group_by(list(keys)).aggregate([("", "max")]).column("_max")
    return rows if len(last) == rows.num_rows else rows.take(last.take(pc.sort_indices(last)))
