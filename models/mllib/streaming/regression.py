"""Spark's regressions over a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.streaming.batches import DRIVER, Floats, array_of, predicted, rdd_of, table_of
from streamcore.models.online.linear.descent import BatchGradientDescent


@dataclass(frozen=True, eq=False)
class StreamingLinearModel:
    """The weights that a streaming regression has reached."""

    weights: Floats
    intercept: float
    classes: bool

    def predict(self, x: Any) -> Any:
        """The number (or the class) that a vector is predicted to have; of an RDD of vectors, an RDD."""
        return predicted(self._one, x)

    def _one(self, vector: Floats) -> float | int:
        score = float(vector @ self.weights) + self.intercept
        return int(score > 0.0) if self.classes else score


class StreamingLinearAlgorithm(ABC):
    """What the streaming regressions share."""

    _classes: ClassVar[bool] = False
    _weights: Floats | None = None

    @abstractmethod
    def specification(self, **columns: Any) -> BatchGradientDescent:
        """The same model from the same weights, to be trained inside a query; `columns` are its columns."""

    def latestModel(self) -> StreamingLinearModel | None:
        """The weights as they are now; None before there are any."""
        return None if self._weights is None else StreamingLinearModel(self._weights, 0.0, self._classes)

    def setInitialWeights(self, initialWeights: Any) -> Self:
        """Where the weights begin."""
        self._weights = np.array(array_of(initialWeights))
        return self

    def trainOn(self, batch: Any) -> None:
        """Learns from the labelled points of one batch."""
        model = self.specification()
        rows = table_of(batch, labelled=True)
        self._weights = model.update(model.initial_state(), rows, DRIVER)["weights"]

    def predictOn(self, batch: Any) -> Any:
        """The predictions for an RDD of vectors."""
        return self._started().predict(rdd_of(batch))

    def predictOnValues(self, batch: Any) -> Any:
        """The keys of an RDD of pairs with the predictions for their vectors."""
        return rdd_of(batch).mapValues(self._started().predict)

    def _initial(self) -> tuple[float, ...]:
        return tuple(self._started().weights.tolist())

    def _started(self) -> StreamingLinearModel:
        model = self.latestModel()
        if model is None:
            raise IllegalArgumentException("Model must be initialized using setInitialWeights")
        return model


class StreamingLinearRegressionWithSGD(StreamingLinearAlgorithm):
    """Linear regression that descends a number of steps over each batch.

    >>> model = StreamingLinearRegressionWithSGD(stepSize=0.2).setInitialWeights([0.0, 0.0])
    >>> model.latestModel().weights
    array([0., 0.])
    """

    def __init__(
        self,
        stepSize: float = 0.1,
        numIterations: int = 50,
        miniBatchFraction: float = 1.0,
        convergenceTol: float = 0.001,
    ) -> None:
        self._settings: dict[str, Any] = {
            "stepSize": stepSize,
            "numIterations": numIterations,
            "miniBatchFraction": miniBatchFraction,
            "convergenceTol": convergenceTol,
        }

    def specification(self, **columns: Any) -> BatchGradientDescent:
        return BatchGradientDescent(initialWeights=self._initial(), **self._settings, **columns)


class StreamingLogisticRegressionWithSGD(StreamingLinearAlgorithm):
    """Logistic regression of two classes that descends a number of steps over each batch."""

    _classes: ClassVar[bool] = True

    def __init__(
        self,
        stepSize: float = 0.1,
        numIterations: int = 50,
        miniBatchFraction: float = 1.0,
        regParam: float = 0.0,
        convergenceTol: float = 0.001,
    ) -> None:
        self._settings: dict[str, Any] = {
            "stepSize": stepSize,
            "numIterations": numIterations,
            "miniBatchFraction": miniBatchFraction,
            "regParam": regParam,
            "convergenceTol": convergenceTol,
        }

    def specification(self, **columns: Any) -> BatchGradientDescent:
        return BatchGradientDescent(
            loss="logistic", initialWeights=self._initial(), **self._settings, **columns
        )
