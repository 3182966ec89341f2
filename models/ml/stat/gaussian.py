"""The normal distribution in several dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.linalg import Matrix, Vector

Numbers = npt.NDArray[np.float64]
_EPSILON = 2.0**-52


class MultivariateGaussian:
    """A mean and a covariance.

    >>> from streamcore.models.ml.linalg import DenseMatrix, Vectors
    >>> MultivariateGaussian(Vectors.dense([11, 12]), DenseMatrix(2, 2, (1.0, 3.0, 5.0, 2.0))).mean
    DenseVector([11.0, 12.0])
    """

    def __init__(self, mean: Vector, cov: Matrix) -> None:
        self.mean = mean
        self.cov = cov


@dataclass(frozen=True)
class Density:
    """The logarithm of a normal distribution's density, also where the covariance has no inverse.

    `root` has the property that `root @ root.T` is the (pseudo-)inverse of the covariance.
    """

    mean: Numbers
    root: Numbers
    constant: float

    @classmethod
    def of(cls, mean: Numbers, covariance: Numbers) -> Density:
        """The density for a mean and a covariance; IllegalArgumentException when nothing varies."""
        values, vectors = np.linalg.eigh(covariance)
        least = _EPSILON * float(values.max(initial=0)) * len(values)
        kept = values > least
        if not kept.any():
            raise IllegalArgumentException("Covariance matrix has no non-zero singular values")
        root = vectors * np.where(kept, 1 / np.sqrt(np.where(kept, values, 1)), 0)
        logs = float(np.log(values[kept]).sum())
        return cls(mean, root, -0.5 * (len(mean) * np.log(2 * np.pi) + logs))

    def logs(self, rows: Numbers) -> Numbers:
        """The logarithm of the density at each row."""
        scaled = (rows - self.mean) @ self.root
        found: Numbers = self.constant - 0.5 * np.einsum("ij,ij->i", scaled, scaled)
        return found
