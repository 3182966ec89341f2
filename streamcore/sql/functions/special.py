"""Functions whose arguments need more than a name: literals, conditions, windows, JSON, lambdas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.expressions import call, parse_expression
from streamcore.spi.types import DataType
from streamcore.sql.column import Column
from streamcore.sql.expressions import dotted
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    lambda_of,
    many,
    optional,
    value,
)
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


# ---- columns and literals ------------------------------------------------------------------------


def col(col: str) -> Column:
    """A column by name: `a`, `t.a`, `struct.field`, `*`.

    >>> col("a")
    Column<'a'>
    """
    return Column(dotted(col))


column = col


def lit(col: Any) -> Column:
    """A literal; a Column is returned as it is."""
    return col if isinstance(col, Column) else Column(literal_expression(col))


def expr(str: str) -> Column:
    """A SQL expression."""
    return Column(parse_expression(str))


def broadcast(df: DataFrame) -> DataFrame:
    """The DataFrame as it is: every static side of a join is in memory already."""
    return df


# ---- conditions ----------------------------------------------------------------------------------


def when(condition: Column, value: Any) -> Column:
    """The first branch of a CASE; go on with `.when(...)` and `.otherwise(...)`."""
    if not isinstance(condition, Column):
        raise AnalysisException(
            f"[NOT_COLUMN] Argument `condition` should be a Column, got {type(condition).__name__}."
        )
    return Column(exp.Case(ifs=[exp.If(this=condition.expression, true=lit(value).expression)]))


def asc(col: ColumnOrName) -> Column:
    """Ascending, nulls first."""
    return Column(expression(col)).asc()


def desc(col: ColumnOrName) -> Column:
    """Descending, nulls last."""
    return Column(expression(col)).desc()


def asc_nulls_first(col: ColumnOrName) -> Column:
    """Ascending, nulls first."""
    return Column(expression(col)).asc_nulls_first()


def asc_nulls_last(col: ColumnOrName) -> Column:
    """Ascending, nulls last."""
    return Column(expression(col)).asc_nulls_last()


def desc_nulls_first(col: ColumnOrName) -> Column:
    """Descending, nulls first."""
    return Column(expression(col)).desc_nulls_first()


def desc_nulls_last(col: ColumnOrName) -> Column:
    """Descending, nulls last."""
    return Column(expression(col)).desc_nulls_last()


# ---- aggregates ----------------------------------------------------------------------------------


def count(col: ColumnOrName) -> Column:
    """How many values are not null; `count("*")` counts rows."""
    argument = exp.Star() if isinstance(col, str) and col == "*" else expression(col)
    return function("count", argument)


def count_distinct(col: ColumnOrName, *cols: ColumnOrName) -> Column:
    """How many distinct values, or combinations of values, there are; nulls are left out."""
    return Column(exp.Count(this=exp.Distinct(expressions=many([col, *cols]))))


countDistinct = count_distinct  # noqa: N816 - PySpark has both names


def sum_distinct(col: ColumnOrName) -> Column:
    """The sum of the distinct values."""
    return Column(exp.Sum(this=exp.Distinct(expressions=[expression(col)])))


def approx_count_distinct(col: ColumnOrName, rsd: float | None = None) -> Column:
    """About how many distinct values there are; `rsd` is the largest relative error allowed."""
    return function("approx_count_distinct", expression(col), *optional(rsd))


def first(col: ColumnOrName, ignorenulls: bool = False) -> Column:
    """The value of the first row; with `ignorenulls` the first that is not null."""
    return _ignoring("first", col, ignorenulls)


def last(col: ColumnOrName, ignorenulls: bool = False) -> Column:
    """The value of the last row; with `ignorenulls` the last that is not null."""
    return _ignoring("last", col, ignorenulls)


def any_value(col: ColumnOrName, ignoreNulls: bool = False) -> Column:
    """Some value of the group."""
    return _ignoring("any_value", col, ignoreNulls)


def _ignoring(name: str, col: ColumnOrName, ignores: bool) -> Column:
    made = call(name, expression(col))
    return Column(exp.IgnoreNulls(this=made) if ignores else made)


def percentile_approx(col: ColumnOrName, percentage: Any, accuracy: int = 10000) -> Column:
    """The smallest value that the given share of values does not exceed."""
    return function("percentile_approx", expression(col), value(percentage), value(accuracy))


def percentile(col: ColumnOrName, percentage: Any) -> Column:
    """The exact percentile."""
    return function("percentile", expression(col), value(percentage))


# ---- rows around a row ---------------------------------------------------------------------------


def lag(col: ColumnOrName, offset: int = 1, default: Any = None) -> Column:
    """The value `offset` rows before, or the default."""
    return function("lag", expression(col), value(offset), *optional(default))


def lead(col: ColumnOrName, offset: int = 1, default: Any = None) -> Column:
    """The value `offset` rows after, or the default."""
    return function("lead", expression(col), value(offset), *optional(default))


def nth_value(col: ColumnOrName, offset: int, ignoreNulls: bool | None = False) -> Column:
    """The value of the n-th row of the frame."""
    made = call("nth_value", expression(col), value(offset))
    return Column(exp.IgnoreNulls(this=made) if ignoreNulls else made)


# ---- time ----------------------------------------------------------------------------------------


def window(
    timeColumn: ColumnOrName,
    windowDuration: str,
    slideDuration: str | None = None,
    startTime: str | None = None,
) -> Column:
    """Windows of event time, as a struct of `start` (included) and `end` (not included).

    Tumbling without `slideDuration`; with it, a row falls into every window that covers its time.
    `startTime` shifts the windows from 1970-01-01 00:00 UTC.
    """
    slide = windowDuration if slideDuration is None and startTime is not None else slideDuration
    arguments = [expression(timeColumn), value(windowDuration), *optional(slide, startTime)]
    return Column(exp.Alias(this=call("window", *arguments), alias=exp.to_identifier("window", quoted=True)))


def to_date(col: ColumnOrName, format: str | None = None) -> Column:
    """Text as a date."""
    return function("to_date", expression(col), *optional(format))


def to_timestamp(col: ColumnOrName, format: str | None = None) -> Column:
    """Text as a timestamp."""
    return function("to_timestamp", expression(col), *optional(format))


def try_to_timestamp(col: ColumnOrName, format: Any = None) -> Column:
    """Text as a timestamp; null where it is none."""
    return function("try_to_timestamp", expression(col), *optional(format))


def unix_timestamp(timestamp: ColumnOrName | None = None, format: str = "yyyy-MM-dd HH:mm:ss") -> Column:
    """Seconds since 1970; of now without an argument."""
    if timestamp is None:
        return function("unix_timestamp")
    return function("unix_timestamp", expression(timestamp), value(format))


def from_unixtime(timestamp: ColumnOrName, format: str = "yyyy-MM-dd HH:mm:ss") -> Column:
    """Seconds since 1970 as text."""
    return function("from_unixtime", expression(timestamp), value(format))


def months_between(date1: ColumnOrName, date2: ColumnOrName, roundOff: bool = True) -> Column:
    """Months from `date2` to `date1`, with a fraction."""
    return function("months_between", expression(date1), expression(date2), value(roundOff))


def make_timestamp(
    years: ColumnOrName,
    months: ColumnOrName,
    days: ColumnOrName,
    hours: ColumnOrName,
    mins: ColumnOrName,
    secs: ColumnOrName,
) -> Column:
    """A timestamp of parts, in the session's zone."""
    return function("make_timestamp", *many([years, months, days, hours, mins, secs]))


