"""Arrow tables as pandas DataFrames, in the kinds that PySpark gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamcore.distribution import install_command
from streamcore.errors import UnsupportedOperationException
from streamcore.execution.rows import python_values
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    StructType,
    TimestampNTZType,
    TimestampType,
    holds_udt,
)

if TYPE_CHECKING:
    import pyarrow as pa


def to_pandas(table: pa.Table, schema: StructType, time_zone: str) -> Any:
    """The table as a pandas DataFrame.

    Timestamps are naive, in `time_zone` and in microseconds; a struct or map is a dict, an array an ndarray.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise UnsupportedOperationException(
            f"toPandas() needs pandas: {install_command('pandas')}. Without it, use toArrow() or collect()."
        ) from error

    fields = zip(table.columns, schema.fields, strict=True)
    columns = [_series(column, field.dataType, time_zone) for column, field in fields]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(table.num_rows))
    frame.columns = list(schema.names)
    return frame


def series_of(column: pa.ChunkedArray, data_type: DataType, time_zone: str, name: str) -> Any:
    """The column as a pandas Series of this name; a struct as a DataFrame of its fields."""
    if isinstance(data_type, StructType):
        import pyarrow as pa

        fields = pa.Table.from_arrays(column.flatten(), names=list(data_type.names))
        return to_pandas(fields, data_type, time_zone)
    return _series(column, data_type, time_zone).rename(name)


def _series(column: pa.ChunkedArray, data_type: DataType, time_zone: str) -> Any:
    if holds_udt(data_type):
        return _of_objects(column, data_type)
    found = column.to_pandas(date_as_object=True, maps_as_pydicts="lossy")
    if isinstance(data_type, TimestampType):
        return found.dt.tz_convert(time_zone).dt.tz_localize(None)
    convert = _nested_times(data_type, time_zone)
    if convert is None or isinstance(data_type, TimestampNTZType):
        return found
    return found.map(convert, na_action="ignore")


def _of_objects(column: pa.ChunkedArray, data_type: DataType) -> Any:
    import pandas as pd

    return pd.Series(python_values(column, data_type), dtype=object)


def _nested_times(data_type: DataType, time_zone: str) -> Callable[[Any], Any] | None:
    """How the timestamps inside a value become pandas' own; None where there are none."""
    if isinstance(data_type, TimestampType):
        return lambda value: _wall_clock(_moment(value), time_zone)
    if isinstance(data_type, TimestampNTZType):
        return _moment
    if isinstance(data_type, ArrayType):
        element = _nested_times(data_type.elementType, time_zone)
        return None if element is None else lambda values: _objects(values, element)
    if isinstance(data_type, StructType):
        members = {f.name: _nested_times(f.dataType, time_zone) for f in data_type.fields}
        return (
            _of_dict(lambda key, value: (key, _given(members[key], value))) if any(members.values()) else None
        )
    if isinstance(data_type, MapType):
        key_of, item_of = (
            _nested_times(kind, time_zone) for kind in (data_type.keyType, data_type.valueType)
        )
        if key_of is None and item_of is None:
            return None
        return _of_dict(lambda key, value: (_given(key_of, key), _given(item_of, value)))
    return None


def _moment(value: Any) -> Any:
    import pandas as pd

    return pd.Timestamp(value)


def _wall_clock(moment: Any, time_zone: str) -> Any:
    # Inside arrays pyarrow hands out naive times of UTC.
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment
    return moment.tz_convert(time_zone).tz_localize(None)


def _objects(values: Any, convert: Callable[[Any], Any]) -> Any:
    import numpy as np

    found = np.empty(len(values), dtype=object)
    found[:] = [_given(convert, value) for value in values]
    return found


def _of_dict(entry: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any], Any]:
    return lambda found: dict(entry(key, value) for key, value in found.items())


def _given(convert: Callable[[Any], Any] | None, value: Any) -> Any:
    import pandas as pd

    if convert is None or value is None or value is pd.NaT:
        return value
    return convert(value)
