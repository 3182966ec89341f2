"""Logistic regression of two classes by gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.base import Answer, Arrays, Predictor, require
from streamcore.models.online.linear.settings import GradientSteps
from streamcore.models.online.linear.weights import LinearWeights, initial_weights
from streamcore.models.online.matrix import Floats, Matrix
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import Classifier, class_numbers
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class LogisticRegression(GradientSteps, Classifier):
    """Two classes, labelled 0 and 1, by the logarithmic loss of a linear score.

    A row is predicted to be of class 1 when its probability is above `threshold`.
    """

    name: ClassVar[str] = "LogisticRegression"

    threshold: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.threshold <= 1, self.name, "threshold", self.threshold, "in [0, 1]")

    def initial_state(self) -> State:
        return initial_weights(self)

    def learner(self, state: State) -> Predictor:
        return _Logistic(LinearWeights(self, state), self)


class _Logistic(Predictor):
    def __init__(self, weights: LinearWeights, model: LogisticRegression) -> None:
        self._weights, self._model = weights, model

    def learn(self, rows: Rows) -> None:
        assert rows.y is not None
        class_numbers(self._model.name, rows.y, classes=2)
        self._weights.learn(rows, _too_probable)

    def predict(self, X: Matrix) -> Answer:
        ones = self._weights.scores(X)
        with np.errstate(over="ignore"):
            logistic(ones)
        prediction = np.where(np.isnan(ones), np.nan, ones > self._model.threshold)
        return Answer(prediction, np.column_stack([1.0 - ones, ones]))

    def state(self) -> Arrays:
        return self._weights.state()


def logistic(scores: Floats) -> None:
    """Turns scores into probabilities, in place; the caller ignores overflow, which means 0 here."""
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    scores += 1.0
    np.reciprocal(scores, out=scores)


def _too_probable(scores: Floats, labels: Floats) -> None:
    logistic(scores)
    scores -= labels