def date_part(field: Column, source: ColumnOrName) -> Column:
    """A part of a date or timestamp, by name."""
    return function("date_part", field.expression, expression(source))


# ---- JSON ----------------------------------------------------------------------------------------


def from_json(
    col: ColumnOrName, schema: DataType | Column | str, options: Mapping[str, str] | None = None
) -> Column:
    """JSON text as a struct, array or map of the schema (a type, or DDL text).

    Malformed text gives null (mode PERMISSIVE), or an error (option mode=FAILFAST).
    """
    shape = schema.expression if isinstance(schema, Column) else exp.Literal.string(_schema_text(schema))
    return function("from_json", expression(col), shape, *_options(options))


def _schema_text(schema: DataType | str) -> str:
    return schema if isinstance(schema, str) else schema.json()


def to_json(col: ColumnOrName, options: Mapping[str, str] | None = None) -> Column:
    """A struct, array or map as JSON text."""
    return function("to_json", expression(col), *_options(options))


def schema_of_json(json: Column | str, options: Mapping[str, str] | None = None) -> Column:
    """The schema of a JSON literal, as DDL."""
    return function("schema_of_json", value(json), *_options(options))


def json_tuple(col: ColumnOrName, *fields: str) -> Column:
    """Several top-level fields of JSON text, as columns c0, c1, ..."""
    return function("json_tuple", expression(col), *(value(field) for field in fields))


