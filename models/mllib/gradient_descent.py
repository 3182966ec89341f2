"""Gradient descent over all rows or samples of them, with the steps of Spark's mllib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from streamcore.models.ml.optimize.design import Loss

Regularization = Literal["l1", "l2", "none"]


@dataclass(frozen=True)
class Descent:
    """Steps of `step / sqrt(iteration)` down the mean loss; a penalty takes part in every step.

    It ends after so many iterations, or when the weights move less than `tolerance` times their norm (at
    least one). `fraction` of the rows are looked at in each step.
    """

    loss: Loss
    iterations: int = 100
    step: float = 1.0
    penalty: float = 0.0
    kind: Regularization = "none"
    fraction: float = 1.0
    tolerance: float = 0.001

    def run(self, X: Any, y: np.ndarray, start: np.ndarray) -> np.ndarray:
        """The weights after the last step."""
        weights = start
        for iteration in range(1, self.iterations + 1):
            rows, labels = self._sample(X, y, iteration)
            if not len(labels):
                continue
            slopes = self.loss(np.asarray(rows @ weights), labels, None, 0.0).slopes
            gradient = np.asarray(rows.T @ slopes) / len(labels)
            before, weights = weights, self._stepped(weights, gradient, self.step / np.sqrt(iteration))
            moved = float(np.linalg.norm(weights - before))
            if iteration > 1 and moved < self.tolerance * max(float(np.linalg.norm(weights)), 1.0):
                break
        return weights

    def _sample(self, X: Any, y: np.ndarray, iteration: int) -> tuple[Any, np.ndarray]:
        if self.fraction >= 1.0:
            return X, y
        chosen = np.random.default_rng(42 + iteration).random(len(y)) < self.fraction
        return X[chosen], y[chosen]

    def _stepped(self, weights: np.ndarray, gradient: np.ndarray, step: float) -> np.ndarray:
        if self.kind == "l2":
            return weights * (1.0 - step * self.penalty) - step * gradient
        moved = weights - step * gradient
        if self.kind == "l1":
            return np.asarray(np.sign(moved) * np.maximum(np.abs(moved) - step * self.penalty, 0.0))
        return moved


def with_bias(X: Any) -> Any:
    """The rows with a one behind them, whose weight is the intercept."""
    ones = np.ones((X.shape[0], 1))
    if isinstance(X, np.ndarray):
        return np.hstack([X, ones])
    from scipy.sparse import hstack

    return hstack([X, ones], format="csr")
