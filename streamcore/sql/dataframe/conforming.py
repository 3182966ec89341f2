"""DataFrame.to: rows made to fit a schema, columns and fields found by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, unresolved_column
from streamcore.spi.types import ArrayType, DataType, MapType, StructField, StructType
from streamcore.sql import functions as F
from streamcore.sql.arguments import require_kind
from streamcore.sql.tables.assignment import is_storable

if TYPE_CHECKING:
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame


def conforming(frame: DataFrame, schema: StructType) -> DataFrame:
    """See `DataFrame.to`."""
    require_kind(schema, "schema", StructType, "StructType")
    case_sensitive = frame.session.analysis_settings.case_sensitive
    columns = [
        _field(field, frame.schema, lambda name: F.col(backticked(name)), (), case_sensitive)
        for field in schema.fields
    ]
    return frame.select(*columns)


def _field(
    wanted: StructField,
    given: StructType,
    read: Callable[[str], Column],
    path: tuple[str, ...],
    case_sensitive: bool,
) -> Column:
    """A field of the schema, made of the field of that name."""
    found = _named(wanted.name, given, case_sensitive)
    here = (*path, wanted.name)
    if found is None:
        if not wanted.nullable:
            raise unresolved_column([wanted.name], [backticked(field.name) for field in given.fields])
        return F.lit(None).cast(wanted.dataType).alias(wanted.name)
    if found.nullable and not wanted.nullable:
        raise AnalysisException(
            f"[NULLABLE_COLUMN_OR_FIELD] Column or field {_quoted((*path, found.name))} is nullable while "
            "it's required to be non-nullable. SQLSTATE: 42000"
        )
    value = _value(read(found.name), found.dataType, wanted.dataType, here, case_sensitive)
    metadata = {**(found.metadata or {}), **(wanted.metadata or {})}
    return value.alias(wanted.name, metadata=metadata) if metadata else value.alias(wanted.name)


def _value(
    value: Column, given: DataType, wanted: DataType, path: tuple[str, ...], case_sensitive: bool
) -> Column:
    if given == wanted:
        return value
    if isinstance(given, StructType) and isinstance(wanted, StructType):
        made = F.struct(
            *(_field(field, given, value.getField, path, case_sensitive) for field in wanted.fields)
        )
        return F.when(value.isNotNull(), made)
    if isinstance(given, ArrayType) and isinstance(wanted, ArrayType):
        inner, outer = given.elementType, wanted.elementType
        return F.transform(value, lambda item: _value(item, inner, outer, (*path, "element"), case_sensitive))
    if isinstance(given, MapType) and isinstance(wanted, MapType):
        return _map(value, given, wanted, path, case_sensitive)
    if not is_storable(given, wanted):
        raise AnalysisException(
            f"[INVALID_COLUMN_OR_FIELD_DATA_TYPE] Column or field {_quoted(path)} is of type "
            f'"{given.simpleString().upper()}" while it\'s required to be "{wanted.simpleString().upper()}". '
            "SQLSTATE: 42000"
        )
    return value.cast(wanted)


def _map(
    value: Column, given: MapType, wanted: MapType, path: tuple[str, ...], case_sensitive: bool
) -> Column:
    entries = F.transform(
        F.map_entries(value),
        lambda entry: F.struct(
            _value(entry["key"], given.keyType, wanted.keyType, (*path, "key"), case_sensitive),
            _value(entry["value"], given.valueType, wanted.valueType, (*path, "value"), case_sensitive),
        ),
    )
    return F.map_from_entries(entries)


def _named(name: str, struct: StructType, case_sensitive: bool) -> StructField | None:
    for field in struct.fields:
        if field.name == name or (not case_sensitive and field.name.lower() == name.lower()):
            return field
    return None


def _quoted(path: tuple[str, ...]) -> str:
    return ".".join(map(backticked, path))
