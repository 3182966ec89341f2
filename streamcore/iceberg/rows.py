"""Arrow rows between a table's own types and ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import AnalysisException, QueryExecutionException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyiceberg.schema import Schema


@dataclass(frozen=True)
class SortKey:
    """One column of a table's sort order."""

    column: str
    descending: bool
    nulls_first: bool


def as_ours(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rows as pyiceberg reads them, in the Arrow types of our schema; columns go by their positions.

    Raises QueryExecutionException for a value that has no place in our type, such as nanoseconds.
    """
    columns = [_read(column, field) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _read(column: pa.Array, field: pa.Field) -> pa.Array:
    if column.type == field.type:
        return column
    try:
        if _holds_uuid(column.type):
            return pa.array([_with_text(value) for value in column.to_pylist()], field.type)
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryExecutionException(
            f"the column {field.name!r} holds {column.type}, which {field.type} cannot hold without loss: "
            f"{error}"
        ) from error


def as_theirs(table: pa.Table, schema: Schema) -> pa.Table:
    """Our rows in the Arrow types of a table's columns, in their order; a column that is not given is null.

    Raises AnalysisException for a value that the table's type cannot hold.
    """
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    wanted = schema_to_pyarrow(schema, include_field_ids=False)
    columns = [_written(table, field) for field in wanted]
    return pa.Table.from_arrays(columns, schema=wanted)


def empty_theirs(schema: Schema) -> pa.Table:
    """No rows, in the Arrow types of a table."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    return schema_to_pyarrow(schema, include_field_ids=False).empty_table()


def _written(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    if field.name not in table.schema.names:
        return pa.chunked_array([pa.nulls(table.num_rows, field.type)])
    column = table.column(field.name)
    if not field.nullable and column.null_count:
        raise AnalysisException(
            f"the column {field.name!r} is required in the Iceberg table, and {column.null_count} of the "
            "rows to write are null there: fill or filter them before writing"
        )
    if column.type == field.type:
        return column
    try:
        if isinstance(field.type, pa.UuidType):
            values = [None if text is None else UUID(text).bytes for text in column.to_pylist()]
            return pa.chunked_array([pa.array(values, field.type)])
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise AnalysisException(
            f"the column {field.name!r} holds {column.type}, which does not fit the table's {field.type}: "
            f"{error}"
        ) from error


def _holds_uuid(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.UuidType):
        return True
    return pa.types.is_nested(kind) and any(_holds_uuid(kind.field(i).type) for i in range(kind.num_fields))


def _with_text(value: Any) -> Any:
    """A value of Python with every UUID as text."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {key: _with_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_with_text(item) for item in value)
    return value


def sorted_rows(table: pa.Table, keys: Sequence[SortKey]) -> pa.Table:
    """The rows in the order of the keys; rows that are equal under them stay in their order."""
    if not keys or table.num_rows < 2:
        return table
    columns, order = {}, []
    for number, key in enumerate(keys):
        values = table.column(key.column)
        # A key of its own for nulls: where they go is the table's to say, column by column.
        columns[f"null {number}"] = pc.is_null(values)
        columns[f"value {number}"] = values
        order += [
            (f"null {number}", "descending" if key.nulls_first else "ascending"),
            (f"value {number}", "descending" if key.descending else "ascending"),
        ]
    return table.take(pc.sort_indices(pa.table(columns), sort_keys=order))
