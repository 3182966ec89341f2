"""Bisecting k-means: the largest clusters are split in two until there are enough."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from streamcore.jvm.java_random import JavaRandom
from streamcore.jvm.murmur3 import hash_ints
from streamcore.models.ml.clustering.distances import (
    Cosine,
    Distance,
    Labels,
    Numbers,
    Rows,
    distance_of,
    nearest,
    squared_lengths,
    sums_by,
)

Places = npt.NDArray[np.int64]
_ROOT = 1
_EPSILON = 2.0**-52
_LEVELS = 31
_TABLE = 64


@dataclass(frozen=True)
class Node:
    """A cluster of the tree: the leaves are numbered from 0, what was split from -1 downwards."""

    index: int
    size: int
    center: Numbers
    cost: float
    height: float
    norm: float
    children: tuple[Node, ...] = ()

    @property
    def leaves(self) -> list[Node]:
        """The clusters below that were not split, from left to right."""
        return [leaf for child in self.children for leaf in child.leaves] if self.children else [self]


@dataclass(frozen=True)
class BisectingSettings:
    """How clusters are split; the names are Spark's."""

    k: int
    maxIter: int = 20
    seed: int = 0
    minDivisibleClusterSize: float = 1.0
    distanceMeasure: str = "euclidean"


@dataclass
class _Split:
    """Clusters by number, where the children of `i` are 2i and 2i + 1, and the number of each row."""

    rows: Rows
    weights: Numbers | None
    squares: Numbers
    distance: Distance
    numbers: Places
    known: dict[int, _Summary] = field(default_factory=dict)


@dataclass(frozen=True)
class _Summary:
    size: int
    center: Numbers
    cost: float
    squares: float

    @property
    def is_spread(self) -> bool:
        """Whether its rows are not all in one point, as far as their sums can tell."""
        return self.cost > _EPSILON * max(self.size, 8 * self.squares)


def bisected(rows: Rows, weights: Numbers | None, settings: BisectingSettings) -> Node:
    """The tree of clusters of rows; with fewer than `k` leaves when no cluster can be split any more."""
    distance = distance_of(settings.distanceMeasure)
    prepared = distance.prepared(rows)
    numbers = np.full(rows.shape[0], _ROOT, np.int64)
    state = _Split(prepared, weights, np.square(np.sqrt(squared_lengths(prepared))), distance, numbers)
    state.known = _summaries(state, np.arange(rows.shape[0]), [_ROOT])
    least = settings.minDivisibleClusterSize
    least = math.ceil(least if least >= 1 else least * rows.shape[0])
    random, wanted, active = JavaRandom(settings.seed), settings.k - 1, [_ROOT]
    for _ in range(_LEVELS):
        divided = _divisible(state.known, active, least, wanted)
        if not divided:
            break
        active = _bisect(state, divided, settings.maxIter, random)
        wanted -= len(divided)
    return _tree(state.known, _Numbering())


def descend(root: Node, rows: Rows, distance: Distance) -> Labels:
    """For each prepared row its leaf: from the root on, always to the child that is nearer."""
    labels = np.zeros(rows.shape[0], np.int32)
    waiting = [(root, np.arange(rows.shape[0]))]
    while waiting:
        node, places = waiting.pop()
        if not node.children:
            labels[places] = node.index
        elif len(places):
            centers = np.stack([child.center for child in node.children])
            chosen = nearest(rows[places], centers, distance)[0]
            waiting.extend((child, places[chosen == at]) for at, child in enumerate(node.children))
    return labels


def _divisible(known: Mapping[int, _Summary], active: Sequence[int], least: int, wanted: int) -> list[int]:
    """The clusters to split: large enough, not all in one point, and the largest when that are too many."""
    found = [
        number
        for number in _in_table_order(active)
        if known[number].size >= least and known[number].is_spread
    ]
    if len(found) > wanted:
        return sorted(found, key=lambda number: -known[number].size)[:wanted]
    return found


def _in_table_order(numbers: Sequence[int]) -> list[int]:
    """The order in which Spark meets clusters, that of its hash table: it decides among those of one size."""
    hashes = hash_ints(np.array(numbers, np.int32), 0).view(np.uint32) & (_TABLE - 1)
    return [number for _, number in sorted(zip(hashes.tolist(), numbers, strict=True))]


