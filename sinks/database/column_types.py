"""Which column type holds which data type, in a table that we make and in one that is there.

Timestamps are instants: `timestamp with time zone` where there is one, UTC wall-clock time elsewhere.
Arrays, maps and structs are JSON (jsonb on PostgreSQL).  SQLite keeps decimals of more than 15 digits as
text, since it has no exact numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from streamcore.errors import AnalysisException
from streamcore.spi import types as t

if TYPE_CHECKING:
    from collections.abc import Callable

_SQLITE_EXACT_DIGITS = 15
_KEY_LENGTH = 255

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MYSQL = ("mysql", "mariadb")


def _decimal(data_type: Any) -> sa.types.TypeEngine[Any]:
    exact = sa.Numeric(data_type.precision, data_type.scale)
    return exact.with_variant(sa.Text(), "sqlite") if data_type.precision > _SQLITE_EXACT_DIGITS else exact


_MADE: dict[type[t.DataType], Callable[[Any], Any]] = {
    t.BooleanType: lambda _: sa.Boolean(),
    t.ByteType: lambda _: sa.SmallInteger(),
    t.ShortType: lambda _: sa.SmallInteger(),
    t.IntegerType: lambda _: sa.Integer(),
    t.LongType: lambda _: sa.BigInteger(),
    t.FloatType: lambda _: sa.REAL().with_variant(mysql.FLOAT(), *_MYSQL),
    t.DoubleType: lambda _: sa.Double(),
    t.DecimalType: _decimal,
    t.StringType: lambda _: sa.Text().with_variant(mysql.LONGTEXT(), *_MYSQL),
    t.CharType: lambda data_type: sa.CHAR(data_type.length),
    t.VarcharType: lambda data_type: sa.String(data_type.length),
    t.BinaryType: lambda _: sa.LargeBinary().with_variant(mysql.LONGBLOB(), *_MYSQL),
    t.DateType: lambda _: sa.Date(),
    t.TimestampType: lambda _: sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_MYSQL),
    t.TimestampNTZType: lambda _: sa.DateTime().with_variant(mysql.DATETIME(fsp=6), *_MYSQL),
    t.TimeType: lambda _: sa.Time().with_variant(mysql.TIME(fsp=6), *_MYSQL),
    t.NullType: lambda _: sa.Text(),
    t.ArrayType: lambda _: _JSON,
    t.MapType: lambda _: _JSON,
    t.StructType: lambda _: _JSON,
}
_TEXT = (sa.String, sa.Enum, sa.JSON, sa.Uuid)
_FITS: dict[type[t.DataType], tuple[type[Any], ...]] = {
    t.BooleanType: (sa.Boolean, sa.Integer),
    **dict.fromkeys((t.ByteType, t.ShortType, t.IntegerType, t.LongType), (sa.Integer, sa.Numeric)),
    **dict.fromkeys((t.FloatType, t.DoubleType), (sa.Float, sa.Numeric)),
    t.DecimalType: (sa.Numeric, sa.Float, sa.Text),
    **dict.fromkeys((t.StringType, t.CharType, t.VarcharType, t.NullType), _TEXT),
    t.BinaryType: (sa.LargeBinary, sa.BINARY, sa.VARBINARY),
    t.DateType: (sa.Date, sa.DateTime),
    **dict.fromkeys((t.TimestampType, t.TimestampNTZType), (sa.DateTime, sa.TIMESTAMP)),
    t.TimeType: (sa.Time,),
    **dict.fromkeys((t.ArrayType, t.MapType, t.StructType), (sa.JSON, sa.Text)),
}


def column_type(field: t.StructField, *, key: bool) -> sa.types.TypeEngine[Any]:
    """The column type for a field of the schema; AnalysisException when there is none."""
    make = _MADE.get(type(field.dataType))
    if make is None:
        raise AnalysisException(
            f"the database sink cannot hold the column {field.name!r} of type "
            f"{field.dataType.simpleString()}; cast it (to a string, for instance) before writing"
        )
    if key and isinstance(field.dataType, t.StringType):
        # MySQL cannot index text of unlimited length.
        return sa.Text().with_variant(mysql.VARCHAR(_KEY_LENGTH), *_MYSQL)
    made: sa.types.TypeEngine[Any] = make(field.dataType)
    return made


def fits(data_type: t.DataType, found: sa.types.TypeEngine[Any]) -> bool:
    """Whether values of a data type can go into an existing column; unknown column types are trusted."""
    if isinstance(found, sa.types.NullType):
        return True
    known = (
        *_TEXT,
        sa.Boolean,
        sa.Numeric,
        sa.Integer,
        sa.Date,
        sa.DateTime,
        sa.Time,
        sa.LargeBinary,
        sa.BINARY,
    )
    if not isinstance(found, known):
        return True
    return isinstance(found, _FITS.get(type(data_type), ()))
