"""Rows made to fit the columns of a table, by Spark's rules of store assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, column_already_exists, unresolved_column
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
)
from streamcore.sql import functions as F

if TYPE_CHECKING:
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.tables.metadata import TableMetadata

DEFAULT: Final = "CURRENT_DEFAULT"
_TIMES: Final = (DateType, TimestampType, TimestampNTZType)
_TEXTS: Final = (StringType, CharType, VarcharType)


def by_position(frame: DataFrame, table: TableMetadata, columns: Sequence[StructField]) -> DataFrame:
    """The frame's columns as the table's `columns`, the first as the first; the others get their defaults.

    Raises AnalysisException when there are more or fewer, or when one cannot be stored as what it becomes.
    """
    if len(frame.columns) != len(columns):
        what = ("NOT_ENOUGH", "not enough") if len(frame.columns) < len(columns) else ("TOO_MANY", "too many")
        raise AnalysisException(
            f"[INSERT_COLUMN_ARITY_MISMATCH.{what[0]}_DATA_COLUMNS] Cannot write to {table.name.quoted}, the "
            f"reason is {what[1]} data columns:\nTable columns: {_listed([c.name for c in columns])}.\n"
            f"Data columns: {_listed(frame.columns)}. SQLSTATE: 21S01"
        )
    numbered = [f"_{at}" for at in range(len(columns))]
    names = {column.name: name for column, name in zip(columns, numbered, strict=True)}
    return _stored(frame.toDF(*numbered), table, names, is_by_name=False)


def by_name(frame: DataFrame, table: TableMetadata) -> DataFrame:
    """The frame's columns as those of the table that have their names; the others get their defaults.

    Raises AnalysisException for a column that the table lacks, or that cannot be stored as what it becomes.
    """
    own = {column.name.lower(): column.name for column in table.schema.fields}
    extra = [name for name in frame.columns if name.lower() not in own]
    if extra:
        raise AnalysisException(
            f"[INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS] Cannot write incompatible data for the table "
            f"{table.name.quoted}: Cannot write extra columns {_listed(extra)}. SQLSTATE: KD000"
        )
    listed_columns(table, frame.columns)  # raises for a name that occurs twice
    return _stored(frame, table, {own[name.lower()]: name for name in frame.columns}, is_by_name=True)


def listed_columns(table: TableMetadata, names: Sequence[str]) -> list[StructField]:
    """The columns that a statement lists; raises AnalysisException for one that there is not, or twice."""
    own = {column.name.lower(): column for column in table.schema.fields}
    for at, name in enumerate(names):
        if name.lower() not in own:
            raise unresolved_column([name], [backticked(column.name) for column in table.schema.fields])
        if name.lower() in [other.lower() for other in names[:at]]:
            raise column_already_exists(name)
    return [own[name.lower()] for name in names]


def _stored(
    frame: DataFrame, table: TableMetadata, names: Mapping[str, str], *, is_by_name: bool
) -> DataFrame:
    """The table's columns in its order, each from the frame's column in `names` or from its default.

    Fields of structs are matched as columns are: by their names, or by their places.
    """
    given = {field.name: field.dataType for field in frame.schema.fields}
    columns = []
    for column in table.schema.fields:
        source = names.get(column.name)
        if source is None:
            value = _default(column)
        else:
            if not is_storable(given[source], column.dataType, is_by_name=is_by_name):
                raise _not_storable(given[source], column.dataType, column.name, table)
            value = F.col(backticked(source))
        columns.append(_as_type(value, column.dataType).alias(column.name))
    return frame.select(*columns)


def of_declared_length(frame: DataFrame, table: TableMetadata) -> DataFrame:
    """The frame with the texts of CHAR and VARCHAR columns padded and checked; other columns as they are."""
    sized = {
        f.name: f.dataType for f in table.schema.fields if isinstance(f.dataType, CharType | VarcharType)
    }
    if not sized:
        return frame
    columns = [F.col(backticked(name)) for name in frame.columns]
    return frame.select(
        *(
            _as_type(column, sized[name]).alias(name) if name in sized else column
            for name, column in zip(frame.columns, columns, strict=True)
        )
    )


def _default(column: StructField) -> Column:
    text = (column.metadata or {}).get(DEFAULT)
    return F.lit(None) if text is None else F.expr(str(text))


def _as_type(value: Column, data_type: DataType) -> Column:
    if not isinstance(data_type, CharType | VarcharType):
        return value.cast(data_type)
    text, length = value.cast(StringType()), data_type.length
    # Only blanks may be cut off, so the cut text is compared as well.
    cut = F.when(F.length(F.rtrim(text)) <= length, F.substring(text, 1, length))
    fitted = F.when(text.isNull() | (F.length(text) <= length), text).otherwise(
        cut.otherwise(
            F.raise_error(
                f"[EXCEED_LIMIT_LENGTH] Exceeds char/varchar type length limitation: {length}. "
                "SQLSTATE: 54006"
            )
        )
    )
    return F.rpad(fitted, length, " ") if isinstance(data_type, CharType) else fitted


# ---- what may be stored as what -------------------------------------------------------------------


def _not_storable(given: DataType, wanted: DataType, path: str, table: TableMetadata) -> AnalysisException:
    return AnalysisException(
        "[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST] Cannot write incompatible data for the table "
        f'{table.name.quoted}: Cannot safely cast {backticked(path)} "{_shown(given)}" to '
        f'"{_shown(wanted)}". SQLSTATE: KD000'
    )


def is_storable(given: DataType, wanted: DataType, *, is_by_name: bool = True) -> bool:
    """Whether values of a type may be stored as another's, which may fail for some of them."""
    if given == wanted or isinstance(given, NullType):
        return True
    if isinstance(given, StructType) and isinstance(wanted, StructType):
        pairs = zip(given.fields, wanted.fields, strict=False)
        return len(given.fields) == len(wanted.fields) and all(
            (not is_by_name or one.name.lower() == other.name.lower())
            and is_storable(one.dataType, other.dataType, is_by_name=is_by_name)
            for one, other in pairs
        )
    if isinstance(given, ArrayType) and isinstance(wanted, ArrayType):
        return is_storable(given.elementType, wanted.elementType, is_by_name=is_by_name)
    if isinstance(given, MapType) and isinstance(wanted, MapType):
        both = ((given.keyType, wanted.keyType), (given.valueType, wanted.valueType))
        return all(is_storable(*pair, is_by_name=is_by_name) for pair in both)
    if isinstance(given, NumericType) and isinstance(wanted, NumericType):
        return True
    if isinstance(given, _TIMES) and isinstance(wanted, _TIMES):
        return True
    return isinstance(wanted, _TEXTS) and _is_plain(given)


def _is_plain(data_type: DataType) -> bool:
    plain = (NumericType, BooleanType, BinaryType, *_TEXTS, *_TIMES)
    return isinstance(data_type, plain) or "interval" in data_type.simpleString()


def _shown(data_type: DataType) -> str:
    return data_type.simpleString().upper()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(backticked, names))