def _options(options: Mapping[str, str] | None) -> list[exp.Expression]:
    if not options:
        return []
    return [call("map", *(literal_expression(str(part)) for pair in options.items() for part in pair))]


# ---- building and choosing parts -----------------------------------------------------------------


def struct(*cols: Any) -> Column:
    """Columns as one struct."""
    return function("struct", *many(cols))


def named_struct(*cols: Any) -> Column:
    """A struct of names and values in turn."""
    return function("named_struct", *many(cols))


def array(*cols: Any) -> Column:
    """Columns as one array."""
    return function("array", *many(cols))


def create_map(*cols: Any) -> Column:
    """A map of keys and values in turn."""
    return function("map", *many(cols))


def array_join(col: ColumnOrName, delimiter: str, null_replacement: str | None = None) -> Column:
    """The elements as text between delimiters; nulls left out or replaced."""
    return function("array_join", expression(col), value(delimiter), *optional(null_replacement))


def array_sort(col: ColumnOrName, comparator: Callable[[Column, Column], Column] | None = None) -> Column:
    """Sorted, nulls last; or by a function of two elements that gives a negative, zero or positive number."""
    arguments = [] if comparator is None else [lambda_of(comparator)]
    return function("array_sort", expression(col), *arguments)


def sequence(start: ColumnOrName, stop: ColumnOrName, step: ColumnOrName | None = None) -> Column:
    """The values from `start` to `stop`, both included, as an array."""
    arguments = [start, stop] if step is None else [start, stop, step]
    return function("sequence", *many(arguments))


def concat_ws(sep: str, *cols: Any) -> Column:
    """Texts with a separator between; nulls left out."""
    return function("concat_ws", value(sep), *many(cols))


def split(str: ColumnOrName, pattern: Any, limit: Any = -1) -> Column:
    """Text cut at a regular expression."""
    return function("split", expression(str), value(pattern), value(limit))


def trim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at both ends."""
    return _trimmed("BOTH", col, trim)


def ltrim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at the front."""
    return _trimmed("LEADING", col, trim)


def rtrim(col: ColumnOrName, trim: ColumnOrName | None = None) -> Column:
    """Without blanks (or the given characters) at the end."""
    return _trimmed("TRAILING", col, trim)


def _trimmed(side: str, col: ColumnOrName, characters: ColumnOrName | None) -> Column:
    name = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[side]
    if characters is None:
        return function(name, expression(col))
    return Column(exp.Trim(this=expression(col), expression=expression(characters), position=side))


def lpad(col: ColumnOrName, len: Any, pad: Any) -> Column:
    """Filled up at the front to a length."""
    return function("lpad", expression(col), value(len), value(pad))


def rpad(col: ColumnOrName, len: Any, pad: Any) -> Column:
    """Filled up at the end to a length."""
    return function("rpad", expression(col), value(len), value(pad))


def locate(substr: str, str: ColumnOrName, pos: int = 1) -> Column:
    """The 1-based position of a text at or after `pos`; 0 when it is not there."""
    return function("locate", value(substr), expression(str), value(pos))


def replace(src: ColumnOrName, search: Any, replace: Any = None) -> Column:
    """Every occurrence of a text replaced."""
    return function("replace", expression(src), value(search), *optional(replace))


def overlay(src: ColumnOrName, replace: ColumnOrName, pos: Any, len: Any = -1) -> Column:
    """A part of the text replaced by another."""
    return function("overlay", expression(src), expression(replace), value(pos), value(len))


