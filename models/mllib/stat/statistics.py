"""Statistics of RDDs of vectors and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.needs import needed
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.mllib.linalg import Matrix
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import features_of
from streamcore.models.mllib.stat.chi_square import independence, labels_and_features_tests, of_counts
from streamcore.models.mllib.stat.results import KolmogorovSmirnovTestResult
from streamcore.rdd.rdd import RDD

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class MultivariateStatisticalSummary:
    """Statistics of the columns of vectors."""

    _X: Any

    def mean(self) -> np.ndarray:
        """The means."""
        return moments(self._X).mean

    def variance(self) -> np.ndarray:
        """The unbiased variances."""
        return np.asarray(moments(self._X).std ** 2)

    def count(self) -> int:
        """How many vectors there are."""
        return int(self._X.shape[0])

    def numNonzeros(self) -> np.ndarray:
        """How many entries are not zero."""
        return _flat((self._X != 0).sum(axis=0))

    def max(self) -> np.ndarray:
        """The highest entries."""
        return _flat(self._X.max(axis=0))

    def min(self) -> np.ndarray:
        """The lowest entries."""
        return _flat(self._X.min(axis=0))

    def normL1(self) -> np.ndarray:
        """The sums of the sizes of the entries."""
        return _flat(abs(self._X).sum(axis=0))

    def normL2(self) -> np.ndarray:
        """The Euclidean norms of the columns."""
        squares = self._X.power(2) if hasattr(self._X, "power") else self._X**2
        return np.asarray(np.sqrt(_flat(squares.sum(axis=0))))


def _flat(row: Any) -> np.ndarray:
    dense = row.toarray() if hasattr(row, "toarray") else row
    return np.asarray(dense, np.float64).ravel()


class Statistics:
    """Statistics of RDDs; the rows are gathered as arrays and computed on there."""

    @staticmethod
    def colStats(rdd: RDD[Any]) -> MultivariateStatisticalSummary:
        """The statistics of the columns of vectors."""
        return MultivariateStatisticalSummary(features_of(rdd))

    @staticmethod
    def corr(x: RDD[Any], y: RDD[float] | None = None, method: str | None = None) -> Any:
        """The correlation of two RDDs of numbers; the matrix of those of the columns of vectors without `y`.

        `method` is pearson (the default) or spearman.
        """
        if isinstance(y, str):
            raise TypeError("Use 'method=' to specify method name.")
        correlate = _correlation(method or "pearson")
        if y is None:
            X = features_of(x)
            return correlate(X if isinstance(X, np.ndarray) else X.toarray())
        left, right = (np.array(numbers.map(float).collect()) for numbers in (x, y))
        if len(left) != len(right):
            raise IllegalArgumentException(
                f"the RDDs to correlate have {len(left)} and {len(right)} numbers, which must be as many"
            )
        return float(correlate(np.column_stack([left, right]))[0, 1])

    @staticmethod
    def chiSqTest(observed: Any, expected: Any = None) -> Any:
        """Pearson's chi-squared test.

        Of a vector: whether its counts are spread as `expected` (evenly without it). Of a matrix of counts:
        whether rows and columns are independent. Of an RDD of labeled points: for each feature, whether
        label and feature are independent, as a list.
        """
        if isinstance(observed, RDD):
            if expected is not None:
                raise IllegalArgumentException("an RDD is tested for independence, without expected counts")
            return labels_and_features_tests(observed)
        if isinstance(observed, Matrix):
            return independence(observed.toArray())
        counts = vector_of(observed).toArray()
        return of_counts(counts, None if expected is None else vector_of(expected).toArray())

    @staticmethod
    def kolmogorovSmirnovTest(
        data: RDD[float], distName: str = "norm", *params: float
    ) -> KolmogorovSmirnovTestResult:
        """Whether numbers are drawn from a normal distribution: of `mean, std` (0 and 1 without them)."""
        if not isinstance(data, RDD):
            raise TypeError(f"data should be an RDD, got {type(data)}.")
        if not isinstance(distName, str):
            raise TypeError("distName should be a string, got {type(distName)}.")
        if distName != "norm":
            raise IllegalArgumentException(
                f"there is no distribution {distName!r} to test for; there is norm"
            )
        if len(params) not in (0, 2):
            raise IllegalArgumentException(f"norm takes a mean and a standard deviation, not {params}")
        stats = needed("scipy.stats", "Statistics.kolmogorovSmirnovTest")
        mean, std = params or (0.0, 1.0)
        sample = np.array(data.map(float).collect())
        found = stats.kstest(sample, stats.norm(mean, std).cdf, method="exact")
        return KolmogorovSmirnovTestResult(
            float(found.pvalue), 0, float(found.statistic), "Sample follows theoretical distribution"
        )


def _correlation(method: str) -> Callable[[np.ndarray], np.ndarray]:
    if method == "pearson":
        return _pearson
    if method == "spearman":
        return _spearman
    raise IllegalArgumentException(f"there is no correlation {method!r}: pearson or spearman")


def _pearson(X: np.ndarray) -> np.ndarray:
    """Correlations of the columns; NaN where a column is constant, one of each with itself."""
    away = X - X.mean(axis=0)
    spread = np.sqrt((away * away).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (away.T @ away) / np.outer(spread, spread)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _spearman(X: np.ndarray) -> np.ndarray:
    stats = needed("scipy.stats", "Statistics.corr of spearman")
    return _pearson(np.column_stack([stats.rankdata(column) for column in X.T]))
