"""Fitting accelerated failure times with a Weibull distribution, over numpy rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.models.ml.optimize.design import Design, Penalty
from streamcore.models.ml.optimize.losses import weibull
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.optimize.quasi_newton import minimize


class AftFit(NamedTuple):
    """Coefficients of the log of the time, and the scale of its noise."""

    coefficients: np.ndarray
    intercept: float
    scale: float


@dataclass(frozen=True)
class AftSettings:
    """The params of AFTSurvivalRegression which decide its coefficients."""

    intercept: bool = True
    iterations: int = 100
    tolerance: float = 1e-6

    def fit(self, X: Any, times: np.ndarray, seen: np.ndarray) -> AftFit:
        """Fit to features, times until the event or the censoring, and 1 where the event was seen."""
        labels = np.column_stack([np.log(times), seen])
        design = Design.of(X, labels, None, moments(X), intercept=self.intercept)
        found = minimize(
            design.objective(weibull, Penalty(0.0, np.zeros(X.shape[1])), shape=True),
            np.zeros(design.size + 1),
            iterations=self.iterations,
            tolerance=self.tolerance,
        )
        coefficients, intercepts = design.split(found.point[:-1])
        intercept = float(intercepts[0]) if self.intercept else 0.0
        return AftFit(coefficients[:, 0], intercept, float(np.exp(found.point[-1])))