def regexp_extract(str: ColumnOrName, pattern: str, idx: int) -> Column:
    """The group `idx` of the first match; empty text without a match."""
    return function("regexp_extract", expression(str), value(pattern), value(idx))


def regexp_extract_all(str: ColumnOrName, regexp: Any, idx: Any = None) -> Column:
    """The group of every match, as an array."""
    return function("regexp_extract_all", expression(str), value(regexp), *optional(idx))


def regexp_replace(string: ColumnOrName, pattern: Any, replacement: Any) -> Column:
    """Every match replaced; `$1` stands for a group."""
    return function("regexp_replace", expression(string), value(pattern), value(replacement))


def format_string(format: str, *cols: ColumnOrName) -> Column:
    """Text in the manner of printf."""
    return function("format_string", value(format), *many(cols))


# ---- numbers -------------------------------------------------------------------------------------


def round(col: ColumnOrName, scale: Any = 0) -> Column:
    """Rounded half up to `scale` decimals."""
    return function("round", expression(col), value(scale))


def bround(col: ColumnOrName, scale: Any = 0) -> Column:
    """Rounded half to even to `scale` decimals."""
    return function("bround", expression(col), value(scale))


def floor(col: ColumnOrName, scale: Any = None) -> Column:
    """The next whole number below."""
    return function("floor", expression(col), *optional(scale))


def ceil(col: ColumnOrName, scale: Any = None) -> Column:
    """The next whole number above."""
    return function("ceil", expression(col), *optional(scale))


ceiling = ceil


def log(arg1: Any, arg2: ColumnOrName | None = None) -> Column:
    """The natural logarithm, or `log(base, column)`."""
    if arg2 is None:
        return function("ln", expression(arg1))
    return function("log", value(arg1), expression(arg2))


def rand(seed: int | None = None) -> Column:
    """Random numbers in [0, 1); a micro-batch that is run again gives the same ones."""
    return function("rand", *optional(seed))


def randn(seed: int | None = None) -> Column:
    """Random numbers of the standard normal distribution; repeatable as `rand`."""
    return function("randn", *optional(seed))


def hash(*cols: Any) -> Column:
    """Spark's Murmur3 hash."""
    return function("hash", *many(cols))


def xxhash64(*cols: Any) -> Column:
    """Spark's xxHash64."""
    return function("xxhash64", *many(cols))


# ---- lambdas -------------------------------------------------------------------------------------


def transform(col: ColumnOrName, f: Callable[..., Column]) -> Column:
    """A function of each element (and its place)."""
    return function("transform", expression(col), lambda_of(f))


def filter(col: ColumnOrName, f: Callable[..., Column]) -> Column:
    """The elements for which a function is true."""
    return function("filter", expression(col), lambda_of(f))


def exists(col: ColumnOrName, f: Callable[[Column], Column]) -> Column:
    """Whether a function is true for any element."""
    return function("exists", expression(col), lambda_of(f))


def forall(col: ColumnOrName, f: Callable[[Column], Column]) -> Column:
    """Whether a function is true for all elements."""
    return function("forall", expression(col), lambda_of(f))


def aggregate(
    col: ColumnOrName,
    initialValue: ColumnOrName,
    merge: Callable[[Column, Column], Column],
    finish: Callable[[Column], Column] | None = None,
) -> Column:
    """Elements folded into a value, from the left."""
    last = [] if finish is None else [lambda_of(finish)]
    return function("aggregate", expression(col), expression(initialValue), lambda_of(merge), *last)


reduce = aggregate


def zip_with(left: ColumnOrName, right: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A function of the elements of two arrays."""
    return function("zip_with", expression(left), expression(right), lambda_of(f))


def transform_keys(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A map with its keys replaced."""
    return function("transform_keys", expression(col), lambda_of(f))


def transform_values(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A map with its values replaced."""
    return function("transform_values", expression(col), lambda_of(f))


def map_filter(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """The entries for which a function is true."""
    return function("map_filter", expression(col), lambda_of(f))


def call_function(funcName: str, *cols: ColumnOrName) -> Column:
    """A function by its SQL name."""
    if not funcName:
        raise IllegalArgumentException("call_function() needs the name of a function")
    return function(funcName, *many(cols))
