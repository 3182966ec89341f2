"""pandas DataFrames that a user's function has made, as an Arrow table of the schema that was promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.execution.rows import arrow_array
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DoubleType,
    FloatType,
    MapType,
    StructType,
    TimestampType,
    UserDefinedType,
    to_arrow_schema,
    to_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa


def table_of_frames(frames: Sequence[Any], schema: StructType, time_zone: str) -> pa.Table:
    """The rows of all frames; columns are found by name where they have names, else by place.

    Naive times are of `time_zone`.  Raises ArgumentTypeError or IllegalArgumentException, naming the column.
    """
    import pyarrow as pa

    wanted = to_arrow_schema(schema)
    pieces = [
        pa.Table.from_arrays(
            [
                _array(frame.iloc[:, place], field.name, field.dataType, time_zone)
                for place, field in zip(_places(list(frame.columns), schema), schema.fields, strict=True)
            ],
            schema=wanted,
        )
        for frame in _joined(frames, schema)
    ]
    return pa.concat_tables(pieces) if pieces else pa.Table.from_batches([], wanted)


def array_of_series(found: Any, name: str, data_type: DataType, time_zone: str) -> pa.ChunkedArray:
    """A Series, or a DataFrame for a struct, as a column of this type.

    Raises ArgumentTypeError or IllegalArgumentException, naming the column.
    """
    if isinstance(data_type, StructType) and hasattr(found, "columns"):
        table = table_of_frames([found], data_type, time_zone)
        return table.to_struct_array()
    import pandas as pd

    return _array(found if isinstance(found, pd.Series) else pd.Series(found), name, data_type, time_zone)


def _joined(frames: Sequence[Any], schema: StructType) -> Iterator[Any]:
    """Frames of the same columns put together."""
    import pandas as pd

    for _, alike in groupby(frames, key=lambda frame: tuple(frame.columns)):
        listed = list(alike)
        together = listed[0] if len(listed) == 1 else pd.concat(listed, ignore_index=True)
        if len(listed) > 1 and _may_have_lost(together, schema):
            for _, of_kind in groupby(listed, key=lambda frame: tuple(frame.dtypes)):
                yield pd.concat(list(of_kind), ignore_index=True)
        else:
            yield together


def _may_have_lost(frame: Any, schema: StructType) -> bool:
    """Whether frames whose columns were of several kinds have become one of floats, that wants others."""
    floats = sum(dtype.kind == "f" for dtype in frame.dtypes)
    wanted = sum(isinstance(field.dataType, FloatType | DoubleType) for field in schema.fields)
    return bool(floats > wanted)


def _places(labels: list[Any], schema: StructType) -> list[int]:
    """Where the columns of the schema stand among those of a frame."""
    if len(labels) != len(schema.fields):
        raise IllegalArgumentException(
            "[RESULT_COLUMN_SCHEMA_MISMATCH] Number of columns of the returned data doesn't match specified "
            f"schema. Expected: {len(schema.fields)} Actual: {len(labels)}"
        )
    if not any(isinstance(label, str) for label in labels):
        return list(range(len(labels)))
    missing = [name for name in schema.names if name not in labels]
    if missing:
        unexpected = [str(label) for label in labels if label not in schema.names]
        raise IllegalArgumentException(
            "[RESULT_COLUMN_NAMES_MISMATCH] Column names of the returned data do not match specified schema. "
            f"Missing: {', '.join(missing)}. Unexpected: {', '.join(unexpected)}."
        )
    return [labels.index(name) for name in schema.names]


def _array(series: Any, name: str, data_type: DataType, time_zone: str) -> pa.ChunkedArray:
    import pyarrow as pa

    try:
        found = _converted(series, data_type, time_zone)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError(
            f"Cannot convert the output value of the column '{name}' with type '{series.dtype}' to the "
            f"specified return type of the column: '{to_arrow_type(data_type)}'. Please check if the data "
            f"types match and try again. {error}"
        ) from error
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _converted(series: Any, data_type: DataType, time_zone: str) -> Any:
    import pyarrow as pa

    if isinstance(data_type, TimestampType):
        return _instants(series, time_zone)
    if isinstance(data_type, ArrayType | MapType | StructType | UserDefinedType):
        return arrow_array([_plain(value) for value in series], data_type)
    wanted = to_arrow_type(data_type)
    found = pa.Array.from_pandas(series, type=None if series.dtype.kind in "iuf" else wanted)
    return found if found.type == wanted else _cast(found, wanted)


def _cast(found: Any, wanted: pa.DataType) -> Any:
    import pyarrow as pa

    if pa.types.is_string(wanted) and not pa.types.is_large_string(found.type):
        raise TypeError(f"Expected a string or bytes dtype, got {found.type}")
    return found.cast(wanted)


def _instants(series: Any, time_zone: str) -> Any:
    import pandas as pd
    import pyarrow as pa

    times = series if series.dtype.kind == "M" else pd.to_datetime(series)
    if getattr(times.dtype, "tz", None) is None:
        times = times.dt.tz_localize(time_zone, ambiguous=False, nonexistent="shift_forward")
    return pa.Array.from_pandas(times).cast(pa.timestamp("us", tz="UTC"), safe=False)


def _plain(value: Any) -> Any:
    """A nested value as rows have it: arrays are lists, what pandas calls missing is None."""
    is_array = hasattr(value, "tolist") and not hasattr(type(value), "__UDT__")
    return value.tolist() if is_array else value
