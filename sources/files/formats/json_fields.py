"""One JSON value as one column, in DuckDB SQL, under Spark's rules.

A value of another kind than the column's type is null, whatever a cast would make of it: Spark reads
neither "12" nor 1.5 nor true as an integer.
"""

from __future__ import annotations

from typing import Final

from streamcore.duck.types import type_text
from streamcore.sources.files.formats.time_forms import TimeForms
from streamcore.spi.types import (
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_WHOLE: Final = "('UBIGINT', 'BIGINT')"
_NUMBER: Final = "('UBIGINT', 'BIGINT', 'DOUBLE')"
_NUMBER_OR_TEXT: Final = "('UBIGINT', 'BIGINT', 'DOUBLE', 'VARCHAR')"
_TEXT_NUMBERS: Final = "('NaN', 'Infinity', '+INF', 'INF', '-Infinity', '-INF')"


def read_type(data_type: DataType) -> str:
    """The type that DuckDB's JSON reader is asked for: text is taken as it is, the rest judged here."""
    return "VARCHAR" if isinstance(data_type, StringType) else "JSON"


def field_sql(value: str, data_type: DataType, times: TimeForms) -> str:
    """The column for the SQL expression `value`, which has the type `read_type(data_type)`."""
    target = type_text(data_type)
    if isinstance(data_type, StringType):
        return value
    if isinstance(data_type, ByteType | ShortType | IntegerType | LongType):
        return f"CASE WHEN json_type({value}) IN {_WHOLE} THEN TRY_CAST({value} AS {target}) END"
    if isinstance(data_type, DecimalType):
        return (
            f"CASE WHEN json_type({value}) IN {_NUMBER_OR_TEXT} THEN TRY_CAST({value}->>'$' AS {target}) END"
        )
    if isinstance(data_type, FloatType | DoubleType):
        return (
            f"CASE WHEN json_type({value}) IN {_NUMBER} THEN TRY_CAST({value} AS {target}) "
            f"WHEN {value}->>'$' IN {_TEXT_NUMBERS} THEN TRY_CAST({value}->>'$' AS {target}) END"
        )
    if isinstance(data_type, BooleanType):
        return f"CASE WHEN json_type({value}) = 'BOOLEAN' THEN CAST({value} AS BOOLEAN) END"
    if isinstance(data_type, DateType | TimestampType | TimestampNTZType):
        return _time(value, data_type, times)
    if isinstance(data_type, StructType):
        return f"CASE WHEN json_type({value}) = 'OBJECT' THEN TRY_CAST({value} AS {target}) END"
    return f"TRY(CAST({value} AS {target}))"


def misfit_sql(value: str, data_type: DataType, times: TimeForms) -> str:
    """Whether the value is there and yet is none of the column's type."""
    if isinstance(data_type, StructType):
        # The fields of a struct that fit are kept; here one that does not fit is enough.
        found = f"TRY(CAST({value} AS {type_text(data_type)}))"
    else:
        found = field_sql(value, data_type, times)
    return f"({value} IS NOT NULL AND json_type({value}) <> 'NULL' AND {found} IS NULL)"


def _time(value: str, data_type: DataType, times: TimeForms) -> str:
    found = times.read(f"({value}->>'$')", data_type)
    seconds = f"WHEN json_type({value}) IN {_WHOLE} THEN to_timestamp(TRY_CAST({value} AS BIGINT)) "
    whole = seconds if isinstance(data_type, TimestampType) else ""
    return f"CASE {whole}WHEN json_type({value}) = 'VARCHAR' THEN {found} END"
