"""Curves of a binary classifier over its thresholds, and the areas under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamcore.models.ml.evaluation.weights import Doubles, Places, sums_by, weights_of


@dataclass(frozen=True)
class BinaryClassificationMetrics:
    """How many positives and negatives lie at or above each threshold; thresholds descend.

    >>> metrics = BinaryClassificationMetrics.of([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> metrics.areaUnderROC()
    0.75
    """

    thresholds: Doubles
    truePositives: Doubles
    falsePositives: Doubles
    positives: float
    negatives: float

    @classmethod
    def of(
        cls, score: object, label: object, weight: object = None, *, numBins: int = 0
    ) -> BinaryClassificationMetrics:
        """Counts rows by distinct score; `numBins` > 0 merges neighbours into about that many points."""
        scores, labels = np.asarray(score, np.float64), np.asarray(label, np.float64)
        w = weights_of(weight, len(scores))
        ascending, place = np.unique(scores, return_inverse=True)
        hits = sums_by(place, w * (labels > 0.5), len(ascending))[::-1]
        misses = sums_by(place, w * (labels <= 0.5), len(ascending))[::-1]
        kept = _points(len(ascending), numBins)
        above, below = np.cumsum(hits)[kept], np.cumsum(misses)[kept]
        return cls(
            thresholds=ascending[::-1][kept],
            truePositives=above,
            falsePositives=below,
            positives=float(above[-1]) if len(above) else 0.0,
            negatives=float(below[-1]) if len(below) else 0.0,
        )

    def precision(self) -> Doubles:
        """Precision at each threshold."""
        called = self.truePositives + self.falsePositives
        return np.divide(self.truePositives, called, out=np.ones_like(called), where=called > 0)

    def recall(self) -> Doubles:
        """True positive rate at each threshold."""
        return self.truePositives / self.positives if self.positives else np.zeros_like(self.truePositives)

    def falsePositiveRate(self) -> Doubles:
        """False positive rate at each threshold."""
        return self.falsePositives / self.negatives if self.negatives else np.zeros_like(self.falsePositives)

    def fMeasure(self, beta: float = 1.0) -> Doubles:
        """F-measure at each threshold."""
        p, r, squared = self.precision(), self.recall(), beta * beta
        below = squared * p + r
        return np.divide((1 + squared) * p * r, below, out=np.zeros_like(p), where=below > 0)

    def roc(self) -> Doubles:
        """Points (false positive rate, true positive rate) from (0, 0) to (1, 1)."""
        inner = np.column_stack([self.falsePositiveRate(), self.recall()])
        return np.vstack([[0.0, 0.0], inner, [1.0, 1.0]])

    def pr(self) -> Doubles:
        """Points (recall, precision), begun with the first precision at recall 0."""
        precision = self.precision()
        first = precision[:1] if len(precision) else np.ones(1)
        return np.column_stack([np.append(0.0, self.recall()), np.append(first, precision)])

    def byThreshold(self, values: Doubles) -> Doubles:
        """Points (threshold, value)."""
        return np.column_stack([self.thresholds, values])

    def areaUnderROC(self) -> float:
        """Area under `roc`, by trapezoids."""
        return area_under(self.roc())

    def areaUnderPR(self) -> float:
        """Area under `pr`, by trapezoids."""
        return area_under(self.pr())


def area_under(curve: Doubles) -> float:
    """The area under points (x, y) joined by lines."""
    return float(np.trapezoid(curve[:, 1], curve[:, 0]))


def _points(distinct: int, numBins: int) -> Places:
    # Each point stands for a run of neighbours and bears the lowest score of its run.
    run = distinct // numBins if numBins else 1
    if run < 2:
        return np.arange(distinct)
    return np.minimum(np.arange(run, distinct + run, run), distinct) - 1


METRICS: dict[str, Callable[[BinaryClassificationMetrics], float]] = {
    "areaUnderROC": BinaryClassificationMetrics.areaUnderROC,
    "areaUnderPR": BinaryClassificationMetrics.areaUnderPR,
}
