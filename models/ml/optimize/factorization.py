"""Factorization machines: linear, with products of all pairs of features, of low rank (Rendle, 2010)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.jvm.java_random import JavaRandom


class Machine(NamedTuple):
    """Intercept, linear weights (d,), factors (d, size)."""

    intercept: float
    linear: np.ndarray
    factors: np.ndarray

    def scores(self, X: Any) -> np.ndarray:
        """The score of each row."""
        mixed = X @ self.factors
        squares = (X * X if isinstance(X, np.ndarray) else X.multiply(X)) @ (self.factors**2)
        return np.asarray(X @ self.linear + 0.5 * (mixed**2 - squares).sum(axis=1) + self.intercept)


class MachineFit(NamedTuple):
    """A fitted machine, and the loss before each step, then at the end if all steps were made."""

    machine: Machine
    history: list[float]


Slopes = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
"""Of scores and labels: the sum of the losses and the slope by each score."""


def squared_error(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Squared differences."""
    away = scores - labels
    return float(away @ away), 2.0 * away


def log_loss(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-loss of labels 0 and 1."""
    signs = 2.0 * labels - 1.0
    losses = np.logaddexp(0.0, -signs * scores)
    return float(losses.sum()), -signs * -np.expm1(-losses)


@dataclass(frozen=True)
class FactorizationSettings:
    """The params of FMRegressor and FMClassifier which decide their weights."""

    slopes: Slopes
    size: int = 8
    intercept: bool = True
    linear: bool = True
    penalty: float = 0.0
    fraction: float = 1.0
    first_std: float = 0.01
    iterations: int = 100
    step: float = 1.0
    tolerance: float = 1e-6
    solver: str = "adamW"
    seed: int = 0

    def fit(self, X: Any, y: np.ndarray) -> MachineFit:
        """Fit by gradient descent over samples of the rows, or over all of them where `fraction` is one."""
        weights = self._start(X.shape[1])
        update = (
            _AdamW(self.step, self.penalty) if self.solver == "adamW" else _Descent(self.step, self.penalty)
        )
        history: list[float] = []
        penalized = 0.5 * self.penalty * float(weights @ weights)
        for iteration in range(1, self.iterations + 1):
            rows, labels = self._sample(X, y, iteration)
            if len(labels) == 0:
                continue
            loss, gradient = self._gradient(rows, labels, weights)
            history.append(loss / len(labels) + penalized)
            before, weights = weights, update(weights, gradient / len(labels), iteration)
            penalized = 0.5 * self.penalty * float(weights @ weights)
            moved = float(np.linalg.norm(weights - before))
            if iteration > 1 and moved < self.tolerance * max(float(np.linalg.norm(weights)), 1.0):
                break
        else:
            loss, _ = self._gradient(X, y, weights)
            history.append(loss / len(y) + penalized)
        return MachineFit(self._machine(weights, X.shape[1]), history)

    def _start(self, features: int) -> np.ndarray:
        drawn = JavaRandom(self.seed)
        factors = [drawn.next_gaussian() * self.first_std for _ in range(features * self.size)]
        return np.concatenate([factors, np.zeros(features * self.linear + self.intercept)])

    def _sample(self, X: Any, y: np.ndarray, iteration: int) -> tuple[Any, np.ndarray]:
        if self.fraction == 1.0:
            return X, y
        chosen = np.random.default_rng(42 + iteration).random(len(y)) < self.fraction
        return X[chosen], y[chosen]

    def _machine(self, weights: np.ndarray, features: int) -> Machine:
        factors = weights[: features * self.size].reshape(features, self.size)
        rest = weights[features * self.size :]
        linear = rest[:features] if self.linear else np.zeros(features)
        return Machine(float(weights[-1]) if self.intercept else 0.0, linear, factors)

    def _gradient(self, X: Any, y: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
        machine = self._machine(weights, X.shape[1])
        loss, slopes = self.slopes(machine.scores(X), y)
        mixed = X @ machine.factors
        squares = X * X if isinstance(X, np.ndarray) else X.multiply(X)
        factors = X.T @ (slopes[:, None] * mixed) - (squares.T @ slopes)[:, None] * machine.factors
        parts = [factors.ravel()]
        if self.linear:
            parts.append(X.T @ slopes)
        if self.intercept:
            parts.append(np.array([slopes.sum()]))
        return loss, np.concatenate(parts)


class _AdamW:
    """Adam whose penalty shrinks the weights and is not in the gradient (Loshchilov and Hutter, 2017)."""

    def __init__(self, step: float, penalty: float) -> None:
        self._step, self._penalty = step, penalty
        self._mean: np.ndarray | float = 0.0
        self._square: np.ndarray | float = 0.0

    def __call__(self, weights: np.ndarray, gradient: np.ndarray, iteration: int) -> np.ndarray:
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        mean, square = self._mean / (1 - 0.9**iteration), self._square / (1 - 0.999**iteration)
        return np.asarray(weights - self._step * (mean / (np.sqrt(square) + 1e-8) + self._penalty * weights))


class _Descent:
    """Steps that shrink with the square root of the iteration; the penalty shrinks the weights."""

    def __init__(self, step: float, penalty: float) -> None:
        self._step, self._penalty = step, penalty

    def __call__(self, weights: np.ndarray, gradient: np.ndarray, iteration: int) -> np.ndarray:
        step = self._step / np.sqrt(iteration)
        return np.asarray(weights * (1.0 - step * self._penalty) - step * gradient)
