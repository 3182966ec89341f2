"""SQL of the values in parsed JSON, with Spark's meaning: what fits a type, what is null, what is inexact.

DuckDB does the parsing: each field gets a leaf in a structure, and a leaf whose cast DuckDB would do more
loosely than Spark (numbers, booleans, times) is taken as raw JSON text and cast here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from streamcore.duck import json_exact
from streamcore.duck.json_exact import Place
from streamcore.duck.quoting import identifier, string
from streamcore.duck.text_times import UNUSUAL
from streamcore.duck.time_forms import TimeForms
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
)

# The time that DuckDB takes to plan lambdas doubles with each that stands within another.
_DEEPEST = 12


@dataclass(frozen=True)
class JsonReading:
    """How JSON text is read.

    Parameters
    ----------
    times
        How dates and times are written.
    corrupt_column
        The field of the schema that takes the text of a malformed record, if it is among the fields.
    careful
        Whether malformed JSON and unusual times are expected; without it such a record fails the statement.
    keeps_number_text
        Whether a number in a field of text is kept as it is written, as in files; from_json writes it anew.
    is_exact
        SQL that says whether the record's bytes were UTF-8; a string with a replacement character in a record
        where they were not is none. None where all are.
    is_marked
        Whether the numbers in the text are marked (`json_exact.marked`).
    """

    times: TimeForms
    corrupt_column: str = "_corrupt_record"
    careful: bool = False
    keeps_number_text: bool = False
    is_exact: str | None = None
    is_marked: bool = False

    def time(self, text: str, data_type: DataType) -> str:
        """SQL of the date or time in `text`, null where there is none."""
        times = self.times if self.careful else replace(self.times, unusual=UNUSUAL)
        return times.read(text, data_type)


@dataclass
class Checks:
    """Conditions under which a value did not fit, a decimal was rounded, a number in text written anew."""

    failed: list[str] = field(default_factory=list)
    rounded: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)

    def add_any_of(self, items: str, inner: Checks) -> None:
        """Conditions on the elements of a list, whose element is `e`."""
        for own, conditions in (
            (self.failed, inner.failed),
            (self.rounded, inner.rounded),
            (self.rewritten, inner.rewritten),
        ):
            if conditions:
                own.append(any_of(items, conditions))


def is_text(data_type: DataType) -> bool:
    """Whether values of the type are text."""
    return isinstance(data_type, (StringType, CharType, VarcharType))


def structure(data_type: DataType) -> object:
    """The structure argument of from_json, as Python values."""
    if is_text(data_type):
        return "VARCHAR"
    if isinstance(data_type, StructType):
        names = [f.name.lower() for f in data_type.fields]
        if len(set(names)) < len(names) or not names:
            raise UnsupportedOperationException(
                f"JSON with fields that differ only in case, or with none, is not offered: {data_type.names}."
            )
        return {f.name: structure(f.dataType) for f in data_type.fields}
    if isinstance(data_type, ArrayType | MapType) and _nesting(data_type) > _DEEPEST:
        raise UnsupportedOperationException(
            f"JSON with arrays and maps nested more than {_DEEPEST} times is not offered; read the inner "
            "ones as strings, and convert them with from_json."
        )
    if isinstance(data_type, ArrayType):
        return [structure(data_type.elementType)]
    if isinstance(data_type, MapType):
        if not is_text(data_type.keyType):
            raise AnalysisException(f"The keys of a JSON map are strings: {data_type.simpleString()}.")
        return "MAP(VARCHAR, VARCHAR)" if is_text(data_type.valueType) else "MAP(VARCHAR, JSON)"
    return "JSON"


def _nesting(data_type: DataType) -> int:
    """How many arrays and maps stand within one another."""
    if isinstance(data_type, ArrayType):
        return 1 + _nesting(data_type.elementType)
    if isinstance(data_type, MapType):
        return 1 + _nesting(data_type.valueType)
    if isinstance(data_type, StructType):
        return max((_nesting(field.dataType) for field in data_type.fields), default=0)
    return 0


def structure_type(data_type: DataType) -> str:
    """The same structure as DuckDB's type, for the columns of read_json."""
    if isinstance(data_type, StructType):
        inner = ", ".join(f"{identifier(f.name)} {structure_type(f.dataType)}" for f in data_type.fields)
        return f"STRUCT({inner})"
    if isinstance(data_type, ArrayType):
        return f"{structure_type(data_type.elementType)}[]"
    return str(structure(data_type))


