"""The schema of a Delta table, and which rows fit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.spi import types as t

if TYPE_CHECKING:
    from deltalake import DeltaTable

_HELD: Final = (
    t.BooleanType, t.ByteType, t.ShortType, t.IntegerType, t.LongType, t.FloatType, t.DoubleType,
    t.DecimalType, t.StringType, t.CharType, t.VarcharType, t.BinaryType, t.DateType, t.TimestampType,
    t.TimestampNTZType,
)  # fmt: skip
_FORBIDDEN: Final = " ,;{}()\n\t="
_WIDER: Final[dict[type[t.DataType], tuple[type[t.DataType], ...]]] = {
    t.ByteType: (t.ShortType, t.IntegerType, t.LongType),
    t.ShortType: (t.IntegerType, t.LongType),
    t.IntegerType: (t.LongType,),
    t.FloatType: (t.DoubleType,),
    t.CharType: (t.StringType,),
    t.VarcharType: (t.StringType,),
}


def schema_of(table: DeltaTable) -> t.StructType:
    """The table's columns."""
    return t.schema_from_json(table.schema().to_json())


def held_schema(schema: t.StructType) -> t.StructType:
    """The schema as a new table keeps it: every column may be null, and texts have no length.

    Raises AnalysisException naming a column that Delta cannot hold.
    """
    for field in schema.fields:
        if any(letter in field.name for letter in _FORBIDDEN):
            raise AnalysisException(
                "[DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES] Found invalid character(s) among ' "
                f",;{{}}()\\n\\t=' in the column names of your schema: {field.name!r}. Rename the column "
                "with withColumnRenamed(...). SQLSTATE: 42K05"
            )
    names = [field.name.lower() for field in schema.fields]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise AnalysisException(
            "[DELTA_DUPLICATE_COLUMNS_FOUND] Found duplicate column(s) in the data to save: "
            f"{', '.join(twice)}. SQLSTATE: 42711"
        )
    return t.StructType([_held_field(field, field.name) for field in schema.fields])


def _held_field(field: t.StructField, column: str) -> t.StructField:
    return t.StructField(field.name, _held_type(field.dataType, column))


def _held_type(data_type: t.DataType, column: str) -> t.DataType:
    if isinstance(data_type, t.ArrayType):
        return t.ArrayType(_held_type(data_type.elementType, column))
    if isinstance(data_type, t.MapType):
        return t.MapType(_held_type(data_type.keyType, column), _held_type(data_type.valueType, column))
    if isinstance(data_type, t.StructType):
        return t.StructType([_held_field(field, column) for field in data_type.fields])
    if isinstance(data_type, t.CharType | t.VarcharType):
        return t.StringType()
    if type(data_type) not in _HELD:
        raise AnalysisException(
            f"[DELTA_UNSUPPORTED_DATA_TYPES] Found columns using unsupported data types: [{column}: "
            f"{data_type.simpleString().upper()}]: a Delta table cannot hold them; cast the column, to a "
            "string for instance, or leave it out. SQLSTATE: 0AKDC"
        )
    return data_type


def missing_columns(rows: t.StructType, table: t.StructType, *, may_add: bool) -> list[t.StructField]:
    """The columns of `rows` that the table lacks.

    Raises AnalysisException where rows do not fit, and for such columns unless they may be added.
    """
    known = {field.name.lower(): field for field in table.fields}
    missing = [field for field in rows.fields if field.name.lower() not in known]
    for field in rows.fields:
        found = known.get(field.name.lower())
        if found is not None and not _fits(field.dataType, found.dataType):
            raise AnalysisException(
                f"[DELTA_FAILED_TO_MERGE_FIELDS] Failed to merge fields '{found.name}' and '{field.name}': "
                f"the table has {found.dataType.simpleString()}, the rows have "
                f"{field.dataType.simpleString()}; cast the column. SQLSTATE: 22005"
            )
    if missing and not may_add:
        names = ", ".join(field.name for field in missing)
        raise AnalysisException(
            "[_LEGACY_ERROR_TEMP_DELTA_0007] A schema mismatch detected when writing to the Delta table: "
            f"it has no column {names}. To enable schema migration, set option('mergeSchema', 'true'); "
            f"table schema: {table.simpleString()}; data schema: {rows.simpleString()}"
        )
    return missing


def _fits(given: t.DataType, held: t.DataType) -> bool:
    if isinstance(given, t.ArrayType) and isinstance(held, t.ArrayType):
        return _fits(given.elementType, held.elementType)
    if isinstance(given, t.MapType) and isinstance(held, t.MapType):
        return _fits(given.keyType, held.keyType) and _fits(given.valueType, held.valueType)
    if isinstance(given, t.StructType) and isinstance(held, t.StructType):
        pairs = zip(given.fields, held.fields, strict=False)
        return len(given.fields) == len(held.fields) and all(
            one.name == other.name and _fits(one.dataType, other.dataType) for one, other in pairs
        )
    if isinstance(given, t.DecimalType) and isinstance(held, t.DecimalType):
        return given.scale == held.scale and given.precision <= held.precision
    return type(given) is type(held) or type(held) in _WIDER.get(type(given), ())
