"""Vectors projected on their principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.pca import principal_components
from streamcore.models.mllib.feature.vectors import VectorTransformer, require_size
from streamcore.models.mllib.linalg import DenseVector, Vector
from streamcore.models.mllib.points import features_of

if TYPE_CHECKING:
    import numpy as np

    from streamcore.rdd.rdd import RDD


class PCAModel(VectorTransformer):
    """Projects vectors on components."""

    def __init__(self, components: np.ndarray) -> None:
        self._components = components

    def _of(self, vector: Vector) -> Vector:
        require_size(vector, len(self._components), "the model")
        return DenseVector(vector.toArray() @ self._components)


class PCA:
    """Learns the `k` directions in which vectors vary most.

    >>> from streamcore import Context
    >>> rows = Context.getOrCreate().parallelize([[0.0, 1.0], [2.0, 1.0]])
    >>> abs(PCA(1).fit(rows).transform([3.0, 7.0])[0]).item()
    3.0
    """

    def __init__(self, k: int) -> None:
        self.k = int(k)

    def fit(self, data: RDD[Any]) -> PCAModel:
        """Learn from an RDD of vectors."""
        rows = features_of(data)
        if not 0 < self.k <= rows.shape[1]:
            raise IllegalArgumentException(
                f"requirement failed: source vector size {rows.shape[1]} must be no less than k={self.k}, "
                "which must be positive"
            )
        return PCAModel(principal_components(rows, self.k)[0])
