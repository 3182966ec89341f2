"""What a confusion matrix says of a classifier."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.evaluation.weights import Doubles, sums_by, weights_of


@dataclass(frozen=True)
class MulticlassMetrics:
    """Weights by (label, prediction): rows are the labels that occur, columns also what else was predicted.

    >>> metrics = MulticlassMetrics.of([0, 1, 1, 2], [0, 1, 2, 2])
    >>> metrics.accuracy, metrics.precision(1.0)
    (0.75, 0.5)
    """

    labels: Doubles
    predictions: Doubles
    confusions: Doubles

    @classmethod
    def of(cls, prediction: object, label: object, weight: object = None) -> MulticlassMetrics:
        """Counts rows; they count once where no weights are given."""
        guess, truth = np.asarray(prediction, np.float64), np.asarray(label, np.float64)
        labels, row = np.unique(truth, return_inverse=True)
        predictions = np.concatenate([labels, np.setdiff1d(guess, labels)])
        order = np.argsort(predictions, kind="stable")
        column = order[np.searchsorted(predictions, guess, sorter=order)]
        cells = sums_by(
            row * len(predictions) + column,
            weights_of(weight, len(truth)),
            len(labels) * len(predictions),
        )
        return cls(labels, predictions, cells.reshape(len(labels), len(predictions)))

    @property
    def confusionMatrix(self) -> Doubles:
        """Weights by label (rows) and prediction (columns), both over the labels that occur."""
        return self.confusions[:, : len(self.labels)]

    @property
    def byLabel(self) -> Doubles:
        """The weight of each label."""
        return np.asarray(self.confusions.sum(axis=1))

    @property
    def weight(self) -> float:
        """The weight of all rows."""
        return float(self.confusions.sum())

    @property
    def accuracy(self) -> float:
        """The share of rows predicted rightly."""
        return float(np.trace(self.confusionMatrix)) / self.weight

    @property
    def hammingLoss(self) -> float:
        """The share of rows predicted wrongly."""
        return float(self.confusions.sum() - np.trace(self.confusionMatrix)) / self.weight

    def precisions(self) -> Doubles:
        """Precision of each label; 0 for one that was never predicted."""
        called: Doubles = self.confusionMatrix.sum(axis=0)
        shares: Doubles = np.divide(
            np.diag(self.confusionMatrix), called, out=np.zeros(len(called)), where=called != 0
        )
        return shares

    def recalls(self) -> Doubles:
        """Recall of each label."""
        return np.asarray(np.diag(self.confusionMatrix) / self.byLabel)

    def falsePositiveRates(self) -> Doubles:
        """How often each label is called for rows of another label."""
        wrong = self.confusionMatrix.sum(axis=0) - np.diag(self.confusionMatrix)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(wrong / (self.weight - self.byLabel))

    def fMeasures(self, beta: float = 1.0) -> Doubles:
        """F-measure of each label."""
        p, r, squared = self.precisions(), self.recalls(), beta * beta
        below = squared * p + r
        return np.divide((1 + squared) * p * r, below, out=np.zeros(len(p)), where=below != 0)

    def precision(self, label: float) -> float:
        """Precision of one label."""
        return float(self.precisions()[self._place(label)])

    def recall(self, label: float) -> float:
        """Recall of one label."""
        return float(self.recalls()[self._place(label)])

    def falsePositiveRate(self, label: float) -> float:
        """False positive rate of one label."""
        return float(self.falsePositiveRates()[self._place(label)])

    def fMeasure(self, label: float, beta: float = 1.0) -> float:
        """F-measure of one label."""
        return float(self.fMeasures(beta)[self._place(label)])

    @property
    def weightedPrecision(self) -> float:
        """Precision over labels, by their weight."""
        return self._weighted(self.precisions())

    @property
    def weightedRecall(self) -> float:
        """Recall over labels, by their weight."""
        return self._weighted(self.recalls())

    @property
    def weightedFalsePositiveRate(self) -> float:
        """False positive rate over labels, by their weight."""
        return self._weighted(self.falsePositiveRates())

    def weightedFMeasure(self, beta: float = 1.0) -> float:
        """F-measure over labels, by their weight."""
        return self._weighted(self.fMeasures(beta))

    def _weighted(self, values: Doubles) -> float:
        return float(values @ self.byLabel) / self.weight

    def _place(self, label: float) -> int:
        found = np.flatnonzero(self.labels == label)
        if not len(found):
            raise IllegalArgumentException(f"No row has the label {label}: a metric by label needs one.")
        return int(found[0])


def log_loss(probability: Doubles, label: object, weight: object = None, eps: float = 1e-15) -> float:
    """The mean of minus the logarithm of what each row's label was given, kept off 0 and 1 by `eps`."""
    truth = np.asarray(label, np.float64)
    wrong = truth[(truth < 0) | (truth != np.floor(truth))]
    if len(wrong):
        raise IllegalArgumentException(f"requirement failed: Invalid label {wrong[0]}")
    w = weights_of(weight, len(truth))
    given = probability[np.arange(len(truth)), truth.astype(np.intp)]
    inside = -np.log(np.clip(given, eps, 1.0))
    return float(w @ np.where(given > 1 - eps, -math.log1p(-eps), inside)) / float(w.sum())


# By the evaluator's name of the metric: of (metrics, label, beta).
METRICS: dict[str, Callable[[MulticlassMetrics, float, float], float]] = {
    "f1": lambda m, _label, _beta: m.weightedFMeasure(),
    "accuracy": lambda m, _label, _beta: m.accuracy,
    "weightedPrecision": lambda m, _label, _beta: m.weightedPrecision,
    "weightedRecall": lambda m, _label, _beta: m.weightedRecall,
    "weightedTruePositiveRate": lambda m, _label, _beta: m.weightedRecall,
    "weightedFalsePositiveRate": lambda m, _label, _beta: m.weightedFalsePositiveRate,
    "weightedFMeasure": lambda m, _label, beta: m.weightedFMeasure(beta),
    "truePositiveRateByLabel": lambda m, label, _beta: m.recall(label),
    "falsePositiveRateByLabel": lambda m, label, _beta: m.falsePositiveRate(label),
    "precisionByLabel": lambda m, label, _beta: m.precision(label),
    "recallByLabel": lambda m, label, _beta: m.recall(label),
    "fMeasureByLabel": lambda m, label, beta: m.fMeasure(label, beta),
    "hammingLoss": lambda m, _label, _beta: m.hammingLoss,
}
