"""How mixed the rows of a node are, from sums over them.

The statistics of a node are its weights by class (gini, entropy), or its weight, and the sums of its labels
and of their squares (variance); they lie in the last dimension of an array.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_LOG_TWO = float(np.log(2.0))


def gini(statistics: Doubles) -> Doubles:
    """The chance that two rows drawn have different classes.

    >>> gini(np.array([[1.0, 1.0], [4.0, 0.0]])).tolist()
    [0.5, 0.0]
    """
    shares = _shares(statistics)
    found = np.where(statistics.sum(axis=-1) == 0, 0.0, 1.0)
    for label in range(shares.shape[-1]):  # one by one: the order decides ties between categories
        found -= shares[..., label] * shares[..., label]
    return found


def entropy(statistics: Doubles) -> Doubles:
    """The bits needed to name a row's class.

    >>> entropy(np.array([[1.0, 1.0], [4.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    shares = _shares(statistics)
    parts = shares * (np.log(shares, out=np.zeros_like(shares), where=shares > 0) / _LOG_TWO)
    found = np.zeros(shares.shape[:-1])
    for label in range(shares.shape[-1]):
        found -= parts[..., label]
    return found


def variance(statistics: Doubles) -> Doubles:
    """The variance of the labels."""
    count, total, squares = statistics[..., 0], statistics[..., 1], statistics[..., 2]
    return _ratio(squares - _ratio(total * total, count), count)


def _shares(statistics: Doubles) -> Doubles:
    total = np.broadcast_to(statistics.sum(axis=-1)[..., None], statistics.shape)
    return _ratio(statistics, total)


def _ratio(above: Doubles, below: Doubles) -> Doubles:
    found: Doubles = np.divide(above, below, out=np.zeros(above.shape), where=below != 0)
    return found


IMPURITIES: dict[str, Callable[[Doubles], Doubles]] = {
    "gini": gini,
    "entropy": entropy,
    "variance": variance,
}


def weight(statistics: Doubles, impurity: str) -> Doubles:
    """The weight of the rows counted."""
    return np.asarray(statistics[..., 0] if impurity == "variance" else statistics.sum(axis=-1))


def prediction(statistics: Doubles, impurity: str) -> Doubles:
    """What a leaf with these rows predicts: the mean label, or the first of the heaviest classes."""
    if impurity != "variance":
        return np.asarray(statistics.argmax(axis=-1), np.float64)
    count, total = statistics[..., 0], statistics[..., 1]
    return _ratio(total, count)
