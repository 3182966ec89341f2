"""What a scaler wants to know of each feature of its rows: moments, extremes and quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.feature.kinds import Matrix, is_sparse
from streamcore.models.ml.needs import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    """Mean and unbiased variance of every feature."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @property
    def deviation(self) -> NDArray[np.float64]:
        """The unbiased standard deviation."""
        return np.sqrt(self.variance)


def moments_of(rows: Matrix) -> Moments:
    """Mean and unbiased variance; that of a feature that never changes, or of a single row, is exactly 0."""
    count = rows.shape[0]
    mean = np.asarray(rows.mean(axis=0), dtype=np.float64).reshape(-1)
    low, high = extremes_of(rows)
    squares = _squares(rows, mean) / max(count - 1, 1)
    return Moments(np.where(low == high, low, mean), np.where(low == high, 0.0, squares))


def _squares(rows: Matrix, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    if not is_sparse(rows):
        centred = rows - mean
        dense: NDArray[np.float64] = np.einsum("ij,ij->j", centred, centred)
        return dense
    centred = rows.data - mean[rows.indices]
    kept = np.bincount(rows.indices, minlength=rows.shape[1])
    squares = np.bincount(rows.indices, centred * centred, rows.shape[1]).astype(np.float64)
    squares += (rows.shape[0] - kept) * mean * mean
    return squares


def extremes_of(rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest value of every feature; NaN is passed over."""
    if is_sparse(rows):
        low, high = rows.nanmin(axis=0).toarray(), rows.nanmax(axis=0).toarray()
        return low.reshape(-1), high.reshape(-1)
    return np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)


def quantiles_of(rows: Matrix, probabilities: Sequence[float]) -> list[NDArray[np.float64]]:
    """For each probability the quantile of every feature, an element of the data; NaN is passed over.

    They are exact, which any relative error admits.
    """
    columns = [quantiles(column, probabilities) for column in _columns(rows)]
    return [np.array(values) for values in zip(*columns, strict=True)]


def _columns(rows: Matrix) -> list[NDArray[np.float64]]:
    if not is_sparse(rows):
        return list(rows.T)
    columns = needed("scipy.sparse", "A sparse vector").csc_matrix(rows)
    return [columns[:, [index]].toarray().reshape(-1) for index in range(columns.shape[1])]


def quantiles(values: NDArray[Any], probabilities: Sequence[float]) -> list[float]:
    """Quantiles of numbers, each the least element that is not below so large a part of them.

    >>> quantiles(np.array([4.0, 1.0, float("nan"), 3.0, 2.0]), [0.0, 0.5, 0.51, 1.0])
    [1.0, 2.0, 3.0, 4.0]
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return [math.nan] * len(probabilities)
    places = [max(math.ceil(p * len(known)) - 1, 0) for p in probabilities]
    ordered = np.partition(known, places)
    return [float(ordered[place]) for place in places]
