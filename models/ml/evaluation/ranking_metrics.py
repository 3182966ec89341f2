"""Metrics of ranked predictions against the items that are relevant."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Items = tuple[Hashable, ...]


@dataclass(frozen=True)
class RankingMetrics:
    """Rows of (ranking, relevant items, their relevance or nothing); rows without relevant items count as 0.

    >>> metrics = RankingMetrics.of([([1, 2, 3], [1, 3]), ([4, 5], [5])])
    >>> metrics.precisionAt(1), round(metrics.meanAveragePrecision, 4)
    (0.5, 0.6667)
    """

    rows: tuple[tuple[Items, Items, tuple[float, ...]], ...]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Sequence[Any]]]) -> RankingMetrics:
        """Holds rows of (ranking, relevant) or (ranking, relevant, relevance)."""
        return cls(tuple((tuple(row[0]), tuple(row[1]), _relevance(row)) for row in rows))

    @property
    def meanAveragePrecision(self) -> float:
        """The mean of the precisions at each hit, over the whole rankings."""
        return self._mean(lambda p, t, _: _average_precision(p, set(t), max(len(p), len(set(t)))))

    def meanAveragePrecisionAt(self, k: int) -> float:
        """As `meanAveragePrecision`, within the first `k`."""
        return self._mean(lambda p, t, _: _average_precision(p, set(t), k))

    def precisionAt(self, k: int) -> float:
        """The mean share of relevant items among the first `k`."""
        return self._mean(lambda p, t, _: _hits(p, t, k) / k)

    def recallAt(self, k: int) -> float:
        """The mean share of the relevant items that are among the first `k`."""
        return self._mean(lambda p, t, _: _hits(p, t, k) / len(set(t)))

    def ndcgAt(self, k: int) -> float:
        """The discounted gain of the first `k` against the best possible."""
        return self._mean(lambda p, t, r: _ndcg(p, t, r, k))

    def _mean(self, measure: Callable[[Items, Items, tuple[float, ...]], float]) -> float:
        return sum(measure(*row) if row[1] else 0.0 for row in self.rows) / len(self.rows)


def _relevance(row: Sequence[Sequence[Any]]) -> tuple[float, ...]:
    return tuple(map(float, row[2])) if len(row) > 2 else ()


def _hits(predicted: Items, true: Items, k: int) -> int:
    relevant = set(true)
    return sum(item in relevant for item in predicted[:k])


def _average_precision(predicted: Items, relevant: set[Hashable], k: int) -> float:
    hits, total = 0, 0.0
    for place, item in enumerate(predicted[:k], start=1):
        if item in relevant:
            hits += 1
            total += hits / place
    return total / min(len(relevant), k)


def _ndcg(predicted: Items, true: Items, relevance: tuple[float, ...], k: int) -> float:
    distinct = len(set(true))
    gains = dict(zip(true, relevance, strict=True)) if relevance else dict.fromkeys(true, 1.0)
    best = list(gains.values())[:distinct] if not relevance else [gains[item] for item in true[:distinct]]
    reach = min(max(len(predicted), distinct), k)
    most = _gain(best[:reach])
    return _gain([gains.get(item, 0.0) for item in predicted[:reach]]) / most if most else 0.0


def _gain(relevance: Sequence[float]) -> float:
    return float(sum((2.0**value - 1) / math.log(place + 2) for place, value in enumerate(relevance)))


# By the evaluator's name of the metric: of (metrics, k).
METRICS: dict[str, Callable[[RankingMetrics, int], float]] = {
    "meanAveragePrecision": lambda m, _k: m.meanAveragePrecision,
    "meanAveragePrecisionAtK": RankingMetrics.meanAveragePrecisionAt,
    "precisionAtK": RankingMetrics.precisionAt,
    "ndcgAtK": RankingMetrics.ndcgAt,
    "recallAtK": RankingMetrics.recallAt,
}
