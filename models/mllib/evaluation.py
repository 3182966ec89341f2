"""Measures of predictions in RDDs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.evaluation import (
    binary_metrics,
    multiclass_metrics,
    multilabel_metrics,
    ranking_metrics,
    regression_metrics,
)
from streamcore.models.mllib.linalg import DenseMatrix

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD

__all__ = [
    "BinaryClassificationMetrics",
    "MulticlassMetrics",
    "MultilabelMetrics",
    "RankingMetrics",
    "RegressionMetrics",
]


def _columns(rows: RDD[Any]) -> list[np.ndarray]:
    """The columns of an RDD of tuples of numbers."""
    return list(np.array(rows.map(tuple).collect(), np.float64).T)


class BinaryClassificationMetrics:
    """Measures of (score, label) or (score, label, weight), over all thresholds."""

    def __init__(self, scoreAndLabels: RDD[Any]) -> None:
        self._metrics = binary_metrics.BinaryClassificationMetrics.of(*_columns(scoreAndLabels))

    @property
    def areaUnderROC(self) -> float:
        """The area under the curve of false and true positive rates."""
        return self._metrics.areaUnderROC()

    @property
    def areaUnderPR(self) -> float:
        """The area under the curve of recall and precision."""
        return self._metrics.areaUnderPR()

    def unpersist(self) -> None:
        """Nothing is kept but the counts: there is nothing to let go."""


class RegressionMetrics:
    """Measures of (prediction, observation) or (prediction, observation, weight)."""

    def __init__(self, predictionAndObservations: RDD[Any]) -> None:
        self._metrics = regression_metrics.RegressionMetrics.of(*_columns(predictionAndObservations))

    @property
    def explainedVariance(self) -> float:
        """How much the predictions spread around the mean of what was observed."""
        return self._metrics.explainedVariance

    @property
    def meanAbsoluteError(self) -> float:
        """The mean size of the error."""
        return self._metrics.meanAbsoluteError

    @property
    def meanSquaredError(self) -> float:
        """The mean of the squared error."""
        return self._metrics.meanSquaredError

    @property
    def rootMeanSquaredError(self) -> float:
        """The root of the mean squared error."""
        return self._metrics.rootMeanSquaredError

    @property
    def r2(self) -> float:
        """The coefficient of determination."""
        return self._metrics.r2


class MulticlassMetrics:
    """Measures of (prediction, label), (.., weight), or (.., weight, probabilities) for the log-loss."""

    def __init__(self, predictionAndLabels: RDD[Any]) -> None:
        rows = predictionAndLabels.map(tuple).collect()
        self._rows = rows
        columns = np.array([row[:3] for row in rows], np.float64).T
        self._metrics = multiclass_metrics.MulticlassMetrics.of(*columns)

    def confusionMatrix(self) -> DenseMatrix:
        """How many rows of each label (rows) have which prediction (columns)."""
        counts = self._metrics.confusionMatrix
        return DenseMatrix(counts.shape[0], counts.shape[1], counts.ravel(order="F"))

    def truePositiveRate(self, label: float) -> float:
        """The share of a label's rows that are predicted rightly."""
        return self._metrics.recall(label)

    def falsePositiveRate(self, label: float) -> float:
        """The share of the other rows that are predicted as a label."""
        return self._metrics.falsePositiveRate(label)

    def precision(self, label: float) -> float:
        """The share of the rows predicted as a label that are right."""
        return self._metrics.precision(label)

    def recall(self, label: float) -> float:
        """The share of a label's rows that are predicted rightly."""
        return self._metrics.recall(label)

    def fMeasure(self, label: float, beta: float | None = None) -> float:
        """The f-measure of a label; `beta` is 1.0 if it is not given."""
        return self._metrics.fMeasure(label, 1.0 if beta is None else beta)

    @property
    def accuracy(self) -> float:
        """The share of rows predicted rightly."""
        return self._metrics.accuracy

    @property
    def weightedTruePositiveRate(self) -> float:
        """The true positive rate, averaged over the labels by their weight."""
        return self._metrics.weightedRecall

    @property
    def weightedFalsePositiveRate(self) -> float:
        """The false positive rate, averaged over the labels by their weight."""
        return self._metrics.weightedFalsePositiveRate

    @property
    def weightedRecall(self) -> float:
        """The recall, averaged over the labels by their weight."""
        return self._metrics.weightedRecall

    @property
    def weightedPrecision(self) -> float:
        """The precision, averaged over the labels by their weight."""
        return self._metrics.weightedPrecision

    def weightedFMeasure(self, beta: float | None = None) -> float:
        """The f-measure, averaged over the labels by their weight; `beta` is 1.0 if it is not given."""
        return self._metrics.weightedFMeasure(1.0 if beta is None else beta)

    def logLoss(self, eps: float = 1e-15) -> float:
        """The log-loss of rows (prediction, label, weight, probabilities); `eps` bounds these."""
        shares = np.array([row[3] for row in self._rows], np.float64)
        labels, weights = ([row[place] for row in self._rows] for place in (1, 2))
        return multiclass_metrics.log_loss(shares, labels, weights, eps)


