"""How well a logistic regression classifies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.models.ml.classification.summary import (
    _BinaryClassificationSummary,
    _ClassificationSummary,
    _TrainingSummary,
)

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class LogisticRegressionSummary(_ClassificationSummary):
    """Measures of a logistic regression over a dataset."""

    @property
    def probabilityCol(self) -> str:
        """The column of the probabilities."""
        return str(self._model.getProbabilityCol())

    @property
    def featuresCol(self) -> str:
        """The column of the features."""
        return str(self._model.getFeaturesCol())


class LogisticRegressionTrainingSummary(LogisticRegressionSummary, _TrainingSummary):
    """Measures of a logistic regression over the rows that it was trained on."""

    def __init__(self, model: Any, dataset: DataFrame, history: list[float]) -> None:
        super().__init__(model, dataset)
        self._history = history


class BinaryLogisticRegressionSummary(_BinaryClassificationSummary, LogisticRegressionSummary):
    """Measures of a logistic regression of two classes over a dataset."""


class BinaryLogisticRegressionTrainingSummary(
    BinaryLogisticRegressionSummary, LogisticRegressionTrainingSummary
):
    """Measures of a logistic regression of two classes over the rows that it was trained on."""
