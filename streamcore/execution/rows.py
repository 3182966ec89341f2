"""Arrow tables to rows and rows to Arrow tables, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.plain_rows import are_plain, classes, columns_of
from streamcore.spi.row import Row, row_of
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StructType,
    TimestampType,
    UserDefinedType,
    YearMonthIntervalType,
    to_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa

_FLOATS = frozenset([float, type(None)])
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BY_NUMPY = (ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType, BooleanType)


# ---- Arrow to rows -------------------------------------------------------------------------------


def rows_of(table: pa.Table, schema: StructType) -> list[Row]:
    """Every row of a table, in order; timestamps are naive and in the machine's zone, as in PySpark."""
    names = list(schema.names)
    columns = [
        python_values(column, f.dataType) for column, f in zip(table.columns, schema.fields, strict=True)
    ]
    if not columns:
        return [row_of(names, ()) for _ in range(table.num_rows)]
    return [row_of(names, values) for values in zip(*columns, strict=True)]


def iterate_rows(table: pa.Table, schema: StructType, chunk_rows: int = 10_000) -> Iterator[Row]:
    """The rows of a table, converted a chunk at a time."""
    for start in range(0, table.num_rows, chunk_rows):
        yield from rows_of(table.slice(start, chunk_rows), schema)


def rows_of_batches(batches: Iterator[pa.RecordBatch], schema: StructType) -> Iterator[Row]:
    """The rows of batches, in order."""
    import pyarrow as pa

    for batch in batches:
        yield from iterate_rows(pa.Table.from_batches([batch]), schema)


def python_values(column: pa.ChunkedArray, data_type: DataType) -> list[Any]:
    """The values of one column as Python objects."""
    if isinstance(data_type, _BY_NUMPY) and column.null_count == 0:
        values: list[Any] = column.to_numpy().tolist()
        return values
    if isinstance(data_type, UserDefinedType):
        objects = data_type.objects_of(column)
        if objects is not None:
            return objects
    convert = _to_python(data_type)
    if isinstance(data_type, TimestampType):
        import pyarrow as pa

        column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        return [None if value is None else _local(value) for value in column.to_pylist()]
    if isinstance(data_type, MapType):
        values = column.to_pylist(maps_as_pydicts="lossy") if convert is None else column.to_pylist()
    else:
        values = column.to_pylist()
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def _to_python(data_type: DataType) -> Callable[[Any], Any] | None:
    """How a value of pyarrow's `to_pylist` becomes PySpark's; None when it already is."""
    if isinstance(data_type, TimestampType):
        return lambda value: value.astimezone().replace(tzinfo=None)
    if isinstance(data_type, StructType):
        return _struct_to_row(data_type)
    if isinstance(data_type, ArrayType):
        element = _to_python(data_type.elementType)
        if element is None:
            return None
        return lambda values: [None if value is None else element(value) for value in values]
    if isinstance(data_type, MapType):
        return _entries_to_dict(data_type)
    if isinstance(data_type, UserDefinedType):
        return _stored_to_object(data_type)
    if isinstance(data_type, (YearMonthIntervalType, CalendarIntervalType)):
        return _refused(data_type)
    return None


def refuse_in_arrow(schema: StructType) -> None:
    """Refuse a schema with types that PySpark does not hand over as Arrow."""
    for field in schema.fields:
        found = next(_without_arrow(field.dataType), None)
        if found is not None:
            raise UnsupportedOperationException(
                f"[UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION] {found!r} is not supported in conversion to "
                f"Arrow: cast the column {field.name!r} to a string, or extract its parts."
            )


def _without_arrow(data_type: DataType) -> Iterator[DataType]:
    if isinstance(data_type, (YearMonthIntervalType, CalendarIntervalType)):
        yield data_type
    elif isinstance(data_type, ArrayType):
        yield from _without_arrow(data_type.elementType)
    elif isinstance(data_type, MapType):
        yield from _without_arrow(data_type.keyType)
        yield from _without_arrow(data_type.valueType)
    elif isinstance(data_type, StructType):
        for field in data_type.fields:
            yield from _without_arrow(field.dataType)


def _refused(data_type: DataType) -> Callable[[Any], Any]:
    """For a type whose values Python has no kind of number or object for, as in PySpark."""

    def refuse(_: Any) -> Any:
        raise UnsupportedOperationException(
            f"[NOT_IMPLEMENTED] {type(data_type).__name__}.fromInternal is not implemented. Cast the column "
            "to a string, or extract its parts."
        )

    return refuse


