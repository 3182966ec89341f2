"""The values of one key, as `groupByKey` and `cogroup` return them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class ResultIterable(Iterable[T]):
    """A sized collection of values that can be iterated any number of times.

    >>> values = ResultIterable([3, 1])
    >>> len(values), sorted(values)
    (2, [1, 3])
    """

    __slots__ = ("data",)

    def __init__(self, data: Collection[T]) -> None:
        self.data = data

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)
