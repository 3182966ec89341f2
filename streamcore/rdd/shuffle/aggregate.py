"""How the values of a key are combined: in map tasks before they move, in reduce tasks after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Aggregator(ABC):
    """Folds pairs into a dict from key to combiner; keys stay in the order of their first appearance."""

    @abstractmethod
    def add_values(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold (key, value) pairs into `combined`."""

    @abstractmethod
    def add_combiners(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold (key, combiner) pairs, which this may change, into `combined`."""


class ReduceAggregator(Aggregator):
    """Values are combined by a function of two of them."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function

    def add_values(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold pairs in."""
        function = self._function
        for key, value in pairs:
            combined[key] = function(combined[key], value) if key in combined else value

    add_combiners = add_values


class FirstAggregator(Aggregator):
    """The first value of a key stays."""

    def add_values(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold pairs in."""
        for key, value in pairs:
            if key not in combined:
                combined[key] = value

    add_combiners = add_values


class GroupAggregator(Aggregator):
    """The values of a key are listed."""

    def add_values(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold pairs in."""
        for key, value in pairs:
            if key in combined:
                combined[key].append(value)
            else:
                combined[key] = [value]

    def add_combiners(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold lists in."""
        for key, values in pairs:
            if key in combined:
                combined[key].extend(values)
            else:
                combined[key] = values


class CombineAggregator(Aggregator):
    """The general case: create a combiner of a value, merge a value into one, merge two."""

    def __init__(
        self,
        create: Callable[[Any], Any],
        merge_value: Callable[[Any, Any], Any],
        merge_combiners: Callable[[Any, Any], Any],
    ) -> None:
        self._create = create
        self._merge_value = merge_value
        self._merge_combiners = merge_combiners

    def add_values(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold pairs in."""
        create, merge = self._create, self._merge_value
        for key, value in pairs:
            combined[key] = merge(combined[key], value) if key in combined else create(value)

    def add_combiners(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        """Fold combiners in."""
        merge = self._merge_combiners
        for key, combiner in pairs:
            combined[key] = merge(combined[key], combiner) if key in combined else combiner
