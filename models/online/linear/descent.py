"""Gradient descent over a whole batch at a time: the rule of Spark's streaming regressions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.base import Answer, Arrays, Learner, Predictor, require, require_choice, sized
from streamcore.models.online.linear.logistic import logistic
from streamcore.models.online.matrix import Floats, Matrix, dense
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import Supervised, class_numbers
from streamcore.spi.models import BatchId, State


@dataclass(frozen=True, kw_only=True)
class BatchGradientDescent(Supervised):
    """`numIterations` steps along the mean gradient of each batch, of the sizes `stepSize / sqrt(i)`.

    What StreamingLinearRegressionWithSGD (`loss="squared"`) and StreamingLogisticRegressionWithSGD
    (`loss="logistic"`) do with a batch: no intercept, `regParam` by ridge, an end when a step changes the
    weights by less than `convergenceTol` of their length.  `miniBatchFraction` of the rows, drawn anew with
    `seed`, make the gradient of a step.  To follow a stream, LinearRegression and LogisticRegression, which
    take a step every hundred rows, are better and faster.
    """

    name: ClassVar[str] = "BatchGradientDescent"

    loss: str = "squared"
    stepSize: float = 0.1
    numIterations: int = 50
    miniBatchFraction: float = 1.0
    regParam: float = 0.0
    convergenceTol: float = 0.001
    initialWeights: tuple[float, ...] | None = None
    seed: int = 42

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self.name, "loss", self.loss, ("logistic", "squared"))
        require(self.stepSize > 0, self.name, "stepSize", self.stepSize, "above 0")
        require(self.numIterations >= 0, self.name, "numIterations", self.numIterations, "at least 0")
        fraction = self.miniBatchFraction
        require(0 < fraction <= 1, self.name, "miniBatchFraction", fraction, "in (0, 1]")
        require(self.regParam >= 0, self.name, "regParam", self.regParam, "at least 0")
        require(0 <= self.convergenceTol <= 1, self.name, "convergenceTol", self.convergenceTol, "in [0, 1]")

    def initial_state(self) -> State:
        weights = np.array(self.initialWeights or (), dtype=np.float64)
        return {"weights": weights, "batches": np.zeros((), dtype=np.int64)}

    def learner(self, state: State) -> Learner:
        return _Descent(self, state)


class _Descent(Predictor):
    def __init__(self, model: BatchGradientDescent, state: State) -> None:
        self._model, self._weights = model, state["weights"]
        self._batches = int(state["batches"])

    def learn(self, rows: Rows) -> None:
        assert rows.y is not None
        if not len(rows):
            return
        if self._model.loss == "logistic":
            class_numbers(self._model.name, rows.y, classes=2)
        X, weights = dense(rows.X), sized(self._weights, rows.X.shape[1], self._model.name)
        draw = BatchId("", self._batches).generator(self._model.seed)
        for iteration in range(1, self._model.numIterations + 1):
            before = weights
            weights = self._step(X, rows, weights, iteration, draw)
            if iteration > 1 and self._is_near(before, weights):
                break
        self._weights, self._batches = weights, self._batches + 1

    def predict(self, X: Matrix) -> Answer:
        weights = sized(self._weights, X.shape[1], self._model.name)
        scores = X @ weights if isinstance(X, np.ndarray) else X.dot(weights)
        return Answer(scores if self._model.loss == "squared" else (scores > 0.0).astype(np.float64))

    def state(self) -> Arrays:
        return {"weights": self._weights, "batches": np.array(self._batches)}

    def _is_near(self, before: Floats, weights: Floats) -> bool:
        moved, length = float(np.linalg.norm(weights - before)), float(np.linalg.norm(weights))
        return moved < self._model.convergenceTol * max(length, 1.0)

    def _step(
        self, X: Floats, rows: Rows, weights: Floats, iteration: int, draw: np.random.Generator
    ) -> Floats:
        """The weights after one step; the same when no row was drawn for it."""
        assert rows.y is not None
        wrong = X @ weights
        if self._model.loss == "logistic":
            with np.errstate(over="ignore"):
                logistic(wrong)
        wrong -= rows.y
        if rows.w is not None:
            wrong *= rows.w
        count = len(X)
        if self._model.miniBatchFraction < 1.0:
            drawn = draw.random(len(X)) < self._model.miniBatchFraction
            wrong, count = wrong * drawn, int(np.count_nonzero(drawn))
        if not count:
            return weights
        size = self._model.stepSize / math.sqrt(iteration)
        stepped: Floats = weights * (1.0 - size * self._model.regParam) - size / count * (wrong @ X)
        return stepped
