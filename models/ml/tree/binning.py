"""Features in bins: where a tree may split them, and the bin of every value.

A continuous feature may be split between neighbouring values, or between quantiles where it has more distinct
values than `maxBins` admits. Each category of a categorical feature is a bin of its own; with three or more
classes and few categories every division of them into two is a candidate ("unordered"), else the categories
are ordered anew in each node and divided there ("ordered").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamcore.errors import IllegalArgumentException

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bins = NDArray[np.uint8] | NDArray[np.int32]
Matrix = Any
"""Rows of features: numpy's, or a sparse one of scipy."""

_SAMPLED_ROWS = 10_000


@dataclass(frozen=True)
class Continuous:
    """A feature split at thresholds: values at or below go left."""

    thresholds: Doubles

    @property
    def bins(self) -> int:
        """One more than there are thresholds."""
        return len(self.thresholds) + 1

    def place(self, values: Doubles) -> NDArray[np.intp]:
        """The bin of each value."""
        return np.searchsorted(self.thresholds, values, side="left")


@dataclass(frozen=True)
class Categorical:
    """A feature whose values are 0, 1, .., categories - 1."""

    feature: int
    categories: int
    unordered: bool

    @property
    def bins(self) -> int:
        """One for each category."""
        return self.categories

    def place(self, values: Doubles) -> NDArray[np.intp]:
        """The bin of each value, which is the value."""
        found = values.astype(np.intp)
        wrong = values[(found < 0) | (found >= self.categories) | (found != values)]
        if len(wrong):
            raise IllegalArgumentException(
                f"DecisionTree given invalid data: Feature {self.feature} is categorical with values in "
                f"{{0,...,{self.categories - 1}, but a data point gives it value {wrong[0]}."
            )
        return found

    def divisions(self) -> Bools:
        """All (division, category) into two, as those that go left; the last category always goes right."""
        numbers = np.arange(1, 2 ** (self.categories - 1))
        return np.asarray((numbers[:, None] >> np.arange(self.categories)) % 2 == 1)


Feature = Continuous | Categorical


@dataclass(frozen=True)
class Binned:
    """The features with the bin of every row in them, feature by feature."""

    features: tuple[Feature, ...]
    bins: tuple[Bins, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.bins[0])

    @cached_property
    def continuous(self) -> dict[int, NDArray[np.intp]]:
        """The numbers of the continuous features that can be split, by how many bins they have."""
        found: dict[int, list[int]] = {}
        for number, feature in enumerate(self.features):
            if isinstance(feature, Continuous) and feature.bins > 1:
                found.setdefault(feature.bins, []).append(number)
        return {bins: np.array(numbers) for bins, numbers in found.items()}

    @cached_property
    def categorical(self) -> list[tuple[int, Categorical]]:
        """The categorical features and their numbers."""
        return [(number, f) for number, f in enumerate(self.features) if isinstance(f, Categorical)]


def binned(
    matrix: Matrix,
    weights: Doubles,
    *,
    categories: Mapping[int, int],
    classes: int,
    maxBins: int,
    rng: np.random.Generator,
) -> Binned:
    """Puts the columns of a (rows, features) matrix into bins; `classes` is 0 for a regression."""
    rows, columns = matrix.shape
    most = min(maxBins, rows)
    _check_categories(categories, most)
    sample, column_of = _sampled(rows, maxBins, rng), _columns(matrix)
    features: list[Feature] = []
    bins: list[Bins] = []
    constant, all_alike = Continuous(np.empty(0)), np.zeros(rows, np.uint8)
    for column in range(columns):
        values, known = column_of(column), categories.get(column, 0)
        if known == 1 or (not known and not values.any()):  # of the many columns of hashed text most are zero
            features.append(constant)
            bins.append(all_alike)
            continue
        if known > 1:
            feature: Feature = Categorical(column, known, classes > 2 and known <= _most_unordered(most))
        else:
            feature = Continuous(_thresholds(values[sample], weights[sample], most - 1))
        features.append(feature)
        bins.append(_narrow(feature.place(values), feature.bins))
    return Binned(tuple(features), tuple(bins))


def _columns(matrix: Matrix) -> Callable[[int], Doubles]:
    if isinstance(matrix, np.ndarray):
        return lambda column: matrix[:, column]
    by_column = matrix.tocsc()
    by_column.sum_duplicates()

    def column_of(column: int) -> Doubles:
        values, kept = np.zeros(matrix.shape[0]), slice(*by_column.indptr[column : column + 2])
        values[by_column.indices[kept]] = by_column.data[kept]
        return values

    return column_of


def _check_categories(categories: Mapping[int, int], most: int) -> None:
    if not categories:
        return
    feature, largest = max(categories.items(), key=lambda item: item[1])
    if largest > most:
        raise IllegalArgumentException(
            f"requirement failed: DecisionTree requires maxBins (= {most}) to be at least as large as the "
            f"number of values in each categorical feature, but categorical feature {feature} has "
            f"{largest} values. Consider removing this and other categorical features with a large number "
            "of values, or add more training examples."
        )


def _most_unordered(most: int) -> int:
    # Above it the divisions in two of a feature's categories are more than the bins allowed.
    return math.floor(math.log(most // 2 + 1) / math.log(2.0) + 1)


def _sampled(rows: int, maxBins: int, rng: np.random.Generator) -> NDArray[np.intp] | slice:
    needed = max(maxBins * maxBins, _SAMPLED_ROWS)
    return np.sort(rng.choice(rows, needed, replace=False)) if needed < rows else slice(None)


def _thresholds(values: Doubles, weights: Doubles, most: int) -> Doubles:
    distinct, place = np.unique(values, return_inverse=True)
    middles = (distinct[:-1] + distinct[1:]) / 2.0
    if len(middles) <= most:
        return middles
    counts = np.bincount(place, weights, len(distinct))
    return middles[_quantiles(np.cumsum(counts), most)]


def _quantiles(counted: Doubles, most: int) -> list[int]:
    """Places after which the rows counted so far are nearest to the next multiple of a stride."""
    stride = counted[-1] / (most + 1)
    found, target = [], stride
    for place, (before, now) in enumerate(zip(counted[:-1].tolist(), counted[1:].tolist(), strict=True)):
        if abs(before - target) < abs(now - target):
            found.append(place)
            target += stride
    return found


def _narrow(bins: NDArray[np.intp], count: int) -> Bins:
    return bins.astype(np.uint8) if count <= 256 else bins.astype(np.int32)