def value_of(raw: str, data_type: DataType, how: JsonReading, checks: Checks, place: Place | None) -> str:
    """SQL of the value that stands at `raw`, which has the type of the structure.

    What may not fit, or may have lost digits, is added to the checks.  With a `place` what is no object is
    null as a struct; without one the parsing must have refused it.
    """
    if is_text(data_type):
        return _text(raw, how, checks, place)
    if isinstance(data_type, StructType):
        return _struct(raw, data_type, how, checks, place)
    if isinstance(data_type, ArrayType):
        return _array(raw, data_type, how, checks)
    if isinstance(data_type, MapType):
        return _map(raw, data_type, how, checks)
    text = _leaf_text(f"CAST({raw} AS VARCHAR)", how)
    value = _leaf(text, data_type, how)
    checks.failed.append(f"({raw} IS NOT NULL AND ({value}) IS NULL)")
    if isinstance(data_type, DecimalType):
        checks.rounded.append(json_exact.may_have_lost_digits(text, data_type))
    return value


def struct_pack(schema: StructType, values: dict[str, str]) -> str:
    """SQL of a struct of the values."""
    return f"struct_pack({', '.join(f'{identifier(f.name)} := {values[f.name]}' for f in schema.fields)})"


def is_empty(value: str, data_type: DataType) -> str:
    """Whether a parsed value is null, or has nothing but nulls."""
    if not isinstance(data_type, StructType):
        return f"{value} IS NULL"
    fields = " AND ".join(is_empty(f"{value}[{string(f.name)}]", f.dataType) for f in data_type.fields)
    return f"({value} IS NULL OR ({fields}))"


def _text(raw: str, how: JsonReading, checks: Checks, place: Place | None) -> str:
    if how.is_marked:
        raw = json_exact.without_marks(raw)
    elif how.keeps_number_text:
        checks.rewritten.append(json_exact.may_be_rewritten(raw, place))
    if how.is_exact is None:
        return raw
    replaced = f"(NOT {how.is_exact} AND contains({raw}, chr(65533)))"
    checks.failed.append(f"coalesce({replaced}, false)")
    return f"CASE WHEN {replaced} THEN NULL ELSE {raw} END"


def _struct(raw: str, data_type: StructType, how: JsonReading, checks: Checks, place: Place | None) -> str:
    fields = {
        f.name: value_of(f"({raw})[{string(f.name)}]", f.dataType, how, checks, place and place.field(f.name))
        for f in data_type.fields
    }
    packed = struct_pack(data_type, fields)
    if place is None:
        return f"CASE WHEN {raw} IS NOT NULL THEN {packed} END"
    # Only a value that came out empty is looked up in the text, which is parsed again for it.
    document = f"CASE WHEN {is_empty(raw, data_type)} THEN {place.text} END"
    is_other = f"json_type({document}, {string(place.path)}) <> 'OBJECT'"
    return f"CASE WHEN {raw} IS NULL OR {is_other} THEN NULL ELSE {packed} END"


def _array(raw: str, data_type: ArrayType, how: JsonReading, checks: Checks) -> str:
    inner = Checks()
    element = value_of("e", data_type.elementType, how, inner, None)
    checks.add_any_of(raw, inner)
    if element == "e":
        return raw
    converted = f"list_transform({raw}, lambda e: {element})"
    if not inner.failed or isinstance(data_type.elementType, StructType):
        return converted
    # One element that does not fit makes the whole array null.
    return f"CASE WHEN {any_of(raw, inner.failed)} THEN NULL ELSE {converted} END"


