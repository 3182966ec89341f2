"""How much each feature tells of a label: tests of chi-squared, of ANOVA and of a linear correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.feature.kinds import Matrix, is_sparse
from streamcore.models.ml.needs import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CATEGORIES = 10_000
"""From how many distinct values on a feature or a label is not taken for categories."""


@dataclass(frozen=True)
class Scores:
    """For each feature the statistic of its test, its degrees of freedom, and its p-value."""

    statistics: NDArray[np.float64]
    degreesOfFreedom: NDArray[np.int64]
    pValues: NDArray[np.float64]


def chi_square(X: Matrix, y: NDArray[np.float64]) -> Scores:
    """Pearson's test of independence of each feature and the label, both categories.

    >>> scores = chi_square(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 0.0, 1.0, 1.0]))
    >>> scores.statistics.tolist(), scores.degreesOfFreedom.tolist(), scores.pValues.round(4).tolist()
    ([4.0], [1], [0.0455])
    """
    stats = needed("scipy.stats", "The chi-squared test")
    labels, of_label = _categories(y, "label")
    tests = [_independence(column, of_label, len(labels), feature) for feature, column in _columns(X)]
    statistics = np.array([statistic for statistic, _ in tests])
    freedom = np.array([degrees for _, degrees in tests], dtype=np.int64)
    p_values = np.where(freedom == 0, 1.0, stats.chi2.sf(statistics, np.maximum(freedom, 1)))
    return Scores(statistics, freedom, p_values)


def _independence(
    column: NDArray[np.float64], of_label: NDArray[np.intp], labels: int, feature: int
) -> tuple[float, int]:
    values, of_value = _categories(column, f"feature {feature}")
    counts = np.bincount(of_value * labels + of_label, minlength=len(values) * labels).reshape(-1, labels)
    freedom = (len(values) - 1) * (labels - 1)
    if freedom == 0:
        return 0.0, 0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum()), freedom


def _categories(values: NDArray[np.float64], what: str) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    distinct, places = np.unique(values, return_inverse=True)
    if len(distinct) > MOST_CATEGORIES:
        raise QueryExecutionException(
            f"Chi-square test expect factors (categorical values) but found more than {MOST_CATEGORIES} "
            f"distinct values in {what}."
        )
    return distinct, places


def _columns(X: Matrix) -> list[tuple[int, NDArray[np.float64]]]:
    if not is_sparse(X):
        return list(enumerate(X.T))
    columns = X.tocsc()
    return [(at, columns[:, [at]].toarray().reshape(-1)) for at in range(X.shape[1])]


def anova(X: Matrix, y: NDArray[np.float64]) -> Scores:
    """The F-test of whether a feature's mean differs between the classes of the label.

    >>> scores = anova(np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0.0, 0.0, 1.0, 1.0]))
    >>> scores.statistics.tolist(), scores.degreesOfFreedom.tolist()
    ([18.0], [3])
    """
    stats = needed("scipy.stats", "The ANOVA test")
    classes, of_class = np.unique(y, return_inverse=True)
    count, size = X.shape
    within, between = len(classes), count - len(classes)
    rows = np.bincount(of_class, minlength=len(classes))
    sums = np.vstack(
        [np.asarray(X[of_class == index].sum(axis=0)).reshape(-1) for index in range(len(classes))]
    )
    squares = (
        np.asarray(X.multiply(X).sum(axis=0)).reshape(-1) if is_sparse(X) else np.einsum("ij,ij->j", X, X)
    )
    whole = sums.sum(axis=0) ** 2 / count
    of_classes = (sums**2 / rows[:, None]).sum(axis=0) - whole
    rest = squares - whole - of_classes
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = (of_classes / (within - 1)) / (rest / between)
    p_values = stats.f.sf(statistics, within - 1, between)
    return Scores(statistics, np.full(size, within - 1 + between, dtype=np.int64), p_values)


def f_value(X: Matrix, y: NDArray[np.float64]) -> Scores:
    """The F-test of the linear correlation of each feature with the label, both continuous.

    >>> scores = f_value(np.array([[1.0], [2.0], [3.0], [5.0]]), np.array([1.0, 2.0, 3.0, 4.0]))
    >>> scores.statistics.round(3).tolist(), scores.degreesOfFreedom.tolist()
    ([56.333], [2])
    """
    stats = needed("scipy.stats", "The F-test")
    freedom = X.shape[0] - 2
    centred = y - y.mean()
    means = np.asarray(X.mean(axis=0)).reshape(-1)
    products = np.asarray(X.T @ centred).reshape(-1)
    squares = (
        np.asarray(X.multiply(X).sum(axis=0)).reshape(-1) - X.shape[0] * means**2
        if is_sparse(X)
        else np.einsum("ij,ij->j", X - means, X - means)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = products**2 / (squares * (centred @ centred))
        statistics = squared / (1 - squared) * freedom
    return Scores(
        statistics, np.full(X.shape[1], freedom, dtype=np.int64), stats.f.sf(statistics, 1, freedom)
    )


def chosen(p_values: NDArray[np.float64], mode: str, threshold: float) -> list[int]:
    """The features that a selector takes by their p-values: the least first, the others as they come.

    >>> p_values = np.array([0.04, 0.9, 0.01])
    >>> chosen(p_values, "numTopFeatures", 2), chosen(p_values, "fpr", 0.05)
    ([2, 0], [0, 2])
    """
    count = len(p_values)
    ascending = np.argsort(p_values, kind="stable")  # NaN last
    if mode == "numTopFeatures":
        return [int(index) for index in ascending[: int(threshold)]]
    if mode == "percentile":
        return [int(index) for index in ascending[: int(count * threshold)]]
    if mode == "fpr":
        return np.flatnonzero(p_values < threshold).tolist()
    if mode == "fwe":
        return np.flatnonzero(p_values < threshold / count).tolist()
    bounds = threshold / count * np.arange(1, count + 1)
    below = np.flatnonzero(p_values[ascending] <= bounds)
    return [int(index) for index in ascending[: below[-1] + 1]] if len(below) else []
