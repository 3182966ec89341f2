"""Functions over the rows of a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from streamcore.plan.expressions import call
from streamcore.sql.column import Column
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_literals,
    ignoring_nulls,
    literal,
    many,
)


def avg(col: ColumnOrName) -> Column:
    """The mean."""
    return function("avg", expression(col))


def mean(col: ColumnOrName) -> Column:
    """The mean."""
    return function("avg", expression(col))


def try_avg(col: ColumnOrName) -> Column:
    """The mean; null on overflow."""
    return function("try_avg", expression(col))


def sum(col: ColumnOrName) -> Column:
    """The sum; null without values."""
    return function("sum", expression(col))


def try_sum(col: ColumnOrName) -> Column:
    """The sum; null on overflow."""
    return function("try_sum", expression(col))


def min(col: ColumnOrName) -> Column:
    """The smallest value."""
    return function("min", expression(col))


def max(col: ColumnOrName) -> Column:
    """The largest value."""
    return function("max", expression(col))


def stddev(col: ColumnOrName) -> Column:
    """The standard deviation of a sample."""
    return function("stddev", expression(col))


def std(col: ColumnOrName) -> Column:
    """The standard deviation of a sample."""
    return function("std", expression(col))


def stddev_samp(col: ColumnOrName) -> Column:
    """The standard deviation of a sample."""
    return function("stddev_samp", expression(col))


def stddev_pop(col: ColumnOrName) -> Column:
    """The standard deviation of a population."""
    return function("stddev_pop", expression(col))


def variance(col: ColumnOrName) -> Column:
    """The variance of a sample."""
    return function("variance", expression(col))


def var_samp(col: ColumnOrName) -> Column:
    """The variance of a sample."""
    return function("var_samp", expression(col))


def var_pop(col: ColumnOrName) -> Column:
    """The variance of a population."""
    return function("var_pop", expression(col))


def skewness(col: ColumnOrName) -> Column:
    """The skewness of a population."""
    return function("skewness", expression(col))


def kurtosis(col: ColumnOrName) -> Column:
    """The excess kurtosis of a population."""
    return function("kurtosis", expression(col))


def collect_list(col: ColumnOrName) -> Column:
    """The values as an array, nulls left out."""
    return function("collect_list", expression(col))


def collect_set(col: ColumnOrName) -> Column:
    """The distinct values as an array, nulls left out."""
    return function("collect_set", expression(col))


def array_agg(col: ColumnOrName) -> Column:
    """The values as an array, nulls left out."""
    return function("array_agg", expression(col))


def max_by(col: ColumnOrName, ord: ColumnOrName, k: int | None = None) -> Column:
    """The value where `ord` is largest; with `k` an array of the values of the k largest."""
    return function("max_by", expression(col), expression(ord), *given_literals(k))


def min_by(col: ColumnOrName, ord: ColumnOrName, k: int | None = None) -> Column:
    """The value where `ord` is smallest; with `k` an array of the values of the k smallest."""
    return function("min_by", expression(col), expression(ord), *given_literals(k))


def corr(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Pearson's correlation."""
    return function("corr", expression(col1), expression(col2))