def _bisect(state: _Split, divided: Sequence[int], iterations: int, random: JavaRandom) -> list[int]:
    """Split some clusters; the numbers of what came out."""
    places = np.flatnonzero(np.isin(state.numbers, divided))
    parents = state.numbers[places]
    centers: dict[int, Numbers] = {}
    for number in divided:
        centers.update(
            zip((2 * number, 2 * number + 1), _apart(state.known[number].center, random), strict=True)
        )
    numbers = _assigned(state, places, parents, centers)
    for _ in range(iterations):
        state.numbers[places] = numbers
        found = _summaries(state, places, sorted(centers))
        centers = {number: summary.center for number, summary in found.items()}
        again = _assigned(state, places, parents, centers)
        if (again == numbers).all():
            break
        numbers = again
    state.numbers[places] = numbers
    made = _summaries(state, places, sorted(centers))
    state.known.update(made)
    return sorted(made)


def _apart(center: Numbers, random: JavaRandom) -> tuple[Numbers, Numbers]:
    """A centre moved a little to both sides."""
    noise = np.array([random.next_double() for _ in range(len(center))])
    step = 1e-4 * float(np.linalg.norm(center)) * noise
    return center - step, center + step


def _assigned(state: _Split, places: Places, parents: Places, centers: Mapping[int, Numbers]) -> Places:
    """For each row the child of its cluster that is nearer; a child that has lost all its rows is out."""
    numbers = np.empty(len(places), np.int64)
    for parent in np.unique(parents):
        mine = parents == parent
        children = [number for number in (2 * int(parent), 2 * int(parent) + 1) if number in centers]
        stacked = np.stack([centers[number] for number in children])
        if isinstance(state.distance, Cosine):
            stacked = state.distance.centers(stacked, np.ones(len(stacked)))
        chosen = nearest(state.rows[places[mine]], stacked, state.distance)[0]
        numbers[mine] = np.array(children)[chosen]
    return numbers


def _summaries(state: _Split, places: Places, numbers: Sequence[int]) -> dict[int, _Summary]:
    """Size, centre and cost of some clusters; those without rows, or without weight, are left out."""
    labels = np.searchsorted(np.array(numbers), state.numbers[places]).astype(np.int32)
    weights = None if state.weights is None else state.weights[places]
    sums, totals = sums_by(state.rows[places], labels, weights, len(numbers))
    squares = state.squares[places] if weights is None else state.squares[places] * weights
    squared = np.bincount(labels, squares, minlength=len(numbers))
    sizes = np.bincount(labels, minlength=len(numbers))
    found = {}
    for at in np.flatnonzero(totals > 0):
        center = state.distance.centers(sums[at : at + 1], totals[at : at + 1])[0]
        cost = _cost(state.distance, center, sums[at], float(totals[at]), float(squared[at]))
        found[numbers[int(at)]] = _Summary(int(sizes[at]), center, cost, float(squared[at]))
    return found


def _cost(distance: Distance, center: Numbers, total: Numbers, weight: float, squares: float) -> float:
    """What the rows of a centre cost, by their sums alone and as Spark rounds it."""
    norm = float(np.linalg.norm(center))
    if isinstance(distance, Cosine):
        return max(float(weight - center @ total / norm), 0.0)
    return max(squares - weight * norm * norm, 0.0)


@dataclass
class _Numbering:
    leaf: int = 0
    inner: int = -1


def _tree(known: Mapping[int, _Summary], numbering: _Numbering, number: int = _ROOT) -> Node:
    summary = known[number]
    below = [child for child in (2 * number, 2 * number + 1) if child in known]
    norm = float(np.linalg.norm(summary.center))
    if not below:
        numbering.leaf += 1
        return Node(numbering.leaf - 1, summary.size, summary.center, summary.cost, 0.0, norm)
    index = numbering.inner
    numbering.inner -= 1
    height = max(float(np.linalg.norm(summary.center - known[child].center)) for child in below)
    children = tuple(_tree(known, numbering, child) for child in below)
    return Node(index, summary.size, summary.center, summary.cost, height, norm, children)
