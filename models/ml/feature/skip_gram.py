"""Vectors of words by the skip-gram model with hierarchical softmax (Mikolov and others, 2013)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from streamcore.models.ml.needs import needed

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
_AT_ONCE = 1 << 15
_FEWEST_PAIRS, _MOST_PAIRS = 16, 1024
_CHANGES_AT_ONCE = 16
_SATURATED = 6.0
"""Beyond it the sigmoid is flat, and nothing is learnt."""


@dataclass(frozen=True)
class SkipGramSettings:
    """How vectors are learnt; the names are Spark's."""

    vectorSize: int
    windowSize: int
    maxIter: int
    stepSize: float
    maxSentenceLength: int
    seed: int


@dataclass(frozen=True)
class Paths:
    """The way to each word in a binary tree of words: inner nodes, which turn is taken, and where it ends."""

    nodes: npt.NDArray[np.int64]
    turns: Floats
    known: Floats


def learn(words: Codes, sentences: Codes, counts: Codes, settings: SkipGramSettings) -> Floats:
    """A vector for each word of a vocabulary.

    Parameters
    ----------
    words
        The text: numbers of words, by how frequent they are, the most frequent first.
    sentences
        The sentence that each is in, which never falls.
    counts
        How often each word of the vocabulary occurs.
    """
    random = np.random.default_rng(settings.seed & 0xFFFFFFFFFFFFFFFF)
    paths, size = paths_of(counts), settings.vectorSize
    vectors = ((random.random((len(counts), size), np.float32) - 0.5) / size).astype(np.float32)
    inner = np.zeros((max(len(counts) - 1, 1), size), np.float32)
    pieces = _pieces(sentences, settings.maxSentenceLength)
    total, batch = settings.maxIter * len(words) + 1, min(max(len(counts), _FEWEST_PAIRS), _MOST_PAIRS)
    for iteration in range(settings.maxIter):
        for first in range(0, len(words), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            done = iteration * len(words) + first
            step = settings.stepSize * max(1 - done / total, 1e-4)
            for target, context in _batches(words[part], pieces[part], settings.windowSize, batch, random):
                _step(vectors, inner, paths, target, context, np.float32(step))
    return vectors


def paths_of(counts: Codes) -> Paths:
    """The way to each word in the tree of Huffman: short for words that are frequent.

    >>> paths_of(np.array([4, 2, 1])).known.sum(axis=1).tolist()
    [1.0, 2.0, 2.0]
    """
    size = len(counts)
    parent, turn = np.zeros(2 * size, np.int64), np.zeros(2 * size, np.float32)
    heap = [(int(count), word) for word, count in enumerate(counts)]
    heapq.heapify(heap)
    for node in range(size, 2 * size - 1):
        (least, left), (more, right) = heapq.heappop(heap), heapq.heappop(heap)
        parent[left], parent[right], turn[right] = node, node, 1
        heapq.heappush(heap, (least + more, node))
    ways = [_way(word, parent, turn, size) for word in range(size)]
    longest = max((len(way) for way in ways), default=0)
    shape = size, max(longest, 1)
    nodes, turns, known = np.zeros(shape, np.int64), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for word, way in enumerate(ways):
        for at, (node, taken) in enumerate(way):
            nodes[word, at], turns[word, at], known[word, at] = node - size, taken, 1
    return Paths(nodes, turns, known)


def _way(word: int, parent: Codes, turn: Floats, size: int) -> list[tuple[int, float]]:
    way, root = [], 2 * size - 2
    while word != root:
        way.append((int(parent[word]), float(turn[word])))
        word = int(parent[word])
    return way[::-1]


def _pieces(sentences: Codes, longest: int) -> Codes:
    """Sentences cut where they are too long, as numbers that differ from one piece to the next."""
    starts = np.flatnonzero(np.diff(sentences, prepend=-1))
    lengths = np.diff(np.append(starts, len(sentences)))
    within = np.arange(len(sentences)) - np.repeat(starts, lengths)
    found: Codes = np.cumsum(within % longest == 0)
    return found


def _batches(
    words: Codes, pieces: Codes, window: int, batch: int, random: Any
) -> Iterator[tuple[Codes, Codes]]:
    """Pairs of a word and one near it in its piece; how near is drawn for each word."""
    reach = random.integers(1, window + 1, len(words))
    places, others = [], []
    for apart in range(1, window + 1):
        far = (
            np.flatnonzero(pieces[apart:] == pieces[:-apart]) if apart < len(words) else np.empty(0, np.int64)
        )
        forward, backward = far[reach[far] >= apart], far[reach[far + apart] >= apart]
        places += [forward, backward + apart]
        others += [forward + apart, backward]
    place, other = np.concatenate(places), np.concatenate(others)
    order = np.argsort(place, kind="stable")
    for first in range(0, len(order), batch):
        taken = order[first : first + batch]
        yield words[place[taken]], words[other[taken]]


def _step(
    vectors: Floats, inner: Floats, paths: Paths, targets: Codes, contexts: Codes, step: np.float32
) -> None:
    """One step of gradient descent: the vectors of `contexts` are to lead to the words `targets`."""
    nodes, hidden = paths.nodes[targets], vectors[contexts]
    weights = inner[nodes]
    raw = np.clip(np.einsum("bd,bld->bl", hidden, weights), -_SATURATED, _SATURATED)
    learns = paths.known[targets] * (np.abs(raw) < _SATURATED)
    slope = ((1 - paths.turns[targets] - 1 / (1 + np.exp(-raw))) * step * learns).astype(np.float32)
    moved = np.einsum("bl,bld->bd", slope, weights)
    _add(inner, nodes, slope, hidden)
    _add(vectors, contexts[:, np.newaxis], np.ones((len(contexts), 1), np.float32), moved)


def _add(rows: Floats, places: Codes, factors: Floats, changes: Floats) -> None:
    """Add every change, times its factors, to the rows at its places.

    A row that many pairs of a batch change moves as far as some of them say: all of them together would
    overshoot, since none has seen what the others change.
    """
    sparse: Any = needed("scipy.sparse", "Word2Vec")
    count, width = places.shape
    met, where = np.unique(places, return_inverse=True)
    ends = np.arange(0, count * width + 1, width)
    by_row = sparse.csr_matrix((factors.ravel(), where.ravel(), ends), shape=(count, len(met)))
    often = np.bincount(where.ravel(), factors.ravel() != 0, minlength=len(met))
    scale = np.minimum(1, _CHANGES_AT_ONCE / np.maximum(often, 1)).astype(np.float32)
    rows[met] += (by_row.T @ changes) * scale[:, np.newaxis]
