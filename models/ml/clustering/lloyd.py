"""k-means: centres to begin with, and Lloyd's iterations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from streamcore.models.ml.clustering.distances import (
    Distance,
    Euclidean,
    Labels,
    Numbers,
    Rows,
    distance_of,
    nearest,
    sums_by,
)
from streamcore.models.ml.needs import needed

_LOCAL_ITERATIONS, _LOCAL_STARTS = 30, 5
_WORTH_ALL_CORES = 1 << 16
"""From how many numbers on scikit-learn's threads gain more than it costs to start them."""


@dataclass(frozen=True)
class KMeansSettings:
    """How clusters are looked for; the names are Spark's."""

    k: int
    initMode: str = "k-means||"
    initSteps: int = 2
    maxIter: int = 20
    tol: float = 1e-4
    seed: int = 0
    distanceMeasure: str = "euclidean"


@dataclass(frozen=True)
class Clusters:
    """Centres, the nearest one of each row, and what it cost to find them."""

    centers: Numbers
    labels: Labels
    cost: float
    iterations: int

    @property
    def sizes(self) -> list[int]:
        """How many rows each centre is the nearest of."""
        return [int(size) for size in np.bincount(self.labels, minlength=len(self.centers))]


def k_means(rows: Rows, weights: Numbers | None, settings: KMeansSettings) -> Clusters:
    """The clusters of rows, numbered as the rows meet them; fewer than `k` when fewer rows differ."""
    distance = distance_of(settings.distanceMeasure)
    prepared = distance.prepared(rows)
    centers = initial_centers(prepared, settings, distance)
    if _is_worth_all_cores(prepared, distance) and settings.maxIter > 0:
        return as_met(_by_sklearn(prepared, weights, centers, settings))
    return as_met(_by_hand(prepared, weights, centers, settings, distance))


def initial_centers(rows: Rows, settings: KMeansSettings, distance: Distance) -> Numbers:
    """Centres to begin with: rows at random, or those of k-means||, of which no two are alike."""
    random = np.random.default_rng(settings.seed & 0xFFFFFFFFFFFFFFFF)
    if settings.initMode == "random":
        drawn = random.choice(rows.shape[0], min(settings.k, rows.shape[0]), replace=False)
        return np.unique(_taken(rows, drawn), axis=0)
    return _parallel_centers(rows, settings, distance, random)


def as_met(found: Clusters) -> Clusters:
    """The clusters in the order in which the rows meet them, so that the seed does not number them."""
    count, rows = len(found.centers), len(found.labels)
    first = np.full(count, rows)
    first[found.labels[::-1]] = np.arange(rows)[::-1]  # the last one written is the first row
    order = np.argsort(first, kind="stable")
    number = np.empty(count, np.int32)
    number[order] = np.arange(count, dtype=np.int32)
    return Clusters(found.centers[order], number[found.labels], found.cost, found.iterations)


def _parallel_centers(rows: Rows, settings: KMeansSettings, distance: Distance, random: Any) -> Numbers:
    """Oversample rows that are far from the centres so far, in rounds; then choose `k` of them."""
    centers = _taken(rows, random.integers(rows.shape[0], size=1))
    labels, costs = _nearest(rows, centers, distance)
    for _ in range(settings.initSteps):
        total = costs.sum()
        if total <= 0:
            break
        chosen = np.flatnonzero(random.random(len(costs)) < 2 * settings.k * costs / total)
        if not len(chosen):
            continue
        added = _taken(rows, chosen)
        found, nearer = _nearest(rows, added, distance)
        labels = np.where(nearer < costs, found + len(centers), labels)
        costs = np.minimum(costs, nearer)
        centers = np.concatenate([centers, added])
    candidates, places = np.unique(centers, axis=0, return_inverse=True)
    if len(candidates) <= settings.k:
        return candidates
    counts = np.bincount(labels, minlength=len(centers))
    stands_for = np.bincount(places.reshape(-1), counts).astype(np.float64)
    return _chosen(candidates, stands_for, settings, distance)


def _is_worth_all_cores(rows: Rows, distance: Distance) -> bool:
    return isinstance(distance, Euclidean) and rows.shape[0] * rows.shape[1] >= _WORTH_ALL_CORES


def _nearest(rows: Rows, centers: Numbers, distance: Distance) -> tuple[Labels, Numbers]:
    """As `nearest`, on all cores where that is worth it."""
    if not _is_worth_all_cores(rows, distance):
        return nearest(rows, centers, distance)
    metrics: Any = needed("sklearn.metrics", "KMeans")
    labels, costs = metrics.pairwise_distances_argmin_min(rows, centers, metric="sqeuclidean")
    return labels, costs


def _chosen(candidates: Numbers, counts: Numbers, settings: KMeansSettings, distance: Distance) -> Numbers:
    """The best `k` centres of candidates that stand for so many rows each: k-means++, from several starts."""
    cluster: Any = needed("sklearn.cluster", "KMeans")
    known = counts > 0
    if known.sum() <= settings.k:
        return candidates[np.argsort(-counts, kind="stable")[: settings.k]]
    points, weights = candidates[known], counts[known]
    random = np.random.RandomState(settings.seed & 0xFFFFFFFF)
    local = replace(settings, maxIter=_LOCAL_ITERATIONS)
    found = []
    for _ in range(_LOCAL_STARTS):
        start, _ = cluster.kmeans_plusplus(points, settings.k, sample_weight=weights, random_state=random)
        found.append(_by_hand(points, weights, start, local, distance))
    return min(found, key=lambda clusters: clusters.cost).centers


def _by_sklearn(rows: Rows, weights: Numbers | None, centers: Numbers, settings: KMeansSettings) -> Clusters:
    cluster: Any = needed("sklearn.cluster", "KMeans")
    found = cluster.KMeans(
        len(centers), init=centers, n_init=1, max_iter=settings.maxIter, tol=_relative(rows, settings.tol),
        algorithm="lloyd",
    ).fit(rows, sample_weight=weights)  # fmt: skip
    return Clusters(found.cluster_centers_, found.labels_, float(found.inertia_), int(found.n_iter_))


def _relative(rows: Rows, tolerance: float) -> float:
    """A tolerance of how far centres move, as scikit-learn takes it: squared, in variances of the rows."""
    if isinstance(rows, np.ndarray):
        squares: Any = np.einsum("ij,ij->j", rows, rows)
    else:
        squares = np.asarray(rows.multiply(rows).sum(axis=0)).reshape(-1)
    means = np.asarray(rows.mean(axis=0)).reshape(-1)
    variance = float(np.mean(squares / rows.shape[0] - means * means))
    return tolerance * tolerance / variance if variance > 0 else 0.0


def _by_hand(
    rows: Rows, weights: Numbers | None, centers: Numbers, settings: KMeansSettings, distance: Distance
) -> Clusters:
    done = 0
    for _ in range(settings.maxIter):
        labels = nearest(rows, centers, distance)[0]
        sums, totals = sums_by(rows, labels, weights, len(centers))
        before, met = centers, totals > 0
        centers = centers.copy()
        centers[met] = distance.centers(sums[met], totals[met])
        done += 1
        if not distance.has_moved(before, centers, settings.tol):
            break
    labels, costs = nearest(rows, centers, distance)
    cost = float(costs.sum() if weights is None else costs @ weights)
    return Clusters(centers, labels, cost, done)


def _taken(rows: Rows, places: Any) -> Numbers:
    taken = rows[places]
    return taken if isinstance(taken, np.ndarray) else taken.toarray()
