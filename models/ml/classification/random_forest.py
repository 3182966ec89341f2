"""Random forests that tell classes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.classification.decision_tree import DecisionTreeClassificationModel
from streamcore.models.ml.classification.random_forest_summary import (
    RandomForestClassificationSummary,
    RandomForestClassificationTrainingSummary,
    summary_of,
    training_summary_of,
)
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    require_columns,
    thresholds_of,
    trained,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.ensemble_params import _RandomForestParams, _SetsForest
from streamcore.models.ml.tree.fitting import fit_trees
from streamcore.models.ml.tree.learning import class_rows_of, settings_of
from streamcore.models.ml.tree.models import _TreeEnsembleModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _TreeClassifierParams
from streamcore.models.ml.tree.saving import read_ensemble
from streamcore.models.ml.tree.scoring import Votes, shares
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _RandomForestClassifierParams(_RandomForestParams, _TreeClassifierParams):
    """The parameters of a forest of classes."""


class RandomForestClassifier(
    _SetsForest,
    _RandomForestClassifierParams,
    ProbabilisticClassifier["RandomForestClassificationModel"],
    Saved,
):
    """Learns many trees, each of its own draw of rows and features, that vote for classes.

    A draw depends on the seed alone, but is another one than Spark's: forests agree in distribution.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(1.0, Vectors.dense(1.0)), (0.0, Vectors.dense(0.0))] * 5
    >>> model = RandomForestClassifier(numTrees=3, seed=1).fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.getNumTrees, model.treeWeights
    (0.0, 3, [1.0, 1.0, 1.0])
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
        numTrees: int = 20,
        featureSubsetStrategy: str = "auto",
        seed: int | None = None,
        subsamplingRate: float = 1.0,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
        weightCol: str | None = None,
        bootstrap: bool = True,
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
        numTrees: int = 20,
        featureSubsetStrategy: str = "auto",
        seed: int | None = None,
        subsamplingRate: float = 1.0,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
        weightCol: str | None = None,
        bootstrap: bool = True,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setPruneTree(self, value: bool) -> Self:
        """Set `pruneTree`."""
        return self._set(pruneTree=value)

    def _fit(self, dataset: DataFrame) -> RandomForestClassificationModel:
        require_columns(
            self, dataset, self.getRawPredictionCol(), self.getProbabilityCol(), self.getLeafCol()
        )
        rows = class_rows_of(self, dataset)
        settings = settings_of(
            self,
            pruneTree=self.getPruneTree(),
            subsamplingRate=self.getSubsamplingRate(),
            featureSubsetStrategy=self.getFeatureSubsetStrategy(),
            bootstrap=self.getBootstrap(),
        )
        trees = fit_trees(rows, settings, self.getNumTrees())
        model = trained(self, RandomForestClassificationModel(trees, rows.features.shape[1], rows.classes))
        model._summary = training_summary_of(model, dataset)
        return model


class RandomForestClassificationModel(
    Scored,
    _TreeEnsembleModel[DecisionTreeClassificationModel],
    _RandomForestClassifierParams,
    ProbabilisticClassificationModel,
    Saved,
    HasTrainingSummary[RandomForestClassificationTrainingSummary],
):
    """Trees that vote for classes."""

    def __init__(self, trees: tuple[Tree, ...], numFeatures: int, numClasses: int) -> None:
        super().__init__()
        self._trees = trees
        self._weights = (1.0,) * len(trees)
        self._features = numFeatures
        self._classes = numClasses

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, numTrees={self.getNumTrees}, "
            f"numClasses={self.numClasses}, numFeatures={self.numFeatures}"
        )

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return self._classes

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity, each tree counting alike; the sum is 1."""
        return self._importances(per_tree=True)

    def evaluate(self, dataset: DataFrame) -> RandomForestClassificationSummary:
        """How well the forest tells the classes of a dataset."""
        return summary_of(self, dataset)

    def _score(self) -> ClassScore:
        return Likeliest(Votes(self._trees, self._classes), shares, self._classes, thresholds_of(self))

    def _size(self) -> int:
        return self._features

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._with_leaves(super()._transform(dataset))

    def _single(self, tree: Tree) -> DecisionTreeClassificationModel:
        return DecisionTreeClassificationModel(tree, self._features, self._classes)

    def _extra_metadata(self) -> dict[str, Any]:
        return {
            "numFeatures": self.numFeatures,
            "numClasses": self.numClasses,
            "numTrees": self.getNumTrees,
        }

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        trees, _ = read_ensemble(folder, impurity_of(metadata))
        return cls(trees, int(metadata["numFeatures"]), int(metadata["numClasses"]))
