"""Logistic regression against class 0, over numpy rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.optimize.design import Design, Loss, Part, Penalty
from streamcore.models.ml.optimize.losses import logistic, softmax
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.optimize.quasi_newton import Objective, minimize
from streamcore.models.mllib.gradient_descent import Regularization
from streamcore.models.mllib.linalg import DenseVector
from streamcore.models.mllib.training import FIRST_INTERCEPT, first_weights, require_labels


class LogisticWeights(NamedTuple):
    """The weights of the classes but the first; of two classes the intercept stands apart."""

    weights: DenseVector
    intercept: float


def fit_logistic(
    X: Any,
    y: np.ndarray,
    *,
    classes: int,
    intercept: bool,
    penalty: float,
    kind: Regularization,
    iterations: int,
    tolerance: float,
    memory: int,
    initial: Any,
    validate: bool,
) -> LogisticWeights:
    """Minimise the mean log-loss plus the penalty, which counts standardized features.

    As in Spark the intercepts of more than two classes are penalized with the weights, the one of two
    classes is not.
    """
    if classes < 2:
        raise IllegalArgumentException(f"numClasses must be 2 or more, not {classes}")
    if validate:
        require_labels(y, classes)
    margins = classes - 1
    design = Design.of(
        X, y, None, moments(X), intercept=intercept, margins=margins, centred=intercept and margins == 1
    )
    loss = logistic if margins == 1 else against_first
    found = minimize(
        _objective(design, loss, penalty if kind == "l2" else 0.0),
        _start(design, initial),
        iterations=iterations,
        tolerance=tolerance,
        l1=_l1(design, penalty) if kind == "l1" and penalty else None,
        memory=memory,
    )
    coefficients, intercepts = design.split(found.point)
    if margins == 1:
        return LogisticWeights(DenseVector(coefficients[:, 0]), float(intercepts[0]) if intercept else 0.0)
    rows = np.column_stack([coefficients.T, intercepts]) if intercept else coefficients.T
    return LogisticWeights(DenseVector(np.ascontiguousarray(rows).ravel()), 0.0)


def against_first(margins: np.ndarray, labels: np.ndarray, weights: np.ndarray | None, shape: float) -> Part:
    """Log-loss where the margin of class 0 is zero."""
    found = softmax(np.column_stack([np.zeros(len(labels)), margins]), labels, weights, shape)
    return Part(found.value, found.slopes[:, 1:])


def _objective(design: Design, loss: Loss, penalty: float) -> Objective:
    features = len(design.inverse_std)
    if design.margins == 1:
        return design.objective(loss, Penalty(penalty, np.ones(features)))
    plain = design.objective(loss, Penalty(0.0, np.ones(features)))

    def ask(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = plain(parameters)
        return value + 0.5 * penalty * float(parameters @ parameters), gradient + penalty * parameters

    return ask


def _l1(design: Design, penalty: float) -> np.ndarray:
    strengths = np.full(design.size, penalty)
    if design.intercept and design.margins == 1:
        strengths[-1] = 0.0
    return strengths


def _start(design: Design, initial: Any) -> np.ndarray:
    """The given weights as parameters of standardized features; zeros without them."""
    features, margins = len(design.inverse_std), design.margins
    start = np.zeros(design.size)
    if design.intercept and margins == 1:
        start[-1] = FIRST_INTERCEPT
    if initial is None:
        return start
    width = features + int(design.intercept and margins > 1)
    rows = first_weights(initial, width * margins).reshape(margins, width)
    std = np.divide(1.0, design.inverse_std, out=np.zeros(features), where=design.inverse_std != 0)
    start[: features * margins] = (rows[:, :features].T * std[:, None]).ravel()
    if width > features:
        start[features * margins :] = rows[:, -1]
    return start
