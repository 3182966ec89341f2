"""What models of trees have in common."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from streamcore.models.ml.linalg import DenseVector, SparseVector, Vector
from streamcore.models.ml.names import spark_class_of
from streamcore.models.ml.persistence import metadata_of
from streamcore.models.ml.predicting import row_of
from streamcore.models.ml.tree.nodes import Tree, importances
from streamcore.models.ml.tree.params import _DecisionTreeParams
from streamcore.models.ml.tree.saving import table_of, write_ensemble
from streamcore.models.ml.tree.scoring import LeafNumbers, with_leaves
from streamcore.models.ml.tree.text import forest_text, tree_text
from streamcore.models.ml.util import named_values

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame

M = TypeVar("M", bound="_DecisionTreeModel")


class _DecisionTreeModel(_DecisionTreeParams):
    """A single tree."""

    _tree: Tree
    _features: int

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._features

    @property
    def numNodes(self) -> int:
        """How many nodes there are, leaves included."""
        return self._tree.size

    @property
    def depth(self) -> int:
        """How many splits there are on the way to the lowest leaf."""
        return self._tree.depth

    @property
    def toDebugString(self) -> str:
        """The rules of the tree."""
        return f"{self!r}\n{tree_text(self._tree, 2)}"

    def predictLeaf(self, value: Vector) -> float:
        """The number of the leaf that the features of one row fall into, counted from the left."""
        return float(self._leaves().of(row_of(value, self._features))[0, 0])

    def _importances(self) -> Vector:
        return _sparse(importances([self._tree], self._features), [self._tree])

    def _leaves(self) -> LeafNumbers:
        return LeafNumbers((self._tree,), self._features, several=False)

    def _with_leaves(self, dataset: DataFrame) -> DataFrame:
        return with_leaves(self, dataset, self._leaves())

    def _data(self) -> pa.Table:
        return table_of(self._tree)


class _TreeEnsembleModel(_DecisionTreeParams, Generic[M]):
    """Several trees."""

    _trees: tuple[Tree, ...]
    _weights: tuple[float, ...]
    _features: int

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._features

    @cached_property
    def trees(self) -> list[M]:
        """The trees, as models of their own."""
        return [self._named(tree) for tree in self._trees]

    @property
    def getNumTrees(self) -> int:
        """How many trees there are."""
        return len(self._trees)

    @property
    def treeWeights(self) -> list[float]:
        """How much each tree counts."""
        return list(self._weights)

    @property
    def totalNumNodes(self) -> int:
        """How many nodes the trees have together."""
        return sum(tree.size for tree in self._trees)

    @property
    def toDebugString(self) -> str:
        """The rules of all trees."""
        return f"{self!r}\n{forest_text(self._trees, self._weights)}"

    def predictLeaf(self, value: Vector) -> Vector:
        """For each tree the number of the leaf that the features of one row fall into."""
        return DenseVector(self._leaves().of(row_of(value, self._features))[0])

    def _single(self, tree: Tree) -> M:
        """A model of one of the trees."""
        raise NotImplementedError

    def _named(self, tree: Tree) -> M:
        model = self._single(tree)
        kind = "dtc" if "Classification" in type(model).__name__ else "dtr"
        model._resetUid(f"{kind}_{model.uid.rpartition('_')[2]}")
        return self._copyValues(model)

    def _importances(self, *, per_tree: bool) -> Vector:
        return _sparse(importances(self._trees, self._features, per_tree=per_tree), self._trees)

    def _leaves(self) -> LeafNumbers:
        return LeafNumbers(self._trees, self._features, several=True)

    def _with_leaves(self, dataset: DataFrame) -> DataFrame:
        return with_leaves(self, dataset, self._leaves())

    def _save_parts(self, folder: Path) -> None:
        told = [
            metadata_of(
                spark_class_of(type(model)),
                model.uid,
                named_values(model._paramMap),
                named_values(model._defaultParamMap),
                {},
            )
            for model in self.trees
        ]
        write_ensemble(folder, self._trees, self._weights, told)


def impurity_of(metadata: Mapping[str, Any]) -> str:
    """The impurity that the metadata of a model tell."""
    told = {**metadata.get("defaultParamMap", {}), **metadata["paramMap"]}
    return str(told["impurity"])


def _sparse(values: np.ndarray[Any, Any], trees: Any) -> SparseVector:
    used = np.unique(np.concatenate([tree.feature[tree.feature >= 0] for tree in trees]))
    return SparseVector(len(values), used.tolist(), values[used].tolist())
