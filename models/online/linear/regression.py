"""Linear regression by gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streamcore.models.online.base import Answer, Arrays, Predictor
from streamcore.models.online.linear.settings import GradientSteps
from streamcore.models.online.linear.weights import LinearWeights, initial_weights
from streamcore.models.online.matrix import Floats, Matrix
from streamcore.models.online.rows import Rows
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class LinearRegression(GradientSteps):
    """Least squares: the loss of a row is `(score - label)^2`, its derivative twice the difference.

    >>> import pyarrow as pa
    >>> from streamcore.spi.models import BatchId
    >>> model = LinearRegression(featuresCol=("x",), labelCol="y", fitIntercept=False)
    >>> rows = pa.table({"x": [0.5, 1.0, 1.5] * 9000, "y": [1.0, 2.0, 3.0] * 9000})
    >>> state = model.update(model.initial_state(), rows, BatchId("query", 0))
    >>> model.predict(state, pa.table({"x": [2.0]}))["prediction"].to_numpy().round(1)
    array([4.])
    """

    name: ClassVar[str] = "LinearRegression"

    def initial_state(self) -> State:
        return initial_weights(self)

    def learner(self, state: State) -> Predictor:
        return _Regression(LinearWeights(self, state))


class _Regression(Predictor):
    def __init__(self, weights: LinearWeights) -> None:
        self._weights = weights

    def learn(self, rows: Rows) -> None:
        self._weights.learn(rows, _twice_the_difference)

    def predict(self, X: Matrix) -> Answer:
        return Answer(self._weights.scores(X))

    def state(self) -> Arrays:
        return self._weights.state()


def _twice_the_difference(scores: Floats, labels: Floats) -> None:
    scores -= labels
    scores *= 2.0
