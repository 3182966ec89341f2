"""Models that learn from labels: their columns, and answers of classes by their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.models.online.base import Answer, FeatureColumns, NumpyModel, columns_named, lists, nullable
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import Columns, ModelInputs


@dataclass(frozen=True, kw_only=True)
class Supervised(NumpyModel):
    """Base of models that learn from labels: the columns that they read, and the prediction."""

    featuresCol: FeatureColumns = "features"
    labelCol: str = "label"
    weightCol: str | None = None
    predictionCol: str = "prediction"

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(columns_named(self.featuresCol), self.labelCol, self.weightCol)

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return (pa.field(self.predictionCol, pa.float64()),)


@dataclass(frozen=True, kw_only=True)
class Classifier(Supervised):
    """Base of models that predict one of the classes 0, 1, ..., with their probabilities."""

    probabilityCol: str = "probability"

    @property
    def gives_probability(self) -> bool:
        return True

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return (
            pa.field(self.predictionCol, pa.float64()),
            pa.field(self.probabilityCol, pa.list_(pa.float64())),
        )

    def as_columns(self, answer: Answer) -> Columns:
        assert answer.probability is not None
        unknown = np.isnan(answer.prediction)
        return {
            self.predictionCol: nullable(answer.prediction),
            self.probabilityCol: lists(answer.probability, unknown),
        }


def most_probable(probability: Floats) -> Floats:
    """The class of each row; NaN where the features are, and so the probabilities."""
    unknown = np.isnan(probability).any(axis=1)
    return np.where(unknown, np.nan, probability.argmax(axis=1))


def class_numbers(name: str, y: Floats, classes: int) -> npt.NDArray[np.int64]:
    """Labels as numbers of classes; QueryExecutionException when one is not in 0..classes-1."""
    numbers: npt.NDArray[np.int64] = y.astype(np.int64)
    if len(y) and ((numbers != y).any() or numbers.min() < 0 or numbers.max() >= classes):
        wrong = y[(numbers != y) | (numbers < 0) | (numbers >= classes)][0]
        raise QueryExecutionException(
            f"{name}: the label {wrong:g} is not one of the classes 0 to {classes - 1}"
        )
    return numbers


def probabilities(scores: Floats, seen: npt.NDArray[np.bool_]) -> Floats:
    """Scores of classes (or logarithms of what is proportional to them) as probabilities; 0 if not seen."""
    if not seen.any():
        return np.zeros_like(scores)
    found = np.where(seen, scores, -np.inf)
    found -= found.max(axis=1, keepdims=True)
    np.exp(found, out=found)
    found /= found.sum(axis=1, keepdims=True)
    return found


def answer_of_scores(scores: Floats, seen: npt.NDArray[np.bool_]) -> Answer:
    """The most probable class of each row; the first of those that are as probable."""
    found = probabilities(scores, seen)
    if not seen.any():
        return Answer(np.full(len(scores), np.nan), found)
    return Answer(most_probable(found), found)
