"""Weighted means and standard deviations of the columns of a matrix, dense or sparse, in blocks of rows."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

BLOCK = 160_000
"""Values of a block: what a core keeps in its cache between the two passes over it."""


class Moments(NamedTuple):
    """Of the columns: weighted mean, unbiased standard deviation; of the rows: weight sum and number."""

    mean: np.ndarray
    std: np.ndarray
    weight: float
    rows: int


def blocks(X: Any) -> Iterator[slice]:
    """Slices of rows of about `BLOCK` values each; of a sparse matrix as many rows as hold so many entries.

    >>> list(blocks(np.zeros((5, BLOCK // 2))))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    rows, columns = X.shape
    return _slices(rows, rows * columns if isinstance(X, np.ndarray) else X.nnz)


def dense_blocks(X: Any) -> Iterator[slice]:
    """Slices of rows of about `BLOCK` values each once they are dense."""
    rows, columns = X.shape
    return _slices(rows, rows * columns)


def _slices(rows: int, values: int) -> Iterator[slice]:
    size = max(1, BLOCK * rows // max(1, values))
    for start in range(0, rows, size):
        yield slice(start, min(rows, start + size))


def moments(X: Any, weights: np.ndarray | None = None) -> Moments:
    """The moments of a matrix, as Spark's Summarizer tells them.

    The variance divides by `sum(w) - sum(w * w) / sum(w)`: n - 1 where all weights are one. Rows of weight
    zero count nowhere.

    >>> moments(np.array([[1.0], [2.0], [4.0]]))
    Moments(mean=array([2.33333333]), std=array([1.52752523]), weight=3.0, rows=3)
    """
    rows, columns = X.shape
    w = np.ones(rows) if weights is None else weights
    total = float(w.sum())
    present = rows if weights is None else int(np.count_nonzero(w))
    if present == 0:
        return Moments(np.zeros(columns), np.zeros(columns), 0.0, 0)
    mean = np.zeros(columns)
    for part in blocks(X):
        mean += w[part] @ X[part]
    mean /= total
    spread = _spread(X, w, mean)
    degrees = total - float((w * w).sum()) / total
    std = np.sqrt(np.maximum(spread, 0.0) / degrees) if degrees > 0 else np.zeros(columns)
    return Moments(mean, np.where(_constant(X, w), 0.0, std), total, present)


def _spread(X: Any, w: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The weighted sum of squared distances from the mean."""
    spread = np.zeros(X.shape[1])
    for part in blocks(X):
        block = X[part]
        if isinstance(block, np.ndarray):
            away = block - mean
            spread += w[part] @ (away * away)
        else:
            stored = w[part] @ (block != 0)
            away = block.copy()
            away.data = (away.data - mean[away.indices]) ** 2 * (away.data != 0)
            spread += w[part] @ away + (w[part].sum() - stored) * mean * mean
    return spread


def _constant(X: Any, w: np.ndarray) -> np.ndarray:
    """Which columns hold one value only: rounding of the mean must not give them a spread."""
    present = X if w.all() else X[np.flatnonzero(w)]
    if isinstance(present, np.ndarray):
        return np.asarray(present.min(axis=0) == present.max(axis=0))
    return np.asarray((present.min(axis=0) != present.max(axis=0)).toarray()[0] == 0)
