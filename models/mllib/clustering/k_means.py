"""k-means over an RDD of vectors."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.distances import distance_of, nearest
from streamcore.models.ml.clustering.lloyd import KMeansSettings, k_means
from streamcore.models.ml.matrices import dense_of, vectors_of
from streamcore.models.mllib.clustering.costs import total_cost
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.linear_model import predicted
from streamcore.models.mllib.points import features_of
from streamcore.models.mllib.saving import SavedModel

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.rdd.rdd import RDD


class KMeansModel(SavedModel):
    """Centres of clusters; distances to them are Euclidean, whichever measure they were found by.

    >>> model = KMeansModel([np.array([0.0, 0.0]), np.array([9.0, 9.0])])
    >>> model.k, model.predict([8.0, 7.0])
    (2, 1)
    """

    _version = "2.0"
    _typed = ("point",)

    def __init__(self, centers: list[Any]) -> None:
        self.centers = centers

    @property
    def clusterCenters(self) -> list[Any]:
        """The centres."""
        return self.centers

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self.centers)

    def predict(self, x: Any) -> Any:
        """The number of the centre nearest to a vector; of an RDD of vectors, an RDD."""
        return predicted(self._nearest, x)

    def computeCost(self, rdd: RDD[Any]) -> float:
        """The sum of the squared distances of vectors to their centres."""
        rows, centers = features_of(rdd), self._matrix()
        return total_cost(rows, nearest(rows, centers, distance_of("euclidean"))[0], list(centers))

    def _nearest(self, x: Any) -> int:
        return int(np.square(self._matrix() - vector_of(x).toArray()).sum(axis=1).argmin())

    def _matrix(self) -> np.ndarray:
        return np.stack([vector_of(center).toArray() for center in self.centers])

    def _about(self) -> dict[str, Any]:
        return {"k": self.k, "distanceMeasure": "euclidean", "trainingCost": 0.0}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        ids = pa.array(range(self.k), pa.int32())
        return pa.table({"id": ids, "point": vectors_of(self._matrix())})

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        return cls(list(dense_of(table.sort_by("id"), "point")))


class KMeans:
    """Finds centres by Lloyd's iterations.

    >>> from streamcore import Context
    >>> rows = Context.getOrCreate().parallelize([[0.0], [1.0], [8.0], [9.0]])
    >>> sorted(float(center[0]) for center in KMeans.train(rows, 2, seed=1).centers)
    [0.5, 8.5]
    """

    @classmethod
    def train(
        cls,
        rdd: RDD[Any],
        k: int,
        maxIterations: int = 100,
        initializationMode: str = "k-means||",
        seed: int | None = None,
        initializationSteps: int = 2,
        epsilon: float = 1e-4,
        initialModel: KMeansModel | None = None,
        distanceMeasure: str = "euclidean",
    ) -> KMeansModel:
        """Train on vectors, from the centres of `initialModel` where there is one."""
        if initialModel is not None and not isinstance(initialModel, KMeansModel):
            raise TypeError(
                f"initialModel is of {type(initialModel)}. It needs to be of <type 'KMeansModel'>"
            )
        _require(k > 0, f"Number of clusters must be positive but got {k}")
        modes = ("random", "k-means||")
        _require(
            initializationMode in modes, f"Initialization mode {initializationMode} is not one of {modes}"
        )
        measures = ("euclidean", "cosine")
        _require(distanceMeasure in measures, f"{distanceMeasure} is not one of {measures}")
        _require(initialModel is None or initialModel.k == k, "mismatched cluster count")
        settings = KMeansSettings(
            k=k,
            initMode=initializationMode,
            initSteps=initializationSteps,
            maxIter=maxIterations,
            tol=epsilon,
            seed=secrets.randbits(63) if seed is None else seed,
            distanceMeasure=distanceMeasure,
        )
        start = (
            None
            if initialModel is None
            else np.stack([vector_of(center).toArray() for center in initialModel.centers])
        )
        return KMeansModel(list(k_means(features_of(rdd), None, settings, start).centers))


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise IllegalArgumentException(f"requirement failed: {message}")
