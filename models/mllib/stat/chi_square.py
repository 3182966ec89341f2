"""Pearson's chi-squared tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.needs import needed
from streamcore.models.mllib.points import labels_and_features
from streamcore.models.mllib.stat.results import ChiSqTestResult

if TYPE_CHECKING:
    from streamcore.models.mllib.points import LabeledPoint
    from streamcore.rdd.rdd import RDD

_SPREAD = "observed follows the same distribution as expected."
_INDEPENDENT = "the occurrence of the outcomes is statistically independent."


def of_counts(observed: np.ndarray, expected: np.ndarray | None) -> ChiSqTestResult:
    """Whether counts are spread as expected, which is scaled to their sum; evenly without it."""
    wanted = np.ones(len(observed)) if expected is None else expected
    if len(wanted) != len(observed):
        raise IllegalArgumentException(
            "observed and expected must be of the same size, but there are "
            f"{len(observed)} and {len(wanted)} counts"
        )
    if (observed < 0).any() or (wanted < 0).any():
        raise IllegalArgumentException("counts of the chi-squared test must not be negative")
    if not wanted.all():
        raise IllegalArgumentException("expected counts of the chi-squared test must not be zero")
    scaled = wanted * (observed.sum() / wanted.sum())
    statistic = float(((observed - scaled) ** 2 / scaled).sum())
    return _result(statistic, len(observed) - 1, _SPREAD)


def independence(counts: np.ndarray) -> ChiSqTestResult:
    """Whether rows and columns of a table of counts are independent."""
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if (counts < 0).any():
        raise IllegalArgumentException("counts of the chi-squared test must not be negative")
    if not rows.all() or not columns.all():
        raise IllegalArgumentException("no row and no column of the table of counts may be all zeros")
    expected = np.outer(rows, columns) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if degrees == 0:
        return ChiSqTestResult(1.0, 0, 0.0, _INDEPENDENT)
    return _result(statistic, degrees, _INDEPENDENT)


def labels_and_features_tests(data: RDD[LabeledPoint]) -> list[ChiSqTestResult]:
    """For each feature, whether it and the label are independent; both are categories."""
    labels, X = labels_and_features(data)
    dense = X if isinstance(X, np.ndarray) else X.toarray()
    return [independence(_table(column, labels)) for column in dense.T]


def _table(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    _, rows = np.unique(values, return_inverse=True)
    _, columns = np.unique(labels, return_inverse=True)
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    flat = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(np.float64)


def _result(statistic: float, degrees: int, hypothesis: str) -> ChiSqTestResult:
    stats: Any = needed("scipy.stats", "Statistics.chiSqTest")
    return ChiSqTestResult(float(stats.chi2.sf(statistic, degrees)), degrees, statistic, hypothesis)
