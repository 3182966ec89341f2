"""The silhouette of a clustering, from sums per cluster: no distance between two rows is ever computed."""

from __future__ import annotations

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.evaluation.weights import Doubles, Places, sums_by, weights_of


def silhouette(
    features: Doubles,
    prediction: object,
    weight: object = None,
    distanceMeasure: str = "squaredEuclidean",
) -> float:
    """The weighted mean over rows of how much nearer their own cluster is than the next one.

    >>> points = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> round(silhouette(points, [0, 0, 1, 1]), 4)
    0.99
    """
    w = weights_of(weight, len(features))
    clusters, own = np.unique(np.asarray(prediction, np.float64), return_inverse=True)
    if len(clusters) < 2:
        raise IllegalArgumentException("assertion failed: Number of clusters must be greater than one.")
    sizes = sums_by(own, w, len(clusters))
    distances = _mean_distances(features, w, own, sizes, cosine=distanceMeasure == "cosine")
    return float(w @ _scores(distances, own, w, sizes)) / float(w.sum())


def _mean_distances(features: Doubles, w: Doubles, own: Places, sizes: Doubles, *, cosine: bool) -> Doubles:
    # (rows, clusters): the mean dissimilarity of a row to all rows of a cluster.
    if cosine:
        features = features / np.linalg.norm(features, axis=1, keepdims=True)
    sums = np.zeros((len(sizes), features.shape[1]))
    np.add.at(sums, own, features * w[:, None])
    products = features @ sums.T / sizes
    if cosine:
        return np.asarray(1 - products)
    squares = np.einsum("ij,ij->i", features, features)
    return np.asarray(squares[:, None] + sums_by(own, w * squares, len(sizes)) / sizes - 2 * products)


def _scores(distances: Doubles, own: Places, w: Doubles, sizes: Doubles) -> Doubles:
    rows = np.arange(len(own))
    alone = sizes[own] == w
    others = sizes[own] - w
    inner = distances[rows, own] * sizes[own] / np.where(alone, 1.0, others)
    outside = distances.copy()
    outside[rows, own] = np.inf
    outer = outside.min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(inner < outer, 1 - inner / outer, outer / inner - 1)
    return np.where(alone | (inner == outer), 0.0, score)
