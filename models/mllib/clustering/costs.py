"""How far vectors are from the centres of their clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamcore.models.ml.clustering.distances import Euclidean


def total_cost(rows: Any, labels: np.ndarray, centers: list[Any]) -> float:
    """The sum of the squared distances; of dense rows by their differences, which lose no digits.

    >>> total_cost(np.array([[0.0], [1.0]]), np.array([0, 0]), [np.array([0.5])])
    0.5
    """
    if isinstance(rows, np.ndarray):
        return float(np.square(rows - np.stack(centers)[labels]).sum())
    distance = Euclidean()
    costs = [distance.costs(rows[labels == at], one[np.newaxis]) for at, one in enumerate(centers)]
    return float(sum(cost.sum() for cost in costs))
