"""Bisecting k-means over an RDD of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.bisecting import BisectingSettings, Node, bisected, descend
from streamcore.models.ml.clustering.distances import distance_of
from streamcore.models.mllib.clustering.costs import total_cost
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import features_of
from streamcore.rdd.rdd import RDD

_SEED = -1888008604


class BisectingKMeansModel:
    """A tree of clusters, of which the leaves count."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self.centers = [leaf.center for leaf in root.leaves]

    @property
    def clusterCenters(self) -> list[np.ndarray]:
        """The centres of the leaves."""
        return self.centers

    @property
    def k(self) -> int:
        """How many leaves there are."""
        return len(self.centers)

    def predict(self, x: Any) -> Any:
        """The leaf of a vector, down the nearer child each time; of an RDD of vectors, an RDD."""
        return x.map(self._leaf) if isinstance(x, RDD) else self._leaf(x)

    def computeCost(self, x: Any) -> float:
        """The squared distance of a vector to the centre of its leaf, or the sum of those of an RDD."""
        rows = features_of(x) if isinstance(x, RDD) else vector_of(x).toArray()[np.newaxis]
        labels = descend(self._root, rows, distance_of("euclidean"))
        return total_cost(rows, labels, self.centers)

    def _leaf(self, x: Any) -> int:
        return int(descend(self._root, vector_of(x).toArray()[np.newaxis], distance_of("euclidean"))[0])


class BisectingKMeans:
    """Splits the largest clusters in two until there are `k`.

    >>> from streamcore import Context
    >>> rows = Context.getOrCreate().parallelize([[0.0], [1.0], [8.0], [9.0]])
    >>> BisectingKMeans.train(rows, 2).computeCost(rows)
    1.0
    """

    @classmethod
    def train(
        cls,
        rdd: RDD[Any],
        k: int = 4,
        maxIterations: int = 20,
        minDivisibleClusterSize: float = 1.0,
        seed: int = _SEED,
    ) -> BisectingKMeansModel:
        """Train on vectors; a cluster is split that has so many rows, or such a part of all below 1.0."""
        for name, value in [("k", k), ("minDivisibleClusterSize", minDivisibleClusterSize)]:
            if value <= 0:
                raise IllegalArgumentException(
                    f"requirement failed: {name} must be positive but got {value}."
                )
        settings = BisectingSettings(k, maxIterations, seed, minDivisibleClusterSize)
        return BisectingKMeansModel(bisected(features_of(rdd), None, settings))
