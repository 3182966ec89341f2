"""Alternating least squares: users and items as short vectors whose products are the ratings.

Each side is solved for while the other stands still: a small system of normal equations per user (or item),
made and solved for many at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamcore.errors import IllegalArgumentException
from streamcore.jvm.java_random import XorShiftRandom
from streamcore.jvm.spark_draws import gaussians
from streamcore.models.ml.needs import needed

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ids = NDArray[np.int32]
Places = NDArray[np.intp]
Bools = NDArray[np.bool_]

_MASK_64 = (1 << 64) - 1
_SWAP = 0x9E3775CD9E3775CD
_CELLS_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Settings:
    """How ratings are factorised, in the words of `ALS`."""

    rank: int
    maxIter: int
    regParam: float
    alpha: float
    implicitPrefs: bool
    nonnegative: bool
    numUserBlocks: int
    numItemBlocks: int
    seed: int


@dataclass(frozen=True)
class Factors:
    """Ids in ascending order with a vector each."""

    ids: Ids
    vectors: Floats


def factorised(users: Ids, items: Ids, ratings: Floats, settings: Settings) -> tuple[Factors, Factors]:
    """The factors of users and of items."""
    user_ids, user = np.unique(users, return_inverse=True)
    item_ids, item = np.unique(items, return_inverse=True)
    user_seed, item_seed = _two_seeds(settings.seed)
    user_vectors = initial(user_ids, settings.rank, settings.numUserBlocks, user_seed)
    item_vectors = initial(item_ids, settings.rank, settings.numItemBlocks, item_seed)
    by_item = _Links.of(item, user, ratings, len(item_ids))
    by_user = _Links.of(user, item, ratings, len(user_ids))
    for _ in range(settings.maxIter):
        item_vectors = _solved(by_item, user_vectors, settings)
        user_vectors = _solved(by_user, item_vectors, settings)
    return Factors(user_ids, user_vectors), Factors(item_ids, item_vectors)


def initial(ids: Ids, rank: int, blocks: int, seed: int) -> Floats:
    """A random direction for each id, drawn block by block as Spark draws them."""
    vectors = np.empty((len(ids), rank), np.float32)
    for block in range(blocks):
        here = np.flatnonzero(ids % blocks == block)
        if len(here):
            drawn = gaussians(_swapped(seed ^ block), len(here) * rank).astype(np.float32)
            directions = drawn.reshape(-1, rank)
            length = np.sqrt(np.sum(directions * directions, axis=1, keepdims=True, dtype=np.float64))
            vectors[here] = directions * (1.0 / length).astype(np.float32)
    return vectors


def _two_seeds(seed: int) -> tuple[int, int]:
    random = XorShiftRandom(seed)
    return random.next_long(), random.next_long()


def _swapped(value: int) -> int:
    """A 64-bit number with its bits spread, as a seed."""
    product = (value * _SWAP) & _MASK_64
    product = int.from_bytes(product.to_bytes(8, "little"), "big")
    found = (product * _SWAP) & _MASK_64
    return found - (1 << 64) if found >> 63 else found


@dataclass(frozen=True)
class _Links:
    """Ratings in the order of whom they belong to: `start` tells where each one's begin."""

    start: Places
    source: Places
    rating: Doubles

    @classmethod
    def of(cls, target: Places, source: Places, rating: Floats, targets: int) -> _Links:
        order = np.argsort(target, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(target, minlength=targets))])
        return cls(start, source[order], rating[order].astype(np.float64))

    def groups(self, rank: int) -> Iterator[tuple[Places, Places, Doubles]]:
        """(targets, sources, ratings) of targets with about as many ratings; -1 fills up short rows."""
        counts = np.diff(self.start)
        widths = 1 << np.ceil(np.log2(np.maximum(counts, 1))).astype(np.intp)
        for width in np.unique(widths).tolist():
            alike = np.flatnonzero(widths == width)
            most = max(1, _CELLS_AT_ONCE // (width * rank + rank * rank))
            for first in range(0, len(alike), most):
                yield self._group(alike[first : first + most], width, counts)

    def _group(self, targets: Places, width: int, counts: Places) -> tuple[Places, Places, Doubles]:
        places = self.start[targets][:, None] + np.arange(width)
        filled = np.arange(width) < counts[targets][:, None]
        places = np.where(filled, places, 0)
        return targets, np.where(filled, self.source[places], -1), np.where(filled, self.rating[places], 0.0)


def _solved(links: _Links, others: Floats, settings: Settings) -> Floats:
    """The vectors that fit the ratings best while `others` stand still."""
    wide = np.vstack([others.astype(np.float64), np.zeros((1, settings.rank))])  # the last stands for no one
    everyone = wide.T @ wide if settings.implicitPrefs else np.zeros((settings.rank, settings.rank))
    found = np.empty((len(links.start) - 1, settings.rank), np.float32)
    for targets, sources, ratings in links.groups(settings.rank):
        vectors = wide[sources]
        confidence, wanted, known = _weighed(sources, ratings, settings)
        left = np.matmul((vectors * confidence[..., None]).transpose(0, 2, 1), vectors) + everyone
        left += (settings.regParam * known)[:, None, None] * np.eye(settings.rank)
        right = np.matmul(wanted[:, None, :], vectors)[:, 0]
        found[targets] = _solutions(left, right, nonnegative=settings.nonnegative)
    return found


def _weighed(sources: Places, ratings: Doubles, settings: Settings) -> tuple[Doubles, Doubles, Doubles]:
    """The weight of each product, of each vector, and how many ratings regularise."""
    if not settings.implicitPrefs:
        return np.ones(ratings.shape), ratings, (sources >= 0).sum(axis=1).astype(np.float64)
    confidence = settings.alpha * np.abs(ratings)
    liked = ratings > 0
    return confidence, np.where(liked, 1.0 + confidence, 0.0), liked.sum(axis=1).astype(np.float64)


def _solutions(left: Doubles, right: Doubles, *, nonnegative: bool) -> Doubles:
    try:
        if not nonnegative:
            return np.asarray(np.linalg.solve(left, right[..., None])[..., 0], np.float64)
        return np.array([_nonnegative(a, b) for a, b in zip(left, right, strict=True)])
    except np.linalg.LinAlgError:
        raise IllegalArgumentException(
            "The normal equations of ALS have no single solution: raise regParam above 0, or lower the rank."
        ) from None


def _nonnegative(left: Doubles, right: Doubles) -> Doubles:
    # min x'Ax - 2b'x over x >= 0 is least squares in the Cholesky factor of A.
    nnls = needed("scipy.optimize", "ALS with nonnegative factors").nnls
    lower = np.linalg.cholesky(left)
    return np.asarray(nnls(lower.T, np.linalg.solve(lower, right))[0])


def products(left: Floats, right: Floats) -> Floats:
    """The rating of each pair (row of `left`, row of `right`)."""
    return np.asarray(np.einsum("ij,ij->i", left, right), np.float32)


def best(source: Floats, other: Factors, count: int, *, rows_at_once: int) -> tuple[Ids, Floats]:
    """For each row of `source` the ids of the `count` highest products, with them, best first.

    `rows_at_once` rows are looked at together, or fewer where that is too much for the memory.
    """
    count = min(count, len(other.ids))
    ids, ratings = [np.empty((0, count), np.int32)], [np.empty((0, count), np.float32)]
    step = max(1, min(rows_at_once, _CELLS_AT_ONCE // max(1, len(other.ids))))
    for first in range(0, len(source), step):
        scores = source[first : first + step] @ other.vectors.T
        top = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        kept = np.take_along_axis(scores, top, axis=1)
        order = np.lexsort((other.ids[top], -kept), axis=1)
        ids.append(other.ids[np.take_along_axis(top, order, axis=1)])
        ratings.append(np.take_along_axis(kept, order, axis=1))
    return np.concatenate(ids), np.concatenate(ratings)
