"""Logistic regression of several classes by gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from streamcore.models.online.base import Answer, Arrays, Predictor, require, sized, steps
from streamcore.models.online.linear.settings import GradientSteps
from streamcore.models.online.matrix import Floats, Matrix, dense
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import Classifier, answer_of_scores, class_numbers, probabilities
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class SoftmaxRegression(GradientSteps, Classifier):
    """Classes 0 to `numClasses - 1`, each with a linear score.

    A class that no row has had yet has the probability 0, and before the first row there is no prediction
    (null).  Sparse rows are written out.
    """

    name: ClassVar[str] = "SoftmaxRegression"

    numClasses: int

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.numClasses >= 2, self.name, "numClasses", self.numClasses, "at least 2")

    def initial_state(self) -> State:
        classes = self.numClasses
        return {
            "weights": np.zeros((classes, 0)),
            "intercept": np.zeros(classes),
            "seen": np.zeros(classes, dtype=np.bool_),
            "rows": np.zeros((), dtype=np.int64),
            "steps": np.zeros((), dtype=np.int64),
            **{slot: np.zeros((classes, 0)) for slot in self.rule.slots},
        }

    def learner(self, state: State) -> Predictor:
        return _Softmax(self, state)


class _Softmax(Predictor):
    def __init__(self, model: SoftmaxRegression, state: State) -> None:
        self._model, self._state = model, dict(state)
        self._intercept, self._seen = state["intercept"].copy(), state["seen"].copy()

    def predict(self, X: Matrix) -> Answer:
        return answer_of_scores(self._scores(dense(X), *self._sized(X.shape[1])), self._seen)

    def learn(self, rows: Rows) -> None:
        assert rows.y is not None
        if not len(rows):
            return
        X = dense(rows.X)
        classes = class_numbers(self._model.name, rows.y, self._model.numClasses)
        weights, slots = self._sized(X.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):
            for begin, end in steps(len(X), self._model.innerStep):
                w = None if rows.w is None else rows.w[begin:end]
                self._step(X[begin:end], classes[begin:end], w, weights, slots)
                self._state["steps"] = self._state["steps"] + 1
        self._state |= {"weights": weights, "rows": self._state["rows"] + len(rows), **slots}

    def state(self) -> Arrays:
        return {**self._state, "intercept": self._intercept, "seen": self._seen}

    def _step(
        self,
        X: Floats,
        classes: npt.NDArray[np.int64],
        w: Floats | None,
        weights: Floats,
        slots: dict[str, Floats],
    ) -> None:
        wrong = probabilities(self._scores(X, weights, slots), self._seen)
        wrong[np.arange(len(classes)), classes] -= 1.0
        if w is not None:
            wrong *= w[:, None]
        self._seen[classes] = True
        self._intercept -= self._model.intercept_rate * wrong.mean(axis=0)
        self._model.rule.step(weights, wrong.T @ X / len(X), slots)

    def _scores(self, X: Floats, weights: Floats, slots: dict[str, Floats]) -> Floats:
        scores: Floats = X @ weights.T
        scores += self._intercept
        return scores

    def _sized(self, columns: int) -> tuple[Floats, dict[str, Floats]]:
        name = self._model.name
        slots = {slot: sized(self._state[slot], columns, name) for slot in self._model.rule.slots}
        return sized(self._state["weights"], columns, name), slots
