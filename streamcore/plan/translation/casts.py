"""CAST and TRY_CAST with Spark's meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from streamcore.duck.interval_sql import calendar_to_text, interval_to_text
from streamcore.duck.number_text import double_to_string
from streamcore.duck.quoting import identifier, string
from streamcore.duck.types import type_text
from streamcore.duck.zones import to_instant, to_local
from streamcore.errors import AnalysisException
from streamcore.plan.translation import lenient_casts, text_casts, variant_casts
from streamcore.plan.translation.coercion import INTERVALS, LONG, STRING, is_string
from streamcore.plan.translation.core import Compiled, TranslationContext, Translator, node_rule, spark_type
from streamcore.plan.translation.interval_casts import (
    interval_to_interval,
    interval_to_number,
    number_to_interval,
)
from streamcore.plan.translation.literals import typed_number
from streamcore.plan.translation.special_times import special_time
from streamcore.plan.translation.times_of_day import (
    time_to_number,
    time_to_time,
    time_to_timestamp,
    timestamp_to_time,
)
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegralType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
)


def cast(value: Compiled, to: DataType, context: TranslationContext, *, safe: bool = False) -> Compiled:
    """`value` as `to`; a value that cannot be fails the query, or is null when `safe` or outside ANSI mode.

    Raises AnalysisException when no value of the one type can be cast to the other.
    """
    if value.type == to or (is_string(value.type) and isinstance(to, StringType)):
        return replace(value, type=to)
    if isinstance(value.type, NullType):
        if not value.is_literal:
            # No value comes of it, but perhaps an error: raise_error().
            return Compiled(f"CAST({value.sql} AS {type_text(to)})", to, nullable=True)
        return Compiled(f"CAST(NULL AS {type_text(to)})", to, nullable=True, value=None)
    sql = _cast_sql(value, to, context, safe)
    safe = safe or not context.ansi
    if sql is None:
        raise AnalysisException(
            "[DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION] Cannot cast "
            f'"{value.type.simpleString().upper()}" to "{to.simpleString().upper()}".'
        )
    nullable = value.nullable or (safe and not _is_total(value.type, to))
    if value.is_literal and isinstance(value.type, IntegralType) and isinstance(to, IntegralType):
        return Compiled(sql, to, nullable, value=value.value)
    return Compiled(sql, to, nullable)


def _is_total(source: DataType, to: DataType) -> bool:
    return isinstance(to, StringType) or (isinstance(source, IntegralType) and isinstance(to, FractionalType))


def _from_text(
    value: Compiled, to: DataType, context: TranslationContext, safe: bool, lenient: bool
) -> str | None:
    if value.is_literal and isinstance(to, (DateType, TimestampType, TimestampNTZType)):
        special = special_time(str(value.value), to, context)
        if special is not None:
            return special
    if lenient and isinstance(to, IntegralType):
        return lenient_casts.text_to_integer(value.sql, to)
    return text_casts.from_string(value.sql, to, context, safe=safe)


def _cast_sql(value: Compiled, to: DataType, context: TranslationContext, safe: bool) -> str | None:
    if isinstance(to, VarcharType):
        return f"left({to_string(value, context)}, {to.length})"
    if is_string(to):
        return to_string(value, context)
    # Intervals have one meaning in both modes.
    of_intervals = isinstance(to, INTERVALS) or isinstance(value.type, INTERVALS)
    lenient = not (context.ansi or safe or of_intervals)
    safe = safe or lenient
    if is_string(value.type):
        return _from_text(value, to, context, safe, lenient)
    if lenient and isinstance(to, IntegralType):
        wrapping = _to_integer(value, to)
        if wrapping is not None:
            return wrapping
    rules = (*_LENIENT_RULES, *_RULES) if lenient else _RULES
    for source_class, target_class, rule in rules:
        if isinstance(value.type, source_class) and isinstance(to, target_class):
            return rule(value, to, context, safe)
    return None


def _to_integer(value: Compiled, to: DataType) -> str | None:
    """SQL of a number as a whole one that wraps around; None for what is no number."""
    if isinstance(value.type, IntegralType):
        return lenient_casts.integer_to_integer(value.sql, value.type, to)
    if isinstance(value.type, DecimalType):
        return lenient_casts.decimal_to_integer(value.sql, to)
    if isinstance(value.type, FractionalType):
        return lenient_casts.double_to_integer(value.sql, to)
    return None


_CastRule = Callable[[Compiled, DataType, TranslationContext, bool], str | None]


def _plain(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    return f"{'TRY_CAST' if safe else 'CAST'}({value.sql} AS {type_text(to)})"


def _fraction_to_integer(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    # Spark cuts the fraction off, DuckDB would round it.
    return f"{'TRY_CAST' if safe else 'CAST'}(trunc({value.sql}) AS {type_text(to)})"


def _double_to_decimal(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    # Through the digits that the number is written with: 1.005 becomes 1.01.
    word = "TRY_CAST" if safe else "CAST"
    digits = f"{word}(CAST(CAST({value.sql} AS DOUBLE) AS VARCHAR) AS {type_text(to)})"
    return f"CASE WHEN isfinite({value.sql}) THEN {digits} END"


def _number_to_boolean(value: Compiled, _to: DataType, _: TranslationContext, _safe: bool) -> str:
    return f"({value.sql} <> 0)"


def _date_to_timestamp(value: Compiled, _to: DataType, context: TranslationContext, _safe: bool) -> str:
    return to_instant(f"CAST({value.sql} AS TIMESTAMP)", context.time_zone)


def _timestamp_to_date(value: Compiled, _to: DataType, context: TranslationContext, _safe: bool) -> str:
    return f"CAST({to_local(value.sql, context.time_zone)} AS DATE)"


def _timestamp_to_ntz(value: Compiled, _to: DataType, context: TranslationContext, _safe: bool) -> str:
    return to_local(value.sql, context.time_zone)


def _ntz_to_timestamp(value: Compiled, _to: DataType, context: TranslationContext, _safe: bool) -> str:
    return to_instant(value.sql, context.time_zone)


def _timestamp_to_number(value: Compiled, to: DataType, context: TranslationContext, safe: bool) -> str:
    micros = f"epoch_us({value.sql})"
    if isinstance(to, IntegralType):
        seconds = f"CAST(floor({micros} / 1e6) AS BIGINT)"
        return _plain(Compiled(seconds, LONG), to, context, safe)
    if isinstance(to, DecimalType):
        word = "TRY_CAST" if safe else "CAST"
        return f"{word}(CAST({micros} AS DECIMAL(38,6)) / 1000000 AS {type_text(to)})"
    return f"CAST({micros} / 1e6 AS {type_text(to)})"


def _number_to_timestamp(value: Compiled, _to: DataType, _: TranslationContext, safe: bool) -> str:
    if isinstance(value.type, IntegralType):
        return f"make_timestamptz(CAST({value.sql} AS BIGINT) * 1000000)"
    word = "TRY_CAST" if safe else "CAST"
    micros = f"make_timestamptz({word}(trunc(CAST({value.sql} AS DOUBLE) * 1e6) AS BIGINT))"
    if safe and not isinstance(value.type, DecimalType):
        return f"CASE WHEN isfinite({value.sql}) THEN {micros} END"
    return micros


def _array_to_array(value: Compiled, to: DataType, context: TranslationContext, safe: bool) -> str | None:
    assert isinstance(value.type, ArrayType)
    assert isinstance(to, ArrayType)
    if isinstance(value.type.elementType, NullType):
        return f"CAST({value.sql} AS {type_text(to)})"
    element = _inner("x", value.type.elementType, to.elementType, context, safe)
    return value.sql if element == "x" else f"list_transform({value.sql}, lambda x: {element})"


def _map_to_map(value: Compiled, to: DataType, context: TranslationContext, safe: bool) -> str | None:
    assert isinstance(value.type, MapType)
    assert isinstance(to, MapType)
    if isinstance(value.type.keyType, NullType):
        return f"CAST({value.sql} AS {type_text(to)})"
    key = _inner("x.key", value.type.keyType, to.keyType, context, safe)
    item = _inner("x.value", value.type.valueType, to.valueType, context, safe)
    if (key, item) == ("x.key", "x.value"):
        return value.sql
    entry = f"struct_pack(key := {key}, value := {item})"
    entries = f"list_transform(map_entries({value.sql}), lambda x: {entry})"
    if key == "x.key":
        return f"map_from_entries({entries})"
    # Two keys may become one, as '1' and '01' do: the last value is kept.
    one = _inner("k", value.type.keyType, to.keyType, context, safe)
    keys = f"list_transform(map_keys({value.sql}), lambda k: {one})"
    later = f"list_contains(list_slice({keys}, i + 1, len({keys})), e.key)"
    return f"map_from_entries(list_filter({entries}, lambda e, i: NOT {later}))"


def _struct_to_struct(value: Compiled, to: DataType, context: TranslationContext, safe: bool) -> str | None:
    assert isinstance(value.type, StructType)
    assert isinstance(to, StructType)
    if len(value.type) != len(to):
        return None
    parts = []
    for source, target in zip(value.type.fields, to.fields, strict=True):
        taken = f"({value.sql})[{string(source.name)}]"
        converted = _inner(taken, source.dataType, target.dataType, context, safe)
        parts.append(f"{identifier(target.name)} := {converted}")
    return f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"


def _inner(sql: str, source: DataType, to: DataType, context: TranslationContext, safe: bool) -> str:
    return cast(Compiled(sql, source), to, context, safe=safe).sql


_RULES: tuple[tuple[type[DataType], type[DataType], _CastRule], ...] = (
    (FractionalType, IntegralType, _fraction_to_integer),
    (NumericType, BooleanType, _number_to_boolean),
    (FloatType, DecimalType, _double_to_decimal),
    (DoubleType, DecimalType, _double_to_decimal),
    (NumericType, NumericType, _plain),
    (BooleanType, NumericType, _plain),
    (NumericType, TimestampType, _number_to_timestamp),
    (TimestampType, NumericType, _timestamp_to_number),
    (TimestampType, DateType, _timestamp_to_date),
    (TimestampType, TimestampNTZType, _timestamp_to_ntz),
    (TimestampNTZType, TimestampType, _ntz_to_timestamp),
    (TimestampNTZType, DateType, _plain),
    (DateType, TimestampType, _date_to_timestamp),
    (DateType, TimestampNTZType, _plain),
    (ArrayType, ArrayType, _array_to_array),
    (MapType, MapType, _map_to_map),
    (StructType, StructType, _struct_to_struct),
    (TimeType, TimeType, time_to_time),
    (TimeType, IntegralType, time_to_number),
    (TimeType, DecimalType, time_to_number),
    (TimeType, TimestampType, time_to_timestamp),
    (TimeType, TimestampNTZType, time_to_timestamp),
    (TimestampType, TimeType, timestamp_to_time),
    (TimestampNTZType, TimeType, timestamp_to_time),
    (DayTimeIntervalType, DayTimeIntervalType, interval_to_interval),
    (YearMonthIntervalType, YearMonthIntervalType, interval_to_interval),
    (DayTimeIntervalType, IntegralType, interval_to_number),
    (YearMonthIntervalType, IntegralType, interval_to_number),
    (DayTimeIntervalType, DecimalType, interval_to_number),
    (YearMonthIntervalType, DecimalType, interval_to_number),
    (IntegralType, DayTimeIntervalType, number_to_interval),
    (IntegralType, YearMonthIntervalType, number_to_interval),
    (DecimalType, DayTimeIntervalType, number_to_interval),
    (DecimalType, YearMonthIntervalType, number_to_interval),
)


def _nothing(_value: Compiled, to: DataType, *_: object) -> str:
    return f"CAST(NULL AS {type_text(to)})"


_LENIENT_RULES: tuple[tuple[type[DataType], type[DataType], _CastRule], ...] = (
    (IntegralType, BinaryType, lambda value, *_: lenient_casts.integer_to_bytes(value.sql, value.type)),
    (
        BooleanType,
        TimestampType,
        lambda value, *_: f"make_timestamptz(CAST(CAST({value.sql} AS INTEGER) AS BIGINT))",
    ),
    (TimestampType, BooleanType, lambda value, *_: f"(epoch_us({value.sql}) <> 0)"),
    (DateType, NumericType, _nothing),
    (DateType, BooleanType, _nothing),
)


def to_string(value: Compiled, context: TranslationContext) -> str:  # noqa: C901 - one case per type
    """SQL of the value's text as Spark writes it."""
    source, sql = value.type, value.sql
    if is_string(source):
        return sql
    if isinstance(source, NullType):
        return f"CAST({sql} AS VARCHAR)"
    if isinstance(source, BinaryType):
        return text_casts.binary_to_string(sql, careful=context.careful)
    if isinstance(source, FractionalType) and not isinstance(source, DecimalType):
        return double_to_string(sql)
    if isinstance(source, TimestampType):
        return f"CAST({to_local(sql, context.time_zone)} AS VARCHAR)"
    if isinstance(source, UserDefinedType):
        if isinstance(source, VariantType):
            return variant_casts.text_sql(sql, context)
        return source.text_sql(sql) or to_string(Compiled(sql, source.sqlType()), context)
    if isinstance(source, (ArrayType, MapType, StructType)):
        return _nested_to_string(sql, source, context)
    if isinstance(source, (DayTimeIntervalType, YearMonthIntervalType)):
        return interval_to_text(sql, source)
    if isinstance(source, CalendarIntervalType):
        return calendar_to_text(sql)
    return f"CAST({sql} AS VARCHAR)"


