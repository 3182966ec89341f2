"""Tuple sketches: distinct keys with summaries (the extra `sketches`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_literals, literal

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.sql.column import Column


def _size_and_mode(size: int | Column | None, mode: str | Column | None) -> list[exp.Expression]:
    """Both, as PySpark gives them: each with its default."""
    return [literal(12 if size is None else size), literal("sum" if mode is None else mode)]


def tuple_sketch_agg_double(
    key: ColumnOrName,
    summary: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch of keys with summaries of type double."""
    return function(
        "tuple_sketch_agg_double", expression(key), expression(summary), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_union_agg_double(
    col: ColumnOrName, lgNomEntries: int | Column | None = None, mode: str | Column | None = None
) -> Column:
    """The sketch (double) of the keys of all."""
    return function("tuple_union_agg_double", expression(col), *_size_and_mode(lgNomEntries, mode))


def tuple_intersection_agg_double(col: ColumnOrName, mode: str | Column | None = None) -> Column:
    """The sketch (double) of the keys that each has."""
    return function("tuple_intersection_agg_double", expression(col), *given_literals(mode))


def tuple_sketch_estimate_double(col: ColumnOrName) -> Column:
    """How many distinct keys a sketch (double) has seen."""
    return function("tuple_sketch_estimate_double", expression(col))


def tuple_sketch_summary_double(col: ColumnOrName, mode: str | Column | None = None) -> Column:
    """The summaries of all keys of a sketch (double) as one."""
    return function("tuple_sketch_summary_double", expression(col), *given_literals(mode))


def tuple_sketch_theta_double(col: ColumnOrName) -> Column:
    """The share of all hashes that a sketch (double) keeps."""
    return function("tuple_sketch_theta_double", expression(col))


def tuple_union_double(
    col1: ColumnOrName,
    col2: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch (double) of the keys of either."""
    return function(
        "tuple_union_double", expression(col1), expression(col2), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_intersection_double(
    col1: ColumnOrName, col2: ColumnOrName, mode: str | Column | None = None
) -> Column:
    """The sketch (double) of the keys of both."""
    return function("tuple_intersection_double", expression(col1), expression(col2), *given_literals(mode))


def tuple_difference_double(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The sketch (double) of the keys of the first alone."""
    return function("tuple_difference_double", expression(col1), expression(col2))


def tuple_union_theta_double(
    col1: ColumnOrName,
    col2: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch (double) of the keys of either, the second being a theta sketch."""
    return function(
        "tuple_union_theta_double", expression(col1), expression(col2), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_intersection_theta_double(
    col1: ColumnOrName, col2: ColumnOrName, mode: str | Column | None = None
) -> Column:
    """The sketch (double) of the keys of both, the second being a theta sketch."""
    return function(
        "tuple_intersection_theta_double", expression(col1), expression(col2), *given_literals(mode)
    )


def tuple_difference_theta_double(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The sketch (double) of the keys of the first alone, the second being a theta sketch."""
    return function("tuple_difference_theta_double", expression(col1), expression(col2))


def tuple_sketch_agg_integer(
    key: ColumnOrName,
    summary: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch of keys with summaries of type integer."""
    return function(
        "tuple_sketch_agg_integer", expression(key), expression(summary), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_union_agg_integer(
    col: ColumnOrName, lgNomEntries: int | Column | None = None, mode: str | Column | None = None
) -> Column:
    """The sketch (integer) of the keys of all."""
    return function("tuple_union_agg_integer", expression(col), *_size_and_mode(lgNomEntries, mode))


def tuple_intersection_agg_integer(col: ColumnOrName, mode: str | Column | None = None) -> Column:
    """The sketch (integer) of the keys that each has."""
    return function("tuple_intersection_agg_integer", expression(col), *given_literals(mode))


def tuple_sketch_estimate_integer(col: ColumnOrName) -> Column:
    """How many distinct keys a sketch (integer) has seen."""
    return function("tuple_sketch_estimate_integer", expression(col))


def tuple_sketch_summary_integer(col: ColumnOrName, mode: str | Column | None = None) -> Column:
    """The summaries of all keys of a sketch (integer) as one."""
    return function("tuple_sketch_summary_integer", expression(col), *given_literals(mode))


def tuple_sketch_theta_integer(col: ColumnOrName) -> Column:
    """The share of all hashes that a sketch (integer) keeps."""
    return function("tuple_sketch_theta_integer", expression(col))


def tuple_union_integer(
    col1: ColumnOrName,
    col2: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch (integer) of the keys of either."""
    return function(
        "tuple_union_integer", expression(col1), expression(col2), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_intersection_integer(
    col1: ColumnOrName, col2: ColumnOrName, mode: str | Column | None = None
) -> Column:
    """The sketch (integer) of the keys of both."""
    return function("tuple_intersection_integer", expression(col1), expression(col2), *given_literals(mode))


def tuple_difference_integer(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The sketch (integer) of the keys of the first alone."""
    return function("tuple_difference_integer", expression(col1), expression(col2))


def tuple_union_theta_integer(
    col1: ColumnOrName,
    col2: ColumnOrName,
    lgNomEntries: int | Column | None = None,
    mode: str | Column | None = None,
) -> Column:
    """The sketch (integer) of the keys of either, the second being a theta sketch."""
    return function(
        "tuple_union_theta_integer", expression(col1), expression(col2), *_size_and_mode(lgNomEntries, mode)
    )


def tuple_intersection_theta_integer(
    col1: ColumnOrName, col2: ColumnOrName, mode: str | Column | None = None
) -> Column:
    """The sketch (integer) of the keys of both, the second being a theta sketch."""
    return function(
        "tuple_intersection_theta_integer", expression(col1), expression(col2), *given_literals(mode)
    )


def tuple_difference_theta_integer(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The sketch (integer) of the keys of the first alone, the second being a theta sketch."""
    return function("tuple_difference_theta_integer", expression(col1), expression(col2))
