"""Arrow tables as pandas DataFrames, in the dtypes that PySpark gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.types import ArrayType, DataType, DateType, MapType, StructType, TimestampType

if TYPE_CHECKING:
    import pyarrow as pa


def to_pandas(table: pa.Table, schema: StructType) -> Any:
    """The table as a pandas DataFrame; timestamps are naive, in the machine's zone."""
    try:
        import pandas as pd
    except ImportError as error:
        raise UnsupportedOperationException(
            "toPandas() needs pandas: pip install 'streamcore[pandas]'. Without it, use toArrow() or "
            "collect()."
        ) from error

    columns = [_series(column, f.dataType) for column, f in zip(table.columns, schema.fields, strict=True)]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(table.num_rows))
    frame.columns = list(schema.names)
    return frame


def _series(column: pa.ChunkedArray, data_type: DataType) -> Any:
    import pandas as pd

    from streamcore.sql.conf import local_time_zone

    if isinstance(data_type, (StructType, ArrayType, MapType)):
        from streamcore.sql.execution.rows import python_values

        return pd.Series(python_values(column, data_type), dtype="object")
    found = column.to_pandas(date_as_object=isinstance(data_type, DateType))
    if isinstance(data_type, TimestampType):
        found = found.dt.tz_convert(local_time_zone()).dt.tz_localize(None).astype("datetime64[ns]")
    return found