def covar_pop(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The covariance of a population."""
    return function("covar_pop", expression(col1), expression(col2))


def covar_samp(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The covariance of a sample."""
    return function("covar_samp", expression(col1), expression(col2))


def regr_avgx(y: ColumnOrName, x: ColumnOrName) -> Column:
    """The mean of `x` over the rows where neither is null."""
    return function("regr_avgx", expression(y), expression(x))


def regr_avgy(y: ColumnOrName, x: ColumnOrName) -> Column:
    """The mean of `y` over the rows where neither is null."""
    return function("regr_avgy", expression(y), expression(x))


def regr_count(y: ColumnOrName, x: ColumnOrName) -> Column:
    """The number of rows where neither is null."""
    return function("regr_count", expression(y), expression(x))


def regr_intercept(y: ColumnOrName, x: ColumnOrName) -> Column:
    """Where the regression line meets the y-axis."""
    return function("regr_intercept", expression(y), expression(x))


def regr_r2(y: ColumnOrName, x: ColumnOrName) -> Column:
    """The coefficient of determination."""
    return function("regr_r2", expression(y), expression(x))


def regr_slope(y: ColumnOrName, x: ColumnOrName) -> Column:
    """The slope of the regression line."""
    return function("regr_slope", expression(y), expression(x))


def regr_sxx(y: ColumnOrName, x: ColumnOrName) -> Column:
    """regr_count * var_pop(x), over the rows where neither is null."""
    return function("regr_sxx", expression(y), expression(x))


def regr_sxy(y: ColumnOrName, x: ColumnOrName) -> Column:
    """regr_count * covar_pop(y, x)."""
    return function("regr_sxy", expression(y), expression(x))


def regr_syy(y: ColumnOrName, x: ColumnOrName) -> Column:
    """regr_count * var_pop(y), over the rows where neither is null."""
    return function("regr_syy", expression(y), expression(x))


def count_if(col: ColumnOrName) -> Column:
    """How many values are true."""
    return function("count_if", expression(col))


def bool_and(col: ColumnOrName) -> Column:
    """Whether all values are true."""
    return function("bool_and", expression(col))


def every(col: ColumnOrName) -> Column:
    """Whether all values are true."""
    return function("every", expression(col))


def bool_or(col: ColumnOrName) -> Column:
    """Whether any value is true."""
    return function("bool_or", expression(col))


def some(col: ColumnOrName) -> Column:
    """Whether any value is true."""
    return function("some", expression(col))


def median(col: ColumnOrName) -> Column:
    """The median."""
    return function("median", expression(col))


def percentile(col: ColumnOrName, percentage: Any, frequency: Any = 1) -> Column:
    """The exact percentile, interpolated; an array for several percentages."""
    return function("percentile", expression(col), literal(percentage), literal(frequency))


def percentile_approx(col: ColumnOrName, percentage: Any, accuracy: Any = 10000) -> Column:
    """The smallest value that the given share of values does not exceed."""
    return function("percentile_approx", expression(col), literal(percentage), literal(accuracy))


def approx_percentile(col: ColumnOrName, percentage: Any, accuracy: Any = 10000) -> Column:
    """The smallest value that the given share of values does not exceed."""
    return function("approx_percentile", expression(col), literal(percentage), literal(accuracy))


def approx_count_distinct(col: ColumnOrName, rsd: float | None = None) -> Column:
    """About how many distinct values there are; `rsd` is the largest relative error allowed."""
    return function("approx_count_distinct", expression(col), *given_literals(rsd))


def bit_and(col: ColumnOrName) -> Column:
    """The bitwise AND of all values."""
    return function("bit_and", expression(col))


def bit_or(col: ColumnOrName) -> Column:
    """The bitwise OR of all values."""
    return function("bit_or", expression(col))


def bit_xor(col: ColumnOrName) -> Column:
    """The bitwise XOR of all values."""
    return function("bit_xor", expression(col))


def product(col: ColumnOrName) -> Column:
    """The product."""
    return function("product", expression(col))


def listagg(col: ColumnOrName, delimiter: Any = None) -> Column:
    """The texts one after another, with a delimiter between them."""
    return function("listagg", expression(col), *given_literals(delimiter))


def string_agg(col: ColumnOrName, delimiter: Any = None) -> Column:
    """The texts one after another, with a delimiter between them."""
    return function("string_agg", expression(col), *given_literals(delimiter))


def grouping(col: ColumnOrName) -> Column:
    """1 where a key is left out by rollup, cube or grouping sets, else 0."""
    return function("grouping", expression(col))


def grouping_id(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The bits of `grouping` of every key, as one number."""
    return function("grouping_id", *many(cols))


def count(col: ColumnOrName) -> Column:
    """How many values are not null; `count("*")` counts rows.

    >>> count("*"), count("a")
    (Column<'count(1)'>, Column<'count(a)'>)
    """
    argument = exp.Star() if isinstance(col, str) and col == "*" else expression(col)
    return function("count", argument)


def count_distinct(col: ColumnOrName, *cols: ColumnOrName) -> Column:
    """How many distinct values, or combinations of values, there are; nulls are left out."""
    return Column(exp.Count(this=exp.Distinct(expressions=many([col, *cols]))))


countDistinct = count_distinct  # noqa: N816 - a name of PySpark


def sum_distinct(col: ColumnOrName) -> Column:
    """The sum of the distinct values."""
    return function("sum", exp.Distinct(expressions=[expression(col)]))


sumDistinct = sum_distinct  # noqa: N816 - a name of PySpark
approxCountDistinct = approx_count_distinct  # noqa: N816 - a name of PySpark


def listagg_distinct(col: ColumnOrName, delimiter: Any = None) -> Column:
    """The distinct texts one after another, with a delimiter between them."""
    return function("listagg", exp.Distinct(expressions=[expression(col)]), *given_literals(delimiter))


def string_agg_distinct(col: ColumnOrName, delimiter: Any = None) -> Column:
    """The distinct texts one after another, with a delimiter between them."""
    return function("string_agg", exp.Distinct(expressions=[expression(col)]), *given_literals(delimiter))


def mode(col: ColumnOrName, deterministic: bool = False) -> Column:
    """The most frequent value; the smallest of several with `deterministic`."""
    return function("mode", expression(col), *given_literals(deterministic or None))


def first(col: ColumnOrName, ignorenulls: bool = False) -> Column:
    """The value of the first row; with `ignorenulls` the first that is not null."""
    return ignoring_nulls(call("first", expression(col)), ignorenulls)


def last(col: ColumnOrName, ignorenulls: bool = False) -> Column:
    """The value of the last row; with `ignorenulls` the last that is not null."""
    return ignoring_nulls(call("last", expression(col)), ignorenulls)


def first_value(col: ColumnOrName, ignoreNulls: bool | Column | None = None) -> Column:
    """The value of the first row; with `ignoreNulls` the first that is not null."""
    return ignoring_nulls(call("first_value", expression(col)), ignoreNulls)


def last_value(col: ColumnOrName, ignoreNulls: bool | Column | None = None) -> Column:
    """The value of the last row; with `ignoreNulls` the last that is not null."""
    return ignoring_nulls(call("last_value", expression(col)), ignoreNulls)


def any_value(col: ColumnOrName, ignoreNulls: bool | Column | None = None) -> Column:
    """Some value of the group."""
    return ignoring_nulls(call("any_value", expression(col)), ignoreNulls)