def _stored_to_object(udt: UserDefinedType) -> Callable[[Any], Any]:
    convert = _to_python(udt.sqlType())
    return udt.deserialize if convert is None else lambda value: udt.deserialize(convert(value))


def _struct_to_row(struct: StructType) -> Callable[[Any], Any]:
    names = list(struct.names)
    converts = [_to_python(field.dataType) for field in struct.fields]

    def convert(value: dict[str, Any]) -> Row:
        items = zip((value[name] for name in names), converts, strict=True)
        return row_of(names, [v if v is None or c is None else c(v) for v, c in items])

    return convert


def _entries_to_dict(map_type: MapType) -> Callable[[Any], Any]:
    key, item = _to_python(map_type.keyType), _to_python(map_type.valueType)

    def convert(entries: list[tuple[Any, Any]]) -> dict[Any, Any]:
        return {
            (k if key is None else key(k)): (v if v is None or item is None else item(v)) for k, v in entries
        }

    return convert


def _local(microseconds: int) -> dt.datetime:
    return (_EPOCH + dt.timedelta(microseconds=microseconds)).astimezone().replace(tzinfo=None)


# ---- rows to Arrow -------------------------------------------------------------------------------


def table_from_rows(rows: Sequence[Any], schema: StructType) -> pa.Table:
    """Rows (tuples, lists, Rows, in the order of the schema) as a table; values are taken as they are."""
    import pyarrow as pa

    columns: list[Any] = [()] * len(schema.fields)
    if rows and schema.fields:
        columns = columns_of(rows) if are_plain(rows) else list(zip(*rows, strict=True))
    arrays = [
        arrow_array(column, field.dataType) for column, field in zip(columns, schema.fields, strict=True)
    ]
    from streamcore.spi.types import to_arrow_schema

    if not arrays:
        return pa.table({"": pa.nulls(len(rows))}).select([])
    return pa.Table.from_arrays(arrays, schema=to_arrow_schema(schema))


def arrow_array(values: Sequence[Any], data_type: DataType) -> pa.Array:
    """Python values as an Arrow array of this type."""
    import pyarrow as pa

    if isinstance(data_type, UserDefinedType):
        column = data_type.column_of(list(values))
        if column is not None:
            return column
    convert = _from_python(data_type)
    if convert is not None and not (convert is float and classes(values) <= _FLOATS):
        values = [None if value is None else convert(value) for value in values]
    return pa.array(values, to_arrow_type(data_type))


def _from_python(data_type: DataType) -> Callable[[Any], Any] | None:
    """How a user's value becomes one that pyarrow takes for this type; None when it already is."""
    if isinstance(data_type, TimestampType):
        return lambda value: value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value
    if isinstance(data_type, StructType):
        return _to_struct(data_type)
    if isinstance(data_type, ArrayType):
        element = _from_python(data_type.elementType)
        return list if element is None else lambda v: [None if x is None else element(x) for x in v]
    if isinstance(data_type, MapType):
        return _to_entries(data_type)
    if isinstance(data_type, (FloatType, DoubleType)):
        return float
    if isinstance(data_type, UserDefinedType):
        return _object_to_stored(data_type)
    return None


def _object_to_stored(udt: UserDefinedType) -> Callable[[Any], Any]:
    convert = _from_python(udt.sqlType())
    return udt.serialize if convert is None else lambda value: convert(udt.serialize(value))


def _to_struct(struct: StructType) -> Callable[[Any], Any]:
    names = list(struct.names)
    converts = [_from_python(field.dataType) for field in struct.fields]

    def convert(value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            items: Sequence[Any] = [value.get(name) for name in names]
        elif isinstance(value, (tuple, list)):
            items = value
        else:
            items = [getattr(value, name, None) for name in names]
        return {
            name: v if v is None or c is None else c(v)
            for name, v, c in zip(names, items, converts, strict=True)
        }

    return convert


def _to_entries(map_type: MapType) -> Callable[[Any], Any]:
    key, item = _from_python(map_type.keyType), _from_python(map_type.valueType)

    def convert(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
        return [
            (k if key is None else key(k), v if v is None or item is None else item(v))
            for k, v in value.items()
        ]

    return convert
