"""What a model remembers of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class ClusteringSummary:
    """The clusters of the rows that a model was trained on.

    Parameters
    ----------
    predictions
        Those rows with the cluster of each.
    predictionCol, featuresCol
        The names of its columns.
    k
        How many clusters were asked for.
    numIter
        How many iterations it took.
    clusterSizes
        How many rows each cluster has; zero for those that were not needed.
    """

    predictions: DataFrame
    predictionCol: str
    featuresCol: str
    k: int
    numIter: int
    clusterSizes: list[int]

    @property
    def cluster(self) -> DataFrame:
        """The cluster of each row."""
        return self.predictions.select(self.predictionCol)


@dataclass(frozen=True)
class KMeansSummary(ClusteringSummary):
    """The clusters of the rows that a KMeansModel was trained on.

    `trainingCost` is the sum of what each row is away from its centre, by the distance measure.
    """

    trainingCost: float


@dataclass(frozen=True)
class BisectingKMeansSummary(ClusteringSummary):
    """The clusters of the rows that a BisectingKMeansModel was trained on.

    `trainingCost` is the sum of what each row is away from its centre, by the distance measure.
    """

    trainingCost: float


@dataclass(frozen=True)
class GaussianMixtureSummary(ClusteringSummary):
    """The clusters of the rows that a GaussianMixtureModel was trained on.

    `probabilityCol` names the column with the probabilities, and `logLikelihood` tells how well the model
    explains the rows.
    """

    probabilityCol: str
    logLikelihood: float

    @property
    def probability(self) -> DataFrame:
        """The probability of each cluster, for each row."""
        return self.predictions.select(self.probabilityCol)


def filled(sizes: Sequence[int], k: int) -> list[int]:
    """Sizes for `k` clusters, of which the last ones may not have been needed.

    >>> filled([3, 1], 4)
    [3, 1, 0, 0]
    """
    return [*sizes, *[0] * (k - len(sizes))]
