"""What classifiers share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

from streamcore.models.ml.base import PredictionModel, Predictor, Transformer, _PredictorParams
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param.shared import HasProbabilityCol, HasRawPredictionCol, HasThresholds

if TYPE_CHECKING:
    from typing import Self

CM = TypeVar("CM", bound=Transformer)


class _ClassifierParams(HasRawPredictionCol, _PredictorParams):
    """The columns of classifiers and of their models."""


class Classifier(Predictor[CM], _ClassifierParams, ABC):
    """A predictor of classes, which are the labels 0, 1, ..., numClasses - 1."""

    def setRawPredictionCol(self, value: str) -> Self:
        """Set `rawPredictionCol`."""
        return self._set(rawPredictionCol=value)


class ClassificationModel(PredictionModel[Vector], _ClassifierParams, ABC):
    """A model that predicts a class."""

    def setRawPredictionCol(self, value: str) -> Self:
        """Set `rawPredictionCol`."""
        return self._set(rawPredictionCol=value)

    @property
    @abstractmethod
    def numClasses(self) -> int:
        """How many classes there are."""

    @abstractmethod
    def predictRaw(self, value: Vector) -> Vector:
        """For each class how much speaks for it, from the features of one row."""


class _ProbabilisticClassifierParams(HasProbabilityCol, HasThresholds, _ClassifierParams):
    """The columns of classifiers that tell probabilities, and of their models."""


class ProbabilisticClassifier(Classifier[CM], _ProbabilisticClassifierParams, ABC):
    """A classifier that tells probabilities."""

    def setProbabilityCol(self, value: str) -> Self:
        """Set `probabilityCol`."""
        return self._set(probabilityCol=value)

    def setThresholds(self, value: list[float]) -> Self:
        """Set `thresholds`."""
        return self._set(thresholds=value)


class ProbabilisticClassificationModel(ClassificationModel, _ProbabilisticClassifierParams, ABC):
    """A model that tells the probability of each class."""

    def setProbabilityCol(self, value: str) -> Self:
        """Set `probabilityCol`."""
        return self._set(probabilityCol=value)

    def setThresholds(self, value: list[float]) -> Self:
        """Set `thresholds`."""
        return self._set(thresholds=value)

    @abstractmethod
    def predictProbability(self, value: Vector) -> Vector:
        """The probability of each class, from the features of one row."""
