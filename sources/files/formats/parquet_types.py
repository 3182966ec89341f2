"""Which Parquet columns can be read as which types: those that lose nothing, as in Spark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from streamcore.errors import QueryExecutionException, UnsupportedOperationException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    IntegralType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
    from_arrow_type,
)

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT: Final = (StringType, CharType, VarcharType, BinaryType)
_TIMES: Final = (TimestampType, TimestampNTZType)
_SMALL: Final = (ByteType, ShortType, IntegerType)


def require_readable(found: pa.Schema, spelled: str, wanted: DataType, path: str) -> None:
    """Raises QueryExecutionException, naming file and column, where values would be changed by the type."""
    kind = found.field(spelled).type
    try:
        actual = from_arrow_type(kind)
    except UnsupportedOperationException:
        return  # the reading itself says so
    if not is_readable(actual, wanted):
        raise QueryExecutionException(
            "[FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH] Encountered error while reading file "
            f"{path}. Data type mismatches when reading Parquet column [{spelled}]. Expected Spark type "
            f"{wanted.simpleString()}, actual Parquet type {actual.simpleString()}. Read the column as "
            f"{actual.simpleString()} and cast it. SQLSTATE: KD001"
        )


def is_readable(actual: DataType, wanted: DataType) -> bool:
    """Whether values of the one type are values of the other, none of them changed."""
    if actual == wanted or isinstance(actual, NullType):
        return True
    for class_, rule in _RULES:
        if isinstance(actual, class_):
            return rule(actual, wanted)
    return False


def _integral(actual: DataType, wanted: DataType) -> bool:
    if isinstance(wanted, DecimalType):
        return wanted.precision - wanted.scale >= (20 if isinstance(actual, LongType) else 10)
    if isinstance(actual, LongType):
        return isinstance(wanted, LongType)
    # A number that is too large for a smaller type fails the query; its kind in the file is the same.
    return isinstance(wanted, IntegralType | DoubleType)


def _decimal(actual: DataType, wanted: DataType) -> bool:
    if not isinstance(actual, DecimalType) or not isinstance(wanted, DecimalType):
        return False
    whole = wanted.precision - wanted.scale >= actual.precision - actual.scale
    return whole and wanted.scale >= actual.scale


def _struct(actual: DataType, wanted: DataType) -> bool:
    if not isinstance(actual, StructType) or not isinstance(wanted, StructType):
        return False
    found = {field.name.lower(): field.dataType for field in actual.fields}
    return all(
        is_readable(found[field.name.lower()], field.dataType)
        for field in wanted.fields
        if field.name.lower() in found
    )


def _array(actual: DataType, wanted: DataType) -> bool:
    if not isinstance(actual, ArrayType) or not isinstance(wanted, ArrayType):
        return False
    return is_readable(actual.elementType, wanted.elementType)


def _map(actual: DataType, wanted: DataType) -> bool:
    if not isinstance(actual, MapType) or not isinstance(wanted, MapType):
        return False
    return is_readable(actual.keyType, wanted.keyType) and is_readable(actual.valueType, wanted.valueType)


_Rule: TypeAlias = Callable[[DataType, DataType], bool]
_RULES: Final[tuple[tuple[type[DataType] | tuple[type[DataType], ...], _Rule], ...]] = (
    ((*_SMALL, LongType), _integral),
    (FloatType, lambda _, wanted: isinstance(wanted, FloatType | DoubleType)),
    (DecimalType, _decimal),
    (_TEXT, lambda _, wanted: isinstance(wanted, _TEXT)),
    (DateType, lambda _, wanted: isinstance(wanted, DateType | TimestampNTZType)),
    (_TIMES, lambda _, wanted: isinstance(wanted, _TIMES)),
    (StructType, _struct),
    (ArrayType, _array),
    (MapType, _map),
)