def _nested_to_string(sql: str, source: DataType, context: TranslationContext) -> str:
    def shown(inner: str, data_type: DataType) -> str:
        return f"coalesce({to_string(Compiled(inner, data_type), context)}, 'null')"

    if isinstance(source, ArrayType):
        items = f"list_transform({sql}, lambda x: {shown('x', source.elementType)})"
        return f"('[' || array_to_string({items}, ', ') || ']')"
    if isinstance(source, MapType):
        entry = f"{shown('x.key', source.keyType)} || ' -> ' || {shown('x.value', source.valueType)}"
        items = f"list_transform(map_entries({sql}), lambda x: {entry})"
        return f"('{{' || array_to_string({items}, ', ') || '}}')"
    assert isinstance(source, StructType)
    fields = [shown(f"({sql})[{string(f.name)}]", f.dataType) for f in source.fields]
    joined = " || ', ' || ".join(fields)
    return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {joined} || '}}' END"


@node_rule(exp.Cast, exp.TryCast)
def _cast_node(node: exp.Cast, translator: Translator) -> Compiled:
    written = typed_number(node)
    if written is not None:
        return written
    # Spark's parser makes a TryCast of either word; only TRY_CAST is marked safe.
    safe = isinstance(node, exp.TryCast) and bool(node.args.get("safe"))
    value, to = translator.compile(node.this), spark_type(node.args["to"])
    if isinstance(to, (CharType, VarcharType)):
        # Lengths belong to columns of tables alone.
        to = STRING
    if isinstance(to, VariantType) or isinstance(value.type, VariantType):
        return variant_casts.cast_variant(value, to, translator.context, safe=safe)
    return cast(replace(value, char_length=None), to, translator.context, safe=safe)


def as_text(value: Compiled, context: TranslationContext) -> str:
    """The SQL of an argument that is used as text."""
    return cast(value, STRING, context).sql
