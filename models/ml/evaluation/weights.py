"""Weights of rows, and their sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Places = NDArray[np.intp]


def weights_of(weight: object, rows: int) -> Doubles:
    """Weights as doubles: one each where none are given."""
    return np.ones(rows) if weight is None else np.asarray(weight, np.float64)


def sums_by(place: Places, values: Doubles, places: int) -> Doubles:
    """The sum of the values at each place.

    >>> sums_by(np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 4)
    array([4., 0., 2., 0.])
    """
    return np.bincount(place, values, places).astype(np.float64, copy=False)
