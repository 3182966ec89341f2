"""Regression over RDDs of labeled points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.optimize.losses import squared
from streamcore.models.ml.regression.isotonic_fit import IsotonicFit, fit_isotonic, predict_isotonic
from streamcore.models.mllib.gradient_descent import Descent
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.linear_model import LinearModel, predicted
from streamcore.models.mllib.points import LabeledPoint
from streamcore.models.mllib.saving import SavedIsotonic, SavedLinear
from streamcore.models.mllib.streaming.regression import (
    StreamingLinearAlgorithm,
    StreamingLinearRegressionWithSGD,
)
from streamcore.models.mllib.training import descended, kind_of

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD

__all__ = [
    "IsotonicRegression",
    "IsotonicRegressionModel",
    "LabeledPoint",
    "LassoModel",
    "LassoWithSGD",
    "LinearModel",
    "LinearRegressionModel",
    "LinearRegressionModelBase",
    "LinearRegressionWithSGD",
    "RidgeRegressionModel",
    "RidgeRegressionWithSGD",
    "StreamingLinearAlgorithm",
    "StreamingLinearRegressionWithSGD",
]


class LinearRegressionModelBase(LinearModel):
    """A linear model that predicts numbers.

    >>> model = LinearRegressionModelBase([1.0, 2.0], 0.1)
    >>> round(model.predict([-1.03, 7.777]), 3)
    14.624
    """

    def predict(self, x: Any) -> Any:
        """The prediction for one vector, or an RDD of those for an RDD of vectors."""
        return predicted(self._margin, x)


class LinearRegressionModel(LinearRegressionModelBase, SavedLinear):
    """A model of LinearRegressionWithSGD."""


class LassoModel(LinearRegressionModelBase, SavedLinear):
    """A model of LassoWithSGD."""


class RidgeRegressionModel(LinearRegressionModelBase, SavedLinear):
    """A model of RidgeRegressionWithSGD."""


class LinearRegressionWithSGD:
    """Least squares by gradient descent: Spark's steps, one after the other.

    Over all rows (`miniBatchFraction=1.0`) the weights are Spark's; samples are drawn otherwise.
    """

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        step: float = 1.0,
        miniBatchFraction: float = 1.0,
        initialWeights: Any = None,
        regParam: float = 0.0,
        regType: str | None = None,
        intercept: bool = False,
        validateData: bool = True,
        convergenceTol: float = 0.001,
    ) -> LinearRegressionModel:
        """Train on labeled points; `validateData` checks labels, of which regression takes all."""
        descent = Descent(
            squared, iterations, step, regParam, kind_of(regType), miniBatchFraction, convergenceTol
        )
        found = descended(data, descent, initial=initialWeights, intercept=intercept, classes=None)
        return LinearRegressionModel(*found)


class LassoWithSGD:
    """Least squares with an L1 penalty by gradient descent, as `LinearRegressionWithSGD`."""

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        step: float = 1.0,
        regParam: float = 0.01,
        miniBatchFraction: float = 1.0,
        initialWeights: Any = None,
        intercept: bool = False,
        validateData: bool = True,
        convergenceTol: float = 0.001,
    ) -> LassoModel:
        """Train on labeled points; `validateData` checks labels, of which regression takes all."""
        descent = Descent(squared, iterations, step, regParam, "l1", miniBatchFraction, convergenceTol)
        return LassoModel(
            *descended(data, descent, initial=initialWeights, intercept=intercept, classes=None)
        )


class RidgeRegressionWithSGD:
    """Least squares with an L2 penalty by gradient descent, as `LinearRegressionWithSGD`."""

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        step: float = 1.0,
        regParam: float = 0.01,
        miniBatchFraction: float = 1.0,
        initialWeights: Any = None,
        intercept: bool = False,
        validateData: bool = True,
        convergenceTol: float = 0.001,
    ) -> RidgeRegressionModel:
        """Train on labeled points; `validateData` checks labels, of which regression takes all."""
        descent = Descent(squared, iterations, step, regParam, "l2", miniBatchFraction, convergenceTol)
        return RidgeRegressionModel(
            *descended(data, descent, initial=initialWeights, intercept=intercept, classes=None)
        )


class IsotonicRegressionModel(SavedIsotonic):
    """A monotone function of one feature, interpolated between its boundaries.

    >>> IsotonicRegressionModel(np.array([0.0, 1.0]), np.array([2.0, 4.0]), True).predict(0.5)
    3.0
    """

    def __init__(self, boundaries: np.ndarray, predictions: np.ndarray, isotonic: bool) -> None:
        self.boundaries, self.predictions, self.isotonic = boundaries, predictions, isotonic

    def predict(self, x: Any) -> Any:
        """The prediction for a number or a vector's first entry, or an RDD of those of an RDD."""
        return predicted(self._one, x)

    def _one(self, x: Any) -> float:
        value = float(x) if isinstance(x, int | float) else float(vector_of(x).toArray()[0])
        return float(predict_isotonic(IsotonicFit(self.boundaries, self.predictions), np.array([value]))[0])


class IsotonicRegression:
    """The monotone function with the least squares, of (label, feature, weight)."""

    @classmethod
    def train(cls, data: RDD[Any], isotonic: bool = True) -> IsotonicRegressionModel:
        """Train on tuples (label, feature, weight); the function falls where `isotonic` is False."""
        rows = np.array(data.map(_three).collect(), np.float64).reshape(-1, 3)
        fit = fit_isotonic(rows[:, 1], rows[:, 0], rows[:, 2], rising=isotonic)
        return IsotonicRegressionModel(fit.boundaries, fit.predictions, isotonic)


def _three(row: Any) -> tuple[float, float, float]:
    label, feature, weight = row
    return float(label), float(feature), float(weight)
