"""A decision tree as arrays over its nodes, in pre-order; predictions are made for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamcore.models.ml.tree.impurity import weight

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes in pre-order, the root first; a leaf has no feature (-1) and no children (-1).

    `thresholds` is NaN and `left_categories` tells which categories go left where the feature is categorical
    (`arity` > 0, else -1).
    """

    impurity_name: str
    prediction: Doubles
    impurity: Doubles
    statistics: Doubles
    raw_count: NDArray[np.int64]
    gain: Doubles
    left: Ints
    right: Ints
    feature: Ints
    threshold: Doubles
    arity: Ints
    left_categories: tuple[tuple[float, ...], ...] = field(repr=False)

    @property
    def size(self) -> int:
        """How many nodes there are, leaves included."""
        return len(self.prediction)

    @cached_property
    def levels(self) -> Ints:
        """The level of each node; the root's is 0."""
        levels = np.zeros(self.size, np.int32)
        for node in np.flatnonzero(self.feature >= 0):  # parents come before their children
            levels[self.left[node]] = levels[self.right[node]] = levels[node] + 1
        return levels

    @property
    def depth(self) -> int:
        """The level of the lowest leaf."""
        return int(self.levels.max())

    @cached_property
    def leaf_number(self) -> Ints:
        """The number of each leaf, left to right from 0; of no meaning for other nodes."""
        return np.where(self.feature < 0, np.cumsum(self.feature < 0) - 1, -1).astype(np.int32)

    @cached_property
    def weight(self) -> Doubles:
        """The weight of the rows that trained each node."""
        return weight(self.statistics, self.impurity_name)

    def leaves(self, matrix: Doubles) -> NDArray[np.intp]:
        """The leaf node that each row of a (rows, features) matrix falls into."""
        node = np.zeros(len(matrix), np.intp)
        rows = np.arange(len(matrix))
        column, threshold, left, right = self._descent
        for _ in range(self.depth):
            go_left = matrix[rows, column[node]] <= threshold[node]
            if self._tables is not None:
                self._redirect(matrix, rows, node, go_left)
            node = np.where(go_left, left[node], right[node])
        return node

    @cached_property
    def _descent(self) -> tuple[NDArray[np.intp], Doubles, NDArray[np.intp], NDArray[np.intp]]:
        # Leaves lead to themselves, so that rows which have arrived stay.
        own, inner = np.arange(self.size), self.feature >= 0
        return (
            np.where(inner, self.feature, 0),
            self.threshold,
            np.where(inner, self.left, own),
            np.where(inner, self.right, own),
        )

    @cached_property
    def _tables(self) -> NDArray[np.bool_] | None:
        """(node, category) goes left; a category never heard of goes where the longer list is."""
        if not (self.arity > 0).any():
            return None
        table = np.zeros((self.size, int(self.arity.max()) + 1), np.bool_)
        for node in np.flatnonzero(self.arity > 0):
            listed = np.asarray(self.left_categories[node], np.intp)
            table[node, self.arity[node] :] = len(listed) > self.arity[node] / 2
            table[node, listed] = True
        return table

    def _redirect(
        self, matrix: Doubles, rows: NDArray[np.intp], node: NDArray[np.intp], go_left: NDArray[np.bool_]
    ) -> None:
        table = self._tables
        if table is None:
            return
        here = np.flatnonzero(self.arity[node] > 0)
        at = node[here]
        values = matrix[rows[here], self.feature[at]]
        known = (values >= 0) & (values < self.arity[at]) & (values == np.floor(values))
        go_left[here] = table[at, np.where(known, values, table.shape[1] - 1).astype(np.intp)]


def landed(trees: Sequence[Tree], matrix: Any) -> list[NDArray[np.intp]]:
    """The leaf node of every row in every tree; of a sparse matrix only what is split on becomes dense."""
    if isinstance(matrix, np.ndarray):
        return [tree.leaves(matrix) for tree in trees]
    used = np.unique(np.concatenate([tree.feature[tree.feature >= 0] for tree in trees]))
    dense = matrix.tocsc()[:, used].toarray()
    return [replace(tree, feature=_places(tree.feature, used)).leaves(dense) for tree in trees]


def _places(feature: Ints, used: Ints) -> Ints:
    return np.where(feature >= 0, np.searchsorted(used, feature), -1)


def importances(trees: Sequence[Tree], features: int, *, per_tree: bool = True) -> Doubles:
    """Gain times rows by the feature split on; each tree's sum to 1 (`per_tree`), and all of them."""
    total = np.zeros(features)
    for tree in trees:
        inner = tree.feature >= 0
        own = np.bincount(tree.feature[inner], (tree.gain * tree.weight)[inner], features)
        norm = own.sum() if per_tree else 1.0
        if norm != 0:
            total += own / norm
    return total / total.sum() if total.sum() != 0 else total
