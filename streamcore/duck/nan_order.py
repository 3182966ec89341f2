"""NaN, the largest number to Spark and to DuckDB, and of no order to scans."""

from __future__ import annotations

from streamcore.duck.types import type_text
from streamcore.spi.types import DataType, DoubleType, FloatType


def kept_from_scans(sql: str, data_type: DataType) -> str:
    """The value of a column, or of a field of one, so that no condition on it is handed to a scan.

    Scans of Parquet judge a condition by statistics that leave NaN out, those of Arrow by kernels to which
    NaN is neither more nor less than a number. DuckDB hands them conditions on bare columns and fields only.

    >>> kept_from_scans('"f"', DoubleType()), kept_from_scans('"n"', DataType())
    ('("f" * CAST(1 AS DOUBLE))', '"n"')
    """
    if isinstance(data_type, (DoubleType, FloatType)):
        return f"({sql} * CAST(1 AS {type_text(data_type)}))"
    return sql
