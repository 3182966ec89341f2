"""Which data type the values of a database's column have."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from streamcore.errors import AnalysisException
from streamcore.spi import types as t

_PRECISION, _SCALE = 38, 18
_KINDS: tuple[tuple[type[Any], t.DataType], ...] = (
    (sa.Boolean, t.BooleanType()),
    (sa.SmallInteger, t.ShortType()),
    (sa.BigInteger, t.LongType()),
    (sa.Integer, t.IntegerType()),
    (sa.REAL, t.FloatType()),
    (sa.Float, t.DoubleType()),
    (sa.Date, t.DateType()),
    (sa.DateTime, t.TimestampType()),
    (sa.Time, t.TimeType()),
    (sa.LargeBinary, t.BinaryType()),
    (sa.BINARY, t.BinaryType()),
    (sa.VARBINARY, t.BinaryType()),
    (postgresql.BYTEA, t.BinaryType()),
)
_TEXTS = (sa.String, sa.Enum, sa.JSON, sa.Uuid, sa.types.NullType)


def data_type_of(name: str, found: sa.types.TypeEngine[Any]) -> t.DataType:
    """The type of a column's values; AnalysisException for one that has none here."""
    if isinstance(found, sa.ARRAY):
        return t.ArrayType(data_type_of(name, found.item_type))
    if isinstance(found, _TEXTS):
        return t.StringType()
    for kind, data_type in _KINDS:
        if isinstance(found, kind):
            return data_type
    if isinstance(found, sa.Numeric):
        precision = found.precision or _PRECISION
        scale = found.scale if found.scale is not None else _SCALE if found.precision is None else 0
        return t.DecimalType(min(precision, _PRECISION), scale)
    raise AnalysisException(
        f"the jdbc source does not read the column {name!r} of type {found!r}; cast it in a query: "
        "option('query', 'SELECT CAST(... AS TEXT) ...')"
    )
