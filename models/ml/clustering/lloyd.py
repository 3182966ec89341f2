"""k-means: centres to begin with, and Lloyd's iterations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from streamcore.models.ml.clustering.distances import (
    Distance,
    Labels,
    Numbers,
    Rows,
    distance_of,
    nearest,
    sums_by,
)
from streamcore.models.ml.clustering.starts import is_worth_all_cores, parallel_centers, rows_at_random
from streamcore.models.ml.needs import needed


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


def k_means(
    rows: Rows, weights: Numbers | None, settings: KMeansSettings, start: Numbers | None = None
) -> Clusters:
    """The clusters of rows, numbered as their centres were drawn; fewer than `k` when fewer rows differ.

    With a `start` no centres are drawn, and these are what it begins with.
    """
    distance = distance_of(settings.distanceMeasure)
    prepared = distance.prepared(rows)
    centers = initial_centers(prepared, settings, distance) if start is None else distance.prepared(start)
    if is_worth_all_cores(prepared, distance) and settings.maxIter > 0:
        return _by_sklearn(prepared, weights, centers, settings)
    return _by_hand(prepared, weights, centers, settings, distance)


def initial_centers(rows: Rows, settings: KMeansSettings, distance: Distance) -> Numbers:
    """Centres to begin with: rows at random, or those of k-means||, of which no two are alike."""
    if settings.initMode == "random":
        return rows_at_random(rows, settings.k, settings.seed)
    return parallel_centers(rows, settings.k, settings.initSteps, settings.seed, distance)


def as_met(found: Clusters) -> Clusters:
    """The clusters in the order in which the rows meet them, so that the seed does not number them."""
    count, rows = len(found.centers), len(found.labels)
    first = np.full(count, rows)
    first[found.labels[::-1]] = np.arange(rows)[::-1]  # the last one written is the first row
    order = np.argsort(first, kind="stable")
    number = np.empty(count, np.int32)
    number[order] = np.arange(count, dtype=np.int32)
    return Clusters(found.centers[order], number[found.labels], found.cost, found.iterations)


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
