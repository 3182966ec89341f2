"""Boosted trees that tell two classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.labels import require_two_classes
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import either_case
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    require_columns,
    thresholds_of,
    trained,
)
from streamcore.models.ml.regression.decision_tree import DecisionTreeRegressionModel
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.boosting import Boosting, boost, errors_by_iteration
from streamcore.models.ml.tree.ensemble_params import _GBTParams, _SetsBoosting
from streamcore.models.ml.tree.fitting import Rows
from streamcore.models.ml.tree.learning import divided, rows_of, settings_of
from streamcore.models.ml.tree.models import _TreeEnsembleModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _HasVarianceImpurity
from streamcore.models.ml.tree.saving import read_ensemble
from streamcore.models.ml.tree.scoring import Margin, chances

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _GBTClassifierParams(_GBTParams, _HasVarianceImpurity):
    """The parameters of boosted trees of two classes."""

    supportedLossTypes: ClassVar[list[str]] = ["logistic"]

    lossType: Param[str] = Param(
        Params._dummy(),
        "lossType",
        "what the trees lessen: logistic.",
        TypeConverters.toString,
        either_case("logistic"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(lossType="logistic")


class GBTClassifier(
    _SetsBoosting, _GBTClassifierParams, ProbabilisticClassifier["GBTClassificationModel"], Saved
):
    """Learns trees, each from what those before it left over, whose sum tells two classes.

    Where neither rows nor features are drawn by chance, the trees are Spark's.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(1.0, Vectors.dense(1.0)), (0.0, Vectors.dense(0.0))]
    >>> model = GBTClassifier(maxIter=5, maxDepth=2).fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.treeWeights
    (0.0, [1.0, 0.1, 0.1, 0.1, 0.1])
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
        lossType: str = "logistic",
        maxIter: int = 20,
        stepSize: float = 0.1,
        seed: int | None = None,
        subsamplingRate: float = 1.0,
        impurity: str = "variance",
        featureSubsetStrategy: str = "all",
        validationTol: float = 0.01,
        validationIndicatorCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
        weightCol: str | None = None,
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
        lossType: str = "logistic",
        maxIter: int = 20,
        stepSize: float = 0.1,
        seed: int | None = None,
        subsamplingRate: float = 1.0,
        impurity: str = "variance",
        featureSubsetStrategy: str = "all",
        validationTol: float = 0.01,
        validationIndicatorCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
        weightCol: str | None = None,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> GBTClassificationModel:
        require_columns(
            self, dataset, self.getRawPredictionCol(), self.getProbabilityCol(), self.getLeafCol()
        )
        training, held_out = divided(self, dataset)
        rows = _signed(rows_of(self, training))
        trees, weights = boost(
            rows,
            settings_of(
                self,
                subsamplingRate=self.getSubsamplingRate(),
                featureSubsetStrategy=self.getFeatureSubsetStrategy(),
            ),
            Boosting("logistic", self.getMaxIter(), self.getStepSize(), self.getValidationTol()),
            None if held_out is None else _signed(rows_of(self, held_out)),
        )
        return trained(self, GBTClassificationModel(trees, weights, rows.features.shape[1]))


class GBTClassificationModel(
    Scored,
    _TreeEnsembleModel[DecisionTreeRegressionModel],
    _GBTClassifierParams,
    ProbabilisticClassificationModel,
    Saved,
):
    """Trees whose sum tells two classes."""

    def __init__(self, trees: tuple[Tree, ...], weights: tuple[float, ...], numFeatures: int) -> None:
        super().__init__()
        self._trees = trees
        self._weights = weights
        self._features = numFeatures

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid = {self.uid}, numTrees={self.getNumTrees}, "
            f"numClasses={self.numClasses}, numFeatures={self.numFeatures}"
        )

    @property
    def numClasses(self) -> int:
        """Two."""
        return 2

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity, over all trees; the sum is 1."""
        return self._importances(per_tree=False)

    def evaluateEachIteration(self, dataset: DataFrame) -> list[float]:
        """The mean loss over a dataset after each tree."""
        return errors_by_iteration(self._trees, self._weights, _signed(rows_of(self, dataset)), "logistic")

    def _score(self) -> ClassScore:
        return Likeliest(Margin(self._trees, self._weights), chances, 2, thresholds_of(self))

    def _size(self) -> int:
        return self._features

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._with_leaves(super()._transform(dataset))

    def _single(self, tree: Tree) -> DecisionTreeRegressionModel:
        return DecisionTreeRegressionModel(tree, self._features)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numFeatures": self.numFeatures, "numTrees": self.getNumTrees}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        trees, weights = read_ensemble(folder, impurity_of(metadata))
        return cls(trees, weights, int(metadata["numFeatures"]))


def _signed(rows: Rows) -> Rows:
    """The classes 0 and 1 as -1 and 1, which the loss takes."""
    require_two_classes(rows.target)
    return replace(rows, target=2.0 * rows.target - 1.0)
