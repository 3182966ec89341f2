"""A linear predictor over rows of features, standardized and centred without a copy of the features.

The optimisation runs over coefficients of the features divided by their standard deviations (and moved to a
mean of zero where an intercept is fitted): the path is then the same whatever the units of the columns. A
margin of standardized features is a margin of the features themselves under rescaled coefficients, so the
features stay as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.models.ml.optimize.moments import Moments, blocks
from streamcore.models.ml.optimize.quasi_newton import Objective


class Part(NamedTuple):
    """What a loss tells of a block: its sum, its slope by each margin, and by the shape parameter."""

    value: float
    slopes: np.ndarray
    shape_slope: float = 0.0


Loss = Callable[[np.ndarray, np.ndarray, "np.ndarray | None", float], Part]
"""Of margins, labels, weights (None: all one) and the shape parameter (0 where a loss has none)."""


@dataclass(frozen=True)
class Penalty:
    """`l2 * sum(factor * coefficient ** 2) / 2`, on coefficients of standardized features."""

    l2: float
    factors: np.ndarray

    def of(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient; coefficients are (features, margins)."""
        if self.l2 == 0.0:
            return 0.0, np.zeros_like(coefficients)
        gradient = self.l2 * self.factors[:, None] * coefficients
        return 0.5 * float((gradient * coefficients).sum()), gradient


@dataclass(frozen=True)
class Design:
    """Features (n, d) with what standardizes them; per row one linear predictor, or one for each class."""

    X: Any
    labels: np.ndarray
    weights: np.ndarray | None
    total: float
    inverse_std: np.ndarray
    mean: np.ndarray
    intercept: bool
    margins: int = 1

    @classmethod
    def of(
        cls, X: Any, labels: np.ndarray, weights: np.ndarray | None, moments: Moments, *,
        intercept: bool, margins: int = 1, centred: bool | None = None,
    ) -> "Design":  # fmt: skip
        """A design over features whose moments are known."""
        return cls(
            X=X,
            labels=labels,
            weights=weights,
            total=moments.weight,
            inverse_std=inverse_or_zero(moments.std),
            mean=moments.mean if (intercept if centred is None else centred) else np.zeros_like(moments.mean),
            intercept=intercept,
            margins=margins,
        )

    @property
    def size(self) -> int:
        """How many parameters: coefficients, the margins of a feature side by side, then the intercepts."""
        return (int(self.X.shape[1]) + int(self.intercept)) * self.margins

    def split(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of the features as they are, (d, margins), and intercepts, (margins,)."""
        features = self.X.shape[1]
        coefficients = parameters[: features * self.margins].reshape(features, self.margins)
        coefficients = coefficients * self.inverse_std[:, None]
        centre = self.mean @ coefficients
        intercepts = (
            parameters[features * self.margins :][: self.margins]
            if self.intercept
            else np.zeros(self.margins)
        )
        return coefficients, intercepts - centre

    def objective(self, loss: Loss, penalty: Penalty, *, shape: bool = False) -> Objective:
        """The mean loss plus the penalty; the last parameter is the loss's own where it has a shape."""

        def ask(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            form = float(parameters[-1]) if shape else 0.0
            linear = parameters[: self.size]
            value, gradient, bend = self._summed(loss, linear, form)
            features = self.X.shape[1]
            regularized, slope = penalty.of(linear[: features * self.margins].reshape(features, self.margins))
            gradient[: slope.size] += slope.ravel()
            return value + regularized, np.append(gradient, bend) if shape else gradient

        return ask

    def _summed(self, loss: Loss, parameters: np.ndarray, form: float) -> tuple[float, np.ndarray, float]:
        coefficients, offsets = self.split(parameters)
        features = int(self.X.shape[1])
        if self.margins == 1:
            coefficients, offsets = coefficients[:, 0], offsets[0]
        value, bend = 0.0, 0.0
        gradient, sums = np.zeros(coefficients.shape), np.zeros(self.margins)
        for part in blocks(self.X):
            block = self.X[part]
            weights = None if self.weights is None else self.weights[part]
            found = loss(block @ coefficients + offsets, self.labels[part], weights, form)
            value += found.value
            bend += found.shape_slope
            gradient += block.T @ found.slopes
            sums += found.slopes.sum(axis=0)
        moved = gradient.reshape(features, self.margins) - np.outer(self.mean, sums)
        scaled = (moved * self.inverse_std[:, None]).ravel()
        flat = np.concatenate([scaled, sums]) if self.intercept else scaled
        return value / self.total, flat / self.total, bend / self.total


def inverse_or_zero(std: np.ndarray) -> np.ndarray:
    """One over the standard deviations, and zero for constant columns: they get no coefficient."""
    return np.asarray(np.divide(1.0, std, out=np.zeros_like(std), where=std != 0))
