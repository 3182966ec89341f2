"""Clustering over RDDs, and of the batches of a stream, under PySpark's names."""

from __future__ import annotations

from streamcore.models.mllib.clustering.bisecting import BisectingKMeans, BisectingKMeansModel
from streamcore.models.mllib.clustering.k_means import KMeans, KMeansModel
from streamcore.models.mllib.clustering.mixture import GaussianMixture, GaussianMixtureModel
from streamcore.models.mllib.clustering.power_iteration import (
    PowerIterationClustering,
    PowerIterationClusteringModel,
)
from streamcore.models.mllib.clustering.topics import LDA, LDAModel
from streamcore.models.mllib.streaming.kmeans import StreamingKMeans, StreamingKMeansModel

__all__ = [
    "LDA",
    "BisectingKMeans",
    "BisectingKMeansModel",
    "GaussianMixture",
    "GaussianMixtureModel",
    "KMeans",
    "KMeansModel",
    "LDAModel",
    "PowerIterationClustering",
    "PowerIterationClusteringModel",
    "StreamingKMeans",
    "StreamingKMeansModel",
]
