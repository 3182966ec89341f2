"""Fitting linear regression: least squares and Huber's loss, over numpy rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.optimize.bounded import minimize_within
from streamcore.models.ml.optimize.design import Design, Penalty
from streamcore.models.ml.optimize.least_squares import CONSTANT_LABEL, MOST_FEATURES, LeastSquares
from streamcore.models.ml.optimize.losses import Huber, squared
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.optimize.quasi_newton import minimize


class LinearFit(NamedTuple):
    """A fitted linear model; `inverse_diagonal` only where the normal equations were solved directly."""

    coefficients: np.ndarray
    intercept: float
    scale: float
    history: list[float]
    inverse_diagonal: np.ndarray | None


@dataclass(frozen=True)
class LinearSettings:
    """The params of LinearRegression which decide its coefficients."""

    loss: str = "squaredError"
    solver: str = "auto"
    intercept: bool = True
    penalty: float = 0.0
    l1_ratio: float = 0.0
    standardize: bool = True
    iterations: int = 100
    tolerance: float = 1e-6
    epsilon: float = 1.35

    def fit(self, X: Any, y: np.ndarray, weights: np.ndarray | None = None) -> LinearFit:
        """Fit to features (n, d), labels and weights (None: all one)."""
        if self.loss == "huber":
            return self._huber(X, y, weights)
        if self.solver == "normal" or (self.solver == "auto" and X.shape[1] <= MOST_FEATURES):
            return self._normal(X, y, weights)
        return self._iterated(X, y, weights)

    def _normal(self, X: Any, y: np.ndarray, weights: np.ndarray | None) -> LinearFit:
        found = LeastSquares(
            intercept=self.intercept,
            penalty=self.penalty,
            l1_ratio=self.l1_ratio,
            standardize=self.standardize,
            iterations=self.iterations,
            tolerance=self.tolerance,
        ).fit(X, y, weights)
        return LinearFit(found.coefficients, found.intercept, 1.0, found.history, found.inverse_diagonal)

    def _iterated(self, X: Any, y: np.ndarray, weights: np.ndarray | None) -> LinearFit:
        of_label = moments(y[:, None], weights)
        mean, std = float(of_label.mean[0]), float(of_label.std[0])
        if std == 0.0:
            if self.intercept or mean == 0.0:
                return LinearFit(np.zeros(X.shape[1]), mean, 1.0, [0.0], None)
            if self.penalty != 0.0:
                raise IllegalArgumentException(CONSTANT_LABEL)
            std = abs(mean)
        of_features = moments(X, weights)
        labels = (y - mean) / std if self.intercept else y / std
        design = Design.of(X, labels, weights, of_features, intercept=False, centred=self.intercept)
        strength = self.penalty / std
        found = minimize(
            design.objective(squared, self._ridge(design, strength * (1.0 - self.l1_ratio))),
            np.zeros(design.size),
            iterations=self.iterations,
            tolerance=self.tolerance,
            l1=strength * self.l1_ratio * self._units(design) if strength * self.l1_ratio else None,
        )
        coefficients = found.point * design.inverse_std * std
        intercept = mean - float(coefficients @ of_features.mean) if self.intercept else 0.0
        return LinearFit(coefficients, intercept, 1.0, found.history, None)

    def _huber(self, X: Any, y: np.ndarray, weights: np.ndarray | None) -> LinearFit:
        design = Design.of(X, y, weights, moments(X, weights), intercept=self.intercept)
        start = np.append(np.zeros(design.size), 1.0)
        lowest = np.full(start.size, -np.inf)
        lowest[-1] = np.finfo(np.float64).tiny
        found = minimize_within(
            design.objective(Huber(self.epsilon), self._ridge(design, self.penalty), shape=True),
            start,
            lowest,
            np.full(start.size, np.inf),
            iterations=self.iterations,
            tolerance=self.tolerance,
        )
        coefficients, intercepts = design.split(found.point[:-1])
        intercept = float(intercepts[0]) if self.intercept else 0.0
        return LinearFit(coefficients[:, 0], intercept, float(found.point[-1]), found.history, None)

    def _ridge(self, design: Design, strength: float) -> Penalty:
        return Penalty(strength, self._units(design) ** 2)

    def _units(self, design: Design) -> np.ndarray:
        """What one unit of a coefficient of a standardized feature counts in the penalty."""
        return np.ones_like(design.inverse_std) if self.standardize else design.inverse_std
