"""How well a random forest classifies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.models.ml.classification.summary import (
    _BinaryClassificationSummary,
    _ClassificationSummary,
    _TrainingSummary,
)

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class RandomForestClassificationSummary(_ClassificationSummary):
    """Measures of a forest over a dataset."""


class RandomForestClassificationTrainingSummary(RandomForestClassificationSummary, _TrainingSummary):
    """Measures of a forest over the rows that it was trained on; it has no objective that falls."""

    def __init__(self, model: Any, dataset: DataFrame) -> None:
        super().__init__(model, dataset)
        self._history = [0.0]


class BinaryRandomForestClassificationSummary(
    _BinaryClassificationSummary, RandomForestClassificationSummary
):
    """Measures of a forest of two classes over a dataset."""


class BinaryRandomForestClassificationTrainingSummary(
    BinaryRandomForestClassificationSummary, RandomForestClassificationTrainingSummary
):
    """Measures of a forest of two classes over the rows that it was trained on."""


def summary_of(model: Any, dataset: DataFrame) -> RandomForestClassificationSummary:
    """The measures of a forest, by the number of its classes."""
    if model.numClasses <= 2:
        return BinaryRandomForestClassificationSummary(model, dataset)
    return RandomForestClassificationSummary(model, dataset)


def training_summary_of(model: Any, dataset: DataFrame) -> RandomForestClassificationTrainingSummary:
    """The measures over the rows trained on, by the number of classes."""
    if model.numClasses <= 2:
        return BinaryRandomForestClassificationTrainingSummary(model, dataset)
    return RandomForestClassificationTrainingSummary(model, dataset)
