"""Grids of parameters."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.param import Param, ParamMap

if TYPE_CHECKING:
    from typing import Self


class ParamGridBuilder:
    """Makes a parameter map of every combination of the values given.

    >>> from streamcore.models.ml.param.shared import HasMaxIter, HasTol
    >>> class Thing(HasMaxIter, HasTol):
    ...     pass
    >>> thing = Thing()
    >>> grid = ParamGridBuilder().baseOn({thing.tol: 0.1}).addGrid(thing.maxIter, [1, 2]).build()
    >>> [[(param.name, value) for param, value in found.items()] for found in grid]
    [[('tol', 0.1), ('maxIter', 1)], [('tol', 0.1), ('maxIter', 2)]]
    """

    def __init__(self) -> None:
        self._param_grid: dict[Param[Any], Iterable[Any]] = {}

    def addGrid(self, param: Param[Any], values: Iterable[Any]) -> Self:
        """Try each of these values of a parameter."""
        if not isinstance(param, Param):
            raise TypeError("param must be an instance of Param")
        self._param_grid[param] = values
        return self

    def baseOn(self, *args: ParamMap | tuple[Param[Any], Any] | list[Any]) -> Self:
        """Fix parameters, given as a map, or as pairs of a parameter and its value."""
        first = args[0]
        for param, value in first.items() if isinstance(first, dict) else args:
            self.addGrid(param, [value])
        return self

    def build(self) -> list[ParamMap]:
        """All combinations."""
        params = list(self._param_grid)
        return [
            {param: param.typeConverter(value) for param, value in zip(params, values, strict=True)}
            for values in itertools.product(*self._param_grid.values())
        ]
