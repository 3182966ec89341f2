"""Metrics of predictions that are sets of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from streamcore.errors import IllegalArgumentException


@dataclass(frozen=True)
class MultilabelMetrics:
    """Rows of (predicted labels, true labels), each without repeats.

    >>> metrics = MultilabelMetrics.of([([0.0, 1.0], [0.0, 2.0]), ([2.0], [2.0])])
    >>> metrics.subsetAccuracy, metrics.precision
    (0.5, 0.75)
    """

    rows: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]

    @classmethod
    def of(cls, rows: Iterable[tuple[Sequence[float], Sequence[float]]]) -> MultilabelMetrics:
        """Holds the rows."""
        return cls(tuple((tuple(predicted), tuple(true)) for predicted, true in rows))

    @property
    def subsetAccuracy(self) -> float:
        """The share of rows whose labels are predicted exactly, in their order."""
        return self._mean(predicted == true for predicted, true in self.rows)

    @property
    def accuracy(self) -> float:
        """The mean share of right labels among those that are predicted or true."""
        return self._mean(hits / (len(p) + len(t) - hits) for hits, p, t in self._hits())

    @property
    def hammingLoss(self) -> float:
        """The share of (row, label) that is wrong."""
        distinct = len({label for _, true in self.rows for label in true})
        wrong = sum(len(p) + len(t) - 2 * hits for hits, p, t in self._hits())
        return wrong / (len(self.rows) * distinct)

    @property
    def precision(self) -> float:
        """The mean precision of rows."""
        return self._mean(hits / len(p) if p else 0.0 for hits, p, _ in self._hits())

    @property
    def recall(self) -> float:
        """The mean recall of rows."""
        return self._mean(hits / len(t) if t else float("nan") for hits, _, t in self._hits())

    @property
    def f1Measure(self) -> float:
        """The mean F1 of rows."""
        return self._mean(2.0 * hits / (len(p) + len(t)) for hits, p, t in self._hits())

    def precisionByLabel(self, label: float) -> float:
        """Precision of one label over all rows."""
        return self._share(label, self._wrongly_called())

    def recallByLabel(self, label: float) -> float:
        """Recall of one label over all rows."""
        return self._share(label, self._missed())

    def f1MeasureByLabel(self, label: float) -> float:
        """F1 of one label over all rows."""
        p, r = self.precisionByLabel(label), self.recallByLabel(label)
        return 2 * p * r / (p + r) if p + r else 0.0

    @property
    def microPrecision(self) -> float:
        """Precision over all (row, label)."""
        hits = self._rightly_called().total()
        return hits / (hits + self._wrongly_called().total())

    @property
    def microRecall(self) -> float:
        """Recall over all (row, label)."""
        hits = self._rightly_called().total()
        return hits / (hits + self._missed().total())

    @property
    def microF1Measure(self) -> float:
        """F1 over all (row, label)."""
        hits = self._rightly_called().total()
        return 2.0 * hits / (2 * hits + self._missed().total() + self._wrongly_called().total())

    def _hits(self) -> Iterable[tuple[int, tuple[float, ...], tuple[float, ...]]]:
        return ((len(set(p) & set(t)), p, t) for p, t in self.rows)

    def _rightly_called(self) -> Counter[float]:
        return Counter(label for p, t in self.rows for label in set(p) & set(t))

    def _wrongly_called(self) -> Counter[float]:
        return Counter(label for p, t in self.rows for label in set(p) - set(t))

    def _missed(self) -> Counter[float]:
        return Counter(label for p, t in self.rows for label in set(t) - set(p))

    def _share(self, label: float, wrong: Counter[float]) -> float:
        hits = self._rightly_called()
        if label not in hits:
            raise IllegalArgumentException(
                f"No row has the label {label} rightly predicted: it has no metric."
            )
        return hits[label] / (hits[label] + wrong[label])

    def _mean(self, values: Iterable[float]) -> float:
        return sum(values) / len(self.rows)


# By the evaluator's name of the metric: of (metrics, label).
METRICS: dict[str, Callable[[MultilabelMetrics, float], float]] = {
    "subsetAccuracy": lambda m, _label: m.subsetAccuracy,
    "accuracy": lambda m, _label: m.accuracy,
    "hammingLoss": lambda m, _label: m.hammingLoss,
    "precision": lambda m, _label: m.precision,
    "recall": lambda m, _label: m.recall,
    "f1Measure": lambda m, _label: m.f1Measure,
    "precisionByLabel": MultilabelMetrics.precisionByLabel,
    "recallByLabel": MultilabelMetrics.recallByLabel,
    "f1MeasureByLabel": MultilabelMetrics.f1MeasureByLabel,
    "microPrecision": lambda m, _label: m.microPrecision,
    "microRecall": lambda m, _label: m.microRecall,
    "microF1Measure": lambda m, _label: m.microF1Measure,
}
