"""Functions over the rows of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def avg(col: ColumnOrName) -> Column:
    """The mean."""
    return function("avg", expression(col))


def mean(col: ColumnOrName) -> Column:
    """The mean."""
    return function("mean", expression(col))


def sum(col: ColumnOrName) -> Column:
    """The sum; null without values."""
    return function("sum", expression(col))


def min(col: ColumnOrName) -> Column:
    """The smallest value."""
    return function("min", expression(col))


def max(col: ColumnOrName) -> Column:
    """The largest value."""
    return function("max", expression(col))


def stddev(col: ColumnOrName) -> Column:
    """The standard deviation of a sample."""
    return function("stddev", expression(col))


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


def collect_list(col: ColumnOrName) -> Column:
    """The values as an array, nulls left out."""
    return function("collect_list", expression(col))


def collect_set(col: ColumnOrName) -> Column:
    """The distinct values as an array, nulls left out."""
    return function("collect_set", expression(col))


def array_agg(col: ColumnOrName) -> Column:
    """The values as an array, nulls left out."""
    return function("array_agg", expression(col))


def max_by(col: ColumnOrName, ord: ColumnOrName) -> Column:
    """The value where `ord` is largest."""
    return function("max_by", expression(col), expression(ord))


def min_by(col: ColumnOrName, ord: ColumnOrName) -> Column:
    """The value where `ord` is smallest."""
    return function("min_by", expression(col), expression(ord))


def corr(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Pearson's correlation."""
    return function("corr", expression(col1), expression(col2))


def covar_pop(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The covariance of a population."""
    return function("covar_pop", expression(col1), expression(col2))


def covar_samp(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The covariance of a sample."""
    return function("covar_samp", expression(col1), expression(col2))


def count_if(col: ColumnOrName) -> Column:
    """How many values are true."""
    return function("count_if", expression(col))


def bool_and(col: ColumnOrName) -> Column:
    """Whether all values are true."""
    return function("bool_and", expression(col))


def bool_or(col: ColumnOrName) -> Column:
    """Whether any value is true."""
    return function("bool_or", expression(col))


def every(col: ColumnOrName) -> Column:
    """Whether all values are true."""
    return function("every", expression(col))


def some(col: ColumnOrName) -> Column:
    """Whether any value is true."""
    return function("some", expression(col))


def median(col: ColumnOrName) -> Column:
    """The median."""
    return function("median", expression(col))


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


def skewness(col: ColumnOrName) -> Column:
    """The skewness."""
    return function("skewness", expression(col))


def kurtosis(col: ColumnOrName) -> Column:
    """The excess kurtosis."""
    return function("kurtosis", expression(col))


def mode(col: ColumnOrName) -> Column:
    """The most frequent value."""
    return function("mode", expression(col))
