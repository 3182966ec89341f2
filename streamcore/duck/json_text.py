"""SQL expressions that render values as Spark's JSON: what `to_json`, JSON files and JSON columns hold.

Known differences: small decimals are written plainly (0.0000001), where Spark has 1E-7, because exponents
cost digits when they are read; binary keys of maps are in base64, where Spark writes an address in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from streamcore.duck.json_values import is_text
from streamcore.duck.native.calls import call_sql
from streamcore.duck.number_text import double_to_string
from streamcore.duck.once import let
from streamcore.duck.quoting import identifier, string
from streamcore.duck.time_text import TimeText
from streamcore.errors import UnsupportedOperationException
from streamcore.spi.options import Options
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VariantType,
    YearMonthIntervalType,
)

# The element in a lambda; a name that no column has, for a column's would be taken for it.
_ITEM = '"~item"'


@dataclass(frozen=True)
class JsonText:
    """Renders with Spark's options: times by format, nulls of structs left out or written.

    Null SQL values render as null SQL values.
    """

    ignore_nulls: bool = True
    times: TimeText = field(default_factory=TimeText)

    @classmethod
    def of(cls, options: Options) -> JsonText:
        """The text that ignoreNullFields and the options of `TimeText.of` ask for."""
        return cls(options.boolean("ignoreNullFields", default=True), TimeText.of(options))

    def row(self, schema: StructType) -> str:
        """The JSON object of a row whose columns are visible by their names."""
        return self._object((field, identifier(field.name)) for field in schema.fields)

    def value(self, sql: str, data_type: DataType) -> str:
        """The JSON text of the expression `sql`.

        Raises UnsupportedOperationException for an interval.
        """
        if isinstance(data_type, StructType):
            fields = ((field, f"({sql})[{string(field.name)}]") for field in data_type.fields)
            return f"CASE WHEN {sql} IS NOT NULL THEN {self._object(fields)} END"
        if isinstance(data_type, ArrayType):
            item = self._or_null(_ITEM, data_type.elementType)
            return _joined("[", f"list_transform({sql}, lambda {_ITEM}: {item})", "]")
        if isinstance(data_type, MapType):
            key = f"CAST(to_json({self._key(f'{_ITEM}.key', data_type.keyType)}) AS VARCHAR)"
            entry = f"{key} || ':' || {self._or_null(f'{_ITEM}.value', data_type.valueType)}"
            return _joined("{", f"list_transform(map_entries({sql}), lambda {_ITEM}: {entry})", "}")
        if isinstance(data_type, VariantType):
            # Functions in Python that are null for null.
            stored = [(sql, data_type.sqlType())]
            return call_sql("variants.as_json", stored, StringType(), {"zone": self.times.zone})
        if isinstance(data_type, UserDefinedType):
            return self.value(sql, data_type.sqlType())
        if is_text(data_type):
            return f"CAST(to_json({sql}) AS VARCHAR)"
        if isinstance(data_type, (FloatType, DoubleType)):
            return let(sql, _number)
        return self._leaf(sql, data_type)

    def _leaf(self, sql: str, data_type: DataType) -> str:
        if isinstance(data_type, TimestampType):
            return f"CAST(to_json({self.times.timestamp(sql)}) AS VARCHAR)"
        if isinstance(data_type, TimestampNTZType):
            return f"CAST(to_json({self.times.timestamp_ntz(sql)}) AS VARCHAR)"
        if isinstance(data_type, DateType):
            return f"CAST(to_json({self.times.date(sql)}) AS VARCHAR)"
        if isinstance(data_type, BinaryType):
            return _quoted(f"to_base64({sql})")
        if isinstance(data_type, TimeType):
            return _quoted(f"CAST({sql} AS VARCHAR)")
        if isinstance(data_type, (DayTimeIntervalType, YearMonthIntervalType)):
            raise UnsupportedOperationException("Intervals in JSON are not offered.")
        return f"CAST({sql} AS VARCHAR)"

    def _key(self, sql: str, data_type: DataType) -> str:
        """The text of a map's key: of times the number that stands for them, as in Spark."""
        if is_text(data_type):
            return sql
        if isinstance(data_type, (FloatType, DoubleType)):
            return double_to_string(sql)
        if isinstance(data_type, DateType):
            return f"CAST({sql} - DATE '1970-01-01' AS VARCHAR)"
        if isinstance(data_type, (TimestampType, TimestampNTZType)):
            return f"CAST(epoch_us({sql}) AS VARCHAR)"
        if isinstance(data_type, BinaryType):
            return f"to_base64({sql})"
        if isinstance(data_type, TimeType):
            return f"CAST({sql} AS VARCHAR)"
        return self.value(sql, data_type)

    def _or_null(self, sql: str, data_type: DataType) -> str:
        return f"coalesce({self.value(sql, data_type)}, 'null')"

    def _object(self, fields: Iterable[tuple[StructField, str]]) -> str:
        entries = [self._entry(field, sql) for field, sql in fields]
        # Entries that are null are left out.
        joined = f"concat_ws(',', {', '.join(entries)})" if entries else "''"
        return f"('{{' || {joined} || '}}')"

    def _entry(self, field: StructField, sql: str) -> str:
        key = string(json.dumps(field.name, ensure_ascii=False) + ":")
        if self.ignore_nulls:
            return f"({key} || {self.value(sql, field.dataType)})"
        return f"({key} || {self._or_null(sql, field.dataType)})"


def _number(sql: str) -> str:
    text = double_to_string(sql)
    return f"CASE WHEN isfinite({sql}) THEN {text} ELSE {_quoted(text)} END"


def _quoted(sql: str) -> str:
    return f"('\"' || {sql} || '\"')"


def _joined(opening: str, items: str, closing: str) -> str:
    return f"('{opening}' || array_to_string({items}, ',') || '{closing}')"
