"""The parameters of forests and boosted trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import HasMaxIter, HasStepSize, HasValidationIndicatorCol
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.tree.fitting import STRATEGIES
from streamcore.models.ml.tree.params import _DecisionTreeParams, _SetsTree

if TYPE_CHECKING:
    from typing import Self


def _is_strategy(value: str) -> bool:
    if value in STRATEGIES or (value.isdecimal() and int(value) > 0):
        return True
    try:
        return 0 < float(value) <= 1
    except ValueError:
        return False


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