def any_of(items: str, conditions: list[str]) -> str:
    """Whether one of the conditions holds for an element, named `e`, of the list `items`."""
    return f"coalesce(list_bool_or(list_transform({items}, lambda e: {' OR '.join(conditions)})), false)"


def _map(raw: str, data_type: MapType, how: JsonReading, checks: Checks) -> str:
    raw = with_last_values(raw)
    inner, kind, entries = Checks(), data_type.valueType, f"map_entries({raw})"
    if isinstance(kind, (StructType, ArrayType, MapType)):
        parsed = f"from_json(e.value, {json_exact.structure_text(structure(kind))})"
        value = value_of(parsed, kind, how, inner, None)
        inner.failed.append(f"(e.value IS NOT NULL AND json_type(e.value) <> 'NULL' AND ({value}) IS NULL)")
    else:
        value = value_of("e.value", kind, how, inner, None)
    checks.add_any_of(entries, inner)
    if value == "e.value":
        return raw
    entry = f"struct_pack(k := e.key, v := {value})"
    converted = f"map_from_entries(list_transform({entries}, lambda e: {entry}))"
    if not inner.failed or isinstance(kind, StructType):
        return converted
    return f"CASE WHEN {any_of(entries, inner.failed)} THEN NULL ELSE {converted} END"


def with_last_values(raw: str) -> str:
    """SQL of a map in which a key may stand twice, with the last value of each key."""
    keys = f"map_keys({raw})"
    later = f"list_slice({keys}, nth + 1, len({keys}))"
    # The names are not those of the lambdas in which `raw` may stand.
    last = f"list_filter(map_entries({raw}), lambda pair, nth: NOT list_contains({later}, pair.key))"
    # The search costs only where a key does stand twice.
    return f"CASE WHEN len(list_distinct({keys})) < len({keys}) THEN map_from_entries({last}) ELSE {raw} END"


def _leaf_text(text: str, how: JsonReading) -> str:
    return json_exact.without_mark(text) if how.is_marked else text


def _leaf(text: str, data_type: DataType, how: JsonReading) -> str:
    """SQL of a leaf given as JSON text: strings still bear their quotes."""
    target = type_text(data_type)
    if isinstance(data_type, IntegralType):
        return f"CASE WHEN {_is_whole(text)} THEN TRY_CAST({text} AS {target}) END"
    if isinstance(data_type, (FloatType, DoubleType)):
        words = {"NaN": "nan", "Infinity": "inf", "+INF": "inf", "-Infinity": "-inf", "-INF": "-inf"}
        branches = " ".join(f"WHEN '\"{word}\"' THEN '{value}'" for word, value in words.items())
        special = f"CASE {text} {branches} END"
        return f"coalesce(TRY_CAST({text} AS {target}), CAST({special} AS {target}))"
    if isinstance(data_type, DecimalType):
        return f"TRY_CAST(trim({text}, '\"') AS {target})"
    if isinstance(data_type, BooleanType):
        return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END"
    quoted = f"starts_with({text}, '\"')"
    inner = f"({text})[2:-2]"
    if isinstance(data_type, TimestampType):
        seconds = f"make_timestamptz(TRY_CAST({text} AS BIGINT) * 1000000)"
        number = f"CASE WHEN {_is_whole(text)} THEN {seconds} END"
        return f"CASE WHEN {quoted} THEN {how.time(inner, data_type)} ELSE {number} END"
    if isinstance(data_type, (TimestampNTZType, DateType)):
        return f"CASE WHEN {quoted} THEN {how.time(inner, data_type)} END"
    if isinstance(data_type, BinaryType):
        return f"CASE WHEN {quoted} THEN TRY(from_base64({inner})) END"
    raise UnsupportedOperationException(f"Reading {data_type.simpleString()} from JSON is not offered.")


def _is_whole(text: str) -> str:
    return f"NOT contains({text}, '.') AND NOT contains({text}, 'e')"
