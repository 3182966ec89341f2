"""How well a multilayer perceptron classifies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.models.ml.classification.summary import _ClassificationSummary, _TrainingSummary

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class MultilayerPerceptronClassificationSummary(_ClassificationSummary):
    """Measures of a network over a dataset."""


class MultilayerPerceptronClassificationTrainingSummary(
    MultilayerPerceptronClassificationSummary, _TrainingSummary
):
    """Measures of a network over the rows that it was trained on."""

    def __init__(self, model: Any, dataset: DataFrame, history: list[float]) -> None:
        super().__init__(model, dataset)
        self._history = history
