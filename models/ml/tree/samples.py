"""The rows that a tree learns from, and the sums over them that its nodes are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from streamcore.models.ml.evaluation.weights import Doubles, Places, sums_by


class Sample(Protocol):
    """Rows by their place in the data; statistics end with the number of rows drawn."""

    @property
    def rows(self) -> Places:
        """The place of each row in the data."""

    def sums(self, here: Places, key: Places, size: int) -> Doubles:
        """(key, statistic) over the rows `here`, which are places in `rows`."""


@dataclass(frozen=True)
class ClassSample:
    """Rows with a class each. `counts` is how often a row was drawn, or None where that is its weight."""

    rows: Places
    label: Places
    weight: Doubles
    counts: Doubles | None
    classes: int

    def sums(self, here: Places, key: Places, size: int) -> Doubles:
        """Weights by class, and the number of rows."""
        cells = key * self.classes + self.label[here]
        found = sums_by(cells, self.weight[here], size * self.classes).reshape(size, self.classes)
        return np.column_stack([found, _counted(self.counts, here, key, size, found.sum(axis=1))])


@dataclass(frozen=True)
class NumberSample:
    """Rows with a number each. `counts` is how often a row was drawn, or None where that is its weight."""

    rows: Places
    number: Doubles
    weight: Doubles
    counts: Doubles | None

    def sums(self, here: Places, key: Places, size: int) -> Doubles:
        """The weight, the sum and the sum of squares, and the number of rows."""
        weight, number = self.weight[here], self.number[here]
        total = weight * number
        heavy = sums_by(key, weight, size)
        sums = [heavy, sums_by(key, total, size), sums_by(key, total * number, size)]
        return np.column_stack([*sums, _counted(self.counts, here, key, size, heavy)])


def _counted(counts: Doubles | None, here: Places, key: Places, size: int, weight: Doubles) -> Doubles:
    return weight if counts is None else sums_by(key, counts[here], size)


def drawn(
    rows: int, rate: float, *, replace: bool, rng: np.random.Generator
) -> tuple[Places, Doubles] | None:
    """Rows and how often each was drawn; None where all are taken once."""
    if replace:
        counts = rng.poisson(rate, rows).astype(np.float64)
    elif rate < 1:
        counts = (rng.random(rows) < rate).astype(np.float64)
    else:
        return None
    kept = np.flatnonzero(counts)
    return kept, counts[kept]


def sample_of(
    target: Doubles, weight: Doubles, classes: int, draw: tuple[Places, Doubles] | None
) -> ClassSample | NumberSample:
    """The rows drawn with their classes, or with their numbers where there are no classes."""
    rows, times = draw if draw is not None else (np.arange(len(target)), np.ones(len(target)))
    weighed = weight[rows] * times
    counts = None if bool((weight == 1).all()) else times
    if classes:
        return ClassSample(rows, target[rows].astype(np.intp), weighed, counts, classes)
    return NumberSample(rows, target[rows], weighed, counts)
