"""Where the centres of k-means are at first: as Spark draws them from rows in one partition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from streamcore.jvm.java_random import JavaRandom, XorShiftRandom
from streamcore.jvm.spark_draws import uniforms
from streamcore.models.ml.clustering.distances import (
    Distance,
    Euclidean,
    Labels,
    Numbers,
    Rows,
    nearest,
    sums_by,
)
from streamcore.models.ml.needs import needed

_LOCAL_ITERATIONS, _LOCAL_STARTS = 30, 5
_CLEARLY_BETTER = 0.95
_GAPS_UP_TO, _LEAST_DRAW, _DOUBT = 0.4, 5e-11, 1e-4


def rows_at_random(rows: Rows, k: int, seed: int) -> Numbers:
    """`k` rows at random, of which no two are alike."""
    return _distinct(_taken(rows, sampled(rows.shape[0], k, XorShiftRandom(seed).next_int32())))[0]


def parallel_centers(rows: Rows, k: int, steps: int, seed: int, distance: Distance) -> Numbers:
    """The centres of k-means||: rows that are far from those so far, in rounds; then the best `k` of them."""
    drawn = XorShiftRandom(seed).next_int32()
    centers = _taken(rows, sampled(rows.shape[0], 1, drawn))
    labels, costs = nearest_by_all_cores(rows, centers, distance)
    for step in range(steps):
        total = costs.sum()
        if total <= 0:
            break
        chosen = np.flatnonzero(uniforms(drawn ^ (step << 16), len(costs)) < 2.0 * costs * k / total)
        if not len(chosen):
            continue
        added = _taken(rows, chosen)
        found, nearer = nearest_by_all_cores(rows, added, distance)
        labels = np.where(nearer < costs, found + len(centers), labels)
        costs = np.minimum(costs, nearer)
        centers = np.concatenate([centers, added])
    candidates, places = _distinct(centers)
    if len(candidates) <= k:
        return candidates
    counts = np.bincount(places, np.bincount(labels, minlength=len(centers)), len(candidates))
    return distance.centers(_chosen(candidates, counts.astype(np.float64), k, seed), np.ones(k))


def sampled(rows: int, count: int, seed: int) -> Sequence[int]:
    """The places of `count` rows, without repeats: `takeSample` of an RDD of one partition."""
    random = JavaRandom(seed)
    if count >= rows:
        return _shuffled(list(range(rows)), random)
    share, doubt = count / rows, -math.log(_DOUBT) / rows
    share = min(1.0, max(1e-10, share + doubt + math.sqrt(doubt * doubt + 2 * doubt * share)))
    while True:
        found = _kept(rows, share, JavaRandom(random.next_int32()).next_long())
        if len(found) >= count:
            return _shuffled(found, random)[:count]


def _kept(rows: int, share: float, seed: int) -> list[int]:
    """The rows that a Bernoulli sampler keeps: for small shares it draws how many it passes over."""
    if share >= 1:
        return list(range(rows))
    if share > _GAPS_UP_TO:
        return [int(at) for at in np.flatnonzero(uniforms(seed, rows) <= share)]
    random, passed_over, found = XorShiftRandom(seed), math.log1p(-share), []
    at = int(math.log(max(random.next_double(), _LEAST_DRAW)) / passed_over)
    while at < rows:
        found.append(at)
        at += 1 + int(math.log(max(random.next_double(), _LEAST_DRAW)) / passed_over)
    return found


def _shuffled(places: list[int], random: JavaRandom) -> list[int]:
    for last in range(len(places) - 1, 0, -1):
        other = random.next_int(last + 1)
        places[last], places[other] = places[other], places[last]
    return places


def nearest_by_all_cores(rows: Rows, centers: Numbers, distance: Distance) -> tuple[Labels, Numbers]:
    """As `nearest`: on all cores where that is worth it, and else by differences, which tell ties."""
    if not isinstance(distance, Euclidean) or not isinstance(rows, np.ndarray):
        return nearest(rows, centers, distance)
    if not is_worth_all_cores(rows, distance):
        apart = np.stack([np.square(rows - center).sum(axis=1) for center in centers], axis=1)
        return apart.argmin(axis=1).astype(np.int32), apart.min(axis=1)
    metrics: Any = needed("sklearn.metrics", "KMeans")
    labels, costs = metrics.pairwise_distances_argmin_min(rows, centers, metric="sqeuclidean")
    return labels, costs


def is_worth_all_cores(rows: Rows, distance: Distance) -> bool:
    """Whether scikit-learn's threads gain more than it costs to start them."""
    return isinstance(distance, Euclidean) and rows.shape[0] * rows.shape[1] >= 1 << 16


def _chosen(candidates: Numbers, counts: Numbers, k: int, seed: int) -> Numbers:
    """The best `k` centres of candidates that stand for so many rows each.

    They are Spark's, from its one start, unless one of some further starts is clearly better.
    """
    cluster: Any = needed("sklearn.cluster", "KMeans")
    best, cost = _refined(candidates, counts, *_spread_out(candidates, counts, k))
    known, further = counts > 0, np.random.RandomState(seed & 0xFFFFFFFF)
    if known.sum() <= k:
        return best
    for _ in range(_LOCAL_STARTS):
        start, _ = cluster.kmeans_plusplus(
            candidates[known], k, sample_weight=counts[known], random_state=further
        )
        other, lower = _refined(candidates, counts, start, JavaRandom(0))
        if lower < cost * _CLEARLY_BETTER:
            best, cost = other, lower
    return best


def _spread_out(points: Numbers, weights: Numbers, k: int) -> tuple[Numbers, JavaRandom]:
    """k-means++: each centre is a point, drawn the likelier the further it is from those before."""
    random = JavaRandom(0)
    centers = [points[_drawn(weights, random)]]
    costs = np.square(points - centers[0]).sum(axis=1)
    for _ in range(1, k):
        centers.append(points[_drawn(weights * costs, random)])
        costs = np.minimum(costs, np.square(points - centers[-1]).sum(axis=1))
    return np.array(centers), random


def _drawn(shares: Numbers, random: JavaRandom) -> int:
    sums = np.cumsum(shares)
    return min(int(np.searchsorted(sums, random.next_double() * shares.sum())), len(shares) - 1)


def _refined(
    points: Numbers, weights: Numbers, centers: Numbers, random: JavaRandom
) -> tuple[Numbers, float]:
    """The centres after Lloyd's iterations, and what they cost; one without points moves to any point."""
    distance, before = Euclidean(), np.full(len(points), -1, np.int32)
    for _ in range(_LOCAL_ITERATIONS):
        labels = nearest(points, centers, distance)[0]
        sums, totals = sums_by(points, labels, weights, len(centers))
        for at, total in enumerate(totals):
            centers[at] = sums[at] / total if total else points[random.next_int(len(points))]
        if (labels == before).all():
            break
        before = labels
    return centers, float(nearest(points, centers, distance)[1] @ weights)


def _distinct(rows: Numbers) -> tuple[Numbers, Labels]:
    """Rows without repeats, in the order in which they came, and the place of each among them."""
    _, first, where = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return rows[first[order]], number[where.reshape(-1)]


def _taken(rows: Rows, places: Any) -> Numbers:
    taken = rows[places]
    return taken if isinstance(taken, np.ndarray) else taken.toarray()
