"""createDataFrame: whatever the user holds, as an Arrow table and its schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, ArgumentTypeError
from streamcore.execution.rows import arrow_array, table_from_rows
from streamcore.spi.plain_rows import are_plain, columns_of
from streamcore.spi.types import (
    DataType,
    StructField,
    StructType,
    UserDefinedType,
    from_arrow_schema,
    infer_schema,
    is_open,
    parse_data_type,
    to_arrow_schema,
)
from streamcore.sql.fitting import fitting
from streamcore.sql.verification import is_surely_fit, verified

if TYPE_CHECKING:
    import pyarrow as pa


def local_data(data: Any, schema: Any, time_zone: str, *, verify: bool) -> tuple[pa.Table, StructType]:
    """The table and schema of the data given to `createDataFrame`; pandas' naive times are of `time_zone`."""
    kind = f"{type(data).__module__}.{type(data).__name__}"
    if kind.startswith("pyarrow.") and type(data).__name__ in ("Table", "RecordBatch"):
        return _from_arrow(data, schema)
    if kind.startswith("pandas.") and type(data).__name__ == "DataFrame":
        return _from_pandas(data, schema, time_zone)
    if kind == "numpy.ndarray":
        return _from_numpy(data, schema)
    if isinstance(data, (str, bytes)) or not hasattr(data, "__iter__"):
        raise AnalysisException(
            "[INVALID_TYPE] createDataFrame takes rows, a pandas DataFrame, an Arrow table or an RDD, not "
            f"{type(data).__name__}"
        )
    return _from_rows(list(data), schema, verify=verify)


def _from_rows(rows: list[Any], schema: Any, *, verify: bool) -> tuple[pa.Table, StructType]:
    given, names = schema_or_names(schema)
    if given is None:
        own = _inferred(rows, names)
        found = renamed(own, names)
        return encoded(rows, found, verify=False, names=own.names), found
    found, wrap = struct_of(given)
    return encoded([(row,) for row in rows] if wrap else rows, found, verify=verify), found


def struct_of(given: DataType) -> tuple[StructType, bool]:
    """The schema that a given type means, and whether each record is the one value of a row."""
    if isinstance(given, StructType):
        return given, False
    return StructType([StructField("value", given)]), True


def encoded(
    rows: Sequence[Any], schema: StructType, *, verify: bool, names: Sequence[str] | None = None
) -> pa.Table:
    """Rows as a table; AnalysisException for one that does not fit the schema.

    `names` are those under which dicts and objects have their values, where the schema has others.
    """
    own = schema.names if names is None else names
    if are_plain(rows, len(own)) and own:
        # Columns whose classes leave no doubt need no look at their values.
        if verify and not all(map(is_surely_fit, columns_of(rows), schema.fields)):
            verified(rows, schema)
        return _table(rows, schema)
    values = [_values(row, own, verify=verify) for row in rows]
    if verify:
        verified(values, schema)
    return _table(values, schema)


def _inferred(rows: list[Any], names: Sequence[str] | None) -> StructType:
    if not rows:
        raise AnalysisException("[CANNOT_INFER_EMPTY_SCHEMA] Can not infer schema from an empty dataset.")
    if not are_plain(rows):
        for row in rows:
            require_row(row)
    found = infer_schema(rows, names)
    if is_open(found):
        raise AnalysisException(
            "[CANNOT_DETERMINE_TYPE] Some of types cannot be determined after inferring: "
            f"{found.simpleString()}. Give a schema."
        )
    return found


def require_row(row: Any) -> None:
    """Raises for a value that cannot be a row."""
    if isinstance(row, (str, bytes, int, float, bool)) or row is None:
        raise AnalysisException(
            f"[CANNOT_INFER_SCHEMA_FOR_TYPE] Can not infer schema for type: `{type(row).__name__}`. "
            "Give rows as tuples, or one data type as the schema."
        )


def renamed(found: StructType, names: Sequence[str] | None) -> StructType:
    """The inferred schema under the names given; where there are fewer, the rest keep their own."""
    if names is None:
        return found
    if len(names) > len(found.fields):
        raise AnalysisException(
            f"[AXIS_LENGTH_MISMATCH] createDataFrame: {len(names)} names for {len(found.fields)} columns"
        )
    return _with_names(found, names)


def schema_or_names(schema: Any) -> tuple[DataType | None, list[str] | None]:
    """What `schema` says: a type, names, or (None, None) nothing."""
    if schema is None or isinstance(schema, DataType):
        return schema, None
    if isinstance(schema, str):
        return parse_data_type(schema), None
    if isinstance(schema, (list, tuple)):
        return None, [str(name) for name in schema]
    raise ArgumentTypeError(
        "[NOT_EXPECTED_TYPE] Argument `schema` should be list, None or StructType, got "
        f"{type(schema).__name__}."
    )


