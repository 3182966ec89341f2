"""Rows as the sink promised to store them: the columns of the schema, in its order and with its types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from collections.abc import Iterable


def nullable_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with every column nullable, as files and tables keep them."""
    return pa.schema([field.with_nullable(nullable=True) for field in schema])


def conform(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """The batches as one table of `schema`; columns are matched by name, types are cast when they differ.

    Raises AnalysisException naming the column when one is missing or cannot be cast.
    """
    pieces = [_conform_one(batch, schema) for batch in batches]
    return pa.concat_tables(pieces) if pieces else schema.empty_table()


def _conform_one(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    columns = [_column(batch, field, position) for position, field in enumerate(schema)]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(batch: pa.RecordBatch, field: pa.Field, position: int) -> pa.Array:
    names = batch.schema.names
    # Positions settle the columns of one name, which a name cannot.
    index = position if position < len(names) and names[position] == field.name else _index(names, field.name)
    column = batch.column(index)
    if column.type == field.type:
        return column
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise AnalysisException(
            f"the column {field.name!r} holds {column.type}, which does not fit the sink's {field.type}: "
            f"{error}"
        ) from error


def _index(names: list[str], name: str) -> int:
    if names.count(name) != 1:
        raise AnalysisException(f"the rows to write have no column {name!r}; they have {', '.join(names)}")
    return names.index(name)
