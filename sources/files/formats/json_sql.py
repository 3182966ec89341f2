"""JSON records as DuckDB SQL, in the modes PERMISSIVE, DROPMALFORMED and FAILFAST.

Two sources of records feed the same projection: DuckDB's reader, which fails on a malformed line, and
lines that are parsed one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from streamcore.duck.quoting import identifier, string
from streamcore.duck.text_times import UNUSUAL
from streamcore.sources.files.formats.file_text import file_text
from streamcore.sources.files.formats.json_fields import field_sql, misfit_sql, read_type
from streamcore.sources.files.formats.time_forms import TimeForms
from streamcore.spi.types import StructField, StructType

PERMISSIVE, DROPMALFORMED, FAILFAST = "PERMISSIVE", "DROPMALFORMED", "FAILFAST"

# DuckDB reads in buffers of twice this size, one per thread: more would cost memory and parallelism.
_LARGEST_RECORD: Final = 16 << 20
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


def from_files(read: JsonRead, paths: Sequence[str]) -> str:
    """The rows of files by DuckDB's reader; fails on a malformed line, and on a time in an unusual form."""
    read = replace(read, times=replace(read.times, unusual=UNUSUAL))
    columns = ", ".join(f"{string(f.name)}: {string(read_type(f.dataType))}" for f in read.fields)
    files = ", ".join(map(file_text, paths))
    source = (
        f"read_json([{files}], columns = {{{columns}}}, format = 'newline_delimited', auto_detect = false, "
        f"maximum_object_size = {_LARGEST_RECORD}, hive_partitioning = false)"
    )
    values = {field.name: identifier(field.name) for field in read.fields}
    condition = "" if read.mode == PERMISSIVE else f" WHERE NOT ({_misfit(read, values)})"
    return f"SELECT {_items(read, values, None)} FROM {source}{condition}"  # noqa: S608 - all parts are quoted


def from_lines(read: JsonRead, relation: str) -> str:
    """The rows of the texts in column `line` of `relation`; a blank text is no record."""
    shape = json.dumps({field.name: read_type(field.dataType) for field in read.fields})
    is_object = "TRY(json_type(line)) = 'OBJECT'"
    record = f"CASE WHEN {is_object} THEN TRY(from_json(line, {string(shape)})) END"
    parsed = f"SELECT line, {record} AS record FROM ({documents(relation)}) WHERE {NOT_BLANK}"  # noqa: S608
    values = {field.name: f"record.{identifier(field.name)}" for field in read.fields}
    bad = f"(record IS NULL OR {_misfit(read, values)})"
    condition = f" WHERE NOT {bad}" if read.mode == DROPMALFORMED else ""
    if read.mode == FAILFAST:
        condition = f" WHERE CASE WHEN {bad} THEN error({string(_MALFORMED)} || line) ELSE true END"
    return f"SELECT {_items(read, values, bad)} FROM ({parsed}){condition}"  # noqa: S608


def documents(relation: str) -> str:
    """The texts in column `line` of `relation`, with an array of objects replaced by its elements."""
    is_array = "TRY(json_type(line, '$[0]')) = 'OBJECT'"
    elements = f"CASE WHEN {is_array} THEN from_json(line, '[\"VARCHAR\"]') ELSE [line] END"
    return f"SELECT unnest({elements}) AS line FROM ({relation})"  # noqa: S608


def _misfit(read: JsonRead, values: dict[str, str]) -> str:
    """Whether a field of a record is there and yet has no value of the column's type."""
    tests = [
        misfit_sql(values[f.name], f.dataType, read.times)
        for f in read.fields
        if read_type(f.dataType) == "JSON"
    ]
    return " OR ".join(tests) or "false"


def _items(read: JsonRead, values: dict[str, str], bad: str | None) -> str:
    items = []
    for name in read.columns:
        if name == read.corrupt:
            item = "CAST(NULL AS VARCHAR)" if bad is None else f"CASE WHEN {bad} THEN line END"
        else:
            item = field_sql(values[name], read.schema[name].dataType, read.times)
        items.append(f"{item} AS {identifier(name)}")
    return ", ".join(items) or "true AS _"
