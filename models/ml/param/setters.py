"""Shared parameters with their setters, one class for each: PySpark's `setMaxIter` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasElasticNetParam,
    HasFitIntercept,
    HasLoss,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasRegParam,
    HasSeed,
    HasSolver,
    HasStandardization,
    HasStepSize,
    HasThreshold,
    HasTol,
    HasWeightCol,
)

if TYPE_CHECKING:
    from typing import Self


class SetsAggregationDepth(HasAggregationDepth):
    """`aggregationDepth` and its setter."""

    def setAggregationDepth(self, value: int) -> Self:
        """Set `aggregationDepth`."""
        return self._set(aggregationDepth=value)


class SetsElasticNetParam(HasElasticNetParam):
    """`elasticNetParam` and its setter."""

    def setElasticNetParam(self, value: float) -> Self:
        """Set `elasticNetParam`."""
        return self._set(elasticNetParam=value)


class SetsFitIntercept(HasFitIntercept):
    """`fitIntercept` and its setter."""

    def setFitIntercept(self, value: bool) -> Self:
        """Set `fitIntercept`."""
        return self._set(fitIntercept=value)


class SetsLoss(HasLoss):
    """`loss` and its setter."""

    def setLoss(self, value: str) -> Self:
        """Set `loss`."""
        return self._set(loss=value)


class SetsMaxBlockSizeInMB(HasMaxBlockSizeInMB):
    """`maxBlockSizeInMB` and its setter."""

    def setMaxBlockSizeInMB(self, value: float) -> Self:
        """Set `maxBlockSizeInMB`."""
        return self._set(maxBlockSizeInMB=value)


class SetsMaxIter(HasMaxIter):
    """`maxIter` and its setter."""

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)


class SetsRegParam(HasRegParam):
    """`regParam` and its setter."""

    def setRegParam(self, value: float) -> Self:
        """Set `regParam`."""
        return self._set(regParam=value)


class SetsSeed(HasSeed):
    """`seed` and its setter."""

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)


class SetsSolver(HasSolver):
    """`solver` and its setter."""

    def setSolver(self, value: str) -> Self:
        """Set `solver`."""
        return self._set(solver=value)


class SetsStandardization(HasStandardization):
    """`standardization` and its setter."""

    def setStandardization(self, value: bool) -> Self:
        """Set `standardization`."""
        return self._set(standardization=value)


class SetsStepSize(HasStepSize):
    """`stepSize` and its setter."""

    def setStepSize(self, value: float) -> Self:
        """Set `stepSize`."""
        return self._set(stepSize=value)


class SetsThreshold(HasThreshold):
    """`threshold` and its setter."""

    def setThreshold(self, value: float) -> Self:
        """Set `threshold`."""
        return self._set(threshold=value)


class SetsTol(HasTol):
    """`tol` and its setter."""

    def setTol(self, value: float) -> Self:
        """Set `tol`."""
        return self._set(tol=value)


class SetsWeightCol(HasWeightCol):
    """`weightCol` and its setter."""

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)
