"""SQL expressions that render values as Spark's JSON: what `to_json` and the JSON file format write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.duck.quoting import identifier, string

if TYPE_CHECKING:
    from collections.abc import Iterable


class JsonText:
    """Renders with Spark's options: timestamps and dates by format, nulls of structs left out or written.

    `timestamp` and `timestamp_ntz` map an SQL expression to the SQL of its text.  Null SQL values render as
    null SQL values.
    """

    def __init__(self, *, ignore_nulls: bool = True, stamps: StampText | None = None) -> None:
        self._ignore_nulls = ignore_nulls
        self._stamps = stamps or StampText()

    def row(self, schema: pa.Schema) -> str:
        """The JSON object of a row whose columns are visible by their names."""
        return self._object((field, identifier(field.name)) for field in schema)

    def value(self, sql: str, arrow_type: pa.DataType, depth: int = 0) -> str:
        """The JSON text of the expression `sql`."""
        kinds = pa.types
        if kinds.is_string(arrow_type) or kinds.is_large_string(arrow_type):
            return f"to_json({sql})"
        if kinds.is_floating(arrow_type):
            return _float(sql)
        if kinds.is_binary(arrow_type) or kinds.is_large_binary(arrow_type):
            return _quoted(f"base64({sql})")
        if kinds.is_timestamp(arrow_type):
            return f"to_json({self._stamps.timestamp(sql, instant=arrow_type.tz is not None)})"
        if kinds.is_date(arrow_type):
            return f"to_json({self._stamps.date(sql)})"
        if kinds.is_time(arrow_type):
            return _quoted(f"{sql}::VARCHAR")
        if kinds.is_null(arrow_type):
            return "NULL::VARCHAR"
        if kinds.is_nested(arrow_type):
            return self._nested(sql, arrow_type, depth)
        return f"{sql}::VARCHAR"

    def _nested(self, sql: str, arrow_type: pa.DataType, depth: int) -> str:
        if pa.types.is_struct(arrow_type):
            fields = ((field, f"struct_extract({sql}, {string(field.name)})") for field in arrow_type)
            return f"CASE WHEN {sql} IS NULL THEN NULL ELSE {self._object(fields, depth + 1)} END"
        item = f"x{depth}"
        if pa.types.is_map(arrow_type):
            key = f"to_json(({item}.key)::VARCHAR)"
            text = f"{key} || ':' || {self._or_null(f'{item}.value', arrow_type.item_type, depth + 1)}"
            return _joined("{", f"list_transform(map_entries({sql}), lambda {item}: {text})", "}")
        text = self._or_null(item, arrow_type.value_type, depth + 1)
        return _joined("[", f"list_transform({sql}, lambda {item}: {text})", "]")

    def _or_null(self, sql: str, arrow_type: pa.DataType, depth: int) -> str:
        return f"coalesce({self.value(sql, arrow_type, depth)}, 'null')"

    def _object(self, fields: Iterable[tuple[pa.Field, str]], depth: int = 0) -> str:
        parts = [self._entry(field, sql, depth) for field, sql in fields]
        if not parts:
            return "'{}'"
        # Every entry begins with a comma, since any of those before it may be left out.
        return f"'{{' || substr(concat({', '.join(parts)}), 2) || '}}'"

    def _entry(self, field: pa.Field, sql: str, depth: int) -> str:
        key = f"{string(',')} || to_json({string(field.name)}) || ':'"
        if self._ignore_nulls:
            return f"coalesce({key} || {self.value(sql, field.type, depth)}, '')"
        return f"{key} || {self._or_null(sql, field.type, depth)}"


class StampText:
    """Timestamps and dates as text, by strftime formats or as ISO 8601.

    ISO instants end with Z and carry milliseconds, or microseconds where there are any.
    """

    def __init__(
        self, timestamp: str | None = None, timestamp_ntz: str | None = None, date: str | None = None
    ):
        self._timestamp = timestamp
        self._timestamp_ntz = timestamp_ntz
        self._date = date

    def timestamp(self, sql: str, *, instant: bool) -> str:
        """The text of a timestamp; `instant` for one that denotes a moment (given in UTC)."""
        chosen = self._timestamp if instant else self._timestamp_ntz
        if chosen is not None:
            return f"strftime({sql}, {string(chosen)})"
        zone = "Z" if instant else ""
        short, long = (string(f"%Y-%m-%dT%H:%M:%S.{part}{zone}") for part in ("%g", "%f"))
        to_milliseconds = f"epoch_us({sql}) % 1000 = 0 THEN strftime({sql}, {short})"
        return f"CASE WHEN {to_milliseconds} ELSE strftime({sql}, {long}) END"

    def date(self, sql: str) -> str:
        """The text of a date."""
        return f"{sql}::VARCHAR" if self._date is None else f"strftime({sql}, {string(self._date)})"


def _float(sql: str) -> str:
    infinite = f"CASE WHEN {sql} > 0 THEN '\"Infinity\"' ELSE '\"-Infinity\"' END"
    return f"CASE WHEN isnan({sql}) THEN '\"NaN\"' WHEN isinf({sql}) THEN {infinite} ELSE {sql}::VARCHAR END"


def _quoted(sql: str) -> str:
    return f"'\"' || {sql} || '\"'"


def _joined(opening: str, items: str, closing: str) -> str:
    # An empty list joins to NULL in some releases and to '' in others.
    text = f"coalesce(array_to_string({items}, ','), '')"
    return f"CASE WHEN {items} IS NULL THEN NULL ELSE '{opening}' || {text} || '{closing}' END"
