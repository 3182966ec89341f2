"""Grows one tree by levels: a histogram per feature over all nodes of a level, and the best split of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streamcore.models.ml.tree.binning import Binned, Continuous
from streamcore.models.ml.tree.impurity import IMPURITIES, prediction
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.samples import Sample
from streamcore.models.ml.tree.splitting import (
    Candidates,
    Rules,
    Splits,
    Sums,
    best_of_categorical,
    best_of_continuous,
    none_found,
)

Doubles = NDArray[np.float64]
Places = NDArray[np.intp]

_PURE = float(np.finfo(np.float64).eps)
_MEGABYTE = 1 << 20
_CELLS_AT_ONCE = 1 << 18


@dataclass
class _Growing:
    """Nodes in the order of their making; children are known by their numbers."""

    statistics: list[Doubles] = field(default_factory=list)
    raw_count: list[float] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    arity: list[int] = field(default_factory=list)
    categories: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, statistics: Doubles, raw_count: float) -> int:
        self.statistics.append(statistics)
        self.raw_count.append(raw_count)
        self.gain.append(-1.0)
        for numbers in (self.left, self.right, self.feature, self.arity):
            numbers.append(-1)
        self.threshold.append(np.nan)
        self.categories.append(())
        return len(self.statistics) - 1


def grow(
    data: Binned,
    sample: Sample,
    rules: Rules,
    *,
    maxDepth: int,
    maxMemoryInMB: int,
    features_per_node: int,
    prune: bool,
    rng: np.random.Generator,
) -> Tree:
    """The tree of the sample; `prune` merges leaves that predict alike."""
    tree = _Growing()
    everything = np.arange(len(sample.rows))
    root = sample.sums(everything, np.zeros(len(everything), np.intp), 1)[0]
    tree.add(root[:-1], float(root[-1]))
    impurity = IMPURITIES[rules.impurity]
    level, open_nodes = 0, np.array([0], np.intp)
    # Of each row, its node's place among the open ones; -1 where it has come to rest.
    place = np.zeros(len(sample.rows), np.intp)
    most = max(1, maxMemoryInMB * _MEGABYTE // _bytes_per_node(data, len(root), features_per_node))
    while level < maxDepth and len(open_nodes):
        opened: list[Places] = []
        next_place = np.full(len(sample.rows), -1, np.intp)
        for first in range(0, len(open_nodes), most):
            nodes = open_nodes[first : first + most]
            here = np.flatnonzero((place >= first) & (place < first + len(nodes)))
            mixed = impurity(np.array([tree.statistics[node] for node in nodes]))
            candidates = Candidates(data, sample.rows[here], place[here] - first, mixed)
            sums = Sums(sample, here, len(root))
            splits = _best_splits(candidates, sums, rules, features_per_node, rng)
            children = _split_nodes(tree, nodes, splits, data, rules, leaves=level + 1 == maxDepth)
            _send_rows(candidates, splits, children, here, next_place, sum(len(o) for o in opened))
            opened.append(children[children >= 0])
        open_nodes, place, level = np.concatenate(opened), next_place, level + 1
    return _finished(tree, rules.impurity, prune=prune)


def _bytes_per_node(data: Binned, statistics: int, features_per_node: int) -> int:
    histogram = 8 * statistics * max(feature.bins for feature in data.features)
    drawn = 16 * len(data.features) if features_per_node < len(data.features) else 0
    return histogram + drawn


def _best_splits(
    candidates: Candidates, sums: Sums, rules: Rules, features_per_node: int, rng: np.random.Generator
) -> Splits:
    data = candidates.data
    best = none_found(candidates.nodes, sums.statistics, max(feature.bins for feature in data.features))
    asked = _features_of_nodes(candidates.nodes, len(data.features), features_per_node, rng)
    for bins, numbers in data.continuous.items():
        together = max(1, _CELLS_AT_ONCE // max(len(candidates.rows), candidates.nodes * bins))
        for first in range(0, len(numbers), together):
            some = numbers[first : first + together]
            best.improve(best_of_continuous(candidates, some, sums, asked, rules))
    for number, feature in data.categorical:
        best.improve(best_of_categorical(candidates, number, feature, sums, asked[:, number], rules))
    return best


def _features_of_nodes(
    nodes: int, features: int, per_node: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    if per_node >= features:
        return np.broadcast_to(np.True_, (nodes, features))
    asked = np.zeros((nodes, features), np.bool_)
    drawn = rng.random((nodes, features)).argpartition(per_node, axis=1)[:, :per_node]
    np.put_along_axis(asked, drawn, values=True, axis=1)
    return asked


def _split_nodes(
    tree: _Growing, nodes: Places, splits: Splits, data: Binned, rules: Rules, *, leaves: bool
) -> NDArray[np.intp]:
    """Adds the children; returns (node, side) -> the number of a child that is to be split, else -1."""
    children = np.full((len(nodes), 2), -1, np.intp)
    both = np.stack([splits.left, splits.right], axis=1)
    open_sides = (np.abs(IMPURITIES[rules.impurity](both[..., :-1])) >= _PURE) & (not leaves)
    for at in np.flatnonzero(splits.gain > 0).tolist():
        node = int(nodes[at])
        tree.gain[node] = float(splits.gain[at])
        _describe_split(tree, node, splits, at, data)
        numbers = [tree.add(side[:-1], float(side[-1])) for side in both[at]]
        tree.left[node], tree.right[node] = numbers
        children[at] = np.where(open_sides[at], numbers, -1)
    return children


def _describe_split(tree: _Growing, node: int, splits: Splits, at: int, data: Binned) -> None:
    feature = int(splits.feature[at])
    known = data.features[feature]
    tree.feature[node] = feature
    left = splits.goes_left[at, : known.bins]
    if isinstance(known, Continuous):
        tree.threshold[node] = float(known.thresholds[int(left.sum()) - 1])
    else:
        tree.arity[node] = known.bins
        tree.categories[node] = tuple(np.flatnonzero(left).astype(float).tolist())


def _send_rows(
    candidates: Candidates,
    splits: Splits,
    children: NDArray[np.intp],
    here: Places,
    next_place: Places,
    before: int,
) -> None:
    """Writes the place of each row among the nodes of the next level."""
    numbered = np.where(children >= 0, np.cumsum(children >= 0).reshape(children.shape) - 1 + before, -1)
    for feature in np.unique(splits.feature[splits.gain > 0]):
        rows = np.flatnonzero(
            (splits.feature == feature)[candidates.node] & (splits.gain > 0)[candidates.node]
        )
        node = candidates.node[rows]
        left = splits.goes_left[node, candidates.data.bins[feature][candidates.rows[rows]]]
        next_place[here[rows]] = numbered[node, np.where(left, 0, 1)]


def _finished(tree: _Growing, impurity: str, *, prune: bool) -> Tree:
    statistics = np.array(tree.statistics)
    predicted = prediction(statistics, impurity)
    if prune:
        _merge_like_leaves(tree, predicted)
    order = np.fromiter(_pre_order(tree), np.intp)
    number = np.full(len(predicted), -1, np.int32)
    number[order] = np.arange(len(order))
    inner = np.array(tree.feature)[order] >= 0
    return Tree(
        impurity_name=impurity,
        prediction=predicted[order],
        impurity=IMPURITIES[impurity](statistics[order]),
        statistics=statistics[order],
        raw_count=np.array(tree.raw_count)[order].astype(np.int64),
        gain=np.where(inner, np.array(tree.gain)[order], -1.0),
        left=np.where(inner, number[np.array(tree.left)[order]], -1).astype(np.int32),
        right=np.where(inner, number[np.array(tree.right)[order]], -1).astype(np.int32),
        feature=np.array(tree.feature, np.int32)[order],
        threshold=np.array(tree.threshold)[order],
        arity=np.array(tree.arity, np.int32)[order],
        left_categories=tuple(tree.categories[node] for node in order),
    )


def _merge_like_leaves(tree: _Growing, predicted: Doubles) -> None:
    for node in range(len(predicted) - 1, -1, -1):  # children come after their parents
        left, right = tree.left[node], tree.right[node]
        if left < 0 or tree.feature[left] >= 0 or tree.feature[right] >= 0:
            continue
        if predicted[left] == predicted[right]:
            predicted[node] = predicted[left]
            tree.feature[node] = tree.left[node] = tree.right[node] = tree.arity[node] = -1
            tree.threshold[node], tree.categories[node] = np.nan, ()


def _pre_order(tree: _Growing) -> Iterator[int]:
    waiting = [0]
    while waiting:
        node = waiting.pop()
        yield node
        if tree.feature[node] >= 0:
            waiting += [tree.right[node], tree.left[node]]
