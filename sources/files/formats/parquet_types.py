"""Which Parquet columns can be read as which types: those that lose nothing, as in Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

from streamcore.errors import QueryExecutionException, StreamcoreError, UnsupportedOperationException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
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
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
    YearMonthIntervalType,
    from_arrow_type,
    holds_udt,
    schema_from_json,
    stored_type,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROW_METADATA: Final = b"org.apache.spark.sql.parquet.row.metadata"
"""Where Spark keeps a table's schema in a file, with all that Parquet itself cannot tell."""
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
    if _counts_otherwise(kind) or not is_readable(actual, stored_type(wanted)):
        raise QueryExecutionException(
            "[FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH] Encountered error while reading file "
            f"{path}. Data type mismatches when reading Parquet column [{spelled}]. Expected Spark type "
            f"{wanted.simpleString()}, actual Parquet type {actual.simpleString()}. Read the column as "
            f"{actual.simpleString()} and cast it. SQLSTATE: KD001"
        )


def _counts_otherwise(kind: pa.DataType) -> bool:
    """Whether a column has durations that are no microseconds, which is how they are read."""
    return any(f"duration[{unit}]" in str(kind) for unit in ("s", "ms", "ns"))


def with_told_types(found: StructType, footers: Iterable[pq.FileMetaData]) -> StructType:
    """The schema with the user-defined types and the columns' metadata that the files tell, as Spark does."""
    told: dict[str, StructField] = {}
    for footer in footers:
        for field in _told_by(footer):
            told.setdefault(field.name, field)
    return StructType([_as_told(field, told.get(field.name)) for field in found.fields])


def _told_by(footer: pq.FileMetaData) -> list[StructField]:
    text = (footer.metadata or {}).get(ROW_METADATA)
    if text is None:
        return []
    try:
        return schema_from_json(text.decode()).fields
    except (StreamcoreError, UnicodeDecodeError):
        return []  # a type that is not known here is read as what is stored


def _as_told(field: StructField, told: StructField | None) -> StructField:
    if told is None or stored_type(told.dataType).simpleString() != field.dataType.simpleString():
        return field
    kind = told.dataType if holds_udt(told.dataType) else field.dataType
    return StructField(field.name, kind, field.nullable, told.metadata or field.metadata)


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
    if isinstance(actual, IntegerType) and isinstance(wanted, YearMonthIntervalType):
        return True
    # A number that is too large for a smaller type fails the query; its kind in the file is the same.
    return isinstance(wanted, IntegralType | DoubleType)


def _interval(_: DataType, wanted: DataType) -> bool:
    return isinstance(wanted, DayTimeIntervalType)


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
    (DayTimeIntervalType, _interval),
    (FloatType, lambda _, wanted: isinstance(wanted, FloatType | DoubleType)),
    (DecimalType, _decimal),
    (_TEXT, lambda _, wanted: isinstance(wanted, _TEXT)),
    (DateType, lambda _, wanted: isinstance(wanted, DateType | TimestampNTZType)),
    (_TIMES, lambda _, wanted: isinstance(wanted, _TIMES)),
    (StructType, _struct),
    (ArrayType, _array),
    (MapType, _map),
)
