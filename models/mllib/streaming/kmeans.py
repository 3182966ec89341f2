"""Spark's k-means over a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.streaming.batches import DRIVER, Floats, array_of, predicted, rdd_of, table_of
from streamcore.models.online.kmeans import KMeans
from streamcore.spi.models import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class StreamingKMeansModel:
    """Centres with the weight of what they were made of.

    >>> model = StreamingKMeansModel([[0.0, 0.0], [4.0, 4.0]], [1.0, 1.0])
    >>> model.predict([1.0, 0.5])
    0
    """

    def __init__(self, clusterCenters: Iterable[Any], clusterWeights: Any) -> None:
        self._centers = np.array([array_of(center) for center in clusterCenters])
        self._weights = np.array(array_of(clusterWeights))

    @property
    def clusterCenters(self) -> list[Floats]:
        """The centres."""
        return list(self._centers)

    @property
    def centers(self) -> list[Floats]:
        """The centres."""
        return self.clusterCenters

    @property
    def clusterWeights(self) -> list[float]:
        """What each centre weighs beside new rows."""
        return list(self._weights)

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self._centers)

    def predict(self, x: Any) -> Any:
        """The number of the centre nearest to a vector; of an RDD of vectors, an RDD."""
        return predicted(self._nearest, x)

    def update(self, data: Any, decayFactor: float, timeUnit: str) -> Self:
        """Moves the centres by one batch of vectors; `timeUnit` is "batches" or "points"."""
        model = KMeans(k=self.k, decayFactor=float(decayFactor), timeUnit=timeUnit)
        state: State = {"centers": self._centers, "weights": self._weights}
        after = model.update(state, table_of(data, labelled=False), DRIVER)
        self._centers, self._weights = after["centers"], after["weights"]
        return self

    def _nearest(self, vector: Floats) -> int:
        return int(np.square(self._centers - vector).sum(axis=1).argmin())


class StreamingKMeans:
    """k-means whose centres move with each batch; see `streamcore.models.KMeans` for the rule.

    >>> model = StreamingKMeans(k=2, decayFactor=0.5).setInitialCenters([[0.0], [9.0]], [1.0, 1.0])
    >>> model.specification().decayFactor
    0.5
    """

    def __init__(self, k: int = 2, decayFactor: float = 1.0, timeUnit: str = "batches") -> None:
        self._k, self._decay, self._unit = k, decayFactor, _unit(timeUnit)
        self._model: StreamingKMeansModel | None = None

    def latestModel(self) -> StreamingKMeansModel | None:
        """The centres as they are now; None before there are any."""
        return self._model

    def setK(self, k: int) -> Self:
        """The number of clusters."""
        self._k = k
        return self

    def setDecayFactor(self, decayFactor: float) -> Self:
        """What is left of a weight after a batch, or a point."""
        self._decay = decayFactor
        return self

    def setHalfLife(self, halfLife: float, timeUnit: str) -> Self:
        """After how many batches (or points) what was learnt weighs half."""
        self._unit, self._decay = _unit(timeUnit), float(0.5 ** (1.0 / halfLife))
        return self

    def setInitialCenters(self, centers: Sequence[Any], weights: Sequence[float]) -> Self:
        """Where the centres begin, and what each weighs."""
        self._model = StreamingKMeansModel(centers, weights)
        return self

    def setRandomCenters(self, dim: int, weight: float, seed: int) -> Self:
        """Centres drawn around 0, all of one weight: PySpark's for the same seed."""
        drawn = np.random.RandomState(seed).randn(self._k, dim)
        self._model = StreamingKMeansModel(drawn, [weight] * self._k)
        return self

    def trainOn(self, batch: Any) -> None:
        """Learns from the vectors of one batch."""
        self._started().update(batch, self._decay, self._unit)

    def predictOn(self, batch: Any) -> Any:
        """The cluster of each vector of an RDD."""
        return self._started().predict(rdd_of(batch))

    def predictOnValues(self, batch: Any) -> Any:
        """The keys of an RDD of pairs with the cluster of their vectors."""
        return rdd_of(batch).mapValues(self._started().predict)

    def specification(self, **columns: Any) -> KMeans:
        """The same model with the same centres, to be trained inside a query; `columns` are its others.

        Raises IllegalArgumentException for centres of different weights, which a specification has not.
        """
        model = self._started()
        weights = set(model.clusterWeights)
        if len(weights) > 1:
            raise IllegalArgumentException("a specification of k-means has one weight for all its centres")
        centers = tuple(tuple(center.tolist()) for center in model.clusterCenters)
        settings = {"decayFactor": self._decay, "timeUnit": self._unit, **columns}
        return KMeans(k=model.k, initialCenters=centers, initialWeight=float(weights.pop()), **settings)

    def _started(self) -> StreamingKMeansModel:
        if self._model is None:
            raise IllegalArgumentException(
                "Initial centers should be set either by setInitialCenters or setRandomCenters."
            )
        return self._model


def _unit(timeUnit: str) -> str:
    if timeUnit not in ("batches", "points"):
        raise IllegalArgumentException(f"timeUnit should be 'batches' or 'points', got {timeUnit}.")
    return timeUnit
