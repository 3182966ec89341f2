"""Fitting logistic regression, binomial and multinomial, over numpy rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.models.ml.optimize.bounded import minimize_within
from streamcore.models.ml.optimize.design import Design, Penalty, inverse_or_zero
from streamcore.models.ml.optimize.losses import logistic, softmax
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.optimize.quasi_newton import Minimum, minimize


class LogisticFit(NamedTuple):
    """Coefficients (margins, d), intercepts (margins,), and the objective after each iteration."""

    coefficients: np.ndarray
    intercepts: np.ndarray
    history: list[float]


class Bounds(NamedTuple):
    """Bounds of coefficients (margins, d) and intercepts (margins,), infinite where there is none."""

    lower: np.ndarray
    upper: np.ndarray
    lower_intercepts: np.ndarray
    upper_intercepts: np.ndarray


@dataclass(frozen=True)
class LogisticSettings:
    """The params of LogisticRegression which decide its coefficients."""

    multinomial: bool = False
    intercept: bool = True
    penalty: float = 0.0
    l1_ratio: float = 0.0
    standardize: bool = True
    iterations: int = 100
    tolerance: float = 1e-6

    def fit(
        self, X: Any, y: np.ndarray, weights: np.ndarray | None, classes: int, bounds: Bounds | None = None
    ) -> LogisticFit:
        """Fit to features (n, d), labels 0 .. classes - 1 and weights (None: all one)."""
        counts = np.bincount(y.astype(np.intp), weights=weights, minlength=classes)
        if self.intercept and bounds is None and np.count_nonzero(counts) == 1:
            return self._of_one_class(X.shape[1], counts)
        margins = classes if self.multinomial else 1
        design = Design.of(
            X, y, weights, moments(X, weights), intercept=self.intercept, margins=margins,
            centred=self.intercept and bounds is None,
        )  # fmt: skip
        found = self._minimum(design, self._start(design, counts), bounds)
        coefficients, intercepts = design.split(found.point)
        return self._identified(coefficients.T.copy(), intercepts, found.history, free=bounds is None)

    def _of_one_class(self, features: int, counts: np.ndarray) -> LogisticFit:
        only = int(np.flatnonzero(counts)[0])
        if not self.multinomial:
            return LogisticFit(np.zeros((1, features)), np.array([np.inf if only == 1 else -np.inf]), [])
        intercepts = np.zeros(len(counts))
        intercepts[only] = np.inf
        return LogisticFit(np.zeros((len(counts), features)), intercepts, [])

    def _start(self, design: Design, counts: np.ndarray) -> np.ndarray:
        """No coefficients, and the intercepts of a model that knows only how frequent the classes are."""
        start = np.zeros(design.size)
        if self.intercept and self.multinomial:
            logs = np.log1p(counts)
            start[-design.margins :] = logs - logs.mean()
        elif self.intercept:
            with np.errstate(divide="ignore"):
                start[-1] = np.log(counts[1] / counts[0]) if len(counts) > 1 else -np.inf
        return start

    def _minimum(self, design: Design, start: np.ndarray, bounds: Bounds | None) -> Minimum:
        units = np.ones_like(design.inverse_std) if self.standardize else design.inverse_std
        ridge = Penalty(self.penalty * (1.0 - self.l1_ratio), units**2)
        objective = design.objective(softmax if self.multinomial else logistic, ridge)
        if bounds is not None:
            lower, upper = _scaled(design, bounds)
            return minimize_within(
                objective, start, lower, upper, iterations=self.iterations, tolerance=self.tolerance
            )
        l1 = None
        if self.penalty * self.l1_ratio != 0.0:
            l1 = np.zeros(design.size)
            l1[: units.size * design.margins] = np.repeat(
                self.penalty * self.l1_ratio * units, design.margins
            )
        return minimize(objective, start, iterations=self.iterations, tolerance=self.tolerance, l1=l1)

    def _identified(
        self, coefficients: np.ndarray, intercepts: np.ndarray, history: list[float], *, free: bool
    ) -> LogisticFit:
        """Softmax takes any shift of all classes: without a penalty the shift of mean zero is told."""
        if not self.intercept:
            intercepts = np.zeros_like(intercepts)
        if self.multinomial and free:
            if self.penalty == 0.0:
                coefficients = coefficients - coefficients.mean(axis=0)
            if self.intercept:
                intercepts = intercepts - intercepts.mean()
        return LogisticFit(coefficients, intercepts, history)


def _scaled(design: Design, bounds: Bounds) -> tuple[np.ndarray, np.ndarray]:
    """The bounds of the coefficients of standardized features, in the order of the parameters."""
    std = inverse_or_zero(design.inverse_std)

    def flat(of: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            scaled = np.nan_to_num(of.T * std[:, None], nan=0.0, posinf=np.inf, neginf=-np.inf).ravel()
        return np.concatenate([scaled, intercepts]) if design.intercept else scaled

    return flat(bounds.lower, bounds.lower_intercepts), flat(bounds.upper, bounds.upper_intercepts)
