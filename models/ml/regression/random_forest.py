"""Random forests that tell numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.predicting import require_columns, row_of, trained, with_prediction
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.decision_tree import DecisionTreeRegressionModel
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.ensemble_params import _RandomForestParams, _SetsForest
from streamcore.models.ml.tree.fitting import fit_trees
from streamcore.models.ml.tree.learning import rows_of, settings_of
from streamcore.models.ml.tree.models import _TreeEnsembleModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _TreeRegressorParams
from streamcore.models.ml.tree.saving import read_ensemble
from streamcore.models.ml.tree.scoring import Sum

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _RandomForestRegressorParams(_RandomForestParams, _TreeRegressorParams):
    """The parameters of a forest of numbers."""


class RandomForestRegressor(
    _SetsForest, _RandomForestRegressorParams, Regressor["RandomForestRegressionModel"], Saved
):
    """Learns many trees, each of its own draw of rows and features, whose mean tells a number.

    A draw depends on the seed alone, but is another one than Spark's: forests agree in distribution.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(3.0, Vectors.dense(1.0)), (1.0, Vectors.dense(0.0))] * 5
    >>> model = RandomForestRegressor(numTrees=3, seed=1).fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.totalNumNodes
    (1.0, 7)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "variance",
        subsamplingRate: float = 1.0,
        seed: int | None = None,
        numTrees: int = 20,
        featureSubsetStrategy: str = "auto",
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
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "variance",
        subsamplingRate: float = 1.0,
        seed: int | None = None,
        numTrees: int = 20,
        featureSubsetStrategy: str = "auto",
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
        weightCol: str | None = None,
        bootstrap: bool = True,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> RandomForestRegressionModel:
        require_columns(self, dataset, self.getLeafCol())
        rows = rows_of(self, dataset)
        settings = settings_of(
            self,
            subsamplingRate=self.getSubsamplingRate(),
            featureSubsetStrategy=self.getFeatureSubsetStrategy(),
            bootstrap=self.getBootstrap(),
        )
        trees = fit_trees(rows, settings, self.getNumTrees())
        return trained(self, RandomForestRegressionModel(trees, rows.features.shape[1]))


class RandomForestRegressionModel(
    _TreeEnsembleModel[DecisionTreeRegressionModel],
    _RandomForestRegressorParams,
    RegressionModel[Vector],
    Saved,
):
    """Trees whose mean tells a number."""

    def __init__(self, trees: tuple[Tree, ...], numFeatures: int) -> None:
        super().__init__()
        self._trees = trees
        self._weights = (1.0,) * len(trees)
        self._features = numFeatures

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, numTrees={self.getNumTrees}, "
            f"numFeatures={self.numFeatures}"
        )

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity, each tree counting alike; the sum is 1."""
        return self._importances(per_tree=True)

    def predict(self, value: Vector) -> float:
        """The number told from the features of one row."""
        return float(self._score()(row_of(value, self._features))[0])

    def _score(self) -> Sum:
        return Sum(self._trees, self._weights, mean=True)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._with_leaves(with_prediction(self, dataset, self._score()))

    def _single(self, tree: Tree) -> DecisionTreeRegressionModel:
        return DecisionTreeRegressionModel(tree, self._features)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numFeatures": self.numFeatures, "numTrees": self.getNumTrees}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        trees, _ = read_ensemble(folder, impurity_of(metadata))
        return cls(trees, int(metadata["numFeatures"]))
