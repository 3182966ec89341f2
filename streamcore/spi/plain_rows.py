"""Rows that are plain tuples, which most data is, looked at by columns: far faster than by rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any


def are_plain(rows: Sequence[Any], width: int | None = None) -> bool:
    """Whether all rows are tuples, of no class of their own, and of one length (`width`, when given).

    >>> are_plain([(1, "a"), (2, "b")]), are_plain([(1,), (2, 3)]), are_plain([[1], (2,)])
    (True, False, False)
    """
    if not rows or set(map(type, rows)) != {tuple}:
        return False
    lengths = set(map(len, rows))
    return len(lengths) == 1 and (width is None or lengths == {width})


def columns_of(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The columns of rows of one length; an iterator for each of a million rows would cost ten times as much.

    >>> columns_of([(1, "a"), (2, "b")])
    [[1, 2], ['a', 'b']]
    """
    return [list(map(itemgetter(at), rows)) for at in range(len(rows[0]))]


def classes(values: Iterable[Any]) -> frozenset[type]:
    """The classes of values."""
    return frozenset(map(type, values))


def one_of_each_kind(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[type, ...], tuple[Any, ...]]:
    """A row for every sequence of classes among plain rows, in the order in which these come.

    >>> list(one_of_each_kind([(1, "a"), (2, "b"), (None, "c")]))
    [(<class 'int'>, <class 'str'>), (<class 'NoneType'>, <class 'str'>)]
    """
    kinds = zip(*(map(type, column) for column in columns_of(rows)), strict=True)
    return dict(zip(kinds, rows, strict=True))
