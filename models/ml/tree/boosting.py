"""Gradient boosting: each tree learns what the trees before it left over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from streamcore.models.ml.evaluation.weights import Doubles
from streamcore.models.ml.tree.fitting import Rows, Settings, bins_of, features_per_node, fit_tree, generator
from streamcore.models.ml.tree.nodes import Tree, landed


@dataclass(frozen=True)
class Loss:
    """The error of a prediction, and what a tree should add to it."""

    error: Callable[[Doubles, Doubles], Doubles]
    residual: Callable[[Doubles, Doubles], Doubles]


def _logistic_residual(predicted: Doubles, label: Doubles) -> Doubles:
    with np.errstate(over="ignore"):
        return np.asarray(4.0 * label / (1.0 + np.exp(2.0 * label * predicted)))


# Labels are -1 and 1 for the logistic loss.
LOSSES: dict[str, Loss] = {
    "squared": Loss(lambda p, y: (p - y) ** 2, lambda p, y: 2.0 * (y - p)),
    "absolute": Loss(lambda p, y: np.abs(p - y), lambda p, y: np.where(y - p < 0, -1.0, 1.0)),
    "logistic": Loss(lambda p, y: 2.0 * np.logaddexp(0.0, -2.0 * y * p), _logistic_residual),
}


@dataclass(frozen=True)
class Boosting:
    """How many trees, how much each counts, and when held-out rows say that it is enough."""

    loss: str
    maxIter: int
    stepSize: float
    validationTol: float


@dataclass
class _Watched:
    """The error on held-out rows, and the number of trees at which it was least."""

    rows: Rows
    predicted: Doubles
    least: float = np.inf
    trees: int = 1

    def after(self, tree: Tree, weight: float, loss: Loss) -> float:
        self.predicted = self.predicted + weight * tree.prediction[landed([tree], self.rows.features)[0]]
        error = loss.error(self.predicted, self.rows.target)
        return float(np.average(error, weights=self.rows.weight))


def boost(
    rows: Rows, settings: Settings, boosting: Boosting, held_out: Rows | None = None
) -> tuple[tuple[Tree, ...], tuple[float, ...]]:
    """The trees and their weights; the first counts whole."""
    loss, data = LOSSES[boosting.loss], bins_of(rows, settings)
    width = rows.features.shape[1]
    per_node = features_per_node(settings.featureSubsetStrategy, width, trees=1, classes=0)
    predicted, target = np.zeros(len(rows.target)), rows.target
    watched = None if held_out is None else _Watched(held_out, np.zeros(len(held_out.target)))
    trees: list[Tree] = []
    weights: list[float] = []
    for number in range(boosting.maxIter):
        tree = fit_tree(data, rows, target, settings, per_node, generator(settings.seed, number))
        trees.append(tree)
        weights.append(boosting.stepSize if number else 1.0)
        if watched is not None and _enough(watched, tree, weights[-1], loss, boosting.validationTol, number):
            return tuple(trees[: watched.trees]), tuple(weights[: watched.trees])
        predicted = predicted + weights[-1] * tree.prediction[landed([tree], rows.features)[0]]
        target = loss.residual(predicted, rows.target)
    kept = len(trees) if watched is None else watched.trees
    return tuple(trees[:kept]), tuple(weights[:kept])


def _enough(watched: _Watched, tree: Tree, weight: float, loss: Loss, tolerance: float, number: int) -> bool:
    error = watched.after(tree, weight, loss)
    if number and watched.least - error < tolerance * max(error, 0.01):
        return True
    if error < watched.least:
        watched.least, watched.trees = error, number + 1
    return False


def errors_by_iteration(
    trees: Sequence[Tree], weights: Sequence[float], rows: Rows, loss: str
) -> list[float]:
    """The mean error after each tree."""
    predicted, found = np.zeros(len(rows.target)), []
    for tree, weight in zip(trees, weights, strict=True):
        predicted = predicted + weight * tree.prediction[landed([tree], rows.features)[0]]
        found.append(float(np.average(LOSSES[loss].error(predicted, rows.target), weights=rows.weight)))
    return found
