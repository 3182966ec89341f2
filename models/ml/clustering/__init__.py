"""Clusters: groups of rows that are alike."""

from __future__ import annotations

from streamcore.models.ml.clustering.bisecting_k_means import BisectingKMeans, BisectingKMeansModel
from streamcore.models.ml.clustering.gaussian_mixture import GaussianMixture, GaussianMixtureModel
from streamcore.models.ml.clustering.k_means import KMeans, KMeansModel
from streamcore.models.ml.clustering.lda import LDA
from streamcore.models.ml.clustering.lda_models import DistributedLDAModel, LDAModel, LocalLDAModel
from streamcore.models.ml.clustering.power_iteration import PowerIterationClustering
from streamcore.models.ml.clustering.summary import (
    BisectingKMeansSummary,
    ClusteringSummary,
    GaussianMixtureSummary,
    KMeansSummary,
)

__all__ = [
    "LDA",
    "BisectingKMeans",
    "BisectingKMeansModel",
    "BisectingKMeansSummary",
    "ClusteringSummary",
    "DistributedLDAModel",
    "GaussianMixture",
    "GaussianMixtureModel",
    "GaussianMixtureSummary",
    "KMeans",
    "KMeansModel",
    "KMeansSummary",
    "LDAModel",
    "LocalLDAModel",
    "PowerIterationClustering",
]
