"""Decision trees, forests and boosted trees over RDDs of labeled points."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.tree.boosting import Boosting, boost
from streamcore.models.ml.tree.fitting import Rows, Settings, fit_trees
from streamcore.models.mllib.points import labels_and_features
from streamcore.models.mllib.training import require_labels
from streamcore.models.mllib.tree_models import (
    DecisionTreeModel,
    GradientBoostedTreesModel,
    RandomForestModel,
)
from streamcore.models.mllib.tree_tables import Told, told_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamcore.models.mllib.points import LabeledPoint
    from streamcore.rdd.rdd import RDD

__all__ = [
    "DecisionTree",
    "DecisionTreeModel",
    "GradientBoostedTrees",
    "GradientBoostedTreesModel",
    "RandomForest",
    "RandomForestModel",
]

_IMPURITIES = {"Classification": ("gini", "entropy"), "Regression": ("variance",)}
_LOSSES = {"logLoss": "logistic", "leastSquaresError": "squared", "leastAbsoluteError": "absolute"}


class DecisionTree:
    """Learns a tree: Spark's, where the bins of its features are not drawn by chance."""

    @classmethod
    def trainClassifier(
        cls,
        data: RDD[LabeledPoint],
        numClasses: int,
        categoricalFeaturesInfo: Mapping[int, int],
        impurity: str = "gini",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
    ) -> DecisionTreeModel:
        """Learn classes 0 to `numClasses` - 1; categorical features are told with their sizes.

        >>> from streamcore import Session
        >>> from streamcore.models.mllib.regression import LabeledPoint
        >>> points = [LabeledPoint(0.0, [0.0]), LabeledPoint(1.0, [1.0])]
        >>> rdd = Session.builder.getOrCreate().sparkContext.parallelize(points)
        >>> DecisionTree.trainClassifier(rdd, 2, {})
        DecisionTreeModel classifier of depth 1 with 3 nodes
        """
        settings = _settings("Classification", impurity, maxDepth, maxBins, minInstancesPerNode, minInfoGain)
        rows = _class_rows(data, numClasses, categoricalFeaturesInfo)
        return DecisionTreeModel("Classification", _told(rows, settings, 1))

    @classmethod
    def trainRegressor(
        cls,
        data: RDD[LabeledPoint],
        categoricalFeaturesInfo: Mapping[int, int],
        impurity: str = "variance",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
    ) -> DecisionTreeModel:
        """Learn numbers; categorical features are told with their sizes."""
        settings = _settings("Regression", impurity, maxDepth, maxBins, minInstancesPerNode, minInfoGain)
        return DecisionTreeModel("Regression", _told(_rows(data, categoricalFeaturesInfo), settings, 1))


class RandomForest:
    """Learns trees, each of its own draw of rows and features; drawn otherwise than in Spark."""

    supportedFeatureSubsetStrategies: ClassVar[tuple[str, ...]] = ("auto", "all", "sqrt", "log2", "onethird")

    @classmethod
    def trainClassifier(
        cls,
        data: RDD[LabeledPoint],
        numClasses: int,
        categoricalFeaturesInfo: Mapping[int, int],
        numTrees: int,
        featureSubsetStrategy: str = "auto",
        impurity: str = "gini",
        maxDepth: int = 4,
        maxBins: int = 32,
        seed: int | None = None,
    ) -> RandomForestModel:
        """Learn `numTrees` trees that vote for classes 0 to `numClasses` - 1."""
        settings = cls._drawn(
            "Classification", impurity, maxDepth, maxBins, featureSubsetStrategy, numTrees, seed
        )
        rows = _class_rows(data, numClasses, categoricalFeaturesInfo)
        return RandomForestModel("Classification", _told(rows, settings, numTrees), (1.0,) * numTrees)

    @classmethod
    def trainRegressor(
        cls,
        data: RDD[LabeledPoint],
        categoricalFeaturesInfo: Mapping[int, int],
        numTrees: int,
        featureSubsetStrategy: str = "auto",
        impurity: str = "variance",
        maxDepth: int = 4,
        maxBins: int = 32,
        seed: int | None = None,
    ) -> RandomForestModel:
        """Learn `numTrees` trees whose mean is the number told."""
        settings = cls._drawn(
            "Regression", impurity, maxDepth, maxBins, featureSubsetStrategy, numTrees, seed
        )
        rows = _rows(data, categoricalFeaturesInfo)
        return RandomForestModel("Regression", _told(rows, settings, numTrees), (1.0,) * numTrees)

    @classmethod
    def _drawn(
        cls,
        algo: str,
        impurity: str,
        maxDepth: int,
        maxBins: int,
        strategy: str,
        trees: int,
        seed: int | None,
    ) -> Settings:
        if strategy not in cls.supportedFeatureSubsetStrategies:
            raise ValueError(f"unsupported featureSubsetStrategy: {strategy}")
        _require(trees > 0, f"RandomForest requires numTrees > 0, but was given numTrees = {trees}.")
        seed = secrets.randbelow(1 << 30) if seed is None else seed
        return _settings(algo, impurity, maxDepth, maxBins, seed=seed, strategy=strategy, bootstrap=trees > 1)


