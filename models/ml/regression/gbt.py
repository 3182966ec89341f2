"""Boosted trees that tell numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import either_case
from streamcore.models.ml.predicting import require_columns, row_of, trained, with_prediction
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.decision_tree import DecisionTreeRegressionModel
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.boosting import Boosting, boost, errors_by_iteration
from streamcore.models.ml.tree.ensemble_params import _GBTParams, _SetsBoosting
from streamcore.models.ml.tree.learning import divided, rows_of, settings_of
from streamcore.models.ml.tree.models import _TreeEnsembleModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _TreeRegressorParams
from streamcore.models.ml.tree.saving import read_ensemble
from streamcore.models.ml.tree.scoring import Sum

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _GBTRegressorParams(_GBTParams, _TreeRegressorParams):
    """The parameters of boosted trees of numbers."""

    supportedLossTypes: ClassVar[list[str]] = ["squared", "absolute"]

    lossType: Param[str] = Param(
        Params._dummy(),
        "lossType",
        "what the trees lessen: squared or absolute errors.",
        TypeConverters.toString,
        either_case("squared", "absolute"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(lossType="squared")


class GBTRegressor(_SetsBoosting, _GBTRegressorParams, Regressor["GBTRegressionModel"], Saved):
    """Learns trees, each from what those before it left over, whose sum tells a number.

    Where neither rows nor features are drawn by chance, the trees are Spark's.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(3.0, Vectors.dense(1.0)), (1.0, Vectors.dense(0.0))]
    >>> model = GBTRegressor(maxIter=5, maxDepth=2).fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.treeWeights
    (1.0, [1.0, 0.1, 0.1, 0.1, 0.1])
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
        subsamplingRate: float = 1.0,
        checkpointInterval: int = 10,
        lossType: str = "squared",
        maxIter: int = 20,
        stepSize: float = 0.1,
        seed: int | None = None,
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
        subsamplingRate: float = 1.0,
        checkpointInterval: int = 10,
        lossType: str = "squared",
        maxIter: int = 20,
        stepSize: float = 0.1,
        seed: int | None = None,
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

    def _fit(self, dataset: DataFrame) -> GBTRegressionModel:
        require_columns(self, dataset, self.getLeafCol())
        training, held_out = divided(self, dataset)
        rows = rows_of(self, training)
        trees, weights = boost(
            rows,
            settings_of(
                self,
                subsamplingRate=self.getSubsamplingRate(),
                featureSubsetStrategy=self.getFeatureSubsetStrategy(),
            ),
            Boosting(
                self.getLossType().lower(), self.getMaxIter(), self.getStepSize(), self.getValidationTol()
            ),
            None if held_out is None else rows_of(self, held_out),
        )
        return trained(self, GBTRegressionModel(trees, weights, rows.features.shape[1]))


class GBTRegressionModel(
    _TreeEnsembleModel[DecisionTreeRegressionModel], _GBTRegressorParams, RegressionModel[Vector], Saved
):
    """Trees whose sum tells a number."""

    def __init__(self, trees: tuple[Tree, ...], weights: tuple[float, ...], numFeatures: int) -> None:
        super().__init__()
        self._trees = trees
        self._weights = weights
        self._features = numFeatures

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, numTrees={self.getNumTrees}, "
            f"numFeatures={self.numFeatures}"
        )

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity, over all trees; the sum is 1."""
        return self._importances(per_tree=False)

    def evaluateEachIteration(self, dataset: DataFrame, loss: str) -> list[float]:
        """The mean loss (squared or absolute) over a dataset after each tree."""
        if loss.lower() not in self.supportedLossTypes:
            raise IllegalArgumentException(
                f"GBTRegressionModel is evaluated by one of {self.supportedLossTypes}, not by {loss!r}"
            )
        return errors_by_iteration(self._trees, self._weights, rows_of(self, dataset), loss.lower())

    def predict(self, value: Vector) -> float:
        """The number told from the features of one row."""
        return float(self._score()(row_of(value, self._features))[0])

    def _score(self) -> Sum:
        return Sum(self._trees, self._weights)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._with_leaves(with_prediction(self, dataset, self._score()))

    def _single(self, tree: Tree) -> DecisionTreeRegressionModel:
        return DecisionTreeRegressionModel(tree, self._features)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numFeatures": self.numFeatures, "numTrees": self.getNumTrees}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        trees, weights = read_ensemble(folder, impurity_of(metadata))
        return cls(trees, weights, int(metadata["numFeatures"]))