def _values(row: Any, names: Sequence[str], *, verify: bool) -> Sequence[Any]:
    """The row's values: a tuple's by position, those of a dict or an object by name."""
    if isinstance(row, Mapping):
        return [row.get(name) for name in names]
    if isinstance(row, (tuple, list)):
        if len(row) != len(names):
            raise _wrong_length(len(row), len(names), verify=verify)
        return row
    if hasattr(row, "__dict__"):
        return [getattr(row, name, None) for name in names]
    raise AnalysisException(
        f"A value of class {type(row).__name__} is no row of ({', '.join(names)}): {row!r}"
    )


def _wrong_length(found: int, wanted: int, *, verify: bool) -> AnalysisException:
    if verify:
        return AnalysisException(
            f"[FIELD_STRUCT_LENGTH_MISMATCH] Length of object ({found}) does not match with length of fields "
            f"({wanted})."
        )
    return AnalysisException(
        "[STRUCT_ARRAY_LENGTH_MISMATCH] Input row doesn't have expected number of values required by the "
        f"schema. {wanted} fields are required while {found} values are provided. SQLSTATE: 2201E"
    )


def _table(rows: Sequence[Sequence[Any]], schema: StructType) -> pa.Table:
    import pyarrow as pa

    try:
        return table_from_rows(rows, schema)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        # Spark makes texts of what stands where texts are wanted, and rounds decimals; few rows need it.
        fitted = [
            [fitting(value, field.dataType) for value, field in zip(row, schema.fields, strict=True)]
            for row in rows
        ]
    try:
        return table_from_rows(fitted, schema)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        verified(fitted, schema)
        raise AnalysisException(f"The rows do not fit the schema {schema.simpleString()}: {error}") from error


# ---- other libraries' tables ---------------------------------------------------------------------


def _from_arrow(data: Any, schema: Any) -> tuple[pa.Table, StructType]:
    import pyarrow as pa

    table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    given, names = schema_or_names(schema)
    found = from_arrow_schema(table.schema)
    if isinstance(given, StructType) and len(given.fields) != len(found.fields):
        raise _wrong_length(len(found.fields), len(given.fields), verify=True)
    if isinstance(given, StructType):
        found = given
    elif names is not None:
        found = _with_names(found, names)
    wanted = to_arrow_schema(found)
    columns = [_cast(column, field.type) for column, field in zip(table.columns, wanted, strict=True)]
    return pa.Table.from_arrays(columns, schema=wanted), found


def _cast(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if column.type == wanted:
        return column
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    safe = not (pa.types.is_timestamp(wanted) or pa.types.is_duration(wanted))
    return column.cast(wanted, safe=safe)


def _from_pandas(data: Any, schema: Any, time_zone: str) -> tuple[pa.Table, StructType]:
    import pyarrow as pa

    frame = data.copy(deep=False)
    frame.columns = [str(name) for name in frame.columns]
    given, _ = schema_or_names(schema)
    objects = _object_columns(frame, given)
    for name in frame.columns:
        kind = frame[name].dtype
        if kind.kind == "M" and getattr(kind, "tz", None) is None:
            frame[name] = frame[name].dt.tz_localize(time_zone, ambiguous=False, nonexistent="shift_forward")
    if not objects:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        return _from_arrow(table.replace_schema_metadata(None), schema)
    plain = pa.Table.from_pandas(frame.drop(columns=list(objects)), preserve_index=False)
    typed = to_arrow_schema(StructType([StructField(name, udt) for name, udt in objects.items()]))
    made = {name: arrow_array(frame[name].tolist(), udt) for name, udt in objects.items()}
    columns = [made[name] if name in made else plain.column(name) for name in frame.columns]
    fields = [typed.field(name) if name in made else plain.schema.field(name) for name in frame.columns]
    return _from_arrow(pa.table(columns, schema=pa.schema(fields)), schema)


def _object_columns(frame: Any, given: DataType | None) -> dict[str, UserDefinedType]:
    """The columns of pandas with objects of a user-defined type, which Arrow does not take by itself."""
    found: dict[str, UserDefinedType] = {}
    for at, name in enumerate(frame.columns):
        if frame[name].dtype != object:
            continue
        present = frame[name].dropna()
        udt = given.fields[at].dataType if isinstance(given, StructType) and at < len(given) else None
        if udt is None and len(present):
            udt = getattr(type(present.iloc[0]), "__UDT__", None)
        if isinstance(udt, UserDefinedType):
            found[name] = udt
    return found


def _from_numpy(data: Any, schema: Any) -> tuple[pa.Table, StructType]:
    import pyarrow as pa

    if data.ndim == 1:
        columns, default = [data], ["value"]
    elif data.ndim == 2:
        columns, default = [data[:, at] for at in range(data.shape[1])], []
    else:
        raise AnalysisException(
            "[INVALID_NDARRAY_DIMENSION] NumPy array input should be of 1 or 2 dimensions."
        )
    names = default or [f"_{at + 1}" for at in range(len(columns))]
    return _from_arrow(pa.table([pa.array(column) for column in columns], names=names), schema)


def _with_names(schema: StructType, names: Iterable[str]) -> StructType:
    listed = list(names)
    return StructType(
        [
            StructField(listed[at] if at < len(listed) else field.name, field.dataType, field.nullable)
            for at, field in enumerate(schema.fields)
        ]
    )