class RankingMetrics:
    """Measures of (predicted ranking, relevant items) or (.., relevance of these)."""

    def __init__(self, predictionAndLabels: RDD[Any]) -> None:
        self._metrics = ranking_metrics.RankingMetrics.of(predictionAndLabels.collect())

    def precisionAt(self, k: int) -> float:
        """The mean precision of the first k."""
        return self._metrics.precisionAt(k)

    @property
    def meanAveragePrecision(self) -> float:
        """The mean of the average precisions."""
        return self._metrics.meanAveragePrecision

    def meanAveragePrecisionAt(self, k: int) -> float:
        """The mean of the average precisions of the first k."""
        return self._metrics.meanAveragePrecisionAt(k)

    def ndcgAt(self, k: int) -> float:
        """The mean normalized discounted cumulative gain of the first k."""
        return self._metrics.ndcgAt(k)

    def recallAt(self, k: int) -> float:
        """The mean recall of the first k."""
        return self._metrics.recallAt(k)


class MultilabelMetrics:
    """Measures of (predicted labels, labels)."""

    def __init__(self, predictionAndLabels: RDD[Any]) -> None:
        self._metrics = multilabel_metrics.MultilabelMetrics.of(predictionAndLabels.collect())

    def precision(self, label: float | None = None) -> float:
        """The precision, averaged over the rows; of one label if it is given."""
        return self._metrics.precision if label is None else self._metrics.precisionByLabel(label)

    def recall(self, label: float | None = None) -> float:
        """The recall, averaged over the rows; of one label if it is given."""
        return self._metrics.recall if label is None else self._metrics.recallByLabel(label)

    def f1Measure(self, label: float | None = None) -> float:
        """The f1-measure, averaged over the rows; of one label if it is given."""
        return self._metrics.f1Measure if label is None else self._metrics.f1MeasureByLabel(label)

    @property
    def microPrecision(self) -> float:
        """The precision of all labels of all rows together."""
        return self._metrics.microPrecision

    @property
    def microRecall(self) -> float:
        """The recall of all labels of all rows together."""
        return self._metrics.microRecall

    @property
    def microF1Measure(self) -> float:
        """The f1-measure of all labels of all rows together."""
        return self._metrics.microF1Measure

    @property
    def hammingLoss(self) -> float:
        """The share of labels that are wrong."""
        return self._metrics.hammingLoss

    @property
    def subsetAccuracy(self) -> float:
        """The share of rows whose labels are all right."""
        return self._metrics.subsetAccuracy

    @property
    def accuracy(self) -> float:
        """The accuracy, averaged over the rows."""
        return self._metrics.accuracy
