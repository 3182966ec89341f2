"""How far predictions are from what was observed: the numbers of regression evaluators and summaries."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamcore.models.ml.evaluation.weights import Doubles, weights_of


@dataclass(frozen=True)
class RegressionMetrics:
    """Weighted sums over rows of (prediction, observation), and what follows from them.

    >>> metrics = RegressionMetrics.of([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0])
    >>> metrics.meanSquaredError, round(metrics.r2, 4)
    (0.375, 0.9486)
    """

    weight: float
    observedSquares: float
    total: float
    errorSquares: float
    errorSize: float
    regressionSquares: float
    throughOrigin: bool = False

    @classmethod
    def of(
        cls,
        prediction: object,
        label: object,
        weight: object = None,
        *,
        throughOrigin: bool = False,
    ) -> RegressionMetrics:
        """Measures arrays of one length; rows count once where no weights are given."""
        guess, truth = np.asarray(prediction, np.float64), np.asarray(label, np.float64)
        w = weights_of(weight, len(truth))
        error, n = truth - guess, float(w.sum())
        mean = float(w @ truth) / n if n else math.nan
        return cls(
            weight=n,
            observedSquares=float(w @ truth**2),
            total=_unbiased_variance(truth, w, mean) * (n - 1),
            errorSquares=float(w @ error**2),
            errorSize=float(w @ np.abs(error)),
            regressionSquares=float(w @ (guess - mean) ** 2),
            throughOrigin=throughOrigin,
        )

    @property
    def explainedVariance(self) -> float:
        """How much the predictions spread around the mean of what was observed."""
        return _ratio(self.regressionSquares, self.weight)

    @property
    def meanAbsoluteError(self) -> float:
        """The mean size of the error."""
        return _ratio(self.errorSize, self.weight)

    @property
    def meanSquaredError(self) -> float:
        """The mean of the squared error."""
        return _ratio(self.errorSquares, self.weight)

    @property
    def rootMeanSquaredError(self) -> float:
        """The root of the mean squared error."""
        return math.sqrt(self.meanSquaredError)

    @property
    def r2(self) -> float:
        """The coefficient of determination; against zero and not the mean when through the origin."""
        return 1 - _ratio(self.errorSquares, self.observedSquares if self.throughOrigin else self.total)


def _unbiased_variance(values: Doubles, weights: Doubles, mean: float) -> float:
    # PySpark weighs rows as reliabilities here, which is why (n - 1) above does not cancel.
    n = float(weights.sum())
    freedom = n - _ratio(float(weights @ weights), n)
    return max(float(weights @ (values - mean) ** 2) / freedom, 0.0) if freedom > 0 else 0.0


def _ratio(above: float, below: float) -> float:
    return float(np.float64(above) / np.float64(below)) if below else _by_zero(above)


def _by_zero(above: float) -> float:
    return math.nan if above == 0 or math.isnan(above) else math.copysign(math.inf, above)


METRICS: dict[str, Callable[[RegressionMetrics], float]] = {
    "rmse": lambda m: m.rootMeanSquaredError,
    "mse": lambda m: m.meanSquaredError,
    "r2": lambda m: m.r2,
    "mae": lambda m: m.meanAbsoluteError,
    "var": lambda m: m.explainedVariance,
}
