"""Weighted least squares by the normal equations, in one pass over the rows: sums of x xT and x y."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.optimize.moments import blocks, dense_blocks
from streamcore.models.ml.optimize.quasi_newton import Minimum, minimize

MOST_FEATURES = 4096
"""More make a matrix of x xT that does not pay."""

CONSTANT_LABEL = (
    "requirement failed: The standard deviation of the label is zero. Model cannot be regularized."
)


class Solution(NamedTuple):
    """Coefficients; the diagonal of the inverse of A'WA (intercept last), if computed; the objective."""

    coefficients: np.ndarray
    intercept: float
    inverse_diagonal: np.ndarray | None
    history: list[float]


@dataclass(frozen=True)
class Sums:
    """Weighted means of rows [x, y], and of their products around those means or around zero."""

    weight: float
    mean: np.ndarray
    products: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, X: Any, y: np.ndarray, weights: np.ndarray | None, *, centred: bool) -> "Sums":
        """The sums of the rows; `centred` takes the products around the means."""
        rows, features = X.shape
        w = np.ones(rows) if weights is None else weights
        total = float(w.sum())
        mean = np.zeros(features + 1)
        for part in blocks(X):
            mean[:-1] += w[part] @ X[part]
            mean[-1] += w[part] @ y[part]
        mean /= total
        products = _around(X, y, w, mean) / total
        spread = np.sqrt(np.maximum(np.diagonal(products), 0.0))
        if not centred:
            products = products + np.outer(mean, mean)
        return cls(total, mean, products, spread)


def _around(X: Any, y: np.ndarray, w: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Sums of the products of all columns, taken around the means: sums around zero would cancel."""
    products = np.zeros((X.shape[1] + 1, X.shape[1] + 1))
    for part in dense_blocks(X):
        block = X[part]
        dense = block if isinstance(block, np.ndarray) else block.toarray()
        away = np.column_stack([dense, y[part]]) - mean
        products += (away * w[part][:, None]).T @ away
    return products


@dataclass(frozen=True)
class LeastSquares:
    """The settings of Spark's WeightedLeastSquares; `l1_ratio` is the share of the L1 penalty."""

    intercept: bool = True
    penalty: float = 0.0
    l1_ratio: float = 0.0
    standardize: bool = True
    standardize_label: bool = True
    iterations: int = 100
    tolerance: float = 1e-6
    only_direct: bool = False

    def fit(self, X: Any, y: np.ndarray, weights: np.ndarray | None = None) -> Solution:
        """The coefficients which minimise the weighted mean of halved squares plus the penalty."""
        if X.shape[1] > MOST_FEATURES:
            raise IllegalArgumentException(
                f"the normal equations take at most {MOST_FEATURES} features, not {X.shape[1]}: "
                "use the solver 'l-bfgs'"
            )
        return self.solve(Sums.of(X, y, weights, centred=self.intercept))

    def solve(self, sums: Sums) -> Solution:
        """The coefficients of sums that are known already."""
        label_mean, label_std = float(sums.mean[-1]), float(sums.spread[-1])
        if label_std <= 1e-14 * abs(label_mean):
            if self.intercept or label_mean == 0.0:
                return Solution(np.zeros(len(sums.mean) - 1), label_mean, np.zeros(1), [0.0])
            if self.penalty != 0.0:
                raise IllegalArgumentException(CONSTANT_LABEL)
            label_std = abs(label_mean)
        std = np.where(sums.spread[:-1] > 1e-14 * np.abs(sums.mean[:-1]), sums.spread[:-1], 0.0)
        return _Standardized.of(self, sums, std, label_std).solution()


@dataclass(frozen=True)
class _Standardized:
    """The normal equations of columns divided by their standard deviations."""

    settings: LeastSquares
    gram: np.ndarray
    moment: np.ndarray
    label_square: float
    mean: np.ndarray
    label_mean: float
    inverse_std: np.ndarray
    label_std: float
    weight: float

    @classmethod
    def of(cls, settings: LeastSquares, sums: Sums, std: np.ndarray, label_std: float) -> "_Standardized":
        inverse = np.divide(1.0, std, out=np.zeros_like(std), where=std != 0)
        return cls(
            settings=settings,
            gram=sums.products[:-1, :-1] * np.outer(inverse, inverse),
            moment=sums.products[:-1, -1] * inverse / label_std,
            label_square=sums.products[-1, -1] / label_std**2,
            mean=sums.mean[:-1] * inverse,
            label_mean=sums.mean[-1] / label_std,
            inverse_std=inverse,
            label_std=label_std,
            weight=sums.weight,
        )

    def solution(self) -> Solution:
        """By Cholesky's decomposition; by optimisation where there is an L1 penalty or no unique answer."""
        gram = self.gram + np.diag(self._ridge())
        if self.settings.l1_ratio != 0.0 and self.settings.penalty != 0.0:
            return self._optimized(gram, self._lasso())
        try:
            inverse = _inverse(gram)
        except np.linalg.LinAlgError:
            if self.settings.only_direct:
                raise
            return self._optimized(gram, None)
        coefficients = np.linalg.solve(gram, self.moment)
        diagonal = np.diagonal(inverse) * self.inverse_std**2
        if self.settings.intercept:
            diagonal = np.append(diagonal, 1.0 + self.mean @ inverse @ self.mean)
        return self._told(coefficients, diagonal / self.weight, [0.0])

    def _optimized(self, gram: np.ndarray, l1: np.ndarray | None) -> Solution:
        def objective(point: np.ndarray) -> tuple[float, np.ndarray]:
            slope = gram @ point
            value = 0.5 * self.label_square - self.moment @ point + 0.5 * point @ slope
            return float(value), slope - self.moment

        found: Minimum = minimize(
            objective,
            np.zeros_like(self.moment),
            iterations=self.settings.iterations,
            tolerance=self.settings.tolerance,
            l1=l1,
        )
        return self._told(found.point, None, found.history)

    def _told(self, coefficients: np.ndarray, diagonal: np.ndarray | None, history: list[float]) -> Solution:
        intercept = self.label_mean - self.mean @ coefficients if self.settings.intercept else 0.0
        scaled = coefficients * self.label_std * self.inverse_std
        return Solution(scaled, float(intercept * self.label_std), diagonal, history)

    def _ridge(self) -> np.ndarray:
        settings = self.settings
        strength = (1.0 - settings.l1_ratio) * settings.penalty / self.label_std
        factors = np.ones_like(self.inverse_std) if settings.standardize else self.inverse_std**2
        return strength * factors * (1.0 if settings.standardize_label else self.label_std)

    def _lasso(self) -> np.ndarray:
        strength = self.settings.l1_ratio * self.settings.penalty / self.label_std
        return strength * (np.ones_like(self.inverse_std) if self.settings.standardize else self.inverse_std)


def _inverse(gram: np.ndarray) -> np.ndarray:
    """The inverse of a positive definite matrix; LinAlgError for one that is singular, or nearly so."""
    root = np.linalg.cholesky(gram)
    if (np.diagonal(root) ** 2 <= 1e-13 * np.diagonal(gram)).any():
        raise np.linalg.LinAlgError("the normal equations have no unique solution")
    half = np.linalg.inv(root)
    return np.asarray(half.T @ half)
