"""JSON records as DuckDB SQL, in the modes PERMISSIVE, DROPMALFORMED and FAILFAST.

Two sources of records feed the same projection: DuckDB's reader, which fails on a malformed line, and
lines that are parsed one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streamcore.duck.json_exact import marked, without_marks
from streamcore.duck.json_sql import JsonColumn, parse_json, read_column, read_parsed, read_parsed_field
from streamcore.duck.json_values import JsonReading
from streamcore.duck.quoting import identifier, string
from streamcore.duck.time_forms import TimeForms
from streamcore.sources.files.formats.file_text import file_text
from streamcore.sources.files.formats.line_sql import LARGEST_LINE
from streamcore.spi.types import StructField, StructType

PERMISSIVE, DROPMALFORMED, FAILFAST = "PERMISSIVE", "DROPMALFORMED", "FAILFAST"

_MALFORMED: Final = "[MALFORMED_RECORD_IN_PARSING] a JSON record does not fit the schema (mode FAILFAST): "


# Only a text that is no JSON is looked at for blanks: the test of all would cost more than the parsing.
NOT_BLANK: Final = r"(json_valid(line) OR NOT regexp_full_match(line, '\s*'))"


@dataclass(frozen=True)
class JsonRead:
    """What is wanted of JSON records; `corrupt` is the column for malformed text, None without one."""

    schema: StructType
    columns: tuple[str, ...]
    mode: str
    corrupt: str | None
    times: TimeForms

    @property
    def needs_text(self) -> bool:
        """Whether the text of a record is wanted, so that records must be read as lines."""
        return self.mode == FAILFAST or (self.corrupt is not None and self.corrupt in self.columns)

    @property
    def fields(self) -> list[StructField]:
        """The fields to look at; a query for the corrupt records looks at all of them."""
        every = [field for field in self.schema.fields if field.name != self.corrupt]
        wanted = [field for field in every if field.name in self.columns]
        return every if self.needs_text or not wanted else wanted

    @property
    def record(self) -> StructType:
        """Those fields as a struct."""
        return StructType(self.fields)

    def reading(self, *, careful: bool) -> JsonReading:
        """How the values are read."""
        return JsonReading(
            self.times, careful=careful, keeps_number_text=True, is_exact="exact" if careful else None
        )


def source_of(read: JsonRead, paths: Sequence[str]) -> str:
    """Files as DuckDB's reader gives them; it fails on what only `from_lines` reads."""
    columns = ", ".join(f"{string(name)}: {string(column.type)}" for name, column in _columns(read).items())
    files = ", ".join(map(file_text, paths))
    return (
        f"read_json([{files}], columns = {{{columns}}}, format = 'newline_delimited', records = true, "
        f"auto_detect = false, maximum_object_size = {LARGEST_LINE}, hive_partitioning = false)"
    )


def from_source(read: JsonRead, relation: str) -> str:
    """The rows of what `source_of` gives, in `relation`; fails where `from_lines` has another value."""
    found = _columns(read)
    bad = " OR ".join(column.misfit for column in found.values())
    condition = "" if read.mode == PERMISSIVE else f" WHERE NOT ({bad})"
    values = {name: column.value for name, column in found.items()}
    return f"SELECT {_items(read, values)} FROM {relation}{condition}"  # noqa: S608 - all parts are quoted


def _columns(read: JsonRead) -> dict[str, JsonColumn]:
    how = read.reading(careful=False)
    return {f.name: read_column(identifier(f.name), f.dataType, how) for f in read.fields}


def from_lines(read: JsonRead, relation: str) -> str:
    """The rows of the texts in column `line` of `relation`; a blank text is no record."""
    how = read.reading(careful=True)
    text = _with_last_keys("line")
    texts = f"SELECT line, exact, {text} AS text FROM ({documents(relation)}) WHERE {NOT_BLANK}"  # noqa: S608
    if not read.record.fields:
        parsed = f"SELECT line, text, TRY(json_type(text)) = 'OBJECT' AS parsed FROM ({texts})"  # noqa: S608
        bad = "coalesce(NOT parsed, true)"
        values = {}
    else:
        parsed = f"SELECT line, exact, text, {parse_json('text', read.record, how)} AS parsed FROM ({texts})"  # noqa: S608
        bad = read_parsed("parsed", "text", read.record, how).malformed
        values = {f.name: read_parsed_field("parsed", "text", read.record, f.name, how) for f in read.fields}
    if read.corrupt is not None:
        values[read.corrupt] = f"CASE WHEN {bad} THEN line END"
    condition = f" WHERE NOT {bad}" if read.mode == DROPMALFORMED else ""
    if read.mode == FAILFAST:
        condition = f" WHERE CASE WHEN {bad} THEN error({string(_MALFORMED)} || line) ELSE true END"
    return f"SELECT {_items(read, values)} FROM ({parsed}){condition}"  # noqa: S608


def documents(relation: str) -> str:
    """The rows of `relation`, with an array of objects in column `line` replaced by its elements."""
    is_array = "starts_with(ltrim(line), '[')"
    kinds = f"TRY(json_type(CASE WHEN {is_array} THEN line END, '$[*]'))"
    has_other = f"list_bool_or(list_transform({kinds}, lambda kind: kind <> 'OBJECT'))"
    is_of_objects = f"NOT coalesce({has_other}, {kinds} IS NULL)"
    elements = f"CASE WHEN {is_of_objects} THEN from_json(line, '[\"VARCHAR\"]') ELSE [line] END"
    return f"SELECT * REPLACE (unnest({elements}) AS line) FROM ({relation})"  # noqa: S608


def _with_last_keys(line: str) -> str:
    """SQL of a record in which of equal keys only the last is left."""
    document = f"CASE WHEN TRY(json_type({line})) = 'OBJECT' THEN {line} END"
    keys = f"json_keys({document})"
    last = "list_filter(range(1, len(m.k) + 1), lambda i: NOT list_contains((m.k)[i + 1:], (m.k)[i]))"
    entry = "CAST(to_json((m.k)[i]) AS VARCHAR) || ':' || CAST((m.v)[i] AS VARCHAR)"
    rebuilt = f"'{{' || array_to_string(list_transform({last}, lambda i: {entry}), ',') || '}}'"
    marked_parts = f"struct_pack(k := {keys}, v := json_extract({marked(line)}, '$.*'))"
    once = f"list_transform([{marked_parts}], lambda m: {without_marks(rebuilt)})[1]"
    return f"CASE WHEN len({keys}) <> list_unique({keys}) THEN {once} ELSE {line} END"


def _items(read: JsonRead, values: Mapping[str, str]) -> str:
    nothing = {read.corrupt: "CAST(NULL AS VARCHAR)"}
    items = [f"{values.get(name) or nothing[name]} AS {identifier(name)}" for name in read.columns]
    return ", ".join(items) or "true AS _"
