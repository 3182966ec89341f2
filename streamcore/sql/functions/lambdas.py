"""Functions that take a Python function of columns, run as a SQL lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, lambda_of

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def transform(col: ColumnOrName, f: Callable[..., Column]) -> Column:
    """A function of each element (and its 0-based place).

    >>> transform("xs", lambda x: x + 1)
    Column<'transform(xs, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))'>
    """
    return function("transform", expression(col), lambda_of(f, 1, 2))


def filter(col: ColumnOrName, f: Callable[..., Column]) -> Column:
    """The elements for which a function of them (and their 0-based place) is true."""
    return function("filter", expression(col), lambda_of(f, 1, 2))


def exists(col: ColumnOrName, f: Callable[[Column], Column]) -> Column:
    """Whether a function is true for any element."""
    return function("exists", expression(col), lambda_of(f, 1))


def forall(col: ColumnOrName, f: Callable[[Column], Column]) -> Column:
    """Whether a function is true for all elements."""
    return function("forall", expression(col), lambda_of(f, 1))


def aggregate(
    col: ColumnOrName,
    initialValue: ColumnOrName,
    merge: Callable[[Column, Column], Column],
    finish: Callable[[Column], Column] | None = None,
) -> Column:
    """Elements folded into a value, from the left."""
    return _folded("aggregate", col, initialValue, merge, finish)


def reduce(
    col: ColumnOrName,
    initialValue: ColumnOrName,
    merge: Callable[[Column, Column], Column],
    finish: Callable[[Column], Column] | None = None,
) -> Column:
    """Elements folded into a value, from the left."""
    return _folded("reduce", col, initialValue, merge, finish)


def _folded(
    name: str,
    col: ColumnOrName,
    start: ColumnOrName,
    merge: Callable[[Column, Column], Column],
    finish: Callable[[Column], Column] | None,
) -> Column:
    last = [] if finish is None else [lambda_of(finish, 1)]
    return function(name, expression(col), expression(start), lambda_of(merge, 2), *last)


def zip_with(left: ColumnOrName, right: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A function of the elements of two arrays; the shorter is filled up with nulls."""
    return function("zip_with", expression(left), expression(right), lambda_of(f, 2))


def array_sort(col: ColumnOrName, comparator: Callable[[Column, Column], Column] | None = None) -> Column:
    """Sorted, nulls last; or by a function of two elements, negative where the first comes first."""
    if comparator is not None:
        return function("array_sort", expression(col), lambda_of(comparator, 2))
    return function("array_sort", expression(col))


def transform_keys(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A map with its keys replaced by a function of key and value."""
    return function("transform_keys", expression(col), lambda_of(f, 2))


def transform_values(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """A map with its values replaced by a function of key and value."""
    return function("transform_values", expression(col), lambda_of(f, 2))


def map_filter(col: ColumnOrName, f: Callable[[Column, Column], Column]) -> Column:
    """The entries for which a function of key and value is true."""
    return function("map_filter", expression(col), lambda_of(f, 2))


def map_zip_with(
    col1: ColumnOrName, col2: ColumnOrName, f: Callable[[Column, Column, Column], Column]
) -> Column:
    """A map over the keys of both, of a function of key and both values (null where a key is missing)."""
    return function("map_zip_with", expression(col1), expression(col2), lambda_of(f, 3))
