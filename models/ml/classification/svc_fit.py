"""Fitting a linear support vector machine, over numpy rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.models.ml.optimize.design import Design, Penalty
from streamcore.models.ml.optimize.losses import hinge
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.optimize.quasi_newton import minimize


class SvcFit(NamedTuple):
    """A fitted plane, and the objective after each iteration."""

    coefficients: np.ndarray
    intercept: float
    history: list[float]


@dataclass(frozen=True)
class SvcSettings:
    """The params of LinearSVC which decide its coefficients."""

    intercept: bool = True
    penalty: float = 0.0
    standardize: bool = True
    iterations: int = 100
    tolerance: float = 1e-6

    def fit(self, X: Any, y: np.ndarray, weights: np.ndarray | None = None) -> SvcFit:
        """Minimise the hinge loss of labels 0 and 1, which has corners, by orthant-wise BFGS without L1."""
        design = Design.of(X, y, weights, moments(X, weights), intercept=self.intercept)
        units = np.ones_like(design.inverse_std) if self.standardize else design.inverse_std
        found = minimize(
            design.objective(hinge, Penalty(self.penalty, units**2)),
            np.zeros(design.size),
            iterations=self.iterations,
            tolerance=self.tolerance,
            l1=np.zeros(design.size),
        )
        coefficients, intercepts = design.split(found.point)
        return SvcFit(coefficients[:, 0], float(intercepts[0]) if self.intercept else 0.0, found.history)
