"""What trees say of rows: frozen values that computed columns are made by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.matrices import vectors_of
from streamcore.models.ml.predicting import Numbers, Score, matrix_of
from streamcore.models.ml.schemas import require_new
from streamcore.models.ml.tree.nodes import Tree, landed
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.ml.evaluation.weights import Doubles
    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True, eq=False)
class Sum:
    """What trees predict, each counting by its weight; the mean of them where `mean`."""

    trees: tuple[Tree, ...]
    weights: tuple[float, ...]
    mean: bool = False

    def __call__(self, X: Any) -> Doubles:
        total = np.zeros(X.shape[0])
        for tree, weight, leaf in zip(self.trees, self.weights, landed(self.trees, X), strict=True):
            total += weight * tree.prediction[leaf]
        return total / len(self.trees) if self.mean else total


@dataclass(frozen=True, eq=False)
class Spread:
    """How far apart the labels are that a leaf was made of."""

    tree: Tree

    def __call__(self, X: Any) -> Doubles:
        return np.asarray(self.tree.impurity[landed([self.tree], X)[0]])


@dataclass(frozen=True, eq=False)
class LeafWeights:
    """The weight of each class in a row's leaf."""

    tree: Tree

    def __call__(self, X: Any) -> Doubles:
        return np.asarray(self.tree.statistics[landed([self.tree], X)[0]])


@dataclass(frozen=True, eq=False)
class Votes:
    """The shares of the classes in a row's leaves, over all trees."""

    trees: tuple[Tree, ...]
    classes: int

    def __call__(self, X: Any) -> Doubles:
        total = np.zeros((X.shape[0], self.classes))
        for tree, leaf in zip(self.trees, landed(self.trees, X), strict=True):
            total += shares(tree.statistics)[leaf]
        return total


def shares(raw: Doubles) -> Doubles:
    """Each row divided by its sum; a row of zeros stays one.

    >>> shares(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.25, 0.75], [0.0, 0.0]]
    """
    total = np.broadcast_to(raw.sum(axis=1, keepdims=True), raw.shape)
    found: Doubles = np.divide(raw, total, out=np.zeros(raw.shape), where=np.asarray(total != 0))
    return found


@dataclass(frozen=True, eq=False)
class LeafNumbers:
    """The number of a row's leaf, or, of several trees, a vector of them."""

    trees: tuple[Tree, ...]
    size: int
    several: bool

    def of(self, X: Any) -> Doubles:
        """(row, tree) -> the number of the leaf."""
        leaves = landed(self.trees, X)
        numbers = [tree.leaf_number[leaf] for tree, leaf in zip(self.trees, leaves, strict=True)]
        return np.column_stack(numbers).astype(np.float64)

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa

        numbers = self.of(matrix_of(rows, self.size))
        return Computed([vectors_of(numbers) if self.several else pa.array(numbers[:, 0])])


def with_leaves(model: Any, dataset: DataFrame, leaves: LeafNumbers) -> DataFrame:
    """The dataset with a column of the leaves, if it has a name."""
    name = model.getLeafCol()
    if not name:
        return dataset
    require_new(dataset.schema, [name])
    counts = [int(tree.leaf_number.max()) + 1 for tree in leaves.trees]
    if leaves.several:
        listed = [{"idx": place, "num_vals": count} for place, count in enumerate(counts)]
        told: dict[str, Any] = {"attrs": {"nominal": listed}, "num_attrs": len(counts)}
        field = StructField(name, VectorUDT(), metadata={"ml_attr": told})
    else:
        told = {"type": "nominal", "num_vals": counts[0]}
        field = StructField(name, DoubleType(), nullable=False, metadata={"ml_attr": told})
    return computed(dataset, [model.getFeaturesCol()], [field], leaves)


@dataclass(frozen=True, eq=False)
class Margin:
    """The sum of boosted trees, against the class 0 and for the class 1."""

    trees: tuple[Tree, ...]
    weights: tuple[float, ...]

    def __call__(self, X: Any) -> Doubles:
        margin = Sum(self.trees, self.weights)(X)
        return np.column_stack([-margin, margin])


def chances(raw: Doubles) -> Doubles:
    """The probabilities that margins stand for."""
    with np.errstate(over="ignore"):
        one = 1.0 / (1.0 + np.exp(-2.0 * raw[:, 1]))
    return np.column_stack([1.0 - one, one])


def with_number(model: Any, dataset: DataFrame, name: str, score: Score) -> DataFrame:
    """The dataset with another column of numbers."""
    require_new(dataset.schema, [name])
    field = StructField(name, DoubleType(), nullable=False)
    return computed(dataset, [model.getFeaturesCol()], [field], Numbers((score,), model.numFeatures))
