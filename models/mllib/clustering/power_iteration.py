"""Clusters of the vertices of a graph, over an RDD of its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.power_iteration import clusters_of
from streamcore.models.mllib.saving import SavedModel

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.rdd.rdd import RDD


class PowerIterationClusteringModel(SavedModel):
    """The cluster of each vertex."""

    def __init__(self, k: int, vertices: np.ndarray, clusters: np.ndarray) -> None:
        self._k, self._vertices, self._clusters = k, vertices, clusters

    @property
    def k(self) -> int:
        """How many clusters there were to be."""
        return self._k

    def assignments(self) -> RDD[Any]:
        """An RDD of the vertices (`id`) with their clusters (`cluster`)."""
        from streamcore.context import Context

        pairs = zip(self._vertices.tolist(), self._clusters.tolist(), strict=True)
        return Context.getOrCreate().parallelize(
            [PowerIterationClustering.Assignment(*pair) for pair in pairs]
        )

    def _about(self) -> dict[str, Any]:
        return {"k": self._k}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        clusters = pa.array(self._clusters, pa.int32())
        return pa.table({"id": pa.array(self._vertices, pa.int64()), "cluster": clusters})

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        return cls(int(metadata["k"]), table.column("id").to_numpy(), table.column("cluster").to_numpy())


class PowerIterationClustering:
    """Groups the vertices of a graph by how similar they are; see `pyspark.ml` for what differs.

    >>> from streamcore import Context
    >>> edges = [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (2, 3, 0.01), (3, 4, 1.0), (3, 5, 1.0), (4, 5, 1.0)]
    >>> model = PowerIterationClustering.train(Context.getOrCreate().parallelize(edges), 2)
    >>> [tuple(one) for one in model.assignments().collect()]
    [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]
    """

    class Assignment(NamedTuple):
        """A vertex and its cluster."""

        id: int
        cluster: int

    @classmethod
    def train(
        cls, rdd: RDD[Any], k: int, maxIterations: int = 100, initMode: str = "random"
    ) -> PowerIterationClusteringModel:
        """Train on (vertex, vertex, similarity); `initMode` is "random" or "degree"."""
        if initMode not in ("random", "degree"):
            raise IllegalArgumentException(f"Unknown initialization mode: {initMode}")
        if k <= 0 or maxIterations <= 0:
            raise IllegalArgumentException(
                f"requirement failed: k and maxIterations must be positive but got {k} and {maxIterations}"
            )
        edges = rdd.map(_edge).collect()
        ends = np.array([edge[:2] for edge in edges], np.int64).reshape(-1, 2)
        similarities = np.array([edge[2] for edge in edges])
        found = clusters_of(ends[:, 0], ends[:, 1], similarities, k, maxIterations, initMode)
        return PowerIterationClusteringModel(k, *found)


def _edge(row: Any) -> tuple[int, int, float]:
    source, target, similarity = row
    return int(source), int(target), float(similarity)
