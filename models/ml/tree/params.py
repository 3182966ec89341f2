"""The parameters of trees, forests and boosted trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasCheckpointInterval,
    HasMaxIter,
    HasSeed,
    HasStepSize,
    HasValidationIndicatorCol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import at_least, within
from streamcore.models.ml.tree.fitting import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


def _either_case(*allowed: str) -> Callable[[str], bool]:
    return lambda value: value.lower() in allowed


def _is_strategy(value: str) -> bool:
    if value in STRATEGIES or (value.isdecimal() and int(value) > 0):
        return True
    try:
        return 0 < float(value) <= 1
    except ValueError:
        return False


class _DecisionTreeParams(HasCheckpointInterval, HasSeed, HasWeightCol):
    """How a tree is grown.

    The nodes that rows are in are always kept, in this process: `cacheNodeIds` and `checkpointInterval` have
    nothing to do.
    """

    leafCol: Param[str] = Param(
        Params._dummy(),
        "leafCol",
        "the column that the number of the leaf goes to, counted from the left; none if empty.",
        TypeConverters.toString,
    )
    maxDepth: Param[int] = Param(
        Params._dummy(),
        "maxDepth",
        "how many levels of splits there may be, from 0 (one leaf) to 30.",
        TypeConverters.toInt,
        within(0, 30),
    )
    maxBins: Param[int] = Param(
        Params._dummy(),
        "maxBins",
        "into how many bins a continuous feature goes at most, and how many categories a feature may have.",
        TypeConverters.toInt,
        at_least(2),
    )
    minInstancesPerNode: Param[int] = Param(
        Params._dummy(),
        "minInstancesPerNode",
        "how many rows each side of a split must have at least.",
        TypeConverters.toInt,
        at_least(1),
    )
    minWeightFractionPerNode: Param[float] = Param(
        Params._dummy(),
        "minWeightFractionPerNode",
        "which share of the weight of all rows each side of a split must have at least, from 0 to below 0.5.",
        TypeConverters.toFloat,
        lambda value: 0 <= value < 0.5,
    )
    minInfoGain: Param[float] = Param(
        Params._dummy(),
        "minInfoGain",
        "how much a split must gain at least.",
        TypeConverters.toFloat,
        at_least(0),
    )
    maxMemoryInMB: Param[int] = Param(
        Params._dummy(),
        "maxMemoryInMB",
        "how much memory the histograms of the nodes that are split together may take.",
        TypeConverters.toInt,
        at_least(0),
    )
    cacheNodeIds: Param[bool] = Param(
        Params._dummy(),
        "cacheNodeIds",
        "whether Spark keeps the nodes that rows are in.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            maxDepth=5,
            maxBins=32,
            minInstancesPerNode=1,
            minInfoGain=0.0,
            maxMemoryInMB=256,
            cacheNodeIds=False,
            checkpointInterval=10,
            leafCol="",
            minWeightFractionPerNode=0.0,
        )

    def setLeafCol(self, value: str) -> Self:
        """Set `leafCol`."""
        return self._set(leafCol=value)

    def getLeafCol(self) -> str:
        """The value of `leafCol`, or its default."""
        return self.getOrDefault(self.leafCol)

    def getMaxDepth(self) -> int:
        """The value of `maxDepth`, or its default."""
        return self.getOrDefault(self.maxDepth)

    def getMaxBins(self) -> int:
        """The value of `maxBins`, or its default."""
        return self.getOrDefault(self.maxBins)

    def getMinInstancesPerNode(self) -> int:
        """The value of `minInstancesPerNode`, or its default."""
        return self.getOrDefault(self.minInstancesPerNode)

    def getMinWeightFractionPerNode(self) -> float:
        """The value of `minWeightFractionPerNode`, or its default."""
        return self.getOrDefault(self.minWeightFractionPerNode)

    def getMinInfoGain(self) -> float:
        """The value of `minInfoGain`, or its default."""
        return self.getOrDefault(self.minInfoGain)

    def getMaxMemoryInMB(self) -> int:
        """The value of `maxMemoryInMB`, or its default."""
        return self.getOrDefault(self.maxMemoryInMB)

    def getCacheNodeIds(self) -> bool:
        """The value of `cacheNodeIds`, or its default."""
        return self.getOrDefault(self.cacheNodeIds)


class _SetsTree(_DecisionTreeParams):
    """The setters that the estimators of trees have."""

    def setMaxDepth(self, value: int) -> Self:
        """Set `maxDepth`."""
        return self._set(maxDepth=value)

    def setMaxBins(self, value: int) -> Self:
        """Set `maxBins`."""
        return self._set(maxBins=value)

    def setMinInstancesPerNode(self, value: int) -> Self:
        """Set `minInstancesPerNode`."""
        return self._set(minInstancesPerNode=value)

    def setMinWeightFractionPerNode(self, value: float) -> Self:
        """Set `minWeightFractionPerNode`."""
        return self._set(minWeightFractionPerNode=value)

    def setMinInfoGain(self, value: float) -> Self:
        """Set `minInfoGain`."""
        return self._set(minInfoGain=value)

    def setMaxMemoryInMB(self, value: int) -> Self:
        """Set `maxMemoryInMB`."""
        return self._set(maxMemoryInMB=value)

    def setCacheNodeIds(self, value: bool) -> Self:
        """Set `cacheNodeIds`."""
        return self._set(cacheNodeIds=value)

    def setCheckpointInterval(self, value: int) -> Self:
        """Set `checkpointInterval`."""
        return self._set(checkpointInterval=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def setImpurity(self, value: str) -> Self:
        """Set `impurity`."""
        return self._set(impurity=value)


class _TreeEnsembleParams(_DecisionTreeParams):
    """How the trees of an ensemble differ."""

    supportedFeatureSubsetStrategies: ClassVar[list[str]] = list(STRATEGIES)

    subsamplingRate: Param[float] = Param(
        Params._dummy(),
        "subsamplingRate",
        "the share of the rows that each tree learns from, above 0 and up to 1.",
        TypeConverters.toFloat,
        lambda value: 0 < value <= 1,
    )
    featureSubsetStrategy: Param[str] = Param(
        Params._dummy(),
        "featureSubsetStrategy",
        "how many features are looked at for each split: all, sqrt, log2, onethird, a number of them, "
        "a share of them from 0 to 1, or auto: all for a single tree, else sqrt for classes and "
        "onethird for numbers.",
        TypeConverters.toString,
        _is_strategy,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(subsamplingRate=1.0, featureSubsetStrategy="auto")

    def getSubsamplingRate(self) -> float:
        """The value of `subsamplingRate`, or its default."""
        return self.getOrDefault(self.subsamplingRate)

    def getFeatureSubsetStrategy(self) -> str:
        """The value of `featureSubsetStrategy`, or its default."""
        return self.getOrDefault(self.featureSubsetStrategy)


class _SetsEnsemble(_SetsTree, _TreeEnsembleParams):
    """The setters that the estimators of ensembles have."""

    def setSubsamplingRate(self, value: float) -> Self:
        """Set `subsamplingRate`."""
        return self._set(subsamplingRate=value)

    def setFeatureSubsetStrategy(self, value: str) -> Self:
        """Set `featureSubsetStrategy`."""
        return self._set(featureSubsetStrategy=value)


class _RandomForestParams(_TreeEnsembleParams):
    """How many trees a forest has, and how their rows are drawn."""

    numTrees: Param[int] = Param(
        Params._dummy(),
        "numTrees",
        "how many trees there are.",
        TypeConverters.toInt,
        at_least(1),
    )
    bootstrap: Param[bool] = Param(
        Params._dummy(),
        "bootstrap",
        "whether rows are drawn with replacement.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(numTrees=20, bootstrap=True)

    def getBootstrap(self) -> bool:
        """The value of `bootstrap`, or its default."""
        return self.getOrDefault(self.bootstrap)


class _SetsForest(_SetsEnsemble, _RandomForestParams):
    """The setters that the estimators of forests have."""

    def getNumTrees(self) -> int:
        """The value of `numTrees`, or its default."""
        return self.getOrDefault(self.numTrees)

    def setNumTrees(self, value: int) -> Self:
        """Set `numTrees`."""
        return self._set(numTrees=value)

    def setBootstrap(self, value: bool) -> Self:
        """Set `bootstrap`."""
        return self._set(bootstrap=value)


class _GBTParams(_TreeEnsembleParams, HasMaxIter, HasStepSize, HasValidationIndicatorCol):
    """How trees follow each other, and when there are enough."""

    stepSize: Param[float] = Param(
        Params._dummy(),
        "stepSize",
        "how much each tree after the first counts, above 0 and up to 1.",
        TypeConverters.toFloat,
        lambda value: 0 < value <= 1,
    )
    validationTol: Param[float] = Param(
        Params._dummy(),
        "validationTol",
        "the rows held out say that there are trees enough when their error falls by less than this "
        "share of it, or of 0.01 if it is smaller.",
        TypeConverters.toFloat,
        at_least(0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(maxIter=20, stepSize=0.1, featureSubsetStrategy="all", validationTol=0.01)

    def getValidationTol(self) -> float:
        """The value of `validationTol`, or its default."""
        return self.getOrDefault(self.validationTol)

    def getLossType(self) -> str:
        """The value of `lossType`, or its default."""
        return str(self.getOrDefault("lossType"))


class _SetsBoosting(_SetsEnsemble, _GBTParams):
    """The setters that the estimators of boosted trees have."""

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setStepSize(self, value: float) -> Self:
        """Set `stepSize`."""
        return self._set(stepSize=value)

    def setValidationIndicatorCol(self, value: str) -> Self:
        """Set `validationIndicatorCol`."""
        return self._set(validationIndicatorCol=value)

    def setLossType(self, value: str) -> Self:
        """Set `lossType`."""
        return self._set(lossType=value)


class _HasVarianceImpurity(Params):
    """Trees of numbers: the impurity is the variance."""

    supportedImpurities: ClassVar[list[str]] = ["variance"]

    impurity: Param[str] = Param(
        Params._dummy(),
        "impurity",
        "what a split lessens: variance.",
        TypeConverters.toString,
        _either_case("variance"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(impurity="variance")

    def getImpurity(self) -> str:
        """The value of `impurity`, or its default."""
        return self.getOrDefault(self.impurity)


class _TreeRegressorParams(_HasVarianceImpurity):
    """Trees of numbers."""


class _TreeClassifierParams(Params):
    """Trees of classes."""

    supportedImpurities: ClassVar[list[str]] = ["entropy", "gini"]

    impurity: Param[str] = Param(
        Params._dummy(),
        "impurity",
        "what a split lessens: gini or entropy.",
        TypeConverters.toString,
        _either_case("gini", "entropy"),
    )
    pruneTree: Param[bool] = Param(
        Params._dummy(),
        "pruneTree",
        "whether leaves side by side that predict the same class become one.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(impurity="gini", pruneTree=True)

    def getImpurity(self) -> str:
        """The value of `impurity`, or its default."""
        return self.getOrDefault(self.impurity)

    def getPruneTree(self) -> bool:
        """The value of `pruneTree`, or its default."""
        return self.getOrDefault(self.pruneTree)