class GradientBoostedTrees:
    """Learns trees, each from what those before it left over: Spark's, where bins are not drawn by chance."""

    @classmethod
    def trainClassifier(
        cls,
        data: RDD[LabeledPoint],
        categoricalFeaturesInfo: Mapping[int, int],
        loss: str = "logLoss",
        numIterations: int = 100,
        learningRate: float = 0.1,
        maxDepth: int = 3,
        maxBins: int = 32,
    ) -> GradientBoostedTreesModel:
        """Learn the classes 0 and 1 by `numIterations` trees."""
        settings = _settings("Regression", "variance", maxDepth, maxBins)
        boosting = _boosting(loss, numIterations, learningRate)
        rows = _class_rows(data, 2, categoricalFeaturesInfo)
        signed = Rows(rows.features, 2.0 * rows.target - 1.0, rows.weight, rows.categories, classes=0)
        return _boosted("Classification", signed, settings, boosting)

    @classmethod
    def trainRegressor(
        cls,
        data: RDD[LabeledPoint],
        categoricalFeaturesInfo: Mapping[int, int],
        loss: str = "leastSquaresError",
        numIterations: int = 100,
        learningRate: float = 0.1,
        maxDepth: int = 3,
        maxBins: int = 32,
    ) -> GradientBoostedTreesModel:
        """Learn numbers by `numIterations` trees."""
        settings = _settings("Regression", "variance", maxDepth, maxBins)
        boosting = _boosting(loss, numIterations, learningRate)
        return _boosted("Regression", _rows(data, categoricalFeaturesInfo), settings, boosting)


def _boosting(loss: str, iterations: int, rate: float) -> Boosting:
    if loss not in _LOSSES:
        raise IllegalArgumentException(f"Did not recognize Loss name: {loss}")
    _require(iterations > 0, f"numIterations must be positive but got {iterations}")
    _require(0 < rate <= 1, f"Learning rate should be in range (0, 1]. Provided learning rate is {rate}.")
    return Boosting(_LOSSES[loss], iterations, rate, validationTol=0.001)


def _boosted(algo: str, rows: Rows, settings: Settings, boosting: Boosting) -> GradientBoostedTreesModel:
    trees, weights = boost(rows, settings, boosting)
    return GradientBoostedTreesModel(algo, tuple(told_of(tree) for tree in trees), weights)


def _told(rows: Rows, settings: Settings, count: int) -> tuple[Told, ...]:
    return tuple(told_of(tree) for tree in fit_trees(rows, settings, count))


def _rows(data: RDD[LabeledPoint], categories: Mapping[int, int], classes: int = 0) -> Rows:
    y, X = labels_and_features(data)
    return Rows(X, y, np.ones(len(y)), dict(categories), classes)


def _class_rows(data: RDD[LabeledPoint], classes: int, categories: Mapping[int, int]) -> Rows:
    _require(
        classes >= 2,
        f"DecisionTree Strategy for Classification must have numClasses >= 2, but numClasses = {classes}.",
    )
    rows = _rows(data, categories, classes)
    require_labels(rows.target, classes)
    return rows


def _settings(
    algo: str,
    impurity: str,
    maxDepth: int,
    maxBins: int,
    minInstancesPerNode: int = 1,
    minInfoGain: float = 0.0,
    *,
    seed: int = 0,
    strategy: str = "all",
    bootstrap: bool = False,
) -> Settings:
    _require_impurity(algo, impurity)
    _require(maxDepth >= 0, f"DecisionTree requires maxDepth >= 0, but was given maxDepth = {maxDepth}.")
    _require(
        maxDepth <= 30,
        f"DecisionTree currently only supports maxDepth <= 30, but was given maxDepth = {maxDepth}.",
    )
    _require(
        minInstancesPerNode >= 1,
        f"DecisionTree Strategy requires minInstancesPerNode >= 1 but was given {minInstancesPerNode}",
    )
    _require(
        maxBins >= 2,
        f"DecisionTree Strategy given invalid maxBins parameter: {maxBins}.  Valid values are integers >= 2.",
    )
    return Settings(
        impurity=impurity.lower(),
        maxDepth=maxDepth,
        maxBins=maxBins,
        minInstancesPerNode=minInstancesPerNode,
        minWeightFractionPerNode=0.0,
        minInfoGain=minInfoGain,
        maxMemoryInMB=256,
        seed=seed,
        featureSubsetStrategy=strategy,
        bootstrap=bootstrap,
    )


def _require_impurity(algo: str, impurity: str) -> None:
    fitting = _IMPURITIES[algo]
    if all(impurity.lower() not in names for names in _IMPURITIES.values()):
        raise IllegalArgumentException(f"Did not recognize Impurity name: {impurity}")
    _require(
        impurity.lower() in fitting,
        f"DecisionTree Strategy given invalid impurity for {algo}: {impurity}.  "
        f"Valid settings: {', '.join(name.title() for name in fitting)}",
    )


def _require(fine: bool, message: str) -> None:
    if not fine:
        raise IllegalArgumentException(f"requirement failed: {message}")
