"""Measures of predicted classes: all but the logarithmic loss from one table of labels by predictions."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from streamcore.models.online.base import Answer, require
from streamcore.models.online.matrix import Floats
from streamcore.models.online.metrics.base import Measure, ratio
from streamcore.models.online.supervised import class_numbers
from streamcore.spi.models import State

_LEAST_PROBABILITY = 1e-15
"""What a label is taken for that the model held to be impossible."""


@dataclass(frozen=True)
class Accuracy(Measure):
    """The part of the rows whose prediction is the label."""

    name: ClassVar[str] = "Accuracy"
    key: ClassVar[str] = "accuracy"

    def initial_state(self) -> State:
        return {"counts": np.zeros(2, dtype=np.int64)}

    def of(self, labels: Floats, answer: Answer) -> State:
        return {"counts": np.array([len(labels), np.count_nonzero(labels == answer.prediction)])}

    def value(self, state: State) -> float | None:
        rows, right = state["counts"].tolist()
        return ratio(right, rows)


@dataclass(frozen=True)
class LogLoss(Measure):
    """The mean of the negative logarithm of the label's probability."""

    name: ClassVar[str] = "LogLoss"
    key: ClassVar[str] = "logLoss"
    needs_probability: ClassVar[bool] = True

    def initial_state(self) -> State:
        return {"sums": np.zeros(2)}

    def of(self, labels: Floats, answer: Answer) -> State:
        probability = _probability(answer)
        places = class_numbers(self.name, labels, probability.shape[1])
        of_label = np.maximum(probability[np.arange(len(labels)), places], _LEAST_PROBABILITY)
        return {"sums": np.array([len(labels), -np.log(of_label).sum()])}

    def value(self, state: State) -> float | None:
        rows, losses = state["sums"].tolist()
        return ratio(losses, rows)


@dataclass(frozen=True)
class AUC(Measure):
    """The area under the ROC curve of class 1 against class 0, from counts in `bins` bins of the probability.

    Rows of both classes in one bin count as ties.
    """

    name: ClassVar[str] = "AUC"
    key: ClassVar[str] = "auc"
    needs_probability: ClassVar[bool] = True

    bins: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.bins >= 2, self.name, "bins", self.bins, "at least 2")

    def initial_state(self) -> State:
        return {"counts": np.zeros((2, self.bins), dtype=np.int64)}

    def of(self, labels: Floats, answer: Answer) -> State:
        ones = _probability(answer)[:, 1]
        classes = class_numbers(self.name, labels, classes=2)
        places = np.minimum((ones * self.bins).astype(np.int64), self.bins - 1)
        counts = np.bincount(classes * self.bins + places, minlength=2 * self.bins)
        return {"counts": counts.reshape(2, self.bins)}

    def value(self, state: State) -> float | None:
        zeros, ones = state["counts"].astype(np.float64)
        below = np.cumsum(zeros) - zeros / 2.0
        return ratio(float(np.dot(ones, below)), float(zeros.sum() * ones.sum()))


@dataclass(frozen=True)
class _ByClass(Measure):
    numClasses: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.numClasses >= 2, self.name, "numClasses", self.numClasses, "at least 2")

    def initial_state(self) -> State:
        return {"counts": np.zeros((self.numClasses, self.numClasses), dtype=np.int64)}

    def of(self, labels: Floats, answer: Answer) -> State:
        size = self.numClasses
        places = class_numbers(self.name, labels, size) * size
        counts = np.bincount(
            places + class_numbers(self.name, answer.prediction, size), minlength=size * size
        )
        return {"counts": counts.reshape(size, size)}

    @abstractmethod
    def value(self, state: State) -> Any:
        """From rows of labels and columns of predictions."""


@dataclass(frozen=True)
class ConfusionMatrix(_ByClass):
    """How many rows of each label (a line of the table) got each prediction (its columns)."""

    name: ClassVar[str] = "ConfusionMatrix"
    key: ClassVar[str] = "confusionMatrix"

    def value(self, state: State) -> list[list[int]]:
        found: list[list[int]] = state["counts"].tolist()
        return found


@dataclass(frozen=True)
class MacroF1(_ByClass):
    """The mean of the F1 scores of the classes that were a label or a prediction."""

    name: ClassVar[str] = "MacroF1"
    key: ClassVar[str] = "macroF1"

    def value(self, state: State) -> float | None:
        found = _f1_scores(state["counts"])
        return ratio(float(sum(found)), len(found))


@dataclass(frozen=True)
class F1(Measure):
    """The harmonic mean of precision and recall of class 1, of two classes; 0 while none was right."""

    name: ClassVar[str] = "F1"
    key: ClassVar[str] = "f1"

    def initial_state(self) -> State:
        return ConfusionMatrix().initial_state()

    def of(self, labels: Floats, answer: Answer) -> State:
        return ConfusionMatrix().of(labels, answer)

    def value(self, state: State) -> float | None:
        right = float(state["counts"][1, 1])
        involved = float(state["counts"][1].sum() + state["counts"][:, 1].sum())
        return ratio(2.0 * right, involved)


def _f1_scores(counts: Floats) -> list[float]:
    involved = counts.sum(axis=0) + counts.sum(axis=1)
    right = np.diagonal(counts)
    return [2.0 * float(hits) / float(all_) for hits, all_ in zip(right, involved, strict=True) if all_]


def _probability(answer: Answer) -> Floats:
    assert answer.probability is not None
    return answer.probability
