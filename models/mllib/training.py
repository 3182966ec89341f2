"""What the linear models of mllib share in their training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.mllib.gradient_descent import Descent, Regularization, with_bias
from streamcore.models.mllib.linalg import DenseVector
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import labels_and_features

if TYPE_CHECKING:
    from streamcore.models.mllib.points import LabeledPoint
    from streamcore.rdd.rdd import RDD

FIRST_INTERCEPT = 1.0
"""Where Spark lets an intercept begin, as a bias appended to the weights."""

_KINDS: dict[str | None, Regularization] = {"l1": "l1", "l2": "l2", None: "none"}


def kind_of(regType: str | None) -> Regularization:
    """The regularization that `regType` names; IllegalArgumentException for another name."""
    if regType not in _KINDS:
        raise IllegalArgumentException(
            "Invalid value for 'regType' parameter. Can only be initialized using the following string "
            f"values: ['l1', 'l2', None], not {regType!r}"
        )
    return _KINDS[regType]


def descended(
    data: RDD[LabeledPoint], descent: Descent, *, initial: Any, intercept: bool, classes: int | None
) -> tuple[DenseVector, float]:
    """Weights and intercept after gradient descent; labels are as many as `classes` (None: any numbers)."""
    y, X = labels_and_features(data)
    if classes is not None:
        require_labels(y, classes)
    start = first_weights(initial, X.shape[1])
    if not intercept:
        return DenseVector(descent.run(X, y, start)), 0.0
    weights = descent.run(with_bias(X), y, np.append(start, FIRST_INTERCEPT))
    return DenseVector(weights[:-1]), float(weights[-1])


def first_weights(initial: Any, size: int) -> np.ndarray:
    """The weights to begin with: zeros, unless others are given."""
    if initial is None:
        return np.zeros(size)
    weights: np.ndarray = np.asarray(vector_of(initial).toArray(), np.float64)
    if len(weights) != size:
        raise IllegalArgumentException(
            f"initialWeights has {len(weights)} entries, and there are {size} weights"
        )
    return weights


def require_labels(y: np.ndarray, classes: int) -> None:
    """Labels must be whole numbers from 0 to classes - 1."""
    fine = (y == np.floor(y)) & (y >= 0) & (y < classes)
    if not fine.all():
        raise QueryExecutionException(
            f"Input validation failed: labels are 0 to {classes - 1}, but there is {float(y[~fine][0])}"
        )
