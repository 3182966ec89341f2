"""The parameters of logistic regression and of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.classification.base import (
    _ProbabilisticClassifierParams,
)
from streamcore.models.ml.linalg import Matrix, Vector
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasElasticNetParam,
    HasFitIntercept,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasRegParam,
    HasStandardization,
    HasThreshold,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import one_of, within

if TYPE_CHECKING:
    from typing import Self


class _LogisticRegressionParams(
    _ProbabilisticClassifierParams,
    HasRegParam,
    HasElasticNetParam,
    HasMaxIter,
    HasFitIntercept,
    HasTol,
    HasStandardization,
    HasWeightCol,
    HasAggregationDepth,
    HasThreshold,
    HasMaxBlockSizeInMB,
):
    """The parameters of LogisticRegression and of its models."""

    threshold: Param[float] = Param(
        Params._dummy(),
        "threshold",
        "from which probability on class 1 of two is predicted, in [0, 1].",
        TypeConverters.toFloat,
        within(0, 1),
    )
    family: Param[str] = Param(
        Params._dummy(),
        "family",
        "of the labels: auto, binomial (two classes) or multinomial.",
        TypeConverters.toString,
        one_of("auto", "binomial", "multinomial"),
    )
    lowerBoundsOnCoefficients: Param[Matrix] = Param(
        Params._dummy(),
        "lowerBoundsOnCoefficients",
        "how low each coefficient may be: (1, features) for binomial, (classes, features) for multinomial.",
        TypeConverters.toMatrix,
    )
    upperBoundsOnCoefficients: Param[Matrix] = Param(
        Params._dummy(),
        "upperBoundsOnCoefficients",
        "how high each coefficient may be: (1, features) for binomial, (classes, features) for multinomial.",
        TypeConverters.toMatrix,
    )
    lowerBoundsOnIntercepts: Param[Vector] = Param(
        Params._dummy(),
        "lowerBoundsOnIntercepts",
        "how low each intercept may be: one for binomial, one for each class for multinomial.",
        TypeConverters.toVector,
    )
    upperBoundsOnIntercepts: Param[Vector] = Param(
        Params._dummy(),
        "upperBoundsOnIntercepts",
        "how high each intercept may be: one for binomial, one for each class for multinomial.",
        TypeConverters.toVector,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            maxIter=100,
            regParam=0.0,
            tol=1e-6,
            threshold=0.5,
            family="auto",
            elasticNetParam=0.0,
            fitIntercept=True,
            standardization=True,
            aggregationDepth=2,
            maxBlockSizeInMB=0.0,
        )

    def setThreshold(self, value: float) -> Self:
        """Set `threshold`, and forget `thresholds`."""
        self._set(threshold=value)
        self.clear(self.thresholds)
        return self

    def getThreshold(self) -> float:
        """The threshold of two classes: what `thresholds` say, where they are set, or `threshold`."""
        self._checkThresholdConsistency()
        if self.isSet(self.thresholds):
            return self._equivalent(self.getOrDefault(self.thresholds))
        return self.getOrDefault(self.threshold)

    def setThresholds(self, value: list[float]) -> Self:
        """Set `thresholds`, and forget `threshold`."""
        self._set(thresholds=value)
        self.clear(self.threshold)
        return self

    def getThresholds(self) -> list[float]:
        """The thresholds: those set, or what `threshold` says of two classes."""
        self._checkThresholdConsistency()
        if not self.isSet(self.thresholds) and self.isSet(self.threshold):
            threshold = self.getOrDefault(self.threshold)
            return [1.0 - threshold, threshold]
        return self.getOrDefault(self.thresholds)

    def getFamily(self) -> str:
        """The value of `family`, or its default."""
        return self.getOrDefault(self.family)

    def getLowerBoundsOnCoefficients(self) -> Matrix:
        """The value of `lowerBoundsOnCoefficients`."""
        return self.getOrDefault(self.lowerBoundsOnCoefficients)

    def getUpperBoundsOnCoefficients(self) -> Matrix:
        """The value of `upperBoundsOnCoefficients`."""
        return self.getOrDefault(self.upperBoundsOnCoefficients)

    def getLowerBoundsOnIntercepts(self) -> Vector:
        """The value of `lowerBoundsOnIntercepts`."""
        return self.getOrDefault(self.lowerBoundsOnIntercepts)

    def getUpperBoundsOnIntercepts(self) -> Vector:
        """The value of `upperBoundsOnIntercepts`."""
        return self.getOrDefault(self.upperBoundsOnIntercepts)

    def _checkThresholdConsistency(self) -> None:
        if not (self.isSet(self.threshold) and self.isSet(self.thresholds)):
            return
        equivalent = self._equivalent(self.getOrDefault(self.thresholds))
        threshold = self.getOrDefault(self.threshold)
        if abs(threshold - equivalent) >= 1e-5:
            raise ValueError(
                "Logistic Regression getThreshold found inconsistent values for"
                f" threshold ({threshold:g}) and thresholds (equivalent to {equivalent:g})"
            )

    def _equivalent(self, thresholds: list[float]) -> float:
        if len(thresholds) != 2:
            raise ValueError(
                "Logistic Regression getThreshold only applies to binary classification, but thresholds has "
                f"length != 2. thresholds: {thresholds}"
            )
        return 1.0 / (1.0 + thresholds[0] / thresholds[1])
