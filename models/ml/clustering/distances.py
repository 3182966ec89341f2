"""How far rows are from centres, and what the centre of rows is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from streamcore.errors import IllegalArgumentException

Rows = Any
"""A matrix of numpy, or a sparse one of scipy."""
Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]
_PART = 1 << 14


class Distance(Protocol):
    """What a distance means for clusters."""

    def prepared(self, rows: Rows) -> Rows:
        """The rows as the other functions take them."""

    def costs(self, rows: Rows, centers: Numbers) -> Numbers:
        """How far every row is from every centre; what is near in one measure is so in the other."""

    def centers(self, sums: Numbers, weights: Numbers) -> Numbers:
        """The centre of rows with these sums and weights."""

    def has_moved(self, before: Numbers, after: Numbers, tolerance: float) -> bool:
        """Whether a centre has moved by more than a tolerance."""


@dataclass(frozen=True)
class Euclidean:
    """Squared Euclidean distance; the centre is the mean."""

    def prepared(self, rows: Rows) -> Rows:
        """The rows themselves."""
        return rows

    def costs(self, rows: Rows, centers: Numbers) -> Numbers:
        """Squared distances."""
        norms = squared_lengths(rows)[:, np.newaxis] + np.einsum("ij,ij->i", centers, centers)
        found: Numbers = norms - 2 * np.asarray(rows @ centers.T)
        return np.maximum(found, 0, out=found)

    def centers(self, sums: Numbers, weights: Numbers) -> Numbers:
        """The means."""
        return sums / weights[:, np.newaxis]

    def has_moved(self, before: Numbers, after: Numbers, tolerance: float) -> bool:
        """Whether a centre is further than the tolerance from where it was."""
        moved = ((before - after) ** 2).sum(axis=1)
        return bool((moved > tolerance * tolerance).any())


@dataclass(frozen=True)
class Cosine:
    """One less the cosine of the angle; the centre is the mean of directions, of length one."""

    def prepared(self, rows: Rows) -> Rows:
        """The directions of the rows; IllegalArgumentException for one of length zero."""
        norms = np.sqrt(squared_lengths(rows))
        if not norms.all():
            raise IllegalArgumentException(
                "requirement failed: Cosine distance is not defined for zero-length vectors."
            )
        if isinstance(rows, np.ndarray):
            return rows / norms[:, np.newaxis]
        return rows.multiply(1 / norms[:, np.newaxis]).tocsr()

    def costs(self, rows: Rows, centers: Numbers) -> Numbers:
        """One less the cosine; rows and centres have length one."""
        found: Numbers = 1 - np.asarray(rows @ centers.T)
        return np.maximum(found, 0, out=found)

    def centers(self, sums: Numbers, weights: Numbers) -> Numbers:
        """The directions of the sums."""
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return sums / np.where(norms > 0, norms, 1)

    def has_moved(self, before: Numbers, after: Numbers, tolerance: float) -> bool:
        """Whether a centre is further than the tolerance from where it was."""
        return bool((1 - (before * after).sum(axis=1) > tolerance).any())


def distance_of(measure: str) -> Distance:
    """The distance of a name: euclidean or cosine."""
    return Cosine() if measure == "cosine" else Euclidean()


def nearest(rows: Rows, centers: Numbers, distance: Distance) -> tuple[Labels, Numbers]:
    """For each prepared row the centre that is nearest, the first of several, and how far it is."""
    labels, costs = np.empty(rows.shape[0], np.int32), np.empty(rows.shape[0])
    for part in parts(rows.shape[0]):
        found = distance.costs(rows[part], centers)
        labels[part] = found.argmin(axis=1)
        costs[part] = found[np.arange(len(found)), labels[part]]
    return labels, costs


def sums_by(rows: Rows, labels: Labels, weights: Numbers | None, count: int) -> tuple[Numbers, Numbers]:
    """For each label the weighted sum of its rows, and the sum of their weights."""
    totals = np.bincount(labels, weights, minlength=count).astype(np.float64)
    if not isinstance(rows, np.ndarray):
        weighed = rows.multiply(weights[:, np.newaxis]).tocsr() if weights is not None else rows
        return np.stack(
            [np.asarray(weighed[labels == at].sum(axis=0)).ravel() for at in range(count)]
        ), totals
    sums = np.zeros((count, rows.shape[1]))
    for part in parts(rows.shape[0]):
        chosen = np.zeros((len(labels[part]), count))
        chosen[np.arange(len(chosen)), labels[part]] = 1 if weights is None else weights[part]
        sums += chosen.T @ rows[part]
    return sums, totals


def parts(count: int) -> Iterator[slice]:
    """Runs of rows, so many at a time that what is computed of them stays small."""
    return (slice(at, at + _PART) for at in range(0, count, _PART))


def squared_lengths(rows: Rows) -> Numbers:
    """The sum of the squares of each row."""
    if isinstance(rows, np.ndarray):
        dense: Numbers = np.einsum("ij,ij->i", rows, rows)
        return dense
    return np.asarray(rows.multiply(rows).sum(axis=1)).reshape(-1)
