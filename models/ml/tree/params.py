"""The parameters of trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasCheckpointInterval,
    HasSeed,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import at_least, either_case, within

if TYPE_CHECKING:
    from typing import Self


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


class _HasVarianceImpurity(Params):
    """Trees of numbers: the impurity is the variance."""

    supportedImpurities: ClassVar[list[str]] = ["variance"]

    impurity: Param[str] = Param(
        Params._dummy(),
        "impurity",
        "what a split lessens: variance.",
        TypeConverters.toString,
        either_case("variance"),
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
        either_case("gini", "entropy"),
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
