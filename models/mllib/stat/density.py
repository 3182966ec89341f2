"""Densities: estimated from a sample, and of the normal distribution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamcore.errors import IllegalArgumentException

if TYPE_CHECKING:
    from streamcore.models.mllib.linalg import Matrix, Vector
    from streamcore.rdd.rdd import RDD


class KernelDensity:
    """The density of what a sample was drawn from, as the mean of normal densities around its numbers."""

    def __init__(self) -> None:
        self._bandwidth = 1.0
        self._sample: RDD[float] | None = None

    def setBandwidth(self, bandwidth: float) -> None:
        """Set the standard deviation of the normal densities (1.0 at first)."""
        if bandwidth <= 0:
            raise IllegalArgumentException(f"Bandwidth must be positive, but got {bandwidth}.")
        self._bandwidth = bandwidth

    def setSample(self, sample: RDD[float]) -> None:
        """Set the sample."""
        self._sample = sample

    def estimate(self, points: Iterable[float]) -> np.ndarray:
        """The density at each point."""
        if self._sample is None:
            raise IllegalArgumentException("Must set sample before calling estimate.")
        sample = np.array(self._sample.map(float).collect())
        away = (np.array(list(points))[:, None] - sample) / self._bandwidth
        return np.asarray(np.exp(-0.5 * away**2).mean(axis=1) / (self._bandwidth * np.sqrt(2.0 * np.pi)))


class MultivariateGaussian(NamedTuple):
    """A mean and a covariance."""

    mu: Vector
    sigma: Matrix
