"""A decision tree that tells classes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.persistence import read_table
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    require_columns,
    thresholds_of,
    trained,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.fitting import fit_trees
from streamcore.models.ml.tree.learning import class_rows_of, settings_of
from streamcore.models.ml.tree.models import _DecisionTreeModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _DecisionTreeParams, _SetsTree, _TreeClassifierParams
from streamcore.models.ml.tree.saving import tree_of
from streamcore.models.ml.tree.scoring import LeafWeights, shares

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _DecisionTreeClassifierParams(_DecisionTreeParams, _TreeClassifierParams):
    """The parameters of a tree of classes."""


class DecisionTreeClassifier(
    _SetsTree,
    _DecisionTreeClassifierParams,
    ProbabilisticClassifier["DecisionTreeClassificationModel"],
    Saved,
):
    """Learns a decision tree that tells classes; the tree is the one that Spark learns from these rows.

    Features are continuous, or categorical where the metadata of their column say so.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(1.0, Vectors.dense(1.0)), (0.0, Vectors.dense(0.0))]
    >>> model = DecisionTreeClassifier().fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.depth, model.numNodes
    (0.0, 1, 3)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        pruneTree: bool = True,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "gini",
        seed: int | None = None,
        weightCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        pruneTree: bool = True,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "gini",
        seed: int | None = None,
        weightCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setPruneTree(self, value: bool) -> Self:
        """Set `pruneTree`."""
        return self._set(pruneTree=value)

    def _fit(self, dataset: DataFrame) -> DecisionTreeClassificationModel:
        require_columns(
            self, dataset, self.getRawPredictionCol(), self.getProbabilityCol(), self.getLeafCol()
        )
        rows = class_rows_of(self, dataset)
        (tree,) = fit_trees(rows, settings_of(self, pruneTree=self.getPruneTree()), 1)
        return trained(self, DecisionTreeClassificationModel(tree, rows.features.shape[1], rows.classes))


class DecisionTreeClassificationModel(
    Scored,
    _DecisionTreeModel,
    _DecisionTreeClassifierParams,
    ProbabilisticClassificationModel,
    Saved,
):
    """A decision tree that tells classes."""

    def __init__(self, tree: Tree, numFeatures: int, numClasses: int) -> None:
        super().__init__()
        self._tree = tree
        self._features = numFeatures
        self._classes = numClasses

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, depth={self.depth}, numNodes={self.numNodes}, "
            f"numClasses={self.numClasses}, numFeatures={self.numFeatures}"
        )

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return self._classes

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity; the sum is 1."""
        return self._importances()

    def _score(self) -> ClassScore:
        return Likeliest(LeafWeights(self._tree), shares, self._classes, thresholds_of(self))

    def _size(self) -> int:
        return self._features

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._with_leaves(super()._transform(dataset))

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numFeatures": self.numFeatures, "numClasses": self.numClasses}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        tree = tree_of(read_table(folder), impurity_of(metadata))
        return cls(tree, int(metadata["numFeatures"]), int(metadata["numClasses"]))
