"""Spark's regressions over a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.streaming.batches import DRIVER, Floats, array_of, rdd_of, table_of
from streamcore.models.online.linear.descent import BatchGradientDescent

if TYPE_CHECKING:
    from streamcore.models.mllib.classification import LogisticRegressionModel
    from streamcore.models.mllib.regression import LinearRegressionModel


class StreamingLinearAlgorithm(ABC):
    """What the streaming regressions share."""

    _weights: Floats | None = None

    @abstractmethod
    def specification(self, **columns: Any) -> BatchGradientDescent:
        """The same model from the same weights, to be trained inside a query; `columns` are its columns."""

    @abstractmethod
    def latestModel(self) -> Any:
        """The model with the weights as they are now; None before there are any."""

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
        return tuple(self._started().weights.toArray().tolist())

    def _started(self) -> Any:
        model = self.latestModel()
        if model is None:
            raise IllegalArgumentException("Model must be initialized using setInitialWeights")
        return model


class StreamingLinearRegressionWithSGD(StreamingLinearAlgorithm):
    """Linear regression that descends a number of steps over each batch.

    >>> model = StreamingLinearRegressionWithSGD(stepSize=0.2).setInitialWeights([0.0, 0.0])
    >>> model.latestModel().weights
    DenseVector([0.0, 0.0])
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

    def latestModel(self) -> LinearRegressionModel | None:
        from streamcore.models.mllib.regression import LinearRegressionModel

        return None if self._weights is None else LinearRegressionModel(self._weights, 0.0)

    def specification(self, **columns: Any) -> BatchGradientDescent:
        return BatchGradientDescent(initialWeights=self._initial(), **self._settings, **columns)


class StreamingLogisticRegressionWithSGD(StreamingLinearAlgorithm):
    """Logistic regression of two classes that descends a number of steps over each batch."""

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

    def latestModel(self) -> LogisticRegressionModel | None:
        from streamcore.models.mllib.classification import LogisticRegressionModel

        if self._weights is None:
            return None
        return LogisticRegressionModel(self._weights, 0.0, len(self._weights), 2)

    def specification(self, **columns: Any) -> BatchGradientDescent:
        return BatchGradientDescent(
            loss="logistic", initialWeights=self._initial(), **self._settings, **columns
        )
