"""Fitting a monotone step function, over numpy columns."""

from typing import NamedTuple

import numpy as np


class IsotonicFit(NamedTuple):
    """Boundaries, rising, and the prediction at each; between two of them it is interpolated."""

    boundaries: np.ndarray
    predictions: np.ndarray


def fit_isotonic(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, *, rising: bool) -> IsotonicFit:
    """The monotone function with the least weighted squares; labels of one feature are averaged first.

    >>> fit_isotonic(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]), None, rising=True)
    IsotonicFit(boundaries=array([1., 2., 3.]), predictions=array([1. , 2.5, 2.5]))
    """
    from scipy import optimize

    w = np.ones(len(y)) if weights is None else weights
    some = w > 0
    points, at = np.unique(x[some], return_inverse=True)
    if not len(points):
        return IsotonicFit(np.empty(0), np.empty(0))
    mass = np.bincount(at, weights=w[some])
    labels = np.bincount(at, weights=w[some] * y[some]) / mass
    found = optimize.isotonic_regression(labels, weights=mass, increasing=rising)
    first, last = found.blocks[:-1], found.blocks[1:] - 1
    edges = np.unique(np.concatenate([first, last]))
    return IsotonicFit(points[edges], np.asarray(found.x[edges]))


def predict_isotonic(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    """The function at `x`; beyond the outermost boundaries it is flat."""
    return np.asarray(np.interp(x, fit.boundaries, fit.predictions))
