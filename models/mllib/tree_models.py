"""Models of trees of the RDD API."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.ml.tree.nodes import landed
from streamcore.models.ml.tree.scoring import Sum
from streamcore.models.ml.tree.text import tree_text
from streamcore.models.mllib.points import packed_vectors
from streamcore.models.mllib.saving import SavedFolder
from streamcore.models.mllib.tree_tables import Told, table_of, trees_of
from streamcore.rdd.rdd import RDD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from streamcore.context import Context

_KINDS = {"Classification": "classifier", "Regression": "regressor"}


class _TreesModel(SavedFolder):
    """What models of trees share; `algo` is Classification or Regression."""

    def __init__(self, algo: str, trees: tuple[Told, ...]) -> None:
        self._algo, self._told = algo, trees

    @abstractmethod
    def _scores(self, X: Any) -> Any:
        """The prediction for each row of a matrix."""

    def predict(self, x: Any) -> Any:
        """The prediction for one vector, or an RDD of those for an RDD of vectors."""
        if isinstance(x, RDD):
            return x.mapPartitions(self._of_rows)
        return next(self._of_rows([x]))

    def _of_rows(self, rows: Iterable[Any]) -> Iterator[float]:
        for X in packed_vectors(rows):
            yield from self._scores(X).tolist()

    @classmethod
    def _class(cls) -> str:
        return f"org.apache.spark.mllib.tree.model.{cls.__name__}"

    def _write(self, folder: Path) -> None:
        write_table(folder, table_of(self._told))


class DecisionTreeModel(_TreesModel):
    """A decision tree."""

    def __repr__(self) -> str:
        kind = _KINDS[self._algo]
        return f"DecisionTreeModel {kind} of depth {self.depth()} with {self.numNodes()} nodes"

    def numNodes(self) -> int:
        """How many nodes there are, leaves included."""
        return self._told[0].tree.size

    def depth(self) -> int:
        """How many splits there are on the way to the lowest leaf."""
        return self._told[0].tree.depth

    def toDebugString(self) -> str:
        """The rules of the tree."""
        return f"{self!r}\n{tree_text(self._told[0].tree, 2)}"

    def _scores(self, X: Any) -> Any:
        tree = self._told[0].tree
        return tree.prediction[landed([tree], X)[0]]

    @classmethod
    def _class(cls) -> str:
        return "org.apache.spark.mllib.tree.DecisionTreeModel"

    def _about(self) -> dict[str, Any]:
        return {"algo": self._algo, "numNodes": self.numNodes()}

    @classmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        return cls(metadata["algo"], trees_of(read_table(folder)))


class TreeEnsembleModel(_TreesModel):
    """Several trees, each of which counts by its weight."""

    def __init__(self, algo: str, trees: tuple[Told, ...], weights: tuple[float, ...]) -> None:
        super().__init__(algo, trees)
        self._weights = weights

    def __repr__(self) -> str:
        return f"TreeEnsembleModel {_KINDS[self._algo]} with {self.numTrees()} trees\n"

    def numTrees(self) -> int:
        """How many trees there are."""
        return len(self._told)

    def totalNumNodes(self) -> int:
        """How many nodes the trees have together."""
        return sum(told.tree.size for told in self._told)

    def toDebugString(self) -> str:
        """The rules of all trees."""
        parts = (f"  Tree {n}:\n{tree_text(told.tree, 4)}" for n, told in enumerate(self._told))
        return f"{self!r}\n{''.join(parts)}"

    def _sum(self, *, mean: bool) -> Sum:
        return Sum(tuple(told.tree for told in self._told), self._weights, mean)

    @abstractmethod
    def _combination(self) -> tuple[str, str]:
        """What a single tree tells (Classification, Regression), and how trees are put together."""

    def _about(self) -> dict[str, Any]:
        kind, strategy = self._combination()
        told = {"algo": self._algo, "treeAlgo": kind, "combiningStrategy": strategy}
        return {"metadata": {**told, "treeWeights": list(self._weights)}}

    @classmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        told = metadata["metadata"]
        return cls(told["algo"], trees_of(read_table(folder)), tuple(told["treeWeights"]))


class RandomForestModel(TreeEnsembleModel):
    """Trees that vote for classes, the lowest of which wins a tie; or the mean of their numbers."""

    def _scores(self, X: Any) -> Any:
        if self._algo == "Regression":
            return self._sum(mean=True)(X)
        trees = [told.tree for told in self._told]
        classes = 1 + int(max(tree.prediction.max() for tree in trees))
        votes = np.zeros((X.shape[0], classes))
        for tree, weight, leaf in zip(trees, self._weights, landed(trees, X), strict=True):
            votes[np.arange(len(leaf)), tree.prediction[leaf].astype(np.intp)] += weight
        return votes.argmax(axis=1).astype(np.float64)

    def _combination(self) -> tuple[str, str]:
        return self._algo, "Vote" if self._algo == "Classification" else "Average"


class GradientBoostedTreesModel(TreeEnsembleModel):
    """Trees whose sum is the number told, or tells the class 1 where it is above 0."""

    def _scores(self, X: Any) -> Any:
        total = self._sum(mean=False)(X)
        return total if self._algo == "Regression" else (total > 0).astype(np.float64)

    def _combination(self) -> tuple[str, str]:
        return "Regression", "Sum"
