"""Making vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamcore.models.ml.linalg.dense import DenseVector
from streamcore.models.ml.linalg.sparse import SparseVector
from streamcore.models.ml.linalg.vector import as_vector


class Vectors:
    """The ways to make a vector.

    >>> Vectors.dense(1, 2), Vectors.sparse(3, {1: 1.0}), Vectors.zeros(2)
    (DenseVector([1.0, 2.0]), SparseVector(3, {1: 1.0}), DenseVector([0.0, 0.0]))
    """

    @staticmethod
    def sparse(size: int, *args: Any) -> SparseVector:
        """A sparse vector: of a dictionary, of pairs, or of indices (ascending) and values."""
        return SparseVector(size, *args)

    @staticmethod
    def dense(*elements: Any) -> DenseVector:
        """A dense vector: of numbers, or of one sequence of them."""
        if len(elements) == 1 and not isinstance(elements[0], float | int):
            return DenseVector(elements[0])
        return DenseVector(elements)

    @staticmethod
    def squared_distance(v1: Any, v2: Any) -> np.float64:
        """The square of the Euclidean distance of two vectors."""
        return as_vector(v1).squared_distance(as_vector(v2))

    @staticmethod
    def norm(vector: Any, p: Any) -> np.floating[Any]:
        """The p-norm of a vector."""
        return as_vector(vector).norm(p)

    @staticmethod
    def zeros(size: int) -> DenseVector:
        """A dense vector of zeros."""
        return DenseVector(np.zeros(size))
